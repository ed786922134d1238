"""Apply to policies that keep their ids: every group on them changes, and both directions are several steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tenant_ops_dashboard.cloud import CloudError, Uncertain
from tenant_ops_dashboard.environments.firewall_group import versions as marks
from tenant_ops_dashboard.firewall import between, content, current, keeping, limits, versions
from tenant_ops_dashboard.firewall.apply import Applied, Apply, stale
from tenant_ops_dashboard.firewall.content import Difference
from tenant_ops_dashboard.firewall.current import Current
from tenant_ops_dashboard.firewall.errors import BadDraft, Changed, NotApplied
from tenant_ops_dashboard.firewall.lists import Lists, Put
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction, Rule, State
from tenant_ops_dashboard.firewall.neutron import GROUPS, POLICIES, FirewallApi
from tenant_ops_dashboard.firewall.versions import Kept
from tenant_ops_dashboard.sentences import about, say

ADMIN = "admin"


class ApplyInPlace(Apply):
    """The same change, where the policies in force keep their ids and get other lists.

    A run that broke off is finished by the same draft: what it put in force says so, and nobody else wrote since.
    """

    def there(self) -> bool:
        """Whether it is in force, and no policy says that it is being changed."""
        return super().there() and not any(map(self._begun, DIRECTIONS))

    def differences(self) -> tuple[Difference, ...]:
        """As `stale`, but for what a run of this very draft put in force before it broke off."""
        told = stale(self.draft.base, self.now)
        mine = {f"{one}.rules" for one in DIRECTIONS if self._begun(one)}
        was = self.draft.base.was
        if not mine or was is None:
            return told
        rest = [one for one in told if one.where not in mine]
        done = {
            f"{one}.rules" for one in DIRECTIONS
            if content.chain(self.now.state.policy(one)) == content.chain(self.wanted.policy(one))
        }  # fmt: skip
        return tuple(one for one in rest if one.where not in done)

    def refuse(self) -> None:
        """What this way cannot do is said before anything is sent."""
        for field in ("name", "admin_state_up"):
            if getattr(self.wanted.group, field) != getattr(self.now.state.group, field):
                raise BadDraft(f"group.{field}", _ALONE)
        if set(self.wanted.group.ports) != set(self.now.state.group.ports):
            raise BadDraft("group.ports", _ALONE)
        self.directions = directions(self.now, self.wanted)
        rows = [self.now.policies.get(self.now.policy(one) or "") or {} for one in DIRECTIONS]
        if any(marks.unfinished(row) not in ("", self.token) for row in rows):
            raise Changed((), None, _BUSY)
        for one in self.directions:
            _shared(self.api, self.now, one)
        try:
            between.steps(self.now.state, self.wanted, self.directions)
        except between.NoStep as error:
            raise BadDraft(
                f"{self.directions[0]}.rules",
                say(
                    "change together with {directions}.rules, and there is no safe "
                    "step between: {error}. Apply one direction first, or give the "
                    "group policies of its own.",
                    directions=self.directions[1],
                    error=error,
                ),
            ) from error
        told = others(self.api, self.now, self.directions)
        told += [
            (one, notice.says) for one in self.directions if not self._begun(one)
            for notice in limits.audited(self.now, one)
        ]  # fmt: skip
        self.notes = tuple(about(field, says) for field, says in told)

    def send(self) -> Applied:
        if self.room:
            keeping.make_room(self.api, self.now, self.room)
        made = versions.Making(self.api, self.now, self.token)
        try:
            puts, spare = lists(made, self.now, self.wanted, self.directions)
            for one in self.directions:
                copied = keeping.copy(self.api, self.now, one, self.token)
                made.made += [(POLICIES, copied)] if copied else []
        except CloudError as error:
            raise self._taken_back(made, error) from error
        self.says = self.reason
        changing = tuple(dict.fromkeys(
            str(self.now.policy(one)) for one in DIRECTIONS if one in self.directions or self._begun(one)
        ))  # fmt: skip
        self.swap = Lists(self.api, self.now, changing, puts, self.token, spare, self.patience, self.wait)
        self.record(made)
        try:
            self.swap.commit()
        except Changed:
            if (twin := self._twin()) is not None:
                return twin
            made.take_back()
            raise
        except Uncertain:
            self.patience = 0.0
            raise
        except CloudError as error:
            raise self._taken_back(made, error) from error
        try:
            return self._finished(self.swap)
        except CloudError as error:
            raise Uncertain(
                say("It was applied, and nobody could look at it: {sentence}", sentence=error.sentence), error.service
            ) from error

    def _twin(self) -> Applied | None:
        """What another run of the same draft in the same moment came to; what both made is its own then.

        Raises Changed while it is at work.
        """
        self.now = current.again(self.api, self.now)
        if self.there():
            return self._applied(self.now)
        if any(map(self._begun, DIRECTIONS)):
            raise Changed(
                (), None, say("The same draft is being applied at this moment, by somebody else or another tab.")
            )
        return None

    def _begun(self, direction: Direction) -> bool:
        """Whether this draft's own list stands there; the flag falls with whatever somebody else changes."""
        row = self.now.policies.get(self.now.policy(direction) or "") or {}
        return row.get("audited") is True and marks.unfinished(row) == self.token


_ALONE = say(
    "is of the group, and with policies that keep their ids only rules are changed: apply it by itself, without."
)


