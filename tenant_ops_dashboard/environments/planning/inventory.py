"""What this cloud offers a launch form: networks, images, flavors, key pairs, and the address ranges in use."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, lately, visible
from tenant_ops_dashboard.cloud.values import Shape, mapping, names, network, number, printable, rows, switch, text
from tenant_ops_dashboard.environments.model import Choice, gigabytes
from tenant_ops_dashboard.environments.planning import images as servable
from tenant_ops_dashboard.environments.planning.flavors import Flavor, cores
from tenant_ops_dashboard.environments.planning.images import Image
from tenant_ops_dashboard.sentences import say

__all__ = ["Flavor", "Image", "Inventory", "flavor_choices", "image_choices", "take"]

# Nova's list of key pairs has pages from here on.
KEYPAIRS_PAGE_SINCE = "2.35"
_SUBNET: Shape = {
    "id": text, "name": text, "cidr": network, "network_id": text, "project_id": text,
    "gateway_ip": network, "enable_dhcp": switch,
    "dns_nameservers": lambda value: [one for one in names(value) if network(one)],
}  # fmt: skip


@dataclass(frozen=True)
class Subnet:
    """One of IPv4; `gateway` is '' where it has none, `dhcp` whether it hands out addresses."""

    id: str
    name: str
    network: str
    range: ipaddress.IPv4Network
    gateway: str
    dhcp: bool


@dataclass(frozen=True)
class Inventory:
    """`taken` are all ranges this project can see; `external_ranges` those of each external network, by its id.

    `images` are all that are active, those that become no server too. `nameservers` are name and DNS servers, with
    commas between them, of each subnet of the project's own that has any.
    """

    networks: tuple[Choice, ...]
    images: tuple[Image, ...]
    flavors: tuple[Flavor, ...]
    keypairs: tuple[str, ...]
    taken: tuple[ipaddress.IPv4Network, ...]
    external_ranges: tuple[tuple[str, ipaddress.IPv4Network], ...]
    network_ids: tuple[tuple[str, str], ...]  # (what a choice sends, id)
    nameservers: tuple[tuple[str, str], ...] = ()
    subnets: tuple[Subnet, ...] = ()

    def flavor(self, value: str) -> Flavor | None:
        """The flavor with this name or id."""
        return next((one for one in self.flavors if value in (one.name, one.id)), None)

    def image(self, value: str) -> Image | None:
        """The image with this name or id."""
        return next((one for one in self.images if value in (one.name, one.id)), None)


def take(cloud: Cloud) -> Inventory:
    """The inventory in five calls, once for every handle; none where one of lately will do."""
    return cloud.once("inventory", lambda: lately(cloud, "inventory", Inventory, lambda: _take(cloud)))


def _take(cloud: Cloud) -> Inventory:
    named: Shape = {"id": text, "name": _name}
    networks = rows(cloud.pages("network", "/networks", "networks", **{"router:external": "true"}), named)
    subnets = rows(cloud.pages("network", "/subnets", "subnets", ip_version=4), _SUBNET)
    subnets = [one for one in subnets if "/" in one["cidr"] and ":" not in one["cidr"]]
    images = rows(cloud.pages("image", "/images", "images", status="active"), {**named, **servable.PROPERTIES})
    images = [one for one in images if one["status"] == "active"]
    flavors = rows(
        cloud.pages("compute", "/flavors/detail", "flavors"),
        {**named, "vcpus": number, "ram": number, "disk": number},
    )
    flavors = [one for one in flavors if one.get("OS-FLV-DISABLED:disabled") is not True]
    keys = cloud.pages("compute", "/os-keypairs", "keypairs", KEYPAIRS_PAGE_SINCE)
    keypairs = [_name(mapping(mapping(one).get("keypair")).get("name")) for one in keys]
    external = {network["id"] for network in networks}
    subnets = visible(cloud, subnets, external)
    if "admin" in cloud.roles:
        # An administrator is shown every project's images; a launch takes what others of his project may.
        images = [one for one in images if one["owner"] == cloud.project_id or one["visibility"] == "public"]
    values = _values((one["id"], one["name"]) for one in networks)
    return Inventory(
        networks=tuple(Choice(value, name or value) for value, _, name in values),
        images=tuple(map(servable.read, sorted(images, key=lambda one: (one["name"], one["id"])))),
        flavors=tuple(
            Flavor(one["id"], one["name"], one["vcpus"], one["ram"], one["disk"])
            for one in sorted(flavors, key=lambda one: (one["ram"], one["vcpus"], one["disk"], one["name"]))
        ),
        keypairs=tuple(sorted(filter(None, keypairs))),
        taken=tuple(ipaddress.IPv4Network(one["cidr"], strict=False) for one in subnets),
        external_ranges=tuple(
            (one["network_id"], ipaddress.IPv4Network(one["cidr"], strict=False))
            for one in subnets
            if one["network_id"] in external
        ),
        network_ids=tuple((value, id_) for value, id_, _ in values),
        nameservers=tuple(
            (one["name"] or one["id"], ",".join(one["dns_nameservers"]))
            for one in subnets
            if one["project_id"] == cloud.project_id and one["dns_nameservers"]
        ),
        subnets=tuple(
            Subnet(one["id"], one["name"], one["network_id"], ipaddress.IPv4Network(one["cidr"], strict=False),
                   one["gateway_ip"], one["enable_dhcp"])
            for one in subnets
        ),
    )


def image_choices(found: Inventory) -> dict[str, Choice]:
    """A choice for each image, by its id: its name is sent, or its id where several share a name."""
    values = _values((one.id, one.name) for one in found.images)
    return {id_: Choice(value, name if value == name else f"{name} ({id_[:8]})") for value, id_, name in values}


def flavor_choices(found: Inventory) -> tuple[Choice, ...]:
    """One choice a flavor, smallest first, with its sizes."""
    return tuple(
        Choice(
            one.name,
            say(
                "{name}: {cores}, {gigabytes} GB RAM, {disk} GB disk",
                name=one.name,
                cores=cores(one.vcpus),
                gigabytes=gigabytes(one.ram),
                disk=one.disk,
            ),
        )
        for one in found.flavors
    )


def _values(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    known = sorted(pairs, key=lambda pair: (pair[1], pair[0]))
    count = Counter(name for _, name in known)
    return [(name if name and count[name] == 1 else id_, id_, name) for id_, name in known]


def _name(value: Any) -> str:
    """A name that can be sent as it is read, else ''."""
    return value if isinstance(value, str) and printable(value) == value else ""
