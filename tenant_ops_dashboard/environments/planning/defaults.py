"""The launch form's questions, answered with what exists in this cloud."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.values import listing, mapping, number, text
from tenant_ops_dashboard.environments.model import Blueprint, Choice, Parameter
from tenant_ops_dashboard.environments.planning import (
    certificates,
    flavors,
    images,
    inventory,
    ip_versions,
    options,
    subnets,
    volumes,
)
from tenant_ops_dashboard.environments.planning.images import Image
from tenant_ops_dashboard.environments.planning.inventory import Inventory
from tenant_ops_dashboard.sentences import say

_FALLBACK = ipaddress.IPv4Network("10.20.0.0/16")
_PRIVATE = ipaddress.IPv4Network("10.0.0.0/8")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class _Around:
    """What an answer depends on: what there is, the image that is started, and whether from a volume made of it."""

    cloud: Cloud
    found: Inventory
    image: Image | None
    volume: bool
    taken: list[ipaddress.IPv4Network]


def form(cloud: Cloud, blueprint: Blueprint, answers: Mapping[str, str] = _NOTHING) -> tuple[Parameter, ...]:
    """The blueprint's parameters with defaults and choices of this cloud; what it does not offer is left out.

    What depends on an answer that is given already (a flavor on its image) follows it. Five calls, once for every
    handle; one or two more where it asks for a volume, and one for each kind of `options` that it asks for, which a
    shared store keeps; up to six where it asks for a network and there is one. Raises a CloudError.
    """
    found = inventory.take(cloud)
    wishes = wishes_of(blueprint)
    kinds = {one.kind: one for one in reversed(blueprint.parameters)}
    image = None
    if asked := kinds.get("image"):
        answered = _image(asked, wishes.get(asked.name, {}), found)
        image = found.image(str(answers.get(asked.name, answered.default)).strip())
    volume = False
    if (boots := kinds.get("boot_from_volume")) and image is not None:
        told = options.boot_from_volume(boots, cloud, found)
        volume = told is not None and str(answers.get(boots.name, told.default)).strip() == "true"
    around = _Around(cloud, found, image, volume, list(found.taken))
    made = (_ANSWERS.get(one.kind, _as_it_is)(one, wishes.get(one.name, {}), around) for one in blueprint.parameters)
    return tuple(one for one in made if one is not None)


def free(wanted: str, taken: Sequence[ipaddress.IPv4Network]) -> ipaddress.IPv4Network:
    """`wanted`, or the first range of its size after it in 10.0.0.0/8 that overlaps nothing of `taken`."""
    try:
        start = ipaddress.IPv4Network(wanted)
    except ValueError:
        start = next(_FALLBACK.subnets(new_prefix=24))
    candidate = start
    while any(candidate.overlaps(one) for one in taken):
        following = int(candidate.network_address) + candidate.num_addresses
        candidate = ipaddress.IPv4Network((following, start.prefixlen))
        if not candidate.subnet_of(_PRIVATE):
            return start
    return candidate


def wishes_of(blueprint: Blueprint) -> Mapping[str, Mapping[str, Any]]:
    """What a blueprint prefers, by parameter: `{"flavor": {"ram": MB, "disk": GB, "vcpus": n}}`."""
    declared = map(mapping, listing(blueprint.metadata.get("parameters")))
    return {text(one.get("name")): mapping(one.get("prefer")) for one in declared}


def _chosen(parameter: Parameter, choices: tuple[Choice, ...], proposed: str = "", reason: str = "") -> Parameter:
    """The blueprint's own default where the cloud has it, else what is proposed, else the first."""
    values = [choice.value for choice in choices]
    own = parameter.default if parameter.default in values and parameter.default else ""
    default = own or (proposed if proposed in values else "") or (values[0] if values else "")
    return replace(parameter, choices=choices, default=default, reason=reason if default == proposed else "")