_BUSY = say(
    "Another apply changes these policies and is not done; nothing was sent. Try again in a moment. If it was "
    "broken off, apply its draft again or undo it, or apply this one without keeping the policies."
)


def directions(now: Current, wanted: State) -> tuple[Direction, ...]:
    """The directions whose lists become others; one where both hold the same policy. Raises BadDraft."""
    found = tuple(
        one for one in versions.moved(now, wanted)
        if content.chain(now.state.policy(one)) != content.chain(wanted.policy(one))
    )  # fmt: skip
    for one in found:
        if now.policy(one) is None or wanted.policy(one) is None:
            raise BadDraft(one, say("has no policy before or after, so there is no id to keep; apply it without."))
    if now.policy("ingress") != now.policy("egress"):
        return found
    chains = {content.chain(wanted.policy(one)) for one in DIRECTIONS}
    if len(chains) > 1:
        raise BadDraft(f"{found[0]}.rules", say("are those of the other direction, too: both hold the same policy."))
    return found[:1]


def lists(
    made: versions.Making, now: Current, wanted: State, moved: Sequence[Direction], keep: bool = False
) -> tuple[list[Put], list[str]]:  # fmt: skip
    """Makes the rules, unless they are to `keep` their ids; the lists in their order, and rules that only one of those
    in between holds. Raises a CloudError, NoStep.
    """
    for one in moved:
        policy = wanted.policy(one)
        if policy is None or keep:
            continue
        ids = made.rules(policy.rules)
        rules = tuple(replace(rule, id=id_) for rule, id_ in zip(policy.rules, ids, strict=True))
        wanted = wanted.having(one, replace(policy, rules=rules))
    puts, last = [], {one: _ids(wanted, one) for one in moved}
    spare: list[str] = []
    for step in between.steps(now.state, wanted, moved):
        ids = [rule.id or _spare(made, rule, spare) for rule in step.rules]
        puts.append(Put(step.direction, str(now.policy(step.direction)), tuple(ids)))
    held = {id_ for ids in last.values() for id_ in ids}
    return puts, [id_ for id_ in spare if id_ not in held]


def _spare(made: versions.Making, rule: Rule, spare: list[str]) -> str:
    (id_,) = made.rules([rule])
    spare.append(id_)
    return id_


def _ids(state: State, direction: Direction) -> list[str]:
    policy = state.policy(direction)
    return [rule.id for rule in policy.rules if rule.id] if policy else []


def _shared(api: FirewallApi, now: Current, direction: Direction) -> None:
    row = now.policies[str(now.policy(direction))]
    if row.get("shared") is True and ADMIN not in api.cloud.roles:
        raise BadDraft(
            f"{direction}.policy",
            say(
                "{name} is shared with other projects, whose groups keep the old rules in OVN "
                "unless an administrator changes it. Ask one, or give the group policies of "
                "its own.",
                name=row["name"] or row["id"],
            ),
        )


def others(api: FirewallApi, now: Current, moved: Sequence[Direction]) -> list[tuple[Direction, str]]:
    """Whom it changes beside the group; one call where a policy is shared. Raises a CloudError."""
    told: list[tuple[Direction, str]] = []
    for one in moved:
        id_ = str(now.policy(one))
        groups = list(now.others(id_))
        if now.policies[id_].get("shared") is True:
            known = {str(row["id"]) for row in now.groups}
            ways = [f"{way}_firewall_policy_id" for way in DIRECTIONS]
            groups += [
                row for row in api.listed(GROUPS) if row["id"] not in known and id_ in [row.get(way) for way in ways]
            ]  # fmt: skip
        if groups:
            names = ", ".join(str(row.get("name") or row["id"]) for row in groups[:3])
            more = say(" and {n} more", n=len(groups) - 3) if len(groups) > 3 else ""
            told.append(
                (
                    one,
                    say(
                        "The policy is in force on {names}{more} too, and changes there as well.",
                        names=names,
                        more=more,
                    ),
                )
            )
    return told


def back(
    api: FirewallApi, now: Current, kept: Mapping[Direction, Kept], apply_id: str, patience: float, wait: float | None
) -> tuple[Lists, versions.Making]:  # fmt: skip
    """Puts back what was kept; what is in force now is kept as undone. The second is what was made for it.

    Raises Changed, NotApplied, or a CloudError.
    """
    wanted = now.state
    for one, version in kept.items():
        held, standing = now.content(version.id), wanted.policy(one)
        if held is None or standing is None:
            raise Changed((), None, say("What would be put back is gone; nothing was sent."))
        wanted = wanted.having(one, replace(standing, rules=held.rules))
    token = content.digest("undo", apply_id, now.revision)
    made = versions.Making(api, now, token)
    try:
        puts, spare = lists(made, now, wanted, [one for one in DIRECTIONS if one in kept], keep=True)
        for one in kept:
            copied = keeping.copy(api, now, one, apply_id, undone=True)
            made.made += [(POLICIES, copied)] if copied else []
    except between.NoStep as error:
        raise NotApplied(
            say("There is no safe step between ({error}); nothing was undone.", error=error), error
        ) from error
    except CloudError:
        made.take_back()
        raise
    policies = tuple(dict.fromkeys(version.mark.policy for version in kept.values()))
    return Lists(api, now, policies, puts, token, spare, patience, wait), made
