"""Create a firewall group: rules and policies first, the group last of all with its ports in one POST.

So nothing is half: before that POST nothing is in force, and who has the group has all of it. A policy's name has a
token that is a digest of what was asked for, so that the same command again is the first one again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, CloudError, Uncertain, firewall_profile
from tenant_ops_dashboard.environments.firewall_group import group as owners
from tenant_ops_dashboard.environments.firewall_group import versions as marks
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.firewall import checks, content, current, draft, limits, versions
from tenant_ops_dashboard.firewall.apply import filtering
from tenant_ops_dashboard.firewall.current import Current
from tenant_ops_dashboard.firewall.errors import BadDraft, NotApplied
from tenant_ops_dashboard.firewall.given import a_text
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction, Draft, Group, Policy, Rule, State
from tenant_ops_dashboard.firewall.neutron import GROUPS, POLICIES, FirewallApi
from tenant_ops_dashboard.sentences import say

Start = Literal["empty", "open"]
PAUSE = 0.5  # seconds between two looks for a group whose answer was lost


@dataclass(frozen=True)
class Created:
    """A group that stands; `existing` says that it did before, `verified` that it was read back and filters."""

    id: str
    name: str
    calls: int
    seconds: float
    verified: bool
    existing: bool = False


def begun(start: Start | State) -> tuple[Policy, Policy]:
    """Both policies of a new group: 'empty' blocks all, 'open' lets all through, a state is another group's rules."""
    if isinstance(start, State):
        ingress, egress = (_copied(start.policy(one)) for one in DIRECTIONS)
        return ingress, egress
    every = tuple(Rule(name=say("all IPv{one}", one=one), action="allow", ip_version=one) for one in (4, 6))
    return Policy(rules=every if start == "open" else ()), Policy(rules=every if start == "open" else ())


def wanted(name: str, ports: tuple[str, ...], start: Start | State) -> State:
    """A group that is not there yet, as a draft has it."""
    return State(Group("", name, True, ports), *begun(start))


def refuse(wanted: State, description: str, profile: str) -> None:
    """What cannot be, whatever there is in the cloud. Raises BadDraft naming the field."""
    name = wanted.group.name
    if not name:
        raise BadDraft("group.name", say("must not be empty: say what the group is called."))
    if name == checks.RESERVED:
        raise BadDraft(
            "group.name", say("{name!r} is the name of the group that Neutron makes for each project.", name=name)
        )
    if wanted.group.id:
        raise BadDraft("group.id", say("is of a group that is there: apply this draft instead."))
    for field, said in (("name", name), ("description", description)):
        a_text(said, f"group.{field}")
    if len(set(wanted.group.ports)) < len(wanted.group.ports):
        raise BadDraft("group.ports", say("names a port twice."))
    if owners.owner({"description": description}):
        raise BadDraft("group.description", say("is how an environment's own group is known; say something else."))
    checks.refuse(wanted, profile)


def taken(id_: str) -> BadDraft:
    """The complaint about a name that another group has."""
    return BadDraft("group.name", say("is the name of a firewall group already ({id_}); say another one.", id_=id_))


