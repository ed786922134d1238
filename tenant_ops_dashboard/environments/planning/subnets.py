"""Subnets that are there before an environment and may take one of its tiers, and why others may not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, lately
from tenant_ops_dashboard.cloud.values import Shape, mapping, rows, text
from tenant_ops_dashboard.environments import interfaces, services
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.model import Choice, Parameter
from tenant_ops_dashboard.environments.planning import gateways, inventory, offered, quota
from tenant_ops_dashboard.environments.planning.inventory import Subnet
from tenant_ops_dashboard.environments.planning.offered import Network
from tenant_ops_dashboard.sentences import join, say

#: As long as a new one may be: servers, load balancer and its amphorae, and what Neutron takes.
LONGEST_PREFIX = 28
_SIX: Shape = {"network_id": text, "ipv6_address_mode": text}
_ROUTER: Shape = {"id": text, "name": text, "external_gateway_info": mapping}


@dataclass(frozen=True)
class Offer:
    """One subnet of IPv4, or a network that has none; `refusal` says why it is not taken.

    `router` has the subnet's `gateway` address, '' where no port has it: an environment's own router takes it then.
    `leads_to` is the external network of that router, `beside` are the ranges of its other interfaces, and `group` is
    the name of a firewall group on it.
    """

    id: str
    name: str
    network: str
    called: str  # the network, in a person's words
    range: str = ""
    router: str = ""
    router_called: str = ""
    leads_to: str = ""
    beside: tuple[str, ...] = ()
    group: str = ""
    refusal: str = ""
    gateway: str = ""

    def part(self, name: str) -> str:
        """What a parameter gets that `fills` names so: 'network' and 'router' are ids, 'range' is the subnet's."""
        return {"network": self.network, "router": self.router, "range": self.range}.get(name, "")


@dataclass(frozen=True)
class _Router:
    """`external` is where it leads to, `ranges` and `ports` are those of its interfaces."""

    id: str
    called: str
    external: str
    ranges: Mapping[str, str]  # by subnet
    ports: frozenset[str]


def known(cloud: Cloud) -> tuple[Offer, ...]:
    """All that the project sees, by name: no call where no network but external ones has a subnet, else four.

    Networks and quotas, which a plan shares, ports and routers. One more each where Neutron has FWaaS, where a network
    has other subnets than those of IPv4, and for each hundred gateway addresses at no router. Once for every handle,
    none where those of lately will do. Raises a CloudError.
    """
    return cloud.once("subnets", lambda: lately(cloud, "subnets", tuple, lambda: _known(cloud)))


def question(parameter: Parameter, cloud: Cloud) -> Parameter | None:
    """The question with what is offered, and why others are not; None where there is nothing to tell."""
    offers = known(cloud)
    choices = tuple(Choice(one.id, _label(one)) for one in offers if not one.refusal)
    told = {one.id: one.refusal for one in offers if one.refusal and (one.range or one.id == one.network)}
    if not choices and not told:
        return None
    return replace(parameter, choices=(Choice("", say("a new network")), *choices), default="", refusals=told)


def chosen(offers: Sequence[Offer], value: str) -> tuple[str, str]:
    """The id of the subnet with this id or name, or of the network with them, and ''; or '' and what is wrong."""
    found = [one for one in offers if one.id == value]
    found = found or [one for one in offers if value in (one.network, one.called, one.name)]
    fit = [one for one in found if not one.refusal]
    if len(fit) == 1:
        return fit[0].id, ""
    if not found:
        return "", say("This project sees no network called '{value}'.", value=value[:60])
    if not fit:
        return "", found[0].refusal
    ids = ", ".join(one.id for one in fit[:10])
    return "", say("{n} subnets fit '{value}': say the id of one, {ids}.", n=len(fit), value=value[:60], ids=ids)


def taken(form: Sequence[Parameter], values: Mapping[str, str], offers: Sequence[Offer]) -> dict[str, Offer]:
    """The subnets that these answers name by their ids, by question."""
    by_id = {one.id: one for one in offers if not one.refusal}
    asked = {one.name: values.get(one.name, "") for one in form if one.kind == "subnet"}
    return {name: by_id[id_] for name, id_ in asked.items() if id_ in by_id}


def _label(one: Offer) -> str:
    way = say("router {router}", router=one.router_called) if one.router else say("no router yet")
    return join(", ", (one.called, one.range, way))


def _known(cloud: Cloud) -> tuple[Offer, ...]:
    found = inventory.take(cloud)
    external = {id_ for _, id_ in found.network_ids}
    if all(one.network in external for one in found.subnets):
        return ()
    routers, holders = _routers(cloud, {one.id: str(one.range) for one in found.subnets})
    own = {one.id for one in offered.networks(cloud).known if one.own and not one.external}
    free = [one for one in found.subnets if one.network in own and (one.id, one.gateway) not in holders]
    held = gateways.held(cloud, free)
    groups = firewall_groups.groups(cloud) if quota.has_firewall(cloud) else None
    names = Counter(one.name for one in offered.networks(cloud).known)
    several = Counter(one.network for one in found.subnets)
    offers = []
    addressing = _addressing(cloud, offered.networks(cloud).known, {one.id for one in found.subnets})
    for network in offered.networks(cloud).known:
        called = network.name if network.name and names[network.name] == 1 else f"{network.name} ({network.id[:8]})"
        inside = [one for one in found.subnets if one.network == network.id]
        # An administrator is shown networks that are shared, and their subnets only where they are his project's.
        if not inside and not network.external and (network.own or not network.subnets):
            said = say("{called} has no subnet of IPv4.", called=called)
            offers.append(Offer(network.id, "", network.id, called.strip(), refusal=said))
        for subnet in inside:
            words = f"{called} / {subnet.name}" if several[network.id] > 1 and subnet.name else called
            offer = _offer(network, subnet, words.strip(), routers, holders, held, groups or [])
            if network.id in addressing and not offer.refusal:
                said = say(
                    "{called} gives each of its ports an address of IPv6, too (SLAAC): no promise here covers those.",
                    called=offer.called,
                )
                offer = replace(offer, refusal=said)
            offers.append(offer)
    return tuple(sorted(offers, key=lambda one: (one.called, one.range, one.id)))


