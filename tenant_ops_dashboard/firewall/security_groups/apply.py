"""Apply: a draft becomes what Neutron has. It is not atomic, for Neutron changes no rule and swaps no group.

What is new is made in one call, all or none, and only then goes what is to go: never less gets through than both
allow, never more than either. What fails between the two is taken back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, CloudError, NotAllowed, NotFound, Uncertain
from tenant_ops_dashboard.errors import InTheWay
from tenant_ops_dashboard.firewall import standing
from tenant_ops_dashboard.firewall.content import Difference
from tenant_ops_dashboard.firewall.errors import BadDraft, Changed, NotApplied
from tenant_ops_dashboard.firewall.neutron import SECURITY_GROUP_RULES, SECURITY_GROUPS, FirewallApi
from tenant_ops_dashboard.firewall.security_groups import checks, content, current, substitute
from tenant_ops_dashboard.firewall.security_groups.current import Current
from tenant_ops_dashboard.firewall.security_groups.draft import rule_written
from tenant_ops_dashboard.firewall.security_groups.model import Base, Draft, Rule, State
from tenant_ops_dashboard.sentences import about, join, say

TRIES = 3  # as often rules that somebody else just made are taken over
EXISTS = 409
Gate = Callable[[State], None]


class HalfApplied(InTheWay):
    """A part of it is in force, and could be neither finished nor taken back."""

    todo = say("Look at the group as it is now, and apply the draft again: what is there already is not made twice.")


@dataclass(frozen=True)
class Applied:
    """`before` is a draft that leads back: applying it is the undo. The other fields are those of a firewall's."""

    id: str
    before: Draft
    calls: int
    seconds: float
    verified: bool
    notes: tuple[str, ...] = ()


