"""From a blueprint's flows to the rules of a firewall group, per back end. Pure.

The template's output `firewall` says {router, zones: {name: cidr}, flows: [{name, from, to, protocol, port,
from_address, to_address}]}; 'internet' is every address outside the zones. One group stands on all of the router's
interfaces. On OVN allow is stateless and both interfaces must let a packet pass, so every flow needs a rule where it
leaves a subnet, one where it enters a subnet, and the same for its replies. The L3 agent keeps state and lets pass what
either interface allows, so it needs no reply rules, but a deny between zones before what may go anywhere. Where nobody
knows which of them it is, both are needed: OVN's rules, and denies on either side before what may go anywhere. The
replies' rules let no more through on the L3 agent than they do on OVN, where nothing works without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tenant_ops_dashboard.cloud.back_end import PROFILES
from tenant_ops_dashboard.cloud.values import mapping, network, text
from tenant_ops_dashboard.sentences import say

INTERNET = "internet"
MOST_FLOWS = 50
PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6")
CLIENT_PORTS = "1024:65535"
EITHER = ""  # the back end is not known: rules that hold on both
_PORTS = re.compile(r"\d{1,5}(?::\d{1,5})?", re.ASCII)


class Unreadable(ValueError):
    """A template's output `firewall` is not what it should be; the sentence says what is wrong with it."""


@dataclass(frozen=True)
class Rule:
    """One firewall rule as FWaaS keeps it; ports are 'n' or 'a:b', None is any."""

    name: str
    protocol: str | None
    source: str | None = None
    source_port: str | None = None
    destination: str | None = None
    destination_port: str | None = None
    action: Literal["allow", "deny"] = "allow"


@dataclass(frozen=True)
class Wanted:
    """What the group of one environment holds; 'ingress' is towards the subnets, 'egress' from them.

    `profile` is the back end that the rules are for, '' for either; `others` are the rules for the other back ends.
    """

    router: str
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]
    profile: str = EITHER
    others: tuple[Wanted, ...] = field(default=(), repr=False, compare=False)

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.ingress + self.egress


def wanted(output: Any, profile: str) -> Wanted | None:
    """The rules for a template's output `firewall`; None where the blueprint asks for no group.

    Raises ValueError for a profile other than 'ovn', 'l3-agent' and '' (not known), Unreadable for an output that
    cannot be read.
    """
    if not output:
        return None
    if profile not in (*PROFILES, EITHER):
        raise ValueError(f"The firewall profile {profile!r} is none of {', '.join(PROFILES)}.")
    if not isinstance(output, Mapping) or not isinstance(output.get("zones"), Mapping):
        raise Unreadable(say("it needs zones and flows"))
    zones = _zones(output["zones"])
    # Between zones first: the denies that follow must not stand before what they would forbid.
    flows = sorted(_flows(output.get("flows"), zones), key=lambda flow: INTERNET in (flow["from"], flow["to"]))
    router = text(output.get("router"))
    made = {one: Wanted(router, *_written(flows, zones, one), profile=one) for one in (EITHER, *PROFILES)}
    return replace(made[profile], others=tuple(one for name, one in made.items() if name != profile))


def unreadable(error: Unreadable) -> str:
    """What people are told of it."""
    return say('This blueprint\'s output "firewall" cannot be read: {error}; no firewall group is made.', error=error)


def _zones(given: Mapping[str, Any]) -> dict[str, str]:
    zones = {text(name, 60): network(cidr) for name, cidr in mapping(given, MOST_FLOWS).items()}
    for name, cidr in zones.items():
        if not cidr or not name or name == INTERNET:
            raise Unreadable(say("the zone {name!r} is no network such as 10.20.1.0/24", name=name))
    return zones


def _flows(given: Any, zones: Mapping[str, str]) -> list[dict[str, Any]]:
    """Flows with every field of its type; a false one is none, which is how conditions leave one out."""
    if given is not None and not isinstance(given, list | tuple):
        raise Unreadable(say("its flows are no list"))
    flows = [flow for flow in given or () if flow]
    if len(flows) > MOST_FLOWS:
        raise Unreadable(say("it has {n} flows, at most {most_flows} can be kept", n=len(flows), most_flows=MOST_FLOWS))
    return [_flow(flow, number, zones) for number, flow in enumerate(flows, 1)]


def _flow(flow: Any, number: int, zones: Mapping[str, str]) -> dict[str, Any]:
    told = mapping(flow)
    name = text(told.get("name"), 100)
    if not name:
        raise Unreadable(say("flow {number} has no name", number=number))
    for end in ("from", "to"):
        if text(told.get(end)) not in (INTERNET, *zones):
            raise Unreadable(say("the flow {name!r} goes {end} no zone of it", name=name, end=end))
        address = told.get(f"{end}_address")
        if address is not None and not network(address):
            raise Unreadable(say("the flow {name!r} has no address in {end}_address", name=name, end=end))
    protocol, port = told.get("protocol"), text(told.get("port"))
    if protocol is not None and protocol not in PROTOCOLS:
        raise Unreadable(
            say("the flow {name!r} has a protocol other than {protocols}", name=name, protocols=", ".join(PROTOCOLS))
        )
    if port and not _is_port(port):
        raise Unreadable(say("the flow {name!r} has no port from 1 to 65535, nor a range such as 8000:8080", name=name))
    return {**told, "name": name, "port": port or None}


def _is_port(told: str) -> bool:
    ends = [int(end) for end in told.split(":")] if _PORTS.fullmatch(told) else []
    return bool(ends) and 1 <= ends[0] <= ends[-1] <= 65535


def _written(
    flows: Sequence[Mapping[str, Any]], zones: Mapping[str, str], profile: str
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules of ingress and egress in order."""
    made: dict[str, list[Rule]] = {"ingress": [], "egress": []}
    denied = {"ovn": (), "l3-agent": ("egress",), EITHER: ("ingress", "egress")}[profile]
    for flow in flows:
        if INTERNET in (flow["from"], flow["to"]):
            for where in denied:
                made[where] += _denies(zones, "-in" if where == "ingress" else "")
            denied = ()
        for where, rule in _rules(flow, zones, profile):
            made[where].append(rule)
    return tuple(made["ingress"]), tuple(made["egress"])


def _rules(flow: Mapping[str, Any], zones: Mapping[str, str], profile: str) -> Iterator[tuple[str, Rule]]:
    name, protocol, port = flow["name"], flow.get("protocol"), flow["port"]
    source = flow.get("from_address") or zones.get(flow["from"])
    destination = flow.get("to_address") or zones.get(flow["to"])
    inside_from, inside_to = flow["from"] != INTERNET, flow["to"] != INTERNET
    forward: dict[str, Any] = {"protocol": protocol, "source": source, "destination": destination}
    forward["destination_port"] = port
    if inside_from:
        yield "egress", Rule(f"{name}-out", **forward)
    if inside_to:
        yield "ingress", Rule(f"{name}-in", **forward)
    if profile == "l3-agent":
        return
    client = CLIENT_PORTS if port and inside_from else None
    reply: dict[str, Any] = {
        "protocol": protocol,
        "source": destination,
        "source_port": port,
        "destination": source,
        "destination_port": client,
    }
    if inside_to:
        yield "egress", Rule(f"{name}-reply-out", **reply)
    if inside_from:
        yield "ingress", Rule(f"{name}-reply-in", **reply)


def _denies(zones: Mapping[str, str], side: str) -> list[Rule]:
    return [
        Rule(f"no-{here}-{there}{side}", None, zones[here], None, zones[there], None, "deny")
        for here in zones for there in zones if here != there
    ]  # fmt: skip
