"""From a blueprint's flows to the rules of a firewall group, per back end. Pure.

The template's output `firewall` says {router, zones: {name: cidr, or [cidr of IPv4, cidr of IPv6]}, flows: [{name,
from, to, protocol, port, from_address, to_address, ip_version}]}; 'internet' is every address outside the zones.
Between zones with both versions a flow is of both, unless it says which. With the internet it is of IPv4 alone unless
it says 6: no translation there keeps out what has the port of a reply. icmp is IPv4's, icmpv6 IPv6's. What no flow says
is denied.

One group stands on all of the router's interfaces. On OVN allow is stateless and both interfaces must let a packet
pass, so every flow needs a rule where it leaves a subnet, one where it enters a subnet, and the same for its replies.
The L3 agent keeps state and lets pass what either interface allows, so it needs no reply rules, but a deny between
zones before what may go anywhere. Where nobody knows which of them it is, both are needed: OVN's rules, and denies on
either side before what may go anywhere. The replies' rules let no more through on the L3 agent than they do on OVN,
where nothing works without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tenant_ops_dashboard.cloud.back_end import PROFILES
from tenant_ops_dashboard.cloud.values import mapping, network, number, text
from tenant_ops_dashboard.sentences import say

INTERNET = "internet"
MOST_FLOWS = 50
PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6")
CLIENT_PORTS = "1024:65535"
EITHER = ""  # the back end is not known: rules that hold on both
Version = Literal[4, 6]
#: A zone's networks, by name and IP version.
Zones = Mapping[str, Mapping[Version, str]]
_SUFFIX: Mapping[Version, str] = {4: "", 6: "-ipv6"}
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
    ip_version: Version = 4


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


def _zones(given: Mapping[str, Any]) -> Zones:
    zones = {}
    for name, told in ((text(name, 60), told) for name, told in mapping(given, MOST_FLOWS).items()):
        cidrs = [network(cidr) for cidr in (told if isinstance(told, list) else [told])]
        zones[name] = {_version(cidr): cidr for cidr in cidrs}
        if not all(cidrs) or not name or name == INTERNET or not cidrs:
            raise Unreadable(say("the zone {name!r} is no network such as 10.20.1.0/24", name=name))
        if len(zones[name]) < len(cidrs):
            raise Unreadable(say("the zone {name!r} has two networks of one IP version", name=name))
    return zones


def _version(cidr: str) -> Version:
    return 6 if ":" in cidr else 4


def _flows(given: Any, zones: Zones) -> list[dict[str, Any]]:
    """Flows with every field of its type; a false one is none, which is how conditions leave one out."""
    if given is not None and not isinstance(given, list | tuple):
        raise Unreadable(say("its flows are no list"))
    flows = [flow for flow in given or () if flow]
    if len(flows) > MOST_FLOWS:
        raise Unreadable(say("it has {n} flows, at most {most_flows} can be kept", n=len(flows), most_flows=MOST_FLOWS))
    return [_flow(flow, place, zones) for place, flow in enumerate(flows, 1)]


def _flow(flow: Any, place: int, zones: Zones) -> dict[str, Any]:
    told = mapping(flow)
    name = text(told.get("name"), 100)
    if not name:
        raise Unreadable(say("flow {number} has no name", number=place))
    for end in ("from", "to"):
        if text(told.get(end)) not in (INTERNET, *zones):
            raise Unreadable(say("the flow {name!r} goes {end} no zone of it", name=name, end=end))
        address = told.get(f"{end}_address")
        if address is not None and not network(address):
            raise Unreadable(say("the flow {name!r} has no address in {end}_address", name=name, end=end))
    if told.get("ip_version") is not None and number(told["ip_version"]) not in (4, 6):
        raise Unreadable(say("the flow {name!r} has an ip_version other than 4 and 6", name=name))
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


def _versions(flow: Mapping[str, Any], zones: Zones) -> list[Version]:
    """The IP versions that a flow is of."""
    found: set[Version] = {4, 6}
    for end in ("from", "to"):
        if flow[end] != INTERNET:
            found &= set(zones[flow[end]])
        if address := flow.get(f"{end}_address"):
            found &= {_version(network(address))}
    found -= {"icmp": {6}, "icmpv6": {4}}.get(text(flow.get("protocol")), set())
    if said := number(flow.get("ip_version")):
        return sorted(found & {said})
    return [4] if len(found) > 1 and INTERNET in (flow["from"], flow["to"]) else sorted(found)


def _written(
    flows: Sequence[Mapping[str, Any]], zones: Zones, profile: str
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules of ingress and egress in order."""
    made: dict[str, list[Rule]] = {"ingress": [], "egress": []}
    denied = {"ovn": (), "l3-agent": ("egress",), EITHER: ("ingress", "egress")}[profile]
    for flow in flows:
        if INTERNET in (flow["from"], flow["to"]):
            for where in denied:
                made[where] += _denies(zones, "-in" if where == "ingress" else "")
            denied = ()
        for version in _versions(flow, zones):
            for where, rule in _rules(flow, zones, profile, version):
                made[where].append(rule)
    return tuple(made["ingress"]), tuple(made["egress"])


def _rules(
    flow: Mapping[str, Any], zones: Zones, profile: str, version: Version
) -> Iterator[tuple[str, Rule]]:  # fmt: skip
    name, protocol, port = flow["name"], flow.get("protocol"), flow["port"]
    source = flow.get("from_address") or zones.get(flow["from"], {}).get(version)
    destination = flow.get("to_address") or zones.get(flow["to"], {}).get(version)
    end = _SUFFIX[version]
    inside_from, inside_to = flow["from"] != INTERNET, flow["to"] != INTERNET
    # Neutron's own name for it in a rule of a firewall group.
    protocol = "ipv6-icmp" if protocol == "icmpv6" else protocol
    forward: dict[str, Any] = {"protocol": protocol, "source": source, "destination": destination}
    forward["ip_version"] = version
    forward["destination_port"] = port
    if inside_from:
        yield "egress", Rule(f"{name}-out{end}", **forward)
    if inside_to:
        yield "ingress", Rule(f"{name}-in{end}", **forward)
    if profile == "l3-agent":
        return
    client = CLIENT_PORTS if port and inside_from else None
    reply: dict[str, Any] = {
        "protocol": protocol,
        "source": destination,
        "source_port": port,
        "destination": source,
        "destination_port": client,
        "ip_version": version,
    }
    if inside_to:
        yield "egress", Rule(f"{name}-reply-out{end}", **reply)
    if inside_from:
        yield "ingress", Rule(f"{name}-reply-in{end}", **reply)


def _denies(zones: Zones, side: str) -> list[Rule]:
    return [
        Rule(
            f"no-{here}-{there}{side}{_SUFFIX[version]}", None, zones[here][version], None, zones[there][version], None,
            "deny", version,
        )
        for here in zones for there in zones if here != there
        for version in sorted(zones[here].keys() & zones[there].keys())
    ]  # fmt: skip