class Apply(Change[Applied]):
    """Makes a draft of a security group what is in force; `reason` is for the audit trail.

    `gate` raises where the state that is to be may not be; nothing is sent then.
    """

    name = "security_group.apply"
    rule = "firewall:edit"
    action = "update"
    kind = "security-group"
    patience = 60.0

    def __init__(
        self, cloud: Cloud, wanted: Draft, group: str = "", reason: str = "", gate: Gate | None = None
    ) -> None:  # fmt: skip
        super().__init__(cloud)
        self.draft, self.group, self.reason, self.gate = wanted, group, reason, gate
        self.api, self.began = FirewallApi(cloud), time.monotonic()
        self.target = Target(wanted.state.id, wanted.state.name or group)
        self.notes: list[str] = []
        self.posts = 0
        self.mine: tuple[Rule, ...] = ()

    def prepare(self) -> Applied | None:
        checks.refuse(self.draft.state)
        self.now = current.read(self.api, self.group or self.draft.state.id or self.draft.state.name)
        self.target = Target(str(self.now.row["id"]), str(self.now.row["name"]))
        if self.draft.state.id not in ("", self.target.id):
            raise BadDraft(
                "security_group.id", say("is another group's than {target}.", target=self.target.name or self.target.id)
            )
        checks.refuse_group(self.target.name)
        was = self.now.state
        self.wanted = replace(self.draft.state, id=was.id, name=was.name)
        if self.draft.state.name not in ("", was.name):
            raise BadDraft(
                "security_group.name", say("is {was} in Neutron; a draft changes rules alone.", was=was.name)
            )
        self.token = content.digest(self.wanted, self.draft.base.revision)
        self.moves = content.moves(was.rules, self.wanted.rules)
        if not self.moves.new and not self.moves.gone:
            checks.refuse_against(self.wanted, was)
            return self._applied(self.now)
        if differences := stale(self.draft, self.now):
            raise Changed(differences, self._by())
        self._possible(was)
        if self.gate is not None:
            self.gate(self.wanted)
        self.notes += [about(one.field, one.says) for one in checks.warnings(self.wanted, was)]
        self.before, self.after = _told(was), _told(self.wanted)
        return None

    def send(self) -> Applied:
        self.says = self.reason
        self._make()
        return self._finish()

    def happened(self) -> Applied | None:
        """The answer to what was made was lost: once all of it is there it goes on, with what is to go."""
        now = current.again(self.api, self.now)
        there = {content.key(one) for one in now.state.rules}
        if any(content.key(one) not in there for one in self.moves.new):
            return None
        return self._finish()

    def settled(self, made: Applied) -> bool:
        return made.verified and content.same(current.again(self.api, self.now).state, self.wanted)

    def _possible(self, was: State) -> None:
        """Raises BadDraft for what Neutron would refuse of it now: one call for the quota, one for each other group."""
        checks.refuse_against(self.wanted, was)
        known = {one.remote_group_id for one in was.rules} | set(self.now.groups)
        asked = {one.remote_group_id for one in self.moves.new} - known - {None}
        groups = {str(one) for one in known if one} | {one for one in asked if one and self._there(one)}
        address_groups: set[str] = {one.remote_address_group_id for one in was.rules if one.remote_address_group_id}
        if any(one.remote_address_group_id for one in self.moves.new):
            address_groups |= self._address_groups()
        checks.refuse_remotes(self.wanted, groups, address_groups)
        if self.moves.new:
            try:
                checks.refuse_quota(len(self.moves.new), self.api.quota())
            except (NotAllowed, NotFound):
                return  # Neutron refuses it itself

    def _there(self, group: str) -> bool:
        try:
            self.api.one(SECURITY_GROUPS, group)
        except NotFound:
            return False
        return True

    def _address_groups(self) -> set[str]:
        try:
            return {str(one["id"]) for one in self.api.listed("/address-groups")}
        except NotFound:
            return set()  # this Neutron has none

    def _make(self) -> None:
        """All that is new in one call. Raises NotApplied, Uncertain."""
        missing = list(self.moves.new)
        self.mine = self.moves.new
        for _ in range(TRIES):
            if not missing:
                return
            try:
                self.api.make_all(SECURITY_GROUP_RULES, [self._fields(one) for one in missing])
                self.posts += 1
                return
            except Uncertain:
                self.posts += 1
                raise
            except CloudError as error:
                if error.status != EXISTS:
                    raise NotApplied(
                        say("{sentence} Nothing was applied, the group is as it was.", sentence=error.sentence), error
                    ) from error
                there = {content.key(one) for one in current.again(self.api, self.now).state.rules}
                left = [one for one in missing if content.key(one) not in there]
                if len(left) == len(missing):
                    raise NotApplied(
                        say("{sentence} Nothing was applied, the group is as it was.", sentence=error.sentence), error
                    ) from error
                taken = join(", ", [content.called(one) for one in missing if one not in left])
                self.notes.append(
                    say("Somebody made {taken} in the same moment; that rule was taken over.", taken=taken)
                )
                missing = left
                self.mine = tuple(left)
        if missing:
            raise InTheWay(say("Somebody changes this group all the time; nothing was removed. Apply the draft again."))

    def _finish(self) -> Applied:
        gone: list[Rule] = []
        for one in self.moves.gone:
            if not self.api.remove(SECURITY_GROUP_RULES, str(one.id)):
                self._take_back(one, gone)
            gone.append(one)
        try:
            now = current.again(self.api, self.now)
        except CloudError as error:
            self.patience = 0.0
            raise Uncertain(
                say("It was applied, and nobody could look at it: {sentence}", sentence=error.sentence), error.service
            ) from error
        return self._applied(now, self.posts + len(gone))

    def _take_back(self, refused: Rule, gone: list[Rule]) -> None:
        """A rule cannot be removed: those that went are made again, then those that came are removed."""
        what = say("Neutron did not remove {called}.", called=content.called(refused))
        self.patience = 0.0
        try:
            if gone:
                self.api.make_all(SECURITY_GROUP_RULES, [self._fields(one) for one in gone])
            now = current.again(self.api, self.now)
            mine = {content.key(one) for one in self.mine}
            left = [
                one for one in now.state.rules
                if content.key(one) in mine and not self.api.remove(SECURITY_GROUP_RULES, str(one.id))
            ]  # fmt: skip
            if left:
                raise HalfApplied(
                    say(
                        "{what} New rules stand beside it: {names}. All that was let through is.",
                        what=what,
                        names=_names(left),
                    )
                )
            now = current.again(self.api, self.now)
        except CloudError as error:
            words = say(
                "{what} New rules stand beside it; removed were {names}. {sentence}",
                what=what,
                names=_names(gone),
                sentence=error.sentence,
            )
            raise HalfApplied(words, error.request_id) from error
        # A removal whose answer was lost may have come to pass.
        if differences := content.differences(self.now.state, now.state):
            told = join("; ", [one.words for one in differences[:3]])
            raise HalfApplied(
                say("{what} It was taken back, and the group is not as it was: {told}.", what=what, told=told)
            )
        cause = InTheWay(what)
        raise NotApplied(
            say("{what} It was taken back: the group says what it said, some rules have other ids.", what=what), cause
        )

    def _applied(self, now: Current, moved: int = 0) -> Applied:
        state = now.state
        differences = content.differences(self.wanted, state)
        expected = None if self.now.revision is None else self.now.revision + moved
        if differences:
            told = join("; ", [one.words for one in differences[:3]])
            self.notes.append(say("Somebody else changed the group in the same moment ({told}).", told=told))
        elif expected is not None and now.revision != expected:
            self.notes.append(
                say(
                    "The group has revision {revision}, not {expected}: somebody else may have written in the same "
                    "moment. Its rules are those of the draft.",
                    revision=now.revision,
                    expected=expected,
                )
            )
        keys = [content.key(one) for one in state.rules]
        if twice := [one for one in self.moves.new if keys.count(content.key(one)) > 1]:
            self.notes.append(
                say(
                    "Somebody made the same rule in the same moment: {names} stands twice. Remove none of the two "
                    "alone, OVN may have one for both.",
                    names=_names(twice),
                )
            )
        before = Draft(self.now.state, Base(now.revision, state))
        seconds = round(time.monotonic() - self.began, 3)
        return Applied(self.token, before, self.api.calls, seconds, not differences, tuple(self.notes))

    def _fields(self, rule: Rule) -> dict[str, Any]:
        told = {key: value for key, value in rule_written(rule).items() if key != "id" and value not in (None, "")}
        return {"security_group_id": self.target.id, **told}

    def _by(self) -> dict[str, Any]:
        return {"revision": self.now.revision, "at": str(self.now.row.get("updated_at") or "")}


