"""What a person does to a draft: each gives a new draft, and nothing of it goes to the cloud. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.firewall.draft import MOST_RULES
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import Direction, Draft, Policy, Rule
from tenant_ops_dashboard.sentences import say


def insert(draft: Draft, direction: Direction, rules: Sequence[Rule], position: int | None = None) -> Draft:
    """Put rules in front of the one at `position` (0 is the first), in their order; None puts them at the end.

    Raises BadDraft for a position that is not there.
    """
    standing = _rules(draft, direction)
    place = len(standing) if position is None else position
    if not 0 <= place <= len(standing):
        raise BadDraft("position", say("must be from 0 to {n}.", n=len(standing)))
    return _with(draft, direction, (*standing[:place], *rules, *standing[place:]))


def change(draft: Draft, direction: Direction, position: int, **fields: Any) -> Draft:
    """Change fields of one rule; it stays the same rule. Raises BadDraft."""
    rules = list(_rules(draft, direction))
    rules[position] = replace(rules[_place(rules, position)], **fields)
    return _with(draft, direction, rules)


def enable(draft: Draft, direction: Direction, positions: Collection[int], enabled: bool) -> Draft:
    """Switch rules on or off. Raises BadDraft."""
    rules = list(_rules(draft, direction))
    for position in positions:
        rules[position] = replace(rules[_place(rules, position)], enabled=enabled)
    return _with(draft, direction, rules)


def remove(draft: Draft, direction: Direction, positions: Collection[int]) -> Draft:
    """Take rules out. Raises BadDraft."""
    rules = _rules(draft, direction)
    gone = {_place(rules, position) for position in positions}
    return _with(draft, direction, [rule for place, rule in enumerate(rules) if place not in gone])


def move(draft: Draft, direction: Direction, positions: Collection[int], to: int) -> Draft:
    """Move rules, in their order, so that the first of them comes to stand at `to`. Raises BadDraft."""
    rules = _rules(draft, direction)
    moved = sorted({_place(rules, position) for position in positions})
    left = [rule for place, rule in enumerate(rules) if place not in moved]
    if not 0 <= to <= len(left):
        raise BadDraft("position", say("must be from 0 to {n}.", n=len(left)))
    return _with(draft, direction, (*left[:to], *(rules[place] for place in moved), *left[to:]))


def without_policy(draft: Draft, direction: Direction) -> Draft:
    """Take the whole policy of a direction off."""
    return _direction(draft, direction, None)


def set_group(draft: Draft, **fields: Any) -> Draft:
    """Change the group's own fields: name, admin_state_up, ports."""
    return replace(draft, state=replace(draft.state, group=replace(draft.state.group, **fields)))


def back_to_start(draft: Draft) -> Draft:
    """The draft without its edits. Raises BadDraft where it does not know what it was made from."""
    if draft.base.was is None:
        raise BadDraft("base.was", say("is not known: begin a new draft."))
    return replace(draft, state=draft.base.was)


def _rules(draft: Draft, direction: Direction) -> tuple[Rule, ...]:
    standing = draft.state.policy(direction)
    return standing.rules if standing else ()


def _place(rules: Sequence[Rule], position: int) -> int:
    if not 0 <= position < len(rules):
        raise BadDraft(
            "position", say("{position} is no rule of this policy, which has {n}.", position=position, n=len(rules))
        )
    return position


def _with(draft: Draft, direction: Direction, rules: Sequence[Rule]) -> Draft:
    standing = draft.state.policy(direction) or Policy()
    if len(rules) > MOST_RULES:
        raise BadDraft(
            "rules",
            say("would be {n}, at most {most_rules} can be kept in a draft.", n=len(rules), most_rules=MOST_RULES),
        )
    return _direction(draft, direction, replace(standing, rules=tuple(rules)))


def _direction(draft: Draft, direction: Direction, policy: Policy | None) -> Draft:
    state = draft.state
    both = (policy, state.egress) if direction == "ingress" else (state.ingress, policy)
    return replace(draft, state=replace(state, ingress=both[0], egress=both[1]))
