"""What is refused before anything is sent, each at its field; and what people should know all the same. Pure.

What Neutron takes and a back end opens wide stands here because a 200 is no proof: OVN's driver reads port 0 as any
port and dccp as any protocol, and a rule at place 1,000 stands below the default drop.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import DIRECTIONS, PROTOCOLS, Policy, Rule, State
from tenant_ops_dashboard.sentences import say

OVN, AGENTS = "ovn", "l3-agent"
#: neutron-fwaas' OVN driver gives a rule the priority 2000 minus its place; its default drop is at 1001.
MOST_ON_OVN = 999
RESERVED = "default"  # the group that Neutron makes for each project
_LONGEST = 255  # characters of a name (API reference)
_PORT = re.compile(r"\d{1,5}", re.ASCII)
_PREFIX = re.compile(r"[0-9A-Fa-f.:]+(?:/\d{1,3})?", re.ASCII)
_WITH_PORTS = ("tcp", "udp")
_ADDRESSES = ("source_ip_address", "destination_ip_address")
_PORTS = ("source_port", "destination_port")


@dataclass(frozen=True)
class Notice:
    """Something that is allowed and may surprise; `field` is the path in the draft."""

    field: str
    says: str


def refuse(state: State, profile: str) -> None:
    """Raises BadDraft, the first of `problems`."""
    for problem in problems(state, profile):
        raise problem


def problems(state: State, profile: str) -> Iterator[BadDraft]:
    """Everything in a draft that cannot be sent to this back end ('ovn', 'l3-agent', or '': to any), in its order."""
    if wrong := _name(state.group.name):
        yield BadDraft("group.name", wrong)
    for direction in DIRECTIONS:
        policy = state.policy(direction)
        if policy is None:
            continue
        if profile != AGENTS and len(policy.rules) > MOST_ON_OVN:
            yield BadDraft(
                f"{direction}.rules",
                say(
                    "has {n} rules; on OVN those from number 1,000 on stand at or below the "
                    "default drop and do nothing. Keep it to {most_on_ovn}.",
                    n=len(policy.rules),
                    most_on_ovn=MOST_ON_OVN,
                ),
            )
        for number, rule in enumerate(policy.rules):
            for field, what in _of_rule(rule, profile):
                yield BadDraft(f"{direction}.rules[{number}].{field}", what)


def refuse_rule(rule: Rule, profile: str) -> None:
    """Raises BadDraft at the first field of one rule that cannot be sent to this back end."""
    for field, what in _of_rule(rule, profile):
        raise BadDraft(field, what)


def down(profile: str) -> str:
    """What a group does that is switched off (docs/reachability.md, where the back ends differ)."""
    if not profile:
        return say("Whether a group that is switched off drops all, or keeps its rules in force, is not known here.")
    if profile == OVN:
        return say(
            "OVN ignores that a group is switched off: its rules stay in force. A policy without rules drops all."
        )
    return say("A group that is switched off is no open door: it drops everything on its ports.")


def warnings(state: State, profile: str) -> tuple[Notice, ...]:
    """What is sent all the same, and people should know."""
    return tuple(_warnings(state, profile))


def _warnings(state: State, profile: str) -> Iterator[Notice]:
    if not state.group.ports:
        yield Notice("group.ports", say("The group is on no port: it filters nothing."))
    if not state.group.admin_state_up:
        yield Notice("group.admin_state_up", down(profile))
    if not profile and state.ingress is None and state.egress is None:
        yield Notice("group", say("There is no policy: all traffic passes, or none. Which, is not known here."))
        return
    if profile != OVN and state.ingress is None and state.egress is None:
        yield Notice("group", say("There is no policy: this back end never applies the group, so all traffic passes."))
        return
    for direction in DIRECTIONS:
        policy = state.policy(direction)
        if policy is None or not any(rule.enabled and rule.action == "allow" for rule in policy.rules):
            what = say("no policy") if policy is None else say("no rule that allows anything")
            yield Notice(
                direction,
                say(
                    "There is {what}: all {direction} traffic of its ports is blocked.", what=what, direction=direction
                ),
            )
        for number, rule in enumerate(policy.rules if policy else ()):
            for field, what in _odd(rule, profile):
                yield Notice(f"{direction}.rules[{number}].{field}", what)
        if policy and _only_version_4(policy):
            yield Notice(f"{direction}.rules", say("No rule allows IPv6: all of it is blocked."))


def _of_rule(rule: Rule, profile: str) -> Iterator[tuple[str, str]]:
    if wrong := _name(rule.name):
        yield "name", wrong
    protocol = rule.protocol
    if protocol is not None and protocol not in PROTOCOLS:
        yield (
            "protocol",
            say(
                "must be one of {protocols}, or null for any; {protocol!r} is none of them.",
                protocols=", ".join(PROTOCOLS),
                protocol=protocol,
            ),
        )
    elif protocol == "dccp" and profile != AGENTS:
        yield (
            "protocol",
            say("is dccp, which OVN reads as every protocol: it would match all traffic. Name another one."),
        )
    for field in _ADDRESSES:
        if wrong := _address(getattr(rule, field), rule.ip_version):
            yield field, wrong
    for field in _PORTS:
        told = getattr(rule, field)
        if told is None:
            continue
        if protocol not in _WITH_PORTS:
            yield (
                field,
                say("goes with tcp or udp only, and the rule's protocol is {protocol}.", protocol=protocol or "any"),
            )
        elif wrong := _port(told):
            yield field, wrong


def _odd(rule: Rule, profile: str) -> Iterator[tuple[str, str]]:
    if rule.protocol == "ipv6-icmp" and rule.ip_version == 4 and profile != AGENTS:
        yield "protocol", say("In a rule of IPv4, OVN reads ipv6-icmp as ICMP of IPv4.")
    if rule.protocol == "icmp" and rule.ip_version == 6:
        yield "protocol", say("A rule of IPv6 for its own ICMP says ipv6-icmp.")
    if rule.protocol == "dccp" and profile != OVN:
        yield "protocol", say("On OVN, dccp would match every protocol.")
    for field in _ADDRESSES:
        told = getattr(rule, field)
        if told is not None and _bits(told):
            yield (
                field,
                say(
                    "{told} has host bits; it is read as {ip_network}.",
                    told=told,
                    ip_network=ipaddress.ip_network(told, strict=False),
                ),
            )


def _only_version_4(policy: Policy) -> bool:
    allowing = [rule for rule in policy.rules if rule.enabled and rule.action == "allow"]
    return bool(allowing) and all(rule.ip_version == 4 for rule in allowing)


def _name(told: str) -> str:
    """Why Neutron would say that it 'is not a valid string' (neutron-lib, validate_name_string), '' where not."""
    if not told:
        return ""
    if not told.strip():
        return say("is blank: leave it empty, or say a name.")
    if told != told.strip():
        return say("begins or ends with a blank, which Neutron refuses.")
    kinds = {unicodedata.category(letter) for letter in told}
    if kinds & {"Cc", "Cf", "Zl", "Zp"}:
        return say("has a tab, a line break or another character that nobody sees, which Neutron refuses.")
    if kinds & {"Cs", "Co", "Cn"} or any(ord(letter) > 0xFFFF for letter in told):
        return say("has an emoji or another rare character, which Neutron refuses.")
    return ""


def nameable(words: str) -> str:
    """Words as Neutron takes them for a name: what it refuses is left out, what is too long is cut."""
    kept = "".join(letter for letter in words if letter == " " or not _name(letter))
    return kept.strip()[:_LONGEST].strip()


def _address(told: str | None, version: int) -> str:
    if told is None:
        return ""
    try:
        if not _PREFIX.fullmatch(told):
            raise ValueError(told)
        found = ipaddress.ip_interface(told)
    except ValueError:
        return say(
            "{told!r} is no address and no network such as {what}.",
            told=told,
            what="10.0.0.0/24" if version == 4 else "2001:db8::/64",
        )
    if found.version != version:
        return say(
            "{told} is IPv{found_version}, and the rule is for IPv{version}.",
            told=told,
            found_version=found.version,
            version=version,
        )
    return ""


@lru_cache(maxsize=8192)
def _bits(told: str) -> bool:
    try:
        found = ipaddress.ip_interface(told)
    except ValueError:
        return False
    return "/" in told and found.ip != found.network.network_address


def _port(told: str) -> str:
    ends = told.split(":")
    if len(ends) > 2 or not all(_PORT.fullmatch(end) for end in ends):
        return say("{told!r} is neither a port such as 80 nor a range such as 8000:8080.", told=told)
    first, last = int(ends[0]), int(ends[-1])
    if first < 1:
        return say(
            "{told} begins at port 0, which Neutron takes and every back end reads as any port. Begin at 1.", told=told
        )
    if last > 65535:
        return say("{told} goes beyond 65535, the last port there is.", told=told)
    if first > last:
        return say("{told} is upside down: say {last}:{first}.", told=told, last=last, first=first)
    return ""
