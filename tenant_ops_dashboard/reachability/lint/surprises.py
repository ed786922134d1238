"""What a back end does that nobody reading the rules would expect; see docs/reachability.md for each."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations

from tenant_ops_dashboard.sentences import say

from ..boxes import DST, DST_PORT, PROTOCOL, SRC, box, clip
from ..budget import Budget
from ..build import first_match, first_permit
from ..diagram import NOTHING, Diagrams
from ..engine import Engine
from ..errors import TooComplex
from ..gates import Line
from ..model import FirewallGroup, GroupRule, Pair, Port, Router
from ..protocols import VRRP
from ..rules import FirewallRule
from ..sets import Sets
from ..spans import TOP, minus, show_span
from .findings import Finding
from .routing import behind, by_network


def surprises(engine: Engine) -> Iterator[Finding]:
    """The surprises of the engine's back end."""
    by_profile: dict[str, tuple[Callable[[Engine], Iterator[Finding]], ...]] = {
        "ovn": (_ovn_groups, _ovn_versions, _ovn_pairs),
        "l3-agent": (_l3_routers, _l3_groups),
        "l2-agent": (_l2_rules, _l2_groups),
    }
    for check in (*by_profile[engine.profile], _empty, _unfiltered, _host_bits):
        yield from check(engine)


def used_policies(engine: Engine) -> dict[str, list[tuple[FirewallGroup, bool]]]:
    """Policies in use: policy id -> (group, is its ingress policy)."""
    found: dict[str, list[tuple[FirewallGroup, bool]]] = {}
    for group in engine.snapshot.firewall_groups.values():
        if group.ports:
            for policy, ingress in ((group.ingress, True), (group.egress, False)):
                if policy is not None:
                    found.setdefault(policy, []).append((group, ingress))
    return found


def _rules(engine: Engine) -> Iterator[tuple[str, int, FirewallRule]]:
    for policy in used_policies(engine):
        for place, rule in enumerate(engine.firewalls.rules(policy)):
            yield policy, place, rule


def _ovn_groups(engine: Engine) -> Iterator[Finding]:
    for group in engine.snapshot.firewall_groups.values():
        if group.ports and not group.admin_up:
            yield Finding(
                "admin-state-ignored",
                "medium",
                group.id,
                (),
                say(
                    "firewall group {group_id} is administratively down, but OVN keeps its rules in force",
                    group_id=group.id,
                ),
                say("take the ports out of group {group_id} to switch it off", group_id=group.id),
            )


def _ovn_versions(engine: Engine) -> Iterator[Finding]:
    """A router has one port per IP version on a network: a group on one of them leaves the other open."""
    world = engine.world
    for router_id, ports in world.router_ports.items():
        for port in ports:
            group = world.firewall_of.get(port.id)
            if group is None:
                continue
            for other in ports:
                if other.network_id == port.network_id and world.firewall_of.get(other.id) is None:
                    yield Finding(
                        "other-version-unfiltered",
                        "high",
                        other.id,
                        (),
                        say(
                            "router {router_id} has port {port_id} of this network in group {group_id}, but not port "
                            "{other_id}: that one is not filtered",
                            router_id=router_id,
                            port_id=port.id,
                            group_id=group.id,
                            other_id=other.id,
                        ),
                        say("add port {other_id} to firewall group {group_id}", other_id=other.id, group_id=group.id),
                    )


def _ovn_pairs(engine: Engine) -> Iterator[Finding]:
    remote: dict[str, list[GroupRule]] = {}
    for group in engine.snapshot.security_groups.values():
        for rule in group.rules:
            if rule.remote_group is not None:
                remote.setdefault(rule.remote_group, []).append(rule)
    for port in engine.snapshot.ports.values():
        for group_id in port.groups if port.pairs and port.secured else ():
            for rule in remote.get(group_id, ()):
                lacking = [pair for pair in port.pairs if _lacks(engine, rule, pair)]
                if lacking:
                    shown = ", ".join(show_span(pair.version, pair.span) for pair in lacking[:3])
                    yield Finding(
                        "pair-not-in-remote-group",
                        "medium",
                        port.id,
                        (rule.id,),
                        say(
                            "rule {rule_id} names group {group_id}, but OVN's address set lacks the address pairs "
                            "{shown} of port {port_id}",
                            rule_id=rule.id,
                            group_id=group_id,
                            shown=shown,
                            port_id=port.id,
                        ),
                        say(
                            "name the addresses {shown} in a rule of their own, if port {port_id} uses them as a "
                            "source",
                            shown=shown,
                            port_id=port.id,
                        ),
                    )
                    break


