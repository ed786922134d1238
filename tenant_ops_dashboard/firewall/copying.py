"""A security group's rule as rules of a firewall. Pure: from a snapshot, nothing is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from tenant_ops_dashboard.firewall import checks
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import Direction, Rule
from tenant_ops_dashboard.firewall.security_groups import read as groups
from tenant_ops_dashboard.firewall.security_groups.model import Rule as GroupRule
from tenant_ops_dashboard.firewall.security_groups.model import State
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.firewall.suggest import prefixes
from tenant_ops_dashboard.firewall.suggest.rules import firewall_protocol
from tenant_ops_dashboard.reachability import protocols, spans
from tenant_ops_dashboard.sentences import say

#: One rule of a security group becomes so many of a firewall at most.
MOST = 16


@dataclass(frozen=True)
class Offered:
    """A rule that can be copied, with the group that it is of."""

    group: State
    rule: GroupRule


def offered(seen: Seen, direction: Direction) -> Iterator[Offered]:
    """The rules of a direction of all security groups of the project: what comes to a server comes into its subnet."""
    for row in sorted(groups.groups(seen), key=lambda one: str(one.get("name"))):
        state = groups.state(row)
        yield from (Offered(state, one) for one in state.rules if one.direction == direction and one.id)


def as_firewall(seen: Seen, copied: Offered, profile: str) -> tuple[Rule, ...]:
    """The rules of a firewall that let the same through to, or from, the members of the group; one an address.

    A remote group stands for the addresses that its members have now. Raises BadDraft at 'copy', with what a firewall
    cannot say.
    """
    rule, name = copied.rule, copied.group.name or copied.group.id
    version: Literal[4, 6] = 6 if rule.ethertype == "IPv6" else 4
    number = None if rule.protocol is None else protocols.number_of(rule.protocol, version)
    called = firewall_protocol(number, version)
    ported = rule.port_range_min is not None
    if number is not None and called is None:
        raise BadDraft("copy", say("A firewall's rule cannot name the protocol {protocol}.", protocol=rule.protocol))
    if ported and number not in (protocols.TCP, protocols.UDP):
        what = (
            say("ICMP types")
            if number in protocols.ICMP_REPLIES
            else say("ports of {called}", called=called or say("any protocol"))
        )
        raise BadDraft("copy", say("A firewall's rule cannot tell {what} apart.", what=what))
    world = seen.engine.world
    mine = prefixes.cover(version, world.group_addresses(copied.group.id, version))
    if not mine:
        raise BadDraft(
            "copy", say("Security group {name} is on no port with an IPv{version} address.", name=name, version=version)
        )
    far = _remote(seen, rule, version)
    if len(far) * len(mine) > MOST:
        raise BadDraft(
            "copy",
            say(
                "It would be {n} rules, one for each address, and {most} are the most: write one for the "
                "subnets instead.",
                n=len(far) * len(mine),
                most=MOST,
            ),
        )
    low, high = rule.port_range_min, rule.port_range_max
    port = None if low is None else str(low) if high in (None, low) else f"{low}:{high}"
    ends = [(one, own) if rule.direction == "ingress" else (own, one) for one in far for own in mine]
    made = tuple(
        Rule(
            name=checks.nameable(f"of {name}"), description=rule.description, action="allow", protocol=called,
            ip_version=version,
            source_ip_address=source, destination_ip_address=target, destination_port=port,
        )
        for source, target in ends
    )  # fmt: skip
    for one in made:
        checks.refuse_rule(one, profile)
    return made


def _remote(seen: Seen, rule: GroupRule, version: int) -> list[str | None]:
    if rule.remote_ip_prefix is not None:
        kind, low, high, _ = spans.network(rule.remote_ip_prefix)
        whole = (low, high) == (0, spans.TOP[kind])
        return [None] if whole else [*prefixes.cover(kind, ((low, high),))]
    world = seen.engine.world
    if rule.remote_group_id is not None:
        found = world.group_addresses(rule.remote_group_id, version)
        what = say("The remote group {remote_group_id}", remote_group_id=rule.remote_group_id)
    elif rule.remote_address_group_id is not None:
        group = world.snapshot.address_groups.get(rule.remote_address_group_id)
        found, what = (
            group.spans[version] if group else (),
            say("The address group {remote_address_group_id}", remote_address_group_id=rule.remote_address_group_id),
        )
    else:
        return [None]
    if not found:
        raise BadDraft(
            "copy",
            say("{what} has no IPv{version} address: the rule lets nothing through now.", what=what, version=version),
        )
    return cast("list[str | None]", prefixes.cover(version, found))
