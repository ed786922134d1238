"""A security group's rules for people: 'tcp 80 from anywhere', 'any protocol from members of shop-application'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tenant_ops_dashboard.firewall.security_groups import content
from tenant_ops_dashboard.firewall.security_groups.model import Rule
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.reachability import protocols

#: So many rules are named in one line.
NAMED = 4
Names = Mapping[str, str]


def names(seen: Seen) -> Names:
    """Names of security groups and address groups by id."""
    rows = (*seen.rows("security_groups"), *seen.rows("address_groups"))
    return {str(one["id"]): str(one.get("name") or one["id"]) for one in rows}


def rule(one: Rule, known: Names) -> str:
    """What a rule lets through, without its direction."""
    way = "from" if one.direction == "ingress" else "to"
    version = " (IPv6)" if one.ethertype == "IPv6" else ""
    return f"{what(one)}{version} {way} {remote(one, known)}"


def what(one: Rule) -> str:
    """Its protocol and ports, or ICMP type and code."""
    number = content.number(one)
    if number is None:
        return "any protocol"
    name = protocols.name_of(number) if isinstance(number, int) else number
    name = f"protocol {name}" if name.isdigit() else name
    low, high = one.port_range_min, one.port_range_max
    if low is None:
        return name
    if number in protocols.ICMP_REPLIES:
        return f"{name} type {low}" + ("" if high is None else f" code {high}")
    return f"{name} {low}" if high in (None, low) else f"{name} {low}-{high}"


def remote(one: Rule, known: Names) -> str:
    """Its other side."""
    if one.remote_group_id:
        return f"members of {known.get(one.remote_group_id, one.remote_group_id)}"
    if one.remote_address_group_id:
        return f"addresses of {known.get(one.remote_address_group_id, one.remote_address_group_id)}"
    if one.remote_ip_prefix in (None, "0.0.0.0/0", "::/0"):
        return "anywhere"
    return one.remote_ip_prefix or "anywhere"


def line(rules: Iterable[Rule], known: Names) -> str:
    """What a group lets in, in one line."""
    told = list(dict.fromkeys(rule(one, known) for one in rules if one.direction == "ingress"))
    if not told:
        return "Lets nothing in."
    more = f" and {len(told) - NAMED} more" if len(told) > NAMED else ""
    return f"Lets in {', '.join(told[:NAMED])}{more}."