def _lacks(engine: Engine, rule: GroupRule, pair: Pair) -> bool:
    """Whether a rule lacks an address pair of its remote group that no other rule beside it names for the same.

    VRRP speaks from a machine's own address (RFC 5798, section 5.1.1.1).
    """
    groups = engine.groups
    if pair.version != rule.version or rule.protocol == VRRP:
        return False
    end = SRC if rule.ingress else DST
    left = minus((pair.span,), engine.world.group_addresses(rule.remote_group or "", rule.version))
    wanted = groups.match(replace(rule, remote_group=None))
    for one in engine.snapshot.security_groups[rule.group_id].rules:
        match = groups.match(one) if (one.ingress, one.version) == (rule.ingress, rule.version) else None
        if match and wanted and not any(minus(wanted[field], match[field]) for field in (PROTOCOL, DST_PORT)):
            left = minus(left, match[end])
    return bool(left)


def _l3_routers(engine: Engine) -> Iterator[Finding]:
    neighbours = by_network(engine)
    for router in engine.snapshot.routers.values():
        groups = engine.firewalls.groups_on(router)
        named = ", ".join(group.id for group in groups)
        if len(groups) > 1 and not all(_decides_all(engine, router, group) for group in groups):
            yield Finding(
                "fail-open-default",
                "high",
                router.id,
                (),
                say(
                    "router {router_id} has {n} firewall groups ({named}): only the one applied last keeps its "
                    "default drop, what the others do not deny passes",
                    router_id=router.id,
                    n=len(groups),
                    named=named,
                ),
                say(
                    "use one firewall group on router {router_id}, or end each policy with an explicit deny",
                    router_id=router.id,
                ),
            )
        if router.distributed and groups:
            yield Finding(
                "distributed-router-unfiltered",
                "high",
                router.id,
                (),
                say(
                    "router {router_id} is distributed: the L3 agent does not filter between its inner networks",
                    router_id=router.id,
                ),
                say(
                    "make router {router_id} centralized, or use security groups between its networks",
                    router_id=router.id,
                ),
            )
        yield from _l3_router_groups(engine, router, groups, neighbours)


def _versions(engine: Engine, router: Router) -> set[int]:
    ports = engine.world.router_ports.get(router.id, ())
    return {address.version for port in ports for address in port.addresses}


def _decides_all(engine: Engine, router: Router, group: FirewallGroup) -> bool:
    """Whether rules of each of its policies match every packet, so that no default is asked."""
    for version in _versions(engine, router):
        for policy in (group.ingress, group.egress):
            store = Diagrams(version, Budget())
            try:
                root = first_match(store, [line.match for line in engine.firewalls.lines(policy, version)])
            except TooComplex:
                return False
            if 0 in store.leaves(root):
                return False
    return True


def _differs_as_union(
    engine: Engine, router: Router, group: FirewallGroup, ports: list[Port], neighbours: dict[str, list[Port]]
) -> bool:
    """Whether a packet between two of these ports fares otherwise than if both policies had to allow it."""
    for version in sorted(_versions(engine, router)):
        sets = Sets(version, Budget())
        into, out = (engine.firewalls.lines(policy, version) for policy in (group.ingress, group.egress))
        sides = [behind(engine, port, version, neighbours.get(port.network_id, ())) for port in ports]
        between = [box(version, src=one, dst=other) for one, other in permutations(sides, 2) if one and other]
        try:
            allowed, leaves = (
                first_permit(sets.store, [line.match for line in lines], [line.allow for line in lines])
                for lines in (into, out)
            )
            goes_on = sets.without(leaves, sets.union([line.match for line in into]))
            odd = sets.either(sets.without(allowed, leaves), goes_on)
            if sets.both(odd, sets.union(between)) != NOTHING:
                return True
        except TooComplex:
            return True
    return False


