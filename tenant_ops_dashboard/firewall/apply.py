"""Apply: a draft becomes what Neutron has, by one swap; whatever it was made from must still be so.

Nothing is in force before the swap, so a failure on the way takes back what was made and the firewall is as it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, CloudError, Uncertain, firewall_profile
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.firewall import checks, content, current, draft, keeping, limits, versions
from tenant_ops_dashboard.firewall.commit import Swap, by
from tenant_ops_dashboard.firewall.current import Current
from tenant_ops_dashboard.firewall.errors import BadDraft, Changed, NotApplied
from tenant_ops_dashboard.firewall.lists import Lists
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Base, Direction, Draft, State
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.firewall.recorded import Recorded, Remember
from tenant_ops_dashboard.sentences import about, say

UNKEPT = say("The version before is not kept: undo it by applying what 'before' says.")
Gate = Callable[[State], None]


@dataclass(frozen=True)
class Applied:
    """`id` is what `undo` takes; `before` the group as it was, as a draft of what is there now: applied it leads back.

    `seconds` are from the first call on. `verified` says that what Neutron has now was read and is what was asked for,
    and that the group filters.
    """

    id: str
    before: Draft
    calls: int
    seconds: float
    verified: bool
    notes: tuple[str, ...] = ()


class Apply(Change[Applied]):
    """Makes a draft what is in force. `gate` raises where the state that is to be may not be.

    `wait` is how long after the swap somebody else's overlapping change is looked for; `reason` is for the audit trail.
    """

    name = "firewall.apply"
    rule = "firewall:edit"
    action = "update"
    kind = "firewall-group"
    patience = 60.0

    def __init__(
        self, cloud: Cloud, wanted: Draft, group: str = "", gate: Gate | None = None, reason: str = "",
        wait: float | None = None, remember: Remember | None = None,
    ) -> None:  # fmt: skip
        super().__init__(cloud)
        self.draft, self.group, self.gate, self.reason, self.wait = wanted, group, gate, reason, wait
        self.remember = remember
        self.api, self.began = FirewallApi(cloud), time.monotonic()
        self.target = Target(wanted.state.group.id, wanted.state.group.name or group)
        self.token = content.digest(draft.written(wanted))
        self.swap: Swap | Lists | None = None
        self.notes: tuple[str, ...] = ()

    def prepare(self) -> Applied | None:
        checks.refuse(self.draft.state, firewall_profile(self.cloud))
        self.now = current.read(self.api, self.group or self.draft.state.group.id or self.draft.state.group.name)
        self.target = Target(str(self.now.row["id"]), str(self.now.row["name"]))
        if self.draft.state.group.id not in ("", self.target.id):
            name = self.target.name or self.target.id
            raise BadDraft(
                "group.id",
                say(
                    "is another group's than {name}, which has the id {target_id}.", name=name, target_id=self.target.id
                ),
            )
        self.wanted = _named(self.draft.state, self.now)
        self.before, self.after = _told(self.now.state), _told(self.wanted)
        if self.there():
            return self._applied(self.now)
        if differences := self.differences():
            raise Changed(differences, by(_basis(self.draft.base, self.now), self.now))
        self.room = limits.refuse(self.api, self.now, self.wanted)
        self.refuse()
        if self.gate is not None:
            self.gate(self.wanted)
        return None

    def there(self) -> bool:
        """Whether it is in force already."""
        said = versions.description(self.now)
        return content.same(versions.plain(self.now.state, said), versions.plain(self.wanted, said))

    def differences(self) -> tuple[content.Difference, ...]:
        """What is not as it was when the draft was made."""
        return stale(self.draft.base, self.now)

    def refuse(self) -> None:
        """What this way of doing it cannot do, and what is said of it. Raises BadDraft."""
        self.notes = tuple(about(one.field, one.says) for one in limits.warnings(self.now, self.wanted))

    def send(self) -> Applied:
        if self.room:
            keeping.make_room(self.api, self.now, self.room)
        made = versions.Making(self.api, self.now, self.token)
        directions = versions.moved(self.now, self.wanted)
        ids: dict[Direction, str | None] = {}
        try:
            for one in directions:
                ids[one] = made.policy(one, self.wanted.policy(one))
        except CloudError as error:
            raise self._taken_back(made, error) from error
        self.says = self.reason
        self.swap = Swap(
            self.api, self.now, ids, self.token, _fields(self.now, self.wanted), self.patience, self.wait
        )  # fmt: skip
        self.record(made)
        try:
            self.swap.commit()
        except Changed:
            made.take_back()
            raise
        except Uncertain:
            self.patience = 0.0  # it was waited for already
            raise
        except CloudError as error:
            raise self._taken_back(made, error) from error
        try:
            return self._finished(self.swap)
        except Changed:
            made.take_back()
            raise
        except CloudError as error:
            raise Uncertain(
                say("It was applied, and nobody could look at it: {sentence}", sentence=error.sentence), error.service
            ) from error

    def record(self, made: versions.Making) -> None:
        """Before anything is in force; where that cannot be, what was made is gone again."""
        if self.remember is None:
            return
        try:
            self.remember(Recorded(self.token, self.now.state, self.wanted))
        except TenantOpsError:
            made.take_back()
            raise

    def happened(self) -> Applied | None:
        if self.swap is None or not self.swap.in_force():
            return None
        return self._finished(self.swap)

    def settled(self, made: Applied) -> bool:
        return made.verified and (self.swap is None or self.swap.in_force())

    def _finished(self, swap: Swap | Lists) -> Applied:
        now = swap.look()
        if isinstance(swap, Lists):
            if not keeping.whole(self.api, now, self.token, {one.direction for one in swap.puts}):
                swap.notes.append(UNKEPT)
            keeping.tidy(self.api, self.now, now, known=True)
            return self._applied(now)
        if swap.ids and not keeping.keep(self.api, self.now, now, tuple(swap.ids), self.token):
            swap.notes.append(UNKEPT)
        if swap.ids:
            keeping.tidy(self.api, self.now, now)
        return self._applied(now)

    def _applied(self, now: Current) -> Applied:
        said = versions.description(now)
        same = content.same(versions.plain(now.state, said), versions.plain(self.wanted, said))
        filters = filtering(now)
        notes = (*self.notes, *(self.swap.notes if self.swap else ()))
        seconds = round(time.monotonic() - self.began, 3)
        return Applied(self.token, Draft(self.now.state, now.base), self.api.calls, seconds, same and filters, notes)

    def _taken_back(self, made: versions.Making, error: CloudError) -> NotApplied:
        gone = made.take_back()
        left = (
            "" if gone else say(" Some of what was made for it could not be removed; apply the draft again to use it.")
        )
        return NotApplied(
            say("{sentence} Nothing was applied, the firewall is as it was.{left}", sentence=error.sentence, left=left),
            error,
        )


def filtering(now: Current) -> bool:
    """Whether the group does what it says: ACTIVE, or on no port, or down on purpose."""
    status = now.row["status"]
    return status == "ACTIVE" or not now.row["ports"] or (status == "DOWN" and not now.state.group.admin_state_up)


def apply(
    cloud: Cloud, wanted: Draft, group: str = "", gate: Gate | None = None, reason: str = "",
    wait: float | None = None, way: type[Apply] = Apply, remember: Remember | None = None,
) -> Applied:  # fmt: skip
    """Do it; `way` is `in_place.ApplyInPlace` where the policies in force are to keep their ids;
    `remember` is told before anything is in force.

    Raises BadDraft, Changed where what it was made from is not so any more, HalfDone, or another TenantOpsError.
    """
    return perform(way(cloud, wanted, group, gate, reason, wait, remember))


def stale(base: Base, now: Current) -> tuple[content.Difference, ...]:
    """What is not as it was when a draft was made; by content where that is known, else by revisions and ids."""
    if base.was is not None:
        return content.differences(_named(base.was, now), now.state)
    told = []
    theirs = now.base
    for name in ("group", *DIRECTIONS):
        was, is_ = getattr(base, name), getattr(theirs, name)
        if was is not None and was != is_:
            told.append(content.Difference(name, say("has revision {is_} now, it was {was}", is_=is_, was=was)))
    if not base.rules:
        return tuple(told)
    names = {rule.id: content.called(rule) for rule in now.state.rules}
    for id_, was in base.rules.items():
        if id_ not in theirs.rules:
            told.append(content.Difference("rules", say("is not in force any more"), id_))
        elif was is not None and was != theirs.rules[id_]:
            told.append(content.Difference("rules", say("was changed"), names.get(id_, id_)))
    told += [content.Difference("rules", say("was added"), names[id_]) for id_ in theirs.rules if id_ not in base.rules]
    return tuple(told)


def _basis(base: Base, now: Current) -> Current:
    """The look that a draft was made from, as far as it says."""
    if base.was is None:
        return now
    policies = {one: base.was.policy(one) for one in DIRECTIONS}
    ids = {f"{one}_firewall_policy_id": policy and policy.policy for one, policy in policies.items()}
    return replace(now, row={**now.row, **ids})


def _named(state: State, now: Current) -> State:
    """The same with the group's own id, and its name where it says none."""
    group = replace(state.group, id=now.state.group.id, name=state.group.name or now.state.group.name)
    return replace(state, group=group)


def _fields(now: Current, wanted: State) -> dict[str, Any]:
    """The fields of the group itself that an edit changes; the others are not sent, and nobody's are overwritten."""
    mine, theirs = wanted.group, now.state.group
    fields: dict[str, Any] = {}
    if mine.name != theirs.name:
        fields["name"] = mine.name
    if mine.admin_state_up != theirs.admin_state_up:
        fields["admin_state_up"] = mine.admin_state_up
    if set(mine.ports) != set(theirs.ports):
        fields["ports"] = list(mine.ports)
    return fields


def _told(state: State) -> dict[str, Any]:
    """For the audit trail: who has the ids finds the rules."""
    policies = {one: state.policy(one) for one in DIRECTIONS}
    told: dict[str, Any] = {"ports": list(state.group.ports), "admin_state_up": state.group.admin_state_up}
    for one, policy in policies.items():
        told[one] = policy and [content.called(rule) for rule in policy.rules]
    return told
