"""One ordered policy: what it permits, which rule decides a packet, and which rules no packet reaches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .boxes import Box, inside
from .budget import Budget
from .build import first_match
from .diagram import Diagrams, Reference
from .order import order_for
from .packets import Packet, read_packet
from .rules import NEUTRON, OVN_TIE, FirewallRule, read_rule


@dataclass(frozen=True)
class PolicyAnalysis:
    """What is known of a policy; made by analyse_policy.

    `never_matched` holds the ids of enabled rules that no packet reaches, in policy order.
    """

    rules: tuple[FirewallRule, ...]
    never_matched: list[str]
    stores: Mapping[int, Diagrams]
    roots: Mapping[int, Reference]
    _order: Mapping[int, tuple[tuple[int, Box], ...]]

    def decides(self, packet: Packet | Mapping[str, Any]) -> str | None:
        """The id of the rule that decides a packet, None where the default does.

        A dictionary has the contract's form, with addresses for both ends. Raises BadInput.
        """
        asked = packet if isinstance(packet, Packet) else read_packet(packet)
        point = asked.point()
        for index, match in self._order[asked.version]:
            if inside(match, point):
                return self.rules[index].id
        return None

    def permits(self, packet: Packet | Mapping[str, Any]) -> bool:
        """Say whether the policy lets a packet through (no match is a drop)."""
        decider = self.decides(packet)
        return decider is not None and next(r for r in self.rules if r.id == decider).action == "allow"


def analyse_policy(
    rules: Sequence[Mapping[str, Any] | FirewallRule], profile: str = NEUTRON, budget: Budget | None = None
) -> PolicyAnalysis:
    """Analyse Neutron firewall rules given in policy order.

    `profile` names the back end whose reading of a rule counts; by default the API's own. Raises BadInput for a rule
    that cannot be read and TooComplex where the exact answer passes the budget.
    """
    budget = budget or Budget()
    read = tuple(_read(rules, budget))
    order = ordered(read, profile, budget)
    stores: dict[int, Diagrams] = {}
    roots: dict[int, Reference] = {}
    reached: set[int] = set()
    for version, matches in order.items():
        boxes = [match for _, match in matches]
        store = stores[version] = Diagrams(version, budget, order_for(boxes))
        roots[version] = first_match(store, boxes)
        reached.update(matches[value - 1][0] for value in store.leaves(roots[version]) if value)
    dead = [rule.id for index, rule in enumerate(read) if index not in reached and rule.active(profile)]
    return PolicyAnalysis(read, dead, stores, roots, order)


def _read(rules: Sequence[Mapping[str, Any] | FirewallRule], budget: Budget) -> Iterator[FirewallRule]:
    for index, rule in enumerate(rules):
        if not index & 1023:
            budget.check(0, 0)
        yield rule if isinstance(rule, FirewallRule) else read_rule(rule)


def drops(profile: str) -> bool:
    """Whether what no rule of one policy matches is dropped for certain.

    The L3 agent asks the egress policy after the ingress policy, and keeps one group's drop a router: a deny at the end
    of a policy is then what keeps packets out.
    """
    return profile != "l3-agent"


def ordered(
    rules: Sequence[FirewallRule], profile: str, budget: Budget | None = None
) -> dict[int, tuple[tuple[int, Box], ...]]:
    """Per IP version the rules that can match, as (index in the policy, match). Raises TooComplex.

    On OVN those behind the default drop cannot; disabled rules count for positions.
    """
    found: dict[int, list[tuple[int, Box]]] = {4: [], 6: []}
    for index, rule in enumerate(rules[:OVN_TIE] if profile == "ovn" else rules):
        if budget is not None and not index & 1023:
            budget.check(0, 0)
        match = rule.match(profile) if rule.active(profile) else None
        if match is not None:
            found[rule.version].append((index, match))
    return {version: tuple(matches) for version, matches in found.items()}
