"""Undo: the versions that were in force before an apply are put back by the same one swap. Redo is another apply."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, CloudError, Uncertain
from tenant_ops_dashboard.firewall import content, current, in_place, keeping, versions
from tenant_ops_dashboard.firewall.apply import Applied, filtering
from tenant_ops_dashboard.firewall.commit import Swap
from tenant_ops_dashboard.firewall.content import Difference
from tenant_ops_dashboard.firewall.current import Current
from tenant_ops_dashboard.firewall.errors import Changed, NotApplied, NothingToUndo
from tenant_ops_dashboard.firewall.lists import Lists
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction, Draft
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.firewall.recorded import Recorded
from tenant_ops_dashboard.firewall.versions import Kept
from tenant_ops_dashboard.sentences import say


class Undo(Change[Applied]):
    """Puts back what was in force before the apply `apply_id`, else before the last one that was not undone.

    In the directions that it changed, what was applied after it goes as well, unless it has to be the `last` one.
    Ports, name and state of the group stay, unless what was `recorded` of that apply says how they were.
    """

    name = "firewall.undo"
    rule = "firewall:edit"
    action = "update"
    kind = "firewall-group"
    patience = 60.0

    def __init__(
        self, cloud: Cloud, group: str, apply_id: str = "", wait: float | None = None, last: bool = False,
        recorded: Recorded | None = None,
    ) -> None:  # fmt: skip
        super().__init__(cloud)
        self.recorded = recorded if recorded and recorded.apply == apply_id else None
        self.fields: dict[str, Any] = {}
        self.notes: list[str] = []
        self.group, self.apply_id, self.wait, self.last = group, apply_id, wait, last
        self.api, self.began = FirewallApi(cloud), time.monotonic()
        self.target = Target("", group)
        self.swap: Swap | Lists | None = None
        self.marked: tuple[Kept, ...] = ()

    def prepare(self) -> Applied | None:
        self.now = current.read(self.api, self.group)
        self.target = Target(str(self.now.row["id"]), str(self.now.row["name"]))
        self.kept = versions.kept(self.now)
        standing = [one for one in self.kept if not one.mark.undone]
        undone = any(one.mark.undone and one.mark.apply == self.apply_id for one in self.kept)
        newest = self._stands() or bool(standing and standing[0].mark.apply == self.apply_id)
        if self.last and not undone and not newest:
            raise Changed(
                (), None, say("Somebody applied or undid something after this was shown; nothing was undone now.")
            )
        if self.apply_id:
            standing = [one for one in standing if one.mark.apply == self.apply_id]
            if not standing and any(one.mark.apply == self.apply_id for one in self.kept):
                return self._undone(self.now, self.apply_id)
        if not standing and self._stands():
            self.back, self.kept_ids = {}, False
            self._whole()
            self._told()
            return None
        if not standing:
            which = say("the apply {apply_id}", apply_id=self.apply_id) if self.apply_id else say("any apply")
            raise NothingToUndo(
                say(
                    "No version from before {which} is kept for {target}.",
                    which=which,
                    target=self.target.name or self.target.id,
                )
            )
        number = standing[0].mark.number
        self.back = {_direction(one): one for one in standing if one.mark.number == number}
        self.apply_id = standing[0].mark.apply
        self.kept_ids = any(one.mark.policy for one in self.back.values())
        if (lacks := self._lacks()) and not self._stands():
            raise Changed(
                (),
                None,
                say(
                    "Of what was in force before, the {lacks} policy is not kept, and one direction alone "
                    "may let through what neither version does; nothing was sent. Apply what the apply "
                    "printed under 'before'.",
                    lacks=lacks,
                ),
            )
        if lacks:
            self.back, self.kept_ids = {}, False
        self._whole()
        self._told()
        return None

    def send(self) -> Applied:
        if self.kept_ids:
            return self._lists()
        token = content.digest("undo", self.apply_id, self.now.revision)
        made = versions.Making(self.api, self.now, token)
        try:
            ids = self._ids(made)
        except CloudError as error:
            made.take_back()
            raise self._taken_back(error) from error
        self.swap = Swap(self.api, self.now, ids, token, self.fields, self.patience, self.wait)
        self.marked = tuple(one for one in self.kept if one.id in ids.values())
        try:
            for kept in self.marked:
                versions.describe(self.api, self.now.policies[kept.id], kept.mark.description)
        except CloudError as error:
            raise self._taken_back(error) from error
        try:
            self.swap.commit()
        except Uncertain:
            self.patience = 0.0
            raise
        except Changed:
            self._marked_again()
            raise
        except CloudError as error:
            raise self._taken_back(error) from error
        try:
            return self._finished(self.swap)
        except CloudError as error:
            raise Uncertain(
                say("It was undone, and nobody could look at it: {sentence}", sentence=error.sentence), error.service
            ) from error

    def _lists(self) -> Applied:
        """The policies kept their ids, and get their old lists back."""
        made: versions.Making | None = None
        try:
            self.swap, made = in_place.back(self.api, self.now, self.back, self.apply_id, self.patience, self.wait)
            self.swap.commit()
        except Uncertain:
            self.patience = 0.0
            raise
        except Changed:
            if made is not None:
                made.take_back()
            raise
        except CloudError as error:
            # What says that it was undone would lead a later undo over what others applied since.
            if made is not None:
                made.take_back()
            raise NotApplied(
                say("{sentence} Nothing was undone, the firewall is as it was.", sentence=error.sentence), error
            ) from error
        try:
            return self._finished(self.swap)
        except CloudError as error:
            raise Uncertain(
                say("It was undone, and nobody could look at it: {sentence}", sentence=error.sentence), error.service
            ) from error

    def happened(self) -> Applied | None:
        if self.swap is None or not self.swap.in_force():
            return None
        return self._finished(self.swap)

    def settled(self, made: Applied) -> bool:
        return made.verified and (self.swap is None or self.swap.in_force())

    def _finished(self, swap: Swap | Lists) -> Applied:
        now = swap.look()
        if isinstance(swap, Lists):
            same = [one.id for one in versions.kept(now) if one.mark.apply == self.apply_id and not one.mark.undone]
            keeping.remove(self.api, now, same)
        else:
            keeping.keep(self.api, self.now, now, tuple(swap.ids), self.apply_id, undone=True)
        # What was kept on the way from there to here leads nowhere any more.
        first = min((kept.mark.number for kept in self.back.values()), default=0)
        for one in self.kept:
            skipped = one.mark.number > first and _direction(one) in self.back
            half = not self.back and one.mark.apply == self.apply_id and one not in self.marked
            if (skipped or half) and not one.mark.undone and one.id in now.policies:
                keeping.retire(self.api, now.policies[one.id])
        keeping.tidy(self.api, self.now, now, undone=True, known=isinstance(swap, Lists))
        return self._undone(now, self.apply_id)

    def _undone(self, now: Current, id_: str) -> Applied:
        as_wanted = self.swap is None or all(
            content.chain(now.state.policy(one)) == content.chain(self.now.content(kept.id))
            for one, kept in self.back.items()
        )
        if isinstance(self.swap, Swap) and not self.back:
            as_wanted = self.swap.in_force()
        notes = (*self.notes, *(self.swap.notes if self.swap else ()))
        seconds = round(time.monotonic() - self.began, 3)
        before, verified = Draft(self.now.state, now.base), as_wanted and filtering(now)
        return Applied(id_, before, self.api.calls, seconds, verified, notes)

    def _stands(self) -> bool:
        """Whether the group is as the apply that was recorded made it, whatever was kept of it."""
        return self.recorded is not None and self.recorded.in_force(self.now)

    def _lacks(self) -> str:
        """A direction that the apply changed, as names of versions tell, and of which nothing is kept, or ''."""
        there = {*(self.now.policy(one) for one in DIRECTIONS), *(one.id for one in self.kept)}
        names = [str(row["name"]) for id_, row in self.now.policies.items() if id_ in there]
        changed = [one for one in DIRECTIONS if any(name.endswith(f"-{one}-{self.apply_id}") for name in names)]
        return next((one for one in changed if one not in self.back), "")

    def _told(self) -> None:
        if self.recorded is not None:
            self.fields, others = self.recorded.fields(self.now)
            self.notes = [say("Somebody changed the group's {name} since; it stays.", name=name) for name in others]
        self.before = _names(self.now)
        self.after = {one: kept.name for one, kept in self.back.items()} | self.fields

    def _ids(self, made: versions.Making) -> dict[Direction, str | None]:
        """The policies that come into force: those that were kept, else of before where they are as they were, else
        versions that are made anew. Raises a CloudError.
        """
        if self.back or self.recorded is None:
            return {one: kept.id for one, kept in self.back.items()}
        ids: dict[Direction, str | None] = {}
        for one in self.recorded.directions:
            was = self.recorded.before.policy(one)
            there = self.now.content(was.policy) if was and was.policy else None
            same = there is not None and content.chain(there) == content.chain(was)
            ids[one] = was.policy if was and same else made.policy(one, was)
        return ids

    def _whole(self) -> None:
        """Raises Changed where somebody edited what was kept: it is not what was in force any more."""
        told = [
            Difference(f"{direction}.rules", say("of the kept version were edited"), kept.name)
            for direction, kept in self.back.items()
            if content.digest(content.chain(self.now.content(kept.id)) or ()) != kept.mark.said
        ]
        for direction, kept in self.back.items():
            if kept.mark.policy and kept.mark.policy != self.now.policy(direction):
                raise Changed(
                    (),
                    None,
                    say(
                        "The group has another {direction} policy now than the one that was changed, so "
                        "its old rules would go nowhere; nothing was sent. Apply what the apply printed "
                        "under 'before'.",
                        direction=direction,
                    ),
                )
        if told:
            raise Changed(
                told,
                None,
                say(
                    "Somebody edited the version that would be put back, so it is not what was in force "
                    "then; nothing was sent. Apply what the apply printed under 'before'."
                ),
            )

    def _taken_back(self, error: CloudError) -> NotApplied:
        self._marked_again()
        return NotApplied(
            say("{sentence} Nothing was undone, the firewall is as it was.", sentence=error.sentence), error
        )

    def _marked_again(self) -> None:
        for kept in self.marked:
            row = {"id": kept.id, "audited": kept.audited}
            try:
                versions.describe(self.api, row, kept.mark.words)
            except CloudError:
                continue  # it stays, as a policy that no undo knows


def undo(
    cloud: Cloud, group: str, apply_id: str = "", wait: float | None = None, last: bool = False,
    recorded: Recorded | None = None,
) -> Applied:  # fmt: skip
    """Do it. Raises NothingToUndo, Changed, HalfDone, or another TenantOpsError."""
    return perform(Undo(cloud, group, apply_id, wait, last, recorded))


def _direction(kept: Kept) -> Direction:
    return "ingress" if kept.mark.direction == "ingress" else "egress"


def _names(now: Current) -> Mapping[str, object]:
    return {one: now.policies[id_]["name"] if (id_ := now.policy(one)) else None for one in DIRECTIONS}
