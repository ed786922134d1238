"""FWaaS groups as gates, the way each back end really applies them (docs/reachability.md says how that was seen)."""

from itertools import permutations
from typing import Literal

from tenant_ops_dashboard.sentences import join, say

from .gates import Gate, Line, Reading, opened
from .model import FirewallGroup, Policy, Port, Router
from .rules import OVN_TIE, FirewallRule
from .steps import Check
from .world import World


class Firewalls:
    """Firewall groups of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lines: dict[tuple[str | None, int], tuple[Line, ...]] = {}
        self._gates: dict[tuple[str, bool, int], Gate] = {}
        self._chains: dict[tuple[str, str | None, str | None, int], Gate] = {}
        self._groups: dict[str, list[FirewallGroup]] = {}

    def gate(self, check: Check) -> Gate:
        """The gate of a port's firewall group (OVN: router ports, L2 agent: server ports)."""
        port = check.port
        group = self.world.firewall_of.get(port.id) if port is not None else None
        if port is None or group is None:
            return opened("firewall-group", say("the port is in no firewall group"))
        if self.world.profile == "ovn" and not port.is_router:
            return opened("firewall-group", say("OVN filters inner router ports only"))
        if self.world.profile == "l2-agent":
            if port.device_owner.startswith("network:"):
                return opened("firewall-group", say("the L2 agent filters server ports only"))
            if not (group.ingress or group.egress):
                return opened("firewall-group", say("a group without any policy is never sent to the L2 agent"))
            if not port.secured:
                doubt = say(
                    "whether the L2 agent filters a port without port security depends on its security group driver"
                )
                return opened("firewall-group", say("port security is off: the firewall group is not applied"), doubt)
        key = (group.id, check.ingress, check.view.version)
        found = self._gates.get(key)
        if found is None:
            found = self._gates[key] = self._policy_gate(group, check.ingress, check.view.version)
        return found

    def _policy_gate(self, group: FirewallGroup, ingress: bool, version: int) -> Gate:
        side = "ingress" if ingress else "egress"
        policy = group.ingress if ingress else group.egress
        where = say("the {side} policy of firewall group {group_id}", side=side, group_id=group.id)
        remedy = say("add an allow rule to {where} ({policy})", where=where, policy=policy or say("none yet"))
        lines = self.lines(policy, version)
        others, doubt = self._other_readings(group, policy, version)
        return Gate(
            "firewall-group",
            say("no rule of {where} matches: the default drops it", where=where),
            Reading(lines, False),
            others=others,
            doubt=doubt,
            remedy=remedy,
        )

    def _other_readings(
        self, group: FirewallGroup, policy_id: str | None, version: int
    ) -> tuple[tuple[Reading, ...], str]:
        """What the policy may be besides what its rules say, and why."""
        if policy_id is None:
            return (), ""
        policy = self.world.snapshot.firewall_policies.get(policy_id)
        if policy is None:
            return (), say("firewall policy {policy_id} is not in the snapshot", policy_id=policy_id)
        anything = (Reading((), True), Reading((), False))
        missing = [rule for rule in policy.rules if rule not in self.world.snapshot.firewall_rules]
        if missing:
            return anything, say("firewall rule {missing} is not in the snapshot", missing=missing[0])
        if self.stale(group, policy) == "perhaps":
            doubt = say(
                "policy {policy_id} of another project may have changed since: OVN keeps the rules that firewall "
                "group {group_id} got earlier",
                policy_id=policy_id,
                group_id=group.id,
            )
            return anything, doubt
        tie = self._tie(policy_id, version)
        if tie is not None and tie.allow:
            doubt = say(
                "rule {tie_id} stands at position {ovn_tie}, where OVN does not define what wins",
                tie_id=tie.id,
                ovn_tie=OVN_TIE,
            )
            return (Reading((*self.lines(policy_id, version), tie), False),), doubt
        return (), ""

    def stale(self, group: FirewallGroup, policy: Policy) -> Literal["no", "later", "perhaps"]:
        """Say whether OVN may hold other rules for a group than its policy has.

        A change of a shared policy or rule by its own project does not reach the groups of other projects: the driver
        looks for groups with the rights of whoever made the change. 'later': nothing has changed since the group was
        made, but a change will not arrive.
        """
        owned: list[Policy | FirewallRule] = [policy, *self.rules(policy.id)]
        foreign = [item for item in owned if item.project and group.project and item.project != group.project]
        if self.world.profile != "ovn" or not foreign:
            return "no"
        times = [item.updated for item in foreign]
        known = bool(group.created) and all(times)
        return "later" if known and max(times) <= group.created else "perhaps"

    def rules(self, policy_id: str | None) -> list[FirewallRule]:
        """A policy's rules in order, as far as the snapshot holds them."""
        return [rule for _, rule in self._placed(policy_id)]

    def _placed(self, policy_id: str | None) -> list[tuple[int, FirewallRule]]:
        """The rules with their positions from 0, which those count for that are disabled or not in the snapshot."""
        policy = self.world.snapshot.firewall_policies.get(policy_id or "")
        known = self.world.snapshot.firewall_rules
        places = enumerate(policy.rules) if policy is not None else ()
        return [(place, known[rule]) for place, rule in places if rule in known]

    def lines(self, policy_id: str | None, version: int) -> tuple[Line, ...]:
        """The lines of a policy that can decide a packet of an IP version."""
        key = (policy_id, version)
        found = self._lines.get(key)
        if found is None:
            placed = self._placed(policy_id)
            if self.world.profile == "ovn":
                placed = [(place, rule) for place, rule in placed if place < OVN_TIE]
            made = [self._line(rule, policy_id) for _, rule in placed if rule.version == version]
            found = self._lines[key] = tuple(line for line in made if line is not None)
        return found

    def _line(self, rule: FirewallRule, policy_id: str | None) -> Line | None:
        profile = self.world.profile
        match = rule.match(profile) if rule.active(profile) else None
        return None if match is None else Line(rule.id, policy_id or "", match, rule.action == "allow")

    def _tie(self, policy_id: str | None, version: int) -> Line | None:
        tied = [rule for place, rule in self._placed(policy_id) if place == OVN_TIE and rule.version == version]
        return self._line(tied[0], policy_id) if tied and self.world.profile == "ovn" else None

    # The L3 agent's one FORWARD chain per router

    def groups_on(self, router: Router) -> list[FirewallGroup]:
        """The groups the L3 agent has applied to a router, in the order of their last change as far as it is known."""
        found = self._groups.get(router.id)
        if found is None:
            named = [self.world.firewall_of.get(port.id) for port in self.world.router_ports.get(router.id, ())]
            groups = {group.id: group for group in named if group is not None and (group.ingress or group.egress)}
            found = self._groups[router.id] = sorted(groups.values(), key=lambda group: group.applied)
        return found

    def chain(self, check: Check) -> Gate:
        """The gate of a router's FORWARD chain between two of its interfaces."""
        router = check.router
        if router is None:
            return opened("firewall-group", say("no router"))
        ends = (check.entry.id if check.entry else None, check.exit.id if check.exit else None)
        key = (router.id, *ends, check.view.version)
        found = self._chains.get(key)
        if found is None:
            found = self._chains[key] = self._chain_gate(router, check.entry, check.exit, check.view.version)
        return found

    def _chain_gate(self, router: Router, entry: Port | None, exit_: Port | None, version: int) -> Gate:
        groups = self.groups_on(router)
        ends = [self.world.firewall_of.get(port.id) for port in (entry, exit_) if port is not None]
        mine = [group for group in groups if group in ends]
        if not mine:
            return opened(
                "firewall-group",
                say("no interface the packet crosses on router {router_id} is in a group", router_id=router.id),
            )
        if router.distributed and entry is not None and exit_ is not None:
            return opened(
                "firewall-group", say("a distributed router's inner interfaces are not filtered by the L3 agent")
            )
        readings = [self._reading(order, entry, exit_, version) for order in _orders(mine, groups)]
        doubt = ""
        if len(groups) > 1:
            doubt = say(
                "router {router_id} has {n} firewall groups: only the one applied last keeps its default drop, "
                "and the snapshot does not say which that was",
                router_id=router.id,
                n=len(groups),
            )
        if router.distributed:
            readings.append(Reading((), True))
            doubt = say(
                "router {router_id} is distributed: which of its interfaces are filtered depends on the node",
                router_id=router.id,
            )
        named = join(", ", (group.id for group in mine))
        return Gate(
            "firewall-group",
            say(
                "no rule of firewall group {named} matches on router {router_id}: the default drops it",
                named=named,
                router_id=router.id,
            ),
            readings[0],
            others=tuple(reading for reading in dict.fromkeys(readings[1:]) if reading != readings[0]),
            doubt=doubt,
            remedy=say("add an allow rule to a policy of firewall group {named}", named=named),
        )

    def _reading(
        self, order: tuple[FirewallGroup, ...], entry: Port | None, exit_: Port | None, version: int
    ) -> Reading:
        """FORWARD for one order of application: each group's chains, then the last group's drop."""
        lines: list[Line] = []
        for group in order:
            if group.admin_up:
                if exit_ is not None and exit_.id in group.ports:
                    lines += self.lines(group.ingress, version)
                if entry is not None and entry.id in group.ports:
                    lines += self.lines(group.egress, version)
        last = order[-1]
        drops = any(port is not None and port.id in last.ports for port in (entry, exit_))
        return Reading(tuple(lines), not drops)

    def judges_state(self, check: Check) -> bool:
        """Say whether the packet meets a policy chain, which drops what belongs to no known connection as invalid."""
        ends = [port.id for port in (check.entry, check.exit) if port is not None]
        groups = self.groups_on(check.router) if check.router is not None else []
        return any(group.admin_up and port in group.ports for group in groups for port in ends)

    def established(self, check: Check) -> bool:
        """Say whether the FORWARD chain lets the reply of a known connection through."""
        router = check.router
        if router is None:
            return True
        ends = [port for port in (check.entry, check.exit) if port is not None]
        groups = self.groups_on(router)
        if router.distributed and len(ends) > 1:
            return True
        for group in groups:
            covered = any(port.id in group.ports for port in ends)
            if covered and group.admin_up:
                return True
            if covered and group is groups[-1]:
                return False
        return True


def _orders(mine: list[FirewallGroup], groups: list[FirewallGroup]) -> list[tuple[FirewallGroup, ...]]:
    """The orders of application that matter: those of the crossed groups, with every group of the router as the last.

    The first returned is the order the snapshot suggests.
    """
    found = [tuple(groups)]
    for order in permutations(mine):
        found.append((*(group for group in groups if group not in order), *order))
        for other in groups:
            if other not in mine:
                found.append((*order, other))
    return list(dict.fromkeys(found))
