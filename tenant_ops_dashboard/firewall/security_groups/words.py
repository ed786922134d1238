"""A security group's rules for people: 'tcp 80 from anywhere', 'any protocol from members of shop-application'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tenant_ops_dashboard.firewall.security_groups import content
from tenant_ops_dashboard.firewall.security_groups.model import Rule
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.reachability import protocols
from tenant_ops_dashboard.sentences import join, say

#: So many rules are named in one line.
NAMED = 4
Names = Mapping[str, str]


def names(seen: Seen) -> Names:
    """Names of security groups and address groups by id."""
    rows = (*seen.rows("security_groups"), *seen.rows("address_groups"))
    return {str(one["id"]): str(one.get("name") or one["id"]) for one in rows}


def rule(one: Rule, known: Names) -> str:
    """What a rule lets through, without its direction."""
    told = {
        "what": what(one),
        "version": " (IPv6)" if one.ethertype == "IPv6" else "",
        "remote": remote(one, known),
    }
    if one.direction == "ingress":
        return say("{what}{version} from {remote}", **told)
    return say("{what}{version} to {remote}", **told)


def what(one: Rule) -> str:
    """Its protocol and ports, or ICMP type and code."""
    number = content.number(one)
    if number is None:
        return say("any protocol")
    name = protocols.name_of(number) if isinstance(number, int) else number
    name = say("protocol {name}", name=name) if name.isdigit() else name
    low, high = one.port_range_min, one.port_range_max
    if low is None:
        return name
    if number in protocols.ICMP_REPLIES:
        return say("{name} type {low}", name=name, low=low) + ("" if high is None else say(" code {high}", high=high))
    return join(" ", (name, str(low) if high in (None, low) else f"{low}-{high}"))


def remote(one: Rule, known: Names) -> str:
    """Its other side."""
    if one.remote_group_id:
        return say("members of {group}", group=known.get(one.remote_group_id, one.remote_group_id))
    if one.remote_address_group_id:
        return say("addresses of {group}", group=known.get(one.remote_address_group_id, one.remote_address_group_id))
    if one.remote_ip_prefix in (None, "0.0.0.0/0", "::/0"):
        return say("anywhere")
    return one.remote_ip_prefix or say("anywhere")


def line(rules: Iterable[Rule], known: Names) -> str:
    """What a group lets in, in one line."""
    told = list(dict.fromkeys(rule(one, known) for one in rules if one.direction == "ingress"))
    if not told:
        return say("Lets nothing in.")
    more = say(" and {n} more", n=len(told) - NAMED) if len(told) > NAMED else ""
    return say("Lets in {told}{more}.", told=join(", ", told[:NAMED]), more=more)
