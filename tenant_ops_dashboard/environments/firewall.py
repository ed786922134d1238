"""From a blueprint's flows to the rules of a firewall group, per back end. Pure.

The template's output `firewall` says {router, zones: {name: cidr}, flows: [{name, from, to, protocol, port,
from_address, to_address}]}; 'internet' is every address outside the zones. One group stands on all of the router's
interfaces. On OVN allow is stateless and both interfaces must let a packet pass, so every flow needs a rule where it
leaves a subnet, one where it enters a subnet, and the same for its replies. The L3 agent keeps state and lets pass what
either interface allows, so it needs no reply rules, but a deny between zones before what may go anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

INTERNET = "internet"
CLIENT_PORTS = "1024:65535"
PROFILES = ("ovn", "l3-agent")


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
    """What the group of one environment holds; 'ingress' is towards the subnets, 'egress' from them."""

    router: str
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.ingress + self.egress


def wanted(output: Any, profile: str) -> Wanted | None:
    """The rules for a template's output `firewall`; None where the blueprint asks for no group.

    Raises ValueError for a profile other than 'ovn' and 'l3-agent', or an output that cannot be read.
    """
    if not output:
        return None
    if profile not in PROFILES:
        raise ValueError(f"The firewall profile {profile!r} is none of {', '.join(PROFILES)}.")
    if not isinstance(output, Mapping) or not isinstance(output.get("zones"), Mapping):
        raise ValueError("The blueprint's output 'firewall' needs zones and flows.")
    zones = output["zones"]
    ingress: list[Rule] = []
    egress: list[Rule] = []
    flows = [flow for flow in output.get("flows") or () if flow]
    # Between zones first: the denies that follow must not stand before what they would forbid.
    for flow in sorted(flows, key=lambda flow: INTERNET in (flow["from"], flow["to"])):
        if profile == "l3-agent" and INTERNET in (flow["from"], flow["to"]) and not _denied(egress):
            egress += _denies(zones)
        for where, rule in _rules(flow, zones, profile):
            (ingress if where == "ingress" else egress).append(rule)
    return Wanted(str(output.get("router") or ""), tuple(ingress), tuple(egress))


def _rules(flow: Mapping[str, Any], zones: Mapping[str, str], profile: str) -> Iterator[tuple[str, Rule]]:
    name, protocol = str(flow["name"]), flow.get("protocol")
    port = str(flow["port"]) if flow.get("port") else None
    source = flow.get("from_address") or zones.get(flow["from"])
    destination = flow.get("to_address") or zones.get(flow["to"])
    inside_from, inside_to = flow["from"] != INTERNET, flow["to"] != INTERNET
    forward: dict[str, Any] = {"protocol": protocol, "source": source, "destination": destination}
    forward["destination_port"] = port
    if inside_from:
        yield "egress", Rule(f"{name}-out", **forward)
    if inside_to:
        yield "ingress", Rule(f"{name}-in", **forward)
    if profile != "ovn":
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


def _denies(zones: Mapping[str, str]) -> list[Rule]:
    return [
        Rule(f"no-{here}-{there}", None, zones[here], None, zones[there], None, "deny")
        for here in zones for there in zones if here != there
    ]  # fmt: skip


def _denied(rules: list[Rule]) -> bool:
    return any(rule.action == "deny" for rule in rules)
