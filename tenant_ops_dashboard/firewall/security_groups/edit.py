"""What a person does to a draft of a security group: nothing of it goes to the cloud. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.security_groups import checks, content
from tenant_ops_dashboard.firewall.security_groups.model import Base, Draft, Rule, State
from tenant_ops_dashboard.sentences import say


def add(draft: Draft, rule: Rule) -> Draft:
    """One rule more. Raises BadDraft at its field, also where the draft has the rule."""
    return _put(draft, (*draft.state.rules, replace(rule, id=None)), rule)


def change(draft: Draft, place: int, rule: Rule) -> Draft:
    """Another rule in the place of one: Neutron changes none. Raises BadDraft as `add`, and where there is none."""
    _there(draft, [place])
    rules = list(draft.state.rules)
    old = rules[place]
    rules[place] = old if replace(rule, id=old.id) == old else replace(rule, id=None)
    return _put(draft, tuple(rules), rule)


def remove(draft: Draft, places: Collection[int]) -> Draft:
    """Without the rules at these places. Raises BadDraft where there is none."""
    _there(draft, places)
    rules = tuple(one for at, one in enumerate(draft.state.rules) if at not in set(places))
    return replace(draft, state=replace(draft.state, rules=rules))


def moved_onto(draft: Draft, now: State, revision: int | None) -> Draft:
    """The same edit of what is there now: what the draft added is added, what it removed is removed.

    Nothing can clash: a rule is there or not, and their order means nothing.
    """
    was = draft.base.was or now
    moves = content.moves(was.rules, draft.state.rules)
    gone, there = {content.key(one) for one in moves.gone}, {content.key(one) for one in now.rules}
    stays = tuple(one for one in now.rules if content.key(one) not in gone)
    new = tuple(one for one in moves.new if content.key(one) not in there)
    return Draft(replace(now, rules=(*stays, *new)), Base(revision, now))


def _put(draft: Draft, rules: tuple[Rule, ...], rule: Rule) -> Draft:
    checks.refuse_rule(rule)
    if [content.key(one) for one in rules].count(content.key(rule)) > 1:
        raise BadDraft("", say("The draft has a rule that says the same; Neutron keeps such a rule once."))
    if draft.base.was is not None:
        checks.refuse_description(rule, draft.base.was)
    return replace(draft, state=replace(draft.state, rules=rules))


def _there(draft: Draft, places: Collection[int]) -> None:
    if any(not 0 <= one < len(draft.state.rules) for one in places):
        raise BadDraft("rules", say("The draft has no rule at this place any more."))