def _l3_router_groups(
    engine: Engine, router: Router, groups: list[FirewallGroup], neighbours: dict[str, list[Port]]
) -> Iterator[Finding]:
    here = {port.id: port for port in engine.world.router_ports.get(router.id, ())}
    for group in groups:
        ports = [port for port in group.ports if port in here]
        if len(ports) < 2:
            continue
        listed = ", ".join(ports)
        yield Finding(
            "ports-added-later-unfilter",
            "medium",
            group.id,
            (),
            say(
                "group {group_id} has several ports on router {router_id} ({listed}): if one was added later, the L3 "
                "agent took the earlier ones out of its chains",
                group_id=group.id,
                router_id=router.id,
                listed=listed,
            ),
            say("set the ports of group {group_id} again in one update after adding one, and test", group_id=group.id),
        )
        both = group.ingress and group.egress
        if both and _differs_as_union(engine, router, group, [here[port] for port in ports], neighbours):
            yield Finding(
                "policies-act-as-union",
                "medium",
                group.id,
                (),
                say(
                    "between {listed} one match in either policy decides: what the ingress policy lets through never "
                    "meets the egress policy, what it does not match is asked of the egress policy alone",
                    listed=listed,
                ),
                say(
                    "put denies into the ingress policy of group {group_id} too, and end it with one", group_id=group.id
                ),
            )


def _l3_groups(engine: Engine) -> Iterator[Finding]:
    yield from _without_policy(engine, say("L3 agent"))
    for group in engine.snapshot.firewall_groups.values():
        if group.ports and not group.admin_up and (group.ingress or group.egress):
            yield Finding(
                "admin-down-drops-all",
                "medium",
                group.id,
                (),
                say(
                    "firewall group {group_id} is administratively down: the L3 agent drops everything on its ports",
                    group_id=group.id,
                ),
                say("take the ports out of group {group_id} to let traffic pass", group_id=group.id),
            )


def _without_policy(engine: Engine, agent: str) -> Iterator[Finding]:
    for group in engine.snapshot.firewall_groups.values():
        if group.ports and not (group.ingress or group.egress):
            yield Finding(
                "no-policy-filters-nothing",
                "high",
                group.id,
                (),
                say(
                    "firewall group {group_id} has no policy: it stays INACTIVE, the {agent} never gets it",
                    group_id=group.id,
                    agent=agent,
                ),
                say("give group {group_id} a policy (an empty one drops everything)", group_id=group.id),
            )


def _l2_rules(engine: Engine) -> Iterator[Finding]:
    ports = engine.snapshot.ports
    applied = {
        policy
        for policy, users in used_policies(engine).items()
        if any(_takes("l2-agent", ports[one]) for group, _ in users for one in group.ports if one in ports)
    }
    for policy, _, rule in _rules(engine):
        if policy not in applied:
            continue  # That nothing is filtered is told of each of its ports.
        if any(end is not None and end != (0, TOP[rule.version]) for end in (rule.source, rule.destination)):
            yield Finding(
                "addresses-ignored",
                "high",
                policy,
                (rule.id,),
                say(
                    "the L2 agent ignores the addresses of rule {rule_id}: it matches every source and destination",
                    rule_id=rule.id,
                ),
                say("use security group rules instead of rule {rule_id}", rule_id=rule.id),
            )
        if not rule.enabled:
            yield Finding(
                "disabled-rule-in-force", "high", policy, (rule.id,),
                say("the L2 agent applies rule {rule_id} though it is disabled", rule_id=rule.id),
                say("remove rule {rule_id} from policy {policy}", rule_id=rule.id, policy=policy),
            )  # fmt: skip
        if rule.match("l2-agent") is None:
            yield Finding(
                "icmpv6-never-matches",
                "medium",
                policy,
                (rule.id,),
                say(
                    "the L2 agent turns rule {rule_id} (icmp, IPv6) into protocol 1, which no IPv6 packet has",
                    rule_id=rule.id,
                ),
                say("name ipv6-icmp in rule {rule_id}", rule_id=rule.id),
            )


