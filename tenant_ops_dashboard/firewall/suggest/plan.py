"""Changes of rules at several places, and the drafts they make of what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tenant_ops_dashboard.firewall import checks, read
from tenant_ops_dashboard.firewall import draft as drafts
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Draft, Policy, Rule, State
from tenant_ops_dashboard.firewall.security_groups import content
from tenant_ops_dashboard.firewall.security_groups import read as group_read
from tenant_ops_dashboard.firewall.security_groups.model import Draft as GroupDraft
from tenant_ops_dashboard.firewall.security_groups.model import Rule as GroupRule
from tenant_ops_dashboard.firewall.security_groups.model import State as GroupState
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.firewall.suggest.after import in_force
from tenant_ops_dashboard.firewall.suggest.model import Place
from tenant_ops_dashboard.reachability.boxes import Box, clip
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.rules import read_rule
from tenant_ops_dashboard.sentences import say

#: Rules that stand together; the place of the last one decides where.
Block = tuple[Rule, ...]


@dataclass(frozen=True)
class Plan:
    """New firewall rules, security groups' new rules, and ids of security groups' rules that go."""

    firewall: Mapping[Place, tuple[Block, ...]] = field(default_factory=dict)
    added: Mapping[Place, tuple[GroupRule, ...]] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        """How many rules are new or go."""
        blocks = [one for all_ in self.firewall.values() for one in all_]
        return sum(map(len, (*blocks, *self.added.values()))) + len(self.gone)

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same for equal plans."""
        return tuple(self.firewall.items()), tuple(self.added.items()), self.gone

    def parts(self) -> list[Plan]:
        """The plan without each of its new rules in turn; without the last one of a block, without all of it.

        What is left of a rule that goes stays: it lets nothing through that was not let through before.
        """
        found = []
        for place, blocks in self.firewall.items():
            for number, block in enumerate(blocks):
                for at in range(len(block)):
                    left = () if at == len(block) - 1 else ((*block[:at], *block[at + 1 :]),)
                    found.append(replace(self, firewall=_kept(self.firewall, place, blocks, number, left)))
        for where, rules in ({} if self.gone else self.added).items():
            for number in range(len(rules)):
                found.append(replace(self, added=_kept(self.added, where, rules, number, ())))
        return found

    @classmethod
    def all_of(cls, plans: Sequence[Plan]) -> Plan:
        """Several plans as one."""
        firewall: dict[Place, tuple[Block, ...]] = {}
        added: dict[Place, tuple[GroupRule, ...]] = {}
        for one in plans:
            for place, blocks in one.firewall.items():
                firewall[place] = tuple(dict.fromkeys((*firewall.get(place, ()), *blocks)))
            for place, rules in one.added.items():
                added[place] = tuple(dict.fromkeys((*added.get(place, ()), *rules)))
        return cls(firewall, added, frozenset(id_ for one in plans for id_ in one.gone))


def _kept(
    whole: Mapping[Place, tuple[Any, ...]], place: Place, items: tuple[Any, ...], number: int, left: tuple[Any, ...]
) -> dict[Place, tuple[Any, ...]]:  # fmt: skip
    made = (*items[:number], *left, *items[number + 1 :])
    return {key: one for key, one in {**whole, place: made}.items() if one}


def _once(kept: Sequence[GroupRule], more: Sequence[GroupRule]) -> tuple[GroupRule, ...]:
    """Rules that stay, and of the new ones those that say more: Neutron keeps a rule once, whatever its description."""
    found: dict[content.Key, GroupRule] = {content.key(one): one for one in kept}
    new = [one for one in more if found.setdefault(content.key(one), one) is one]
    return (*kept, *new)


class Planner:
    """Puts plans into what is there."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self.profile = seen.engine.profile
        self.firewalls = {str(one["id"]): one for one in read.groups(seen)}
        self.groups = {str(one["id"]): one for one in group_read.groups(seen)}

    def states(self, plan: Plan) -> tuple[list[State], list[GroupState]]:
        """The groups as they would be. Raises Hidden."""
        firewalls: dict[str, State] = {}
        for place, blocks in plan.firewall.items():
            state = firewalls.get(place.group) or read.state(self.seen, self.firewalls[place.group])
            firewalls[place.group] = self._put(state, place, blocks)
        groups = {}
        touched = [place.group for place in plan.added]
        for id_, row in self.groups.items():
            standing = group_read.state(row)
            kept = tuple(one for one in standing.rules if one.id not in plan.gone)
            if id_ in touched or len(kept) < len(standing.rules):
                more = [rule for place, rules in plan.added.items() if place.group == id_ for rule in rules]
                groups[id_] = replace(standing, rules=_once(kept, more))
        return list(firewalls.values()), list(groups.values())

    def engine(self, plan: Plan) -> Engine:
        """The project with a plan in force. Raises Hidden."""
        return in_force(self.seen.engine, *self.states(plan))

    def drafts(self, plan: Plan) -> tuple[tuple[Draft, ...], tuple[GroupDraft, ...]]:
        """A draft for every group that changes, made from what is there."""
        firewalls, groups = self.states(plan)
        return (
            tuple(replace(read.draft(self.seen, one.group.id), state=one) for one in firewalls),
            tuple(replace(group_read.unchanged(self.groups[one.id]), state=one) for one in groups),
        )

    def too_long(self, plan: Plan) -> list[str]:
        """Policies that would have more rules than the back end minds."""
        if self.profile != checks.OVN:
            return []
        told = []
        for state in self.states(plan)[0]:
            for direction in DIRECTIONS:
                policy = state.policy(direction)
                mine = Place("firewall", state.group.id, direction) in plan.firewall
                if mine and policy and len(policy.rules) > checks.MOST_ON_OVN:
                    told.append(
                        say(
                            "The {direction} policy of firewall group {group} would have {n} rules, and OVN minds "
                            "{most_on_ovn}: take out what nobody needs first.",
                            direction=direction,
                            group=state.group.name,
                            n=len(policy.rules),
                            most_on_ovn=checks.MOST_ON_OVN,
                        )
                    )
        return told

    def _put(self, state: State, place: Place, blocks: Sequence[Block]) -> State:
        policy = state.policy(place.direction) or Policy()
        for block in blocks:
            at = self._position(policy, block[-1])
            policy = replace(policy, rules=(*policy.rules[:at], *block, *policy.rules[at:]))
        ingress, egress = (policy, state.egress) if place.direction == "ingress" else (state.ingress, policy)
        return replace(state, ingress=ingress, egress=egress)

    def _position(self, policy: Policy, rule: Rule) -> int:
        """In front of the first rule of the other action that decides some of the same packets, else at the end."""
        mine = self._match(rule)
        for place, one in enumerate(policy.rules):
            other = (one.action == "allow") != (rule.action == "allow")
            if one.ip_version == rule.ip_version and other and mine is not None:
                match = self._match(one)
                if match is not None and clip(match, mine) is not None:
                    return place
        return len(policy.rules)

    def _match(self, rule: Rule) -> Box | None:
        read_ = read_rule({**drafts.rule_written(rule), "id": rule.id or "new"})
        return read_.match(self.profile) if read_.active(self.profile) else None
