"""Whether servers have addresses of IPv6 beside those of IPv4, of which prefix, and what follows from that.

The prefix is a unique local one (RFC 4193): fd00::/8, 40 bits that tell sites apart, 16 for the networks inside. Each
network of an environment has a /64 of it, by DHCPv6 (stateful): a subnet of SLAAC would give the load balancer's port
an address, too (Neutron's ipam_pluggable_backend), and Heat's OS::Octavia::LoadBalancer knows no further VIPs.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.values import Shape, network, rows
from tenant_ops_dashboard.environments.model import Choice, Parameter
from tenant_ops_dashboard.environments.planning.inventory import Inventory
from tenant_ops_dashboard.environments.planning.subnets import Offer
from tenant_ops_dashboard.environments.template.hot import Resource
from tenant_ops_dashboard.sentences import join, say

IPV4, DUAL_STACK = "ipv4", "dual-stack"
LENGTH = 48  # bits of a site's prefix: RFC 4193, 3.1
_LOCAL = ipaddress.IPv6Network("fd00::/8")
_SUBNET: Shape = {"cidr": network}


def question(parameter: Parameter) -> Parameter:
    """The question with both answers."""
    choices = (Choice(IPV4, say("IPv4")), Choice(DUAL_STACK, say("IPv4 and IPv6")))
    return replace(parameter, choices=choices)


def prefix(parameter: Parameter, cloud: Cloud) -> Parameter:
    """One that hardly any other project has (RFC 4193, 3.2: bits of a hash), the same whenever it is asked for."""
    if parameter.default:
        return parameter
    hashed = hashlib.sha256(f"{cloud.options.region}\0{cloud.project_id}".encode()).digest()
    reason = say("Made of the project's id, so that hardly anybody else has it.")
    site = ipaddress.IPv6Network((bytes((0xFD, *hashed[:5], *bytes(10))), LENGTH))
    return replace(parameter, default=written(str(site)), reason=reason)


def no_prefix(value: str) -> str:
    """What is wrong with a prefix, or ''."""
    try:
        # Python takes a zone for a part of an address.
        found = ipaddress.ip_network("" if "%" in value else value, strict=False)
    except ValueError:
        return say("This is no prefix of IPv6; write it like fd12:3456:789a::/48.")
    if not isinstance(found, ipaddress.IPv6Network) or not found.subnet_of(_LOCAL) or found.prefixlen != LENGTH:
        return say("Give a /48 within fd00::/8, such as fd12:3456:789a::/48: those are free for everybody (RFC 4193).")
    if ipaddress.IPv6Address(value.partition("/")[0]) != found.network_address:
        return say("Bits are set behind the prefix; did you mean {network}?", network=written(str(found)))
    return ""


def written(value: str) -> str:
    """With its three groups of bits, which the template puts that of a network behind."""
    groups = ipaddress.IPv6Network(value).network_address.exploded.split(":")[: LENGTH // 16]
    return ":".join(f"{int(one, 16):x}" for one in groups) + f"::/{LENGTH}"


def wrong(form: Sequence[Parameter], values: Mapping[str, str], taken: Collection[Offer]) -> dict[str, str]:
    """Why it cannot be both, by question: a network that is there keeps the addresses that it has."""
    asked = [one.name for one in form if one.kind == "ip_version" and values[one.name] == DUAL_STACK]
    said = say("{network} is there already and keeps its addresses: for IPv6, choose new networks.",
               network=join(", ", [one.called for one in taken]))  # fmt: skip
    return dict.fromkeys(asked, said) if taken else {}


def outside(cloud: Cloud, form: Sequence[Parameter], values: Mapping[str, str], found: Inventory) -> tuple[str, ...]:
    """The external network's ranges of IPv6: one call, none where it is IPv4 alone. Raises a CloudError."""
    by_kind = {one.kind: values[one.name] for one in form}
    id_ = dict(found.network_ids).get(by_kind["network"]) if "network" in by_kind else None
    if by_kind.get("ip_version") != DUAL_STACK or not id_:
        return ()
    inside = rows(cloud.pages("network", "/subnets", "subnets", network_id=id_, ip_version=6), _SUBNET)
    return tuple(sorted(one["cidr"] for one in inside if ":" in one["cidr"]))


def overlaps(form: Sequence[Parameter], values: Mapping[str, str], external: Sequence[str]) -> dict[str, str]:
    """Why Neutron would take no interface into these networks, by question: the router leads to such a range, too."""
    told = {}
    for one in form:
        if one.kind == "ula_prefix" and not no_prefix(values[one.name]):
            mine = ipaddress.IPv6Network(values[one.name], strict=False)
            for other in external:
                if mine.overlaps(ipaddress.IPv6Network(other, strict=False)):
                    what = say("the external network")
                    told[one.name] = say(
                        "Overlaps {what}, {other}; the router could not tell them apart.", what=what, other=other
                    )
    return told


def notes(made: Sequence[Resource], filtered: bool, external: Sequence[str]) -> Iterator[str]:
    """What is open and what is not by IPv6, where networks have it; `filtered` says that a firewall group is made."""
    subnets = [one.properties for one in made if one.type == "OS::Neutron::Subnet"]
    ranges = [str(one.get("cidr")) for one in subnets if one.get("ip_version") == 6]
    if not ranges:
        return
    yield say("Servers have an address of IPv6, too, in {ranges}, which nobody routes from the internet.",
              ranges=join(", ", ranges))  # fmt: skip
    yield say("The load balancer and floating IPs are of IPv4 alone.")
    if filtered:
        yield say("The firewall group lets IPv6 pass between these networks as it does IPv4, and nothing in or out.")
    elif external:
        yield say(
            "The external network has IPv6 ({ranges}), and no firewall group is made: what servers send by IPv6 gets "
            "out. Security groups let nothing in.",
            ranges=join(", ", external),
        )