def _l2_groups(engine: Engine) -> Iterator[Finding]:
    yield from _without_policy(engine, say("L2 agent"))
    for group in engine.snapshot.firewall_groups.values():
        if group.ports and not group.admin_up and (group.ingress or group.egress):
            yield Finding(
                "admin-state-ignored",
                "medium",
                group.id,
                (),
                say(
                    "firewall group {group_id} is administratively down (status DOWN), but the L2 agent keeps its "
                    "rules",
                    group_id=group.id,
                ),
                say("take the ports out of group {group_id} to switch it off", group_id=group.id),
            )


def _empty(engine: Engine) -> Iterator[Finding]:
    """A direction in which no packet passes: no rule allows any, or denies before them take all they allow."""
    firewalls, profile = engine.firewalls, engine.profile
    for group in engine.snapshot.firewall_groups.values():
        ports = [port for port in map(engine.snapshot.ports.get, group.ports) if port is not None]
        if ports and not any(_takes(profile, port) for port in ports):
            continue  # That nothing is filtered is told of each of its ports.
        if not group.ports or (profile != "ovn" and not (group.ingress or group.egress)):
            continue
        allows = {
            side: any(_permits(firewalls.lines(policy, version), version) for version in (4, 6))
            for side, policy in (("ingress", group.ingress), ("egress", group.egress))
        }
        if profile == "l3-agent":
            blocked = [] if any(allows.values()) else [say("ingress and egress")]
        else:
            blocked = [side for side, any_ in allows.items() if not any_]
        for side in blocked:
            policy = group.ingress if side == "ingress" else group.egress
            yield Finding(
                "empty-policy-blocks-all",
                "medium",
                group.id,
                (),
                say(
                    "no enabled rule of the {side} policy of firewall group {group_id} ({policy}) lets anything "
                    "through: all of it is dropped",
                    side=side,
                    group_id=group.id,
                    policy=policy or say("none"),
                ),
                say(
                    "add an allow rule for {side}, or take the ports out of group {group_id}",
                    side=side,
                    group_id=group.id,
                ),
            )


def _permits(lines: tuple[Line, ...], version: int) -> bool:
    """Say whether a policy lets any packet through; a policy too complex to tell does, as far as is known."""
    first = next((index for index, line in enumerate(lines) if line.allow), None)
    if first is None:
        return False
    if all(clip(line.match, lines[first].match) is None for line in lines[:first]):
        return True
    store = Diagrams(version, Budget())
    try:
        return first_permit(store, [line.match for line in lines], [line.allow for line in lines]) != NOTHING
    except TooComplex:
        return True


def _unfiltered(engine: Engine) -> Iterator[Finding]:
    """Ports in a group that the back end does not filter."""
    for group in engine.snapshot.firewall_groups.values():
        for port_id in group.ports:
            port = engine.snapshot.ports.get(port_id)
            if port is None or _takes(engine.profile, port):
                continue
            yield Finding(
                "port-not-filtered",
                "high",
                port_id,
                (),
                say(
                    "firewall group {group_id} names port {port_id} ({device_owner}), which this back end "
                    "({profile}) does not filter",
                    group_id=group.id,
                    port_id=port_id,
                    device_owner=port.device_owner or say("no device"),
                    profile=engine.profile,
                ),
                say("use a security group on the port") if not port.is_router else say("use a router back end"),
            )


def _takes(profile: str, port: Port) -> bool:
    return not port.device_owner.startswith("network:") if profile == "l2-agent" else port.is_router


def _host_bits(engine: Engine) -> Iterator[Finding]:
    for policy, _, rule in _rules(engine):
        if rule.host_bits:
            yield Finding(
                "host-bits",
                "low",
                policy,
                (rule.id,),
                say(
                    "an address of rule {rule_id} has bits behind its prefix: it is read as the whole network",
                    rule_id=rule.id,
                ),
                say("write the network's own address in rule {rule_id}", rule_id=rule.id),
            )
