"""Delete a firewall group: its ports are given free first, then it goes, then what nothing else uses of its versions.

Neutron deletes no group that is on ports (409 FirewallGroupInUse), so what it filtered is open from the first PUT on;
where the group cannot be deleted after it, the ports are put back.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, CloudError, NotFound, Uncertain
from tenant_ops_dashboard.environments.firewall_group import group as owners
from tenant_ops_dashboard.environments.firewall_group import versions as marks
from tenant_ops_dashboard.errors import InTheWay
from tenant_ops_dashboard.firewall import checks, content, current, draft, keeping
from tenant_ops_dashboard.firewall.errors import Changed, NotApplied
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Draft, State
from tenant_ops_dashboard.firewall.neutron import GROUPS, STALE, FirewallApi
from tenant_ops_dashboard.sentences import join, say

PAUSE = 0.5  # seconds between two looks at a group that an agent is busy with


class Kept(InTheWay):
    """A group that is not deleted here: an environment's, or Neutron's own."""

    def __init__(self, sentence: str, todo: str) -> None:
        super().__init__(sentence)
        self.todo = todo


@dataclass(frozen=True)
class Removed:
    """What went; `policies` and `rules` count what went with the group, `left` names policies that stay: others'
    in force, and what could not be removed."""

    id: str
    name: str
    policies: int
    rules: int
    left: tuple[str, ...]
    calls: int
    seconds: float


def refuse(row: Mapping[str, Any]) -> None:
    """Raises Kept for a group that nobody deletes by itself."""
    if row["name"] == checks.RESERVED:
        raise Kept(
            say("The group 'default' is Neutron's own for each project: only an administrator deletes it."),
            say("Take its ports out on its settings' page, and it filters nothing."),
        )  # fmt: skip
    if owners.owner(row):
        raise Kept(
            say(
                "{name} is an environment's own firewall group: it comes and goes with it.",
                name=row["name"] or row["id"],
            ),
            say("Delete the environment, or edit the group's rules."),
        )


def open_after(state: State) -> State:
    """The group as its delete leaves the traffic: on no port."""
    return replace(state, group=replace(state.group, ports=()))


def seen(state: State) -> str:
    """What a page that asks says of the group that it showed."""
    return content.digest(draft.written(Draft(state)))


class Remove(Change[Removed]):
    """Deletes a group, by id or name. `shown` is what its asker `seen`: where it is another one now nothing is sent."""

    name = "firewall.delete"
    rule = "firewall:edit"
    action = "delete"
    kind = "firewall-group"
    destroys = True
    patience = 30.0

    def __init__(self, cloud: Cloud, group: str, shown: str = "") -> None:
        super().__init__(cloud)
        self.group, self.shown = group, shown
        self.api, self.began = FirewallApi(cloud), time.monotonic()
        self.target = Target("", group)

    def prepare(self) -> Removed | None:
        self.now = current.read(self.api, self.group)
        self.target = Target(str(self.now.row["id"]), str(self.now.row["name"]))
        refuse(self.now.row)
        if self.shown and self.shown != seen(self.now.state):
            raise Changed(
                (), None, say("Somebody changed this firewall group after it was shown; nothing was deleted.")
            )
        self.before = {
            "ports": list(self.now.row["ports"]), **{one: (self._row(one) or {}).get("name") for one in DIRECTIONS},
        }  # fmt: skip
        return None

    def send(self) -> Removed:
        id_ = self.target.id
        if self.now.row["ports"]:
            self._emptied(id_)
        try:
            self._delete(id_)
        except CloudError as error:
            if isinstance(error, Uncertain) and not self.now.row["ports"]:
                raise
            # With its ports it cannot be deleted, so a request that is still on its way does nothing either.
            self._put_back(id_, error)
        return self._tidied()

    def happened(self) -> Removed | None:
        try:
            self.api.one(GROUPS, self.target.id)
        except NotFound:
            return self._tidied()
        return None

    def settled(self, made: Removed) -> bool:
        return all(one["id"] != made.id for one in self.api.listed(GROUPS, name=made.name))

    def _emptied(self, id_: str) -> None:
        """Give its ports free. Raises Changed, Uncertain or another CloudError; the revision makes a repeat safe."""
        for tries in (1, 2):
            try:
                self.api.change(GROUPS, id_, self.now.revision, ports=[])
                break
            except Uncertain:
                if not self.api.one(GROUPS, id_)["ports"]:
                    break
                if tries == 2:
                    raise
            except CloudError as error:
                if error.status != STALE:
                    raise
                if tries == 2 and not self.api.one(GROUPS, id_)["ports"]:
                    break
                again = current.again(self.api, self.now)
                told = content.differences(self.now.state, again.state)
                raise Changed(
                    told, None, say("Somebody changed this firewall group in the same moment; nothing was deleted.")
                ) from error

    def _delete(self, id_: str) -> None:
        """One delete, sent again where its answer was lost or an agent is still busy with the ports."""
        end = time.monotonic() + self.patience
        while True:
            try:
                self.api.calls += 1
                self.cloud.delete("network", f"{GROUPS}/{id_}")
                return
            except Uncertain:
                if time.monotonic() >= end:
                    raise
            except CloudError:
                if time.monotonic() >= end or not self._pending(id_):
                    raise
            time.sleep(PAUSE)

    def _pending(self, id_: str) -> bool:
        try:
            return str(self.api.one(GROUPS, id_)["status"]).startswith("PENDING")
        except CloudError:
            return False

    def _put_back(self, id_: str, error: CloudError) -> None:
        """Its ports are its own again. Raises NotApplied; nothing where it is gone after all."""
        words = say("The firewall group was not deleted, and is as it was.")
        try:
            if self.now.row["ports"]:
                self.api.change(GROUPS, id_, ports=list(self.now.row["ports"]))
        except NotFound:
            return
        except CloudError:
            words = say(
                "The firewall group was not deleted, and it is on no port now: put its ports back on its "
                "settings' page, or delete it again."
            )
        raise NotApplied(join(" ", (error.sentence, words)), error) from error

    def _tidied(self) -> Removed:
        """What stays is a policy of somebody's making, or one that something else uses; it filters nothing here."""
        name = str(self.now.row["name"])
        policies = [id_ for id_, row in self.now.policies.items() if self._ours(id_, row)]
        before = self.now.rules
        keeping.remove(self.api, self.now, policies)
        try:
            now = current.absent(self.api, name)
        except CloudError:
            return Removed(self.target.id, name, 0, 0, (), self.api.calls, self._seconds())
        ids = dict.fromkeys((*(self.now.policy(one) or "" for one in DIRECTIONS), *policies))
        left = [str(self.now.policies[id_]["name"]) for id_ in ids if id_ in now.policies and id_ in self.now.policies]
        gone = [one for one in policies if one not in now.policies]
        return Removed(
            self.target.id, name, len(gone), sum(1 for one in before if one not in now.rules),
            tuple(dict.fromkeys(left)), self.api.calls, self._seconds(),
        )  # fmt: skip

    def _ours(self, id_: str, row: Mapping[str, Any]) -> bool:
        """Whether a policy is a version of this group, and nobody else's."""
        project = self.cloud.project_id
        if self.now.others(id_) or row.get("shared") is True or row.get("project_id", project) != project:
            return False
        if (mark := marks.mark(row)) is not None:
            return mark.group == self.target.id
        return id_ in [self.now.policy(one) for one in DIRECTIONS] and bool(marks.token(str(row["name"])))

    def _row(self, direction: Any) -> Mapping[str, Any] | None:
        return self.now.policies.get(self.now.policy(direction) or "")

    def _seconds(self) -> float:
        return round(time.monotonic() - self.began, 3)


def remove(cloud: Cloud, group: str, shown: str = "") -> Removed:
    """Do it. Raises Kept, Changed, NotApplied, Uncertain or another TenantOpsError."""
    return perform(Remove(cloud, group, shown))