def _image(parameter: Parameter, wish: Mapping[str, Any], found: Inventory) -> Parameter:
    choices = inventory.image_choices(found)
    refusals = {one.id: said for one in found.images if (said := images.refusal(one, wish))}
    fit = [one for one in found.images if one.id not in refusals]
    best, reason = images.proposed(fit, images.distros(wish))
    refused = {value: refusals[id_] for id_ in refusals for value in (choices[id_].value, id_)}
    offered = tuple(choices[one.id] for one in fit)
    made = _chosen(parameter, offered, choices[best.id].value if best else "", reason)
    return replace(made, refusals=refused)


def _flavor(parameter: Parameter, wish: Mapping[str, Any], around: _Around) -> Parameter:
    best, reason = flavors.proposed(around.found.flavors, flavors.wants(wish, around.image, around.volume))
    return _chosen(parameter, inventory.flavor_choices(around.found), best.name if best else "", reason)


def _boot_volume_size(parameter: Parameter, wish: Mapping[str, Any], around: _Around) -> Parameter | None:
    """What the blueprint prefers, or what the image needs where that is more."""
    if options.boot_from_volume(parameter, around.cloud, around.found) is None:
        return None
    needed = around.image.disk if around.image else 0
    return replace(parameter, default=str(max(1, number(wish.get("disk")), needed)))


def _keypair(parameter: Parameter, wish: Mapping[str, Any], around: _Around) -> Parameter:
    choices = tuple(Choice(name, name) for name in around.found.keypairs)
    return _chosen(parameter, choices if parameter.required else (*choices, Choice("", say("none"))))


def _volume(parameter: Parameter, wish: Mapping[str, Any], around: _Around) -> Parameter:
    """None is chosen for anybody: which data a database gets is for a person to say."""
    offered = volumes.choices(volumes.known(around.cloud))
    none = say("a new volume") if offered else say("a new volume; no other of this project is available")
    return replace(parameter, choices=offered if parameter.required else (Choice("", none), *offered), default="")


def _cidr(parameter: Parameter, wish: Mapping[str, Any], around: _Around) -> Parameter:
    network = free(parameter.default, around.taken)
    around.taken.append(network)
    return replace(parameter, default=str(network))


def _port(parameter: Parameter, wish: Mapping[str, Any], around: _Around) -> Parameter:
    """`prefer: {not: [8080]}` are ports that the blueprint uses itself."""
    own = {
        str(port): say("This blueprint uses port {port} itself: take another one, such as 5432.", port=port)
        for port in map(number, listing(wish.get("not")))
    }
    return replace(parameter, refusals=own)


def _as_it_is(parameter: Parameter, wish: Mapping[str, Any], around: _Around) -> Parameter:
    return parameter


_ANSWERS: Mapping[str, Callable[[Parameter, Mapping[str, Any], _Around], Parameter | None]] = {
    "network": lambda one, wish, around: _chosen(one, around.found.networks),
    "image": lambda one, wish, around: _image(one, wish, around.found),
    "flavor": _flavor,
    "keypair": _keypair,
    "volume": _volume,
    "cidr": _cidr,
    "boot_from_volume": lambda one, wish, around: options.boot_from_volume(one, around.cloud, around.found),
    "boot_volume_size": _boot_volume_size,
    "availability_zone": lambda one, wish, around: options.zone(one, around.cloud),
    "volume_availability_zone": lambda one, wish, around: options.volume_zone(one, around.cloud),
    "server_group": lambda one, wish, around: options.server_group(one, around.cloud),
    "volume_type": lambda one, wish, around: options.volume_type(one, around.cloud),
    "balancer_provider": lambda one, wish, around: options.provider(one, number(wish.get("layer")), around.cloud),
    "balancer_flavor": lambda one, wish, around: options.balancer_flavor(one, around.cloud),
    "subnet": lambda one, wish, around: subnets.question(one, around.cloud),
    "certificate": lambda one, wish, around: certificates.question(one, around.cloud),
    "mtu": lambda one, wish, around: options.mtu(one, around.cloud),
    "port": _port,
    "ip_version": lambda one, wish, around: ip_versions.question(one),
    "ula_prefix": lambda one, wish, around: ip_versions.prefix(one, around.cloud),
    "dns_nameservers": lambda one, wish, around: options.nameservers(one, around.found),
}