class Create(Change[Created]):
    """Makes a group that is not there yet. `description` is the group's own.

    A group of this name that says the same is taken for this one; one that says something else is in the way.
    """

    name = "firewall.create"
    rule = "firewall:edit"
    action = "create"
    kind = "firewall-group"
    patience = 30.0

    def __init__(self, cloud: Cloud, wanted: State, description: str = "") -> None:
        super().__init__(cloud)
        self.wanted, self.description = wanted, description
        self.api, self.began = FirewallApi(cloud), time.monotonic()
        self.target = Target("", wanted.group.name)
        self.token = content.digest(draft.written(Draft(wanted)), description)
        self.ids: dict[Direction, str | None] = {}

    def prepare(self) -> Created | None:
        refuse(self.wanted, self.description, firewall_profile(self.cloud))
        self.now = current.absent(self.api, self.wanted.group.name, self.description)
        self.after = {"name": self.wanted.group.name, "ports": list(self.wanted.group.ports)}
        same = [one for one in self.now.groups if one["name"] == self.wanted.group.name]
        if same and (found := self._standing(str(same[0]["id"]))) is not None:
            return found
        if same:
            raise taken(str(same[0]["id"]))
        limits.refuse(self.api, self.now, self.wanted)
        return None

    def send(self) -> Created:
        self.made = made = versions.Making(self.api, self.now, self.token)
        patience, self.patience = self.patience, 0.0
        try:
            for one in DIRECTIONS:
                self.ids[one] = made.policy(one, self.wanted.policy(one))
            return self._created(self._post())
        except Uncertain as error:
            return self._created(self._seen(patience) or self._fenced(made, error))
        except CloudError as error:
            raise self._taken_back(made, error) from error

    def happened(self) -> Created | None:
        row = self._seen(0.0)
        return self._created(row) if row is not None else None

    def settled(self, made: Created) -> bool:
        row = self.api.one(GROUPS, made.id)
        return made.verified and sorted(row["ports"]) == sorted(self.wanted.group.ports)

    def _post(self) -> Mapping[str, Any]:
        group = self.wanted.group
        ids = {f"{one}_firewall_policy_id": id_ for one, id_ in self.ids.items() if id_}
        return self.api.make(
            GROUPS, name=group.name, description=self.description, admin_state_up=group.admin_state_up,
            ports=list(group.ports), **ids,
        )  # fmt: skip

    def _seen(self, patience: float) -> Mapping[str, Any] | None:
        """The group with this very name and these policies, looked for so many seconds."""
        end = time.monotonic() + patience
        while len(self.ids) == len(DIRECTIONS):
            try:
                listed = self.api.listed(GROUPS, name=self.wanted.group.name)
            except CloudError:
                listed = []
            for row in listed:
                if all(row.get(f"{one}_firewall_policy_id") == id_ for one, id_ in self.ids.items()):
                    return row
            if time.monotonic() >= end or self.cloud.deadline.over:
                break
            time.sleep(PAUSE)
        return None

    def _fenced(self, made: versions.Making, error: Uncertain) -> Mapping[str, Any]:
        """The group, where it came after all; else its policies are gone, and a POST that is still on its way fails.

        Raises NotApplied, or Uncertain where nobody can tell.
        """
        gone = [self.api.remove(POLICIES, id_) for id_ in self.ids.values() if id_]
        if (gone and all(gone)) or len(self.ids) < len(DIRECTIONS):
            raise self._taken_back(made, error) from error
        if (row := self._seen(0.0)) is not None:
            return row
        raise error

    def _taken_back(self, made: versions.Making, error: CloudError) -> NotApplied:
        gone = made.take_back()
        left = "" if gone else say(" Some of what was made for it could not be removed; the same again uses it.")
        return NotApplied(
            say(
                "{sentence} The firewall group was not created; all is as it was.{left}",
                sentence=error.sentence,
                left=left,
            ),
            error,
        )

    def _created(self, row: Mapping[str, Any]) -> Created:
        self.target = Target(str(row["id"]), self.target.name)
        seconds = round(time.monotonic() - self.began, 3)
        try:
            now = current.read(self.api, str(row["id"]))
        except TenantOpsError:
            return Created(str(row["id"]), self.target.name, self.api.calls, seconds, False)
        first = self._first(now)
        if first != now.row["id"]:
            # Two that were sent at once: Neutron takes the same name twice where there is no port.
            self.api.remove(GROUPS, str(row["id"]))
            self.made.take_back()
            self.says = "the same command was quicker"
            self.target = Target(first, self.target.name)
            return Created(first, self.target.name, self.api.calls, seconds, True, existing=True)
        return Created(self.target.id, self.target.name, self.api.calls, seconds, self._as_wanted(now))

    def _first(self, now: Current) -> str:
        """The id of the one that stays: of several of this name with this token's policies, the oldest."""
        ids = [
            (str(one.get("created_at") or ""), str(one["id"])) for one in now.groups
            if one["name"] == now.row["name"] and not one["ports"] and not now.row["ports"] and self._mine(now, one)
        ]  # fmt: skip
        return min(ids)[1] if ids else str(now.row["id"])

    def _mine(self, now: Current, row: Mapping[str, Any]) -> bool:
        policies = [now.policies.get(row[f"{one}_firewall_policy_id"] or "", {}) for one in DIRECTIONS]
        return all(marks.token(str(one.get("name") or "")) == self.token for one in policies)

    def _standing(self, id_: str) -> Created | None:
        """The group of before, where it is what is asked for."""
        now = current.read(self.api, id_)
        if not self._same(now) or str(now.row["description"] or "") != self.description:
            return None
        self.target = Target(id_, self.target.name)
        seconds = round(time.monotonic() - self.began, 3)
        return Created(id_, self.target.name, self.api.calls, seconds, filtering(now), existing=True)

    def _same(self, now: Current) -> bool:
        group = replace(self.wanted.group, id=now.state.group.id)
        return content.same(now.state, replace(self.wanted, group=group))

    def _as_wanted(self, now: Current) -> bool:
        return self._same(now) and filtering(now)


def create(cloud: Cloud, wanted: State, description: str = "") -> Created:
    """Do it. Raises BadDraft naming the field, NotApplied, Uncertain or another TenantOpsError."""
    return perform(Create(cloud, wanted, description))


def _copied(policy: Policy | None) -> Policy:
    """New rules that say the same; what marks an environment's own stays behind."""
    rules = policy.rules if policy else ()
    return Policy(rules=tuple(
        replace(one, id=None, description="" if owners.owner({"description": one.description}) else one.description)
        for one in rules
    ))  # fmt: skip