def gated(found: standing.Gate) -> Gate:
    """The gate of an apply: raises BreaksIntents where the group's rules that are to be break an intent."""
    return lambda state: found.refuse(lambda seen: substitute.put(seen.engine.snapshot, state))


def apply(
    cloud: Cloud, wanted: Draft, group: str = "", reason: str = "", gate: Gate | None = None
) -> Applied:  # fmt: skip
    """Do it, unless the `gate` raises.

    Raises BadDraft, Changed where what it was made from is not so any more, NotApplied where it is as it was,
    HalfApplied where it is neither, or another TenantOpsError.
    """
    return perform(Apply(cloud, wanted, group, reason, gate))


def stale(draft: Draft, now: Current) -> tuple[Difference, ...]:
    """What is not as it was when a draft was made; by content where that is known, else by the revision.

    What an apply that was cut off did of the draft already is no difference: the same again finishes it.
    """
    base = draft.base
    if base.was is not None:
        return content.differences(base.was, now.state, draft.state)
    if base.revision is None or base.revision == now.revision:
        return ()
    return (
        Difference(
            "security_group",
            say("has revision {revision} now, it was {revision2}", revision=now.revision, revision2=base.revision),
        ),
    )


def _names(rules: list[Rule]) -> str:
    return join(", ", [content.called(one) for one in rules]) or say("none")


def _told(state: State) -> dict[str, Any]:
    """For the audit trail, whole: an undo is made of it. A 0 is a value: ICMP's echo reply is type 0."""
    return {"rules": [
        {k: v for k, v in rule_written(one).items() if k != "id" and v not in (None, "")} for one in state.rules
    ]}  # fmt: skip
