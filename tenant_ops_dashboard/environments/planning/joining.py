"""What follows where an environment joins a network that was there before it: sentences for its plan. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud.values import listing, mapping, text
from tenant_ops_dashboard.environments.planning.subnets import Offer
from tenant_ops_dashboard.environments.template.hot import Resource
from tenant_ops_dashboard.sentences import join, say

_GROUP, _SUBNET = "OS::Neutron::SecurityGroup", "OS::Neutron::Subnet"


def notes(taken: Sequence[Offer], made: Sequence[Resource], filtered: bool) -> Iterator[str]:
    """What stays, who else is let in, and which router it is; `filtered` says that a firewall group is made."""
    routed = next((one for one in taken if one.router), None)
    for one in taken:
        yield say(
            "{network} was there before: it keeps its range, DNS servers and MTU, and stays when the environment is "
            "deleted.",
            network=one.called,
        )
        if ports := _open_to(one.range, made):
            yield say(
                "Whatever else is in {network} reaches these servers on {ports}: their security group is open to all "
                "of {range}, where the load balancer is.",
                network=one.called, ports=join(", ", ports), range=one.range,
            )  # fmt: skip
        if not one.router:
            yield from _joined(one, routed, filtered)
            # Of a provider network Neutron shows only administrators that it is one.
            yield say(
                "No port of OpenStack has {gateway}, the gateway address that the router takes in {network}. Where a "
                "router outside OpenStack has it, choose another network.",
                gateway=one.gateway, network=one.called,
            )  # fmt: skip
    if routed is not None:
        yield from _before(routed, made)


def _joined(one: Offer, routed: Offer | None, filtered: bool) -> Iterator[str]:
    """A router takes the gateway's address, which was free."""
    if routed is not None:
        yield say(
            "{network} has no router yet: {router} gets an interface into it, for as long as the environment stands.",
            network=one.called, router=routed.router_called,
        )  # fmt: skip
        return
    yield say(
        "{network} has no router yet: this environment's takes its gateway address, and is the way out for all that is "
        "in there, for as long as the environment stands.",
        network=one.called,
    )
    if filtered:
        yield say("The firewall group filters what others in {network} send through it, too.", network=one.called)


def _before(routed: Offer, made: Sequence[Resource]) -> Iterator[str]:
    yield say(
        "The router {router} was there before, and others may use it: no firewall group is made. From outside and "
        "between the tiers security groups alone filter, and what the servers send gets out.",
        router=routed.router_called,
    )
    if routed.group:
        yield say(
            "The firewall group {group} is on that router. It decides, too, whether anybody reaches this application: "
            "its rules are not changed.",
            group=routed.group,
        )
    for range_ in (text(one.properties.get("cidr")) for one in made if one.type == _SUBNET and not one.stands):
        yield say(
            "The router {router} gets an interface into the new network {range}: its other networks have a way there, "
            "as far as security groups let them.",
            router=routed.router_called, range=range_,
        )  # fmt: skip


def _open_to(range_: str, made: Sequence[Resource]) -> list[str]:
    """Ports that security groups open to the whole of a range: 'tcp 8080'."""
    rules = [mapping(rule) for one in made if one.type == _GROUP for rule in listing(one.properties.get("rules"))]
    return sorted({_port(rule) for rule in rules if rule.get("remote_ip_prefix") == range_})


def _port(rule: Mapping[str, Any]) -> str:
    low, high = text(rule.get("port_range_min")), text(rule.get("port_range_max"))
    return f"{text(rule.get('protocol'))} {low}" + (f"-{high}" if high != low else "")
