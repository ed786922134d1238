"""What of a security group's draft is refused before anything is sent, each at its field; and what may surprise. Pure.

As Neutron judges it (neutron/db/securitygroups_db.py, _validate_base_security_group_rule_attributes, _rule_to_key).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tenant_ops_dashboard.firewall.checks import RESERVED, Notice
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.security_groups import content
from tenant_ops_dashboard.firewall.security_groups.model import Rule, State
from tenant_ops_dashboard.reachability import protocols, spans
from tenant_ops_dashboard.sentences import say

#: Protocols of IPv6 alone, by number (neutron_lib.constants): encap, route, frag, ICMP, no next header, options.
_OF_IPV6 = (41, 43, 44, 58, 59, 60)
_ICMP = (protocols.ICMP, protocols.ICMPV6)
#: What Octavia calls the group that it makes for a load balancer's own port (octavia/common/constants.py).
_OCTAVIA = re.compile(r"lb-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REMOTES = ("remote_ip_prefix", "remote_group_id", "remote_address_group_id")
_PORTS = ("port_range_min", "port_range_max")
Problem = tuple[str, str]


def refuse(state: State) -> None:
    """Raises BadDraft, the first of `problems`."""
    for problem in problems(state):
        raise problem


def problems(state: State) -> Iterator[BadDraft]:
    """Everything in a draft that Neutron would refuse, in its order."""
    known: dict[content.Key, tuple[int, Rule]] = {}
    for number, rule in enumerate(state.rules):
        for field, what in of_rule(rule):
            yield BadDraft(f"rules[{number}].{field}" if field else f"rules[{number}]", what)
        first = known.setdefault(content.key(rule), (number, rule))
        # Neutron itself may hold a rule twice, made twice at once.
        if first[0] != number and not (rule.id and first[1].id):
            yield BadDraft(
                f"rules[{number}]",
                say(
                    "says what rules[{first}] says ({called}), and Neutron keeps such a rule "
                    "once, whatever its description and way of writing.",
                    first=first[0],
                    called=content.called(rule),
                ),
            )


def refuse_rule(rule: Rule) -> None:
    """Raises BadDraft at the first field of one rule that Neutron would refuse."""
    for field, what in of_rule(rule):
        raise BadDraft(field, what)


def of_rule(rule: Rule) -> Iterator[Problem]:
    """Field and sentence of all that Neutron would refuse in one rule."""
    number = content.number(rule)
    if isinstance(number, str):
        yield (
            "protocol",
            say("{number} is no protocol that Neutron knows by name, nor a number from 0 to 255.", number=number[:60]),
        )
        return
    if number in _OF_IPV6 and rule.ethertype == "IPv4":
        yield "protocol", say("{protocol} is a protocol of IPv6, in a rule of IPv4.", protocol=rule.protocol)
    yield from _ports(rule, number)
    yield from _remote(rule)


def refuse_group(name: str) -> None:
    """Raises BadDraft for a group whose rules Octavia writes by itself."""
    if _OCTAVIA.fullmatch(name):
        raise BadDraft(
            "security_group",
            say(
                "{name} is Octavia's own: it takes away what people add, and writes again what "
                "they take away. Set allowed_cidrs of the load balancer's listeners.",
                name=name,
            ),
        )


def refuse_against(state: State, was: State) -> None:
    """Raises BadDraft for a rule of which only the description is another: Neutron has no way to change it."""
    for number, rule in enumerate(state.rules):
        refuse_description(rule, was, f"rules[{number}].")


def refuse_description(rule: Rule, was: State, where: str = "") -> None:
    """Raises BadDraft where a rule of `was` says the same as this one, with another description."""
    told = {one.description for one in was.rules if content.key(one) == content.key(rule)}
    if told and rule.description not in told:
        raise BadDraft(
            f"{where}description",
            say(
                "cannot be changed by itself: Neutron changes nothing of a rule, and takes no "
                "second one that says the same. Leave it, or remove the rule, apply, and add "
                "it again."
            ),
        )


def refuse_remotes(state: State, groups: Collection[str], address_groups: Collection[str]) -> None:
    """Raises BadDraft for a rule that names a group which this project is not shown."""
    for number, rule in enumerate(state.rules):
        if rule.remote_group_id and rule.remote_group_id not in groups:
            raise BadDraft(
                f"rules[{number}].remote_group_id",
                say("this project has no security group {remote_group_id}.", remote_group_id=rule.remote_group_id[:60]),
            )
        if rule.remote_address_group_id and rule.remote_address_group_id not in address_groups:
            place = f"rules[{number}].remote_address_group_id"
            raise BadDraft(
                place,
                say(
                    "this project has no address group {remote_address_group_id}.",
                    remote_address_group_id=rule.remote_address_group_id[:60],
                ),
            )


def refuse_quota(new: int, told: Mapping[str, Any]) -> None:
    """Raises BadDraft where the quota (Neutron's details) has no room for so many rules more, those that go counted."""
    row = told.get("security_group_rule") or {}
    limit, used = int(row.get("limit", -1)), int(row.get("used", 0)) + int(row.get("reserved", 0))
    if 0 <= limit < used + new:
        raise BadDraft(
            "rules",
            say(
                "{new} rules would be added before others are removed, and of the quota's {limit} {max} are "
                "left. Apply in two steps, or ask your operator for more.",
                new=new,
                limit=limit,
                max=max(limit - used, 0),
            ),
        )


def warnings(state: State, was: State | None = None) -> tuple[Notice, ...]:
    """What is sent all the same, and people should know; `was` is what is in force."""
    return tuple(_warnings(state, was))


def _warnings(state: State, was: State | None) -> Iterator[Notice]:
    if state.name == RESERVED:
        yield Notice(
            "security_group", say("This is the group that Neutron gives every port for which nobody names another one.")
        )
    if not state.rules:
        yield Notice("rules", say("Without a rule the group lets nothing in and nothing out."))
    elif was is not None:
        for way, words in (("egress", say("out of")), ("ingress", "into")):
            if any(one.direction == way for one in was.rules) and not any(one.direction == way for one in state.rules):
                yield Notice(
                    "rules",
                    say(
                        "No {way} rule is left: nothing gets {words} its ports any more by this group.",
                        way=way,
                        words=words,
                    ),
                )
    standing = {content.key(one) for one in was.rules} if was else set()
    seen: set[content.Key] = set()
    for number, rule in enumerate(state.rules):
        if content.key(rule) in seen:
            yield Notice(
                f"rules[{number}]",
                say(
                    "Neutron has {called} twice, and OVN may have it once: removing one alone "
                    "may close it. Remove both, apply, and add it again.",
                    called=content.called(rule),
                ),
            )
        seen.add(content.key(rule))
        if content.key(rule) not in standing and (hosts := _host_bits(rule.remote_ip_prefix)):
            field = f"rules[{number}].remote_ip_prefix"
            yield Notice(
                field,
                say("{remote_ip_prefix} means all of {hosts}.", remote_ip_prefix=rule.remote_ip_prefix, hosts=hosts),
            )


def _ports(rule: Rule, number: int | None) -> Iterator[Problem]:
    low, high = rule.port_range_min, rule.port_range_max
    given = [(field, port) for field, port in zip(_PORTS, (low, high), strict=True) if port is not None]
    if not given or (low, high) == content.ALL_PORTS:
        return
    if number is None:
        yield "protocol", say("is needed where ports are named, such as tcp or udp.")
    elif number in _ICMP:
        for field, port in given:
            if not 0 <= port <= 255:
                yield (
                    field,
                    say(
                        "is the ICMP {what} here, a number from 0 to 255.",
                        what=say("type") if field == _PORTS[0] else say("code"),
                    ),
                )
        if low is None:
            yield _PORTS[0], say("is the ICMP type, which has to be there where a code is.")
    elif number not in protocols.WITH_PORTS:
        yield (
            given[0][0],
            say("{protocol} has no ports: only tcp, udp, sctp, dccp and udplite have.", protocol=rule.protocol),
        )
    elif wrong := [field for field, port in given if not 1 <= port <= 65535]:
        yield wrong[0], say("must be a port from 1 to 65535.")
    elif low is None or high is None:
        yield _PORTS[0] if low is None else _PORTS[1], say("is missing: Neutron wants the first and the last port.")
    elif low > high:
        yield _PORTS[0], say("{low} is above the last port, {high}.", low=low, high=high)


def _remote(rule: Rule) -> Iterator[Problem]:
    named = [field for field in _REMOTES if getattr(rule, field)]
    if len(named) > 1:
        yield named[1], say("cannot stand beside {named}: a rule has one remote side.", named=named[0])
    if rule.remote_ip_prefix is None:
        return
    try:
        version = spans.network(rule.remote_ip_prefix)[0]
    except ValueError:
        yield (
            "remote_ip_prefix",
            say(
                "{remote_ip_prefix} is no address and no CIDR, such as 192.0.2.0/24.",
                remote_ip_prefix=rule.remote_ip_prefix[:60],
            ),
        )
        return
    if rule.ethertype != f"IPv{version}":
        yield (
            "remote_ip_prefix",
            say("is of IPv{version}, in a rule of {ethertype}.", version=version, ethertype=rule.ethertype),
        )


def _host_bits(prefix: str | None) -> str:
    try:
        told = ipaddress.ip_interface(prefix or "")
    except ValueError:
        return ""
    return str(told.network) if told.ip != told.network.network_address else ""
