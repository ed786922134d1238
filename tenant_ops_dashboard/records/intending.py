"""Add, remove and switch off intents: asked of the policy, audited, kept in the database."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import intent as forms
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.firewall import access, standing
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.intents import Intent
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.snapshot import look
from tenant_ops_dashboard.firewall.standing import Off, Standing
from tenant_ops_dashboard.records import intents
from tenant_ops_dashboard.sentences import say


def add(
    cloud: Cloud, intent: Intent, environment: str = "", folders: Sequence[str | Path] = ()
) -> Standing:  # fmt: skip
    """Keep an intent for an environment (name or id) or the project; it is checked at once. The same again is the same.

    So is one that its blueprint brings (`folders` are those of blueprints), and its name for its id.

    Raises NotAllowed, NotFound for the environment, BadInput that names `from` or `to`, a CloudError.
    """
    return perform(Add(cloud, intent, environment, folders))


class Add(Change[Standing]):
    """A row of this project's intents."""

    name = "firewall.add_intent"
    rule = access.INTENT
    action = "create"
    kind = "firewall-intent"

    def __init__(
        self, cloud: Cloud, intent: Intent, environment: str, folders: Sequence[str | Path] = ()
    ) -> None:  # fmt: skip
        super().__init__(cloud)
        self.intent, self.environment, self.folders = intent, environment, folders
        self.target = Target("", intent.sentence)

    def prepare(self) -> Standing | None:
        found = stack.find(self.cloud, self.environment) if self.environment else None
        environment, known = (found.id, {found.id: found.launched}) if found else ("", {})
        same = forms.by_id(self.intent, found.name, found.id) if found else self.intent
        id_ = forms.identity(same, environment)
        self.target = Target(id_, self.intent.sentence)
        stand = intents.of(self.cloud.project_id, known, self.folders)
        there = next((one for one in stand if one.id == id_), None)
        if there is not None:
            if there.off is None:
                return there
            raise BadInput(
                say(
                    "Its blueprint brings this intent, and {who} switched it off here: switch it on again, on its "
                    "environment's page.",
                    who=there.off.who,
                )
            )
        self.ends = Ends(look(self.cloud), Names(self.cloud))
        self.ends.source(self.intent.source, "from")
        self.ends.target(self.intent.target, "to")
        now = datetime.datetime.now(datetime.UTC)
        self.made = Standing(id_, self.intent, environment, "person", self.cloud.user_name, now)
        self.after = {**forms.written(self.intent), "environment": environment}
        return None

    def send(self) -> Standing:
        made = intents.add(self.cloud.project_id, self.made)
        found = standing.judge(self.ends.engine, self.ends, [made])
        intents.keep(self.cloud.project_id, [made], found, datetime.datetime.now(datetime.UTC))
        return intents.find(self.cloud.project_id, made.id) or made

    def settled(self, made: Standing) -> bool:
        return intents.find(self.cloud.project_id, made.id) is not None


def remove(cloud: Cloud, id_: str) -> None:
    """Forget one that a person added. Raises NotAllowed, NotFound, BadInput for a blueprint's own."""
    perform(Remove(cloud, id_))


class Remove(Change[bool]):
    """A row less."""

    name = "firewall.remove_intent"
    rule = access.INTENT
    action = "delete"
    kind = "firewall-intent"

    def __init__(self, cloud: Cloud, id_: str) -> None:
        super().__init__(cloud)
        self.target = Target(id_, "")

    def prepare(self) -> None:
        found = intents.one_of(intents.kept(self.cloud.project_id), self.target.id)
        if found.origin != "person":
            raise BadInput(say("A blueprint brought this intent: it can be switched off, on its environment's page."))
        self.target = Target(found.id, found.intent.sentence)
        self.before = {**forms.written(found.intent), "environment": found.environment}

    def send(self) -> bool:
        return intents.remove(self.cloud.project_id, self.target.id)

    def settled(self, made: bool) -> bool:
        return intents.find(self.cloud.project_id, self.target.id) is None


def switch(cloud: Cloud, one: Standing, reason: str) -> None:
    """Switch a blueprint's own intent off, with a reason; '' switches it on again. Raises NotAllowed."""
    perform(Switch(cloud, one, reason))


class Switch(Change[bool]):
    """What people say of a blueprint's intent."""

    name = "firewall.switch_intent"
    rule = access.INTENT
    action = "update"
    kind = "firewall-intent"

    def __init__(self, cloud: Cloud, one: Standing, reason: str) -> None:
        super().__init__(cloud)
        self.one, self.reason = one, reason
        self.target = Target(one.id, one.intent.sentence)
        self.says = reason
        self.before = {"on": one.off is None}
        self.after = {"on": not reason}

    @property
    def verb(self) -> str:
        return "switch off" if self.reason else "switch on"

    def prepare(self) -> None:
        if self.one.origin != "blueprint":
            raise BadInput(say("A person added this intent: it can be removed."))

    def send(self) -> bool:
        off = Off(self.cloud.user_name, self.reason, datetime.datetime.now(datetime.UTC)) if self.reason else None
        intents.switch(self.cloud.project_id, self.one, off)
        return True

    def settled(self, made: bool) -> bool:
        found = intents.find(self.cloud.project_id, self.one.id)
        return found is not None and (found.off is not None) == bool(self.reason)