def _addressing(cloud: Cloud, known_: Sequence[Network], plain: set[str]) -> set[str]:
    """Networks whose ports get an address of IPv6 whatever is asked for (Neutron's ipam_pluggable_backend, SLAAC)."""
    if not any(set(one.subnets) - plain for one in known_ if not one.external):
        return set()
    found = rows(cloud.pages("network", "/subnets", "subnets", ip_version=6), _SIX)
    return {one["network_id"] for one in found if one["ipv6_address_mode"] in ("slaac", "dhcpv6-stateless")}


def _routers(cloud: Cloud, ranges: Mapping[str, str]) -> tuple[dict[str, _Router], dict[tuple[str, str], str]]:
    """The project's routers by id, and who has an address of a subnet: two calls."""
    ports = rows(cloud.pages("network", "/ports", "ports", device_owner=sorted(interfaces.OWNERS)), services.PORT)
    known_ = rows(cloud.pages("network", "/routers", "routers", project_id=cloud.project_id), _ROUTER)
    holders = {(at["subnet_id"], at["ip_address"]): one["device_id"] for one in ports for at in one["fixed_ips"]}
    made = {}
    for one in known_:
        mine = [port for port in ports if port["device_id"] == one["id"]]
        into = [at["subnet_id"] for port in mine for at in port["fixed_ips"]]
        made[one["id"]] = _Router(
            one["id"], one["name"] or one["id"], text(one["external_gateway_info"].get("network_id")),
            {subnet: ranges[subnet] for subnet in into if subnet in ranges}, frozenset(port["id"] for port in mine),
        )  # fmt: skip
    return made, holders


def _offer(
    network: Network, subnet: Subnet, called: str, routers: Mapping[str, _Router],
    holders: Mapping[tuple[str, str], str], held: Mapping[str, str], groups: Sequence[Mapping[str, Any]],
) -> Offer:  # fmt: skip
    holder = holders.get((subnet.id, subnet.gateway), "")
    router = routers.get(holder)
    there = any(id_ == subnet.id for id_, _ in holders)
    range_ = "" if network.external else str(subnet.range)
    offer = Offer(subnet.id, subnet.name, network.id, called, range_, gateway=subnet.gateway)
    if router is None and subnet.id in held:
        said = say(
            "{called}: the port {port} has its gateway address {gateway}, so the environment's router cannot take it.",
            called=called, port=held[subnet.id], gateway=subnet.gateway,
        )  # fmt: skip
    else:
        said = _no_way(network, subnet, called, router, there)
    if refusal := _unfit(network, subnet, called) or said:
        return replace(offer, refusal=refusal)
    if router is None:
        return offer
    group = next((one for one in groups if router.ports & set(one["ports"])), {})
    if group and firewall_groups.belongs(group):
        said = say(
            "{called} is behind the router {router}, where the firewall group {group} of another environment lets only "
            "that one's traffic pass.",
            called=called, router=router.called, group=group.get("name") or group["id"],
        )  # fmt: skip
        return replace(offer, refusal=said)
    return replace(
        offer, router=router.id, router_called=router.called, leads_to=router.external,
        beside=tuple(it for id_, it in router.ranges.items() if id_ != subnet.id),
        group=text(group.get("name") or group.get("id")),
    )  # fmt: skip


def _unfit(network: Network, subnet: Subnet, called: str) -> str:
    """What of the network itself keeps servers of this project out of it."""
    if network.external:
        return say("{called} is external: servers stand behind a router.", called=called)
    if not network.up:
        return say("{called} is switched off (admin_state_up).", called=called)
    if not network.secured:
        # Neutron refuses security groups on such a port: PortSecurityPortHasSecurityGroup.
        return say("{called} has no port security, so security groups would not filter there.", called=called)
    if not subnet.dhcp:
        return say("{called} hands out no addresses: DHCP is off.", called=called)
    if subnet.range.prefixlen > LONGEST_PREFIX:
        return say("{called} has no room: {range} is smaller than a /28.", called=called, range=subnet.range)
    return ""


def _no_way(network: Network, subnet: Subnet, called: str, router: _Router | None, there: bool) -> str:
    """Why no floating IP would lead there; a gateway address that is free on a network of one's own is no reason."""
    if not subnet.gateway:
        return say("{called} has no gateway, so answers would not find their way out.", called=called)
    if router is not None and not router.external:
        return say("{called}: its router {router} leads to no external network.", called=called, router=router.called)
    if router is None and not network.own:
        return say(
            "{called} belongs to another project, and no router of yours has its gateway address: nobody can tell "
            "whether a floating IP would lead there.",
            called=called,
        )
    if router is None and there:
        return say(
            "{called}: its gateway {gateway} is at no router of this project.", called=called, gateway=subnet.gateway
        )
    return ""
