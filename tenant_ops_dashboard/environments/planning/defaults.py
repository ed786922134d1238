"""The launch form's questions, answered with what exists in this cloud."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.values import listing, mapping, number, text
from tenant_ops_dashboard.environments.model import Blueprint, Choice, Parameter
from tenant_ops_dashboard.environments.planning import inventory, volumes
from tenant_ops_dashboard.environments.planning.inventory import Inventory
from tenant_ops_dashboard.sentences import say

_FALLBACK = ipaddress.IPv4Network("10.20.0.0/16")
_PRIVATE = ipaddress.IPv4Network("10.0.0.0/8")


def form(cloud: Cloud, blueprint: Blueprint) -> tuple[Parameter, ...]:
    """The blueprint's parameters with defaults and choices of this cloud; five calls, once for every handle.

    One or two more where it asks for a volume.

    Raises a CloudError.
    """
    found = inventory.take(cloud)
    wishes = wishes_of(blueprint)
    image = found.images[0] if found.images else None
    answered: list[Parameter] = []
    taken = list(found.taken)
    for parameter in blueprint.parameters:
        wish = wishes.get(parameter.name, {})
        match parameter.kind:
            case "network":
                answered.append(_chosen(parameter, found.networks))
            case "image":
                answered.append(_chosen(parameter, inventory.image_choices(found)))
            case "flavor":
                answered.append(_flavor(parameter, found, number(wish.get("ram")), image.min_disk if image else 0))
            case "keypair":
                choices = tuple(Choice(name, name) for name in found.keypairs)
                if not parameter.required:
                    choices = (*choices, Choice("", "none"))
                answered.append(_chosen(parameter, choices))
            case "volume":
                answered.append(_volume(parameter, volumes.choices(volumes.known(cloud))))
            case "cidr":
                network = free(parameter.default, taken)
                taken.append(network)
                answered.append(replace(parameter, default=str(network)))
            case _:
                answered.append(parameter)
    return tuple(answered)


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
    """What a blueprint prefers, by parameter: `{"flavor": {"ram": MB}}`."""
    declared = map(mapping, listing(blueprint.metadata.get("parameters")))
    return {text(one.get("name")): mapping(one.get("prefer")) for one in declared}


def _chosen(parameter: Parameter, choices: tuple[Choice, ...]) -> Parameter:
    values = [choice.value for choice in choices]
    default = parameter.default if parameter.default in values and parameter.default else (values[0] if values else "")
    return replace(parameter, choices=choices, default=default)


def _volume(parameter: Parameter, offered: tuple[Choice, ...]) -> Parameter:
    """None is chosen for anybody: which data a database gets is for a person to say."""
    none = say("a new volume") if offered else say("a new volume; no other of this project is available")
    return replace(parameter, choices=offered if parameter.required else (Choice("", none), *offered), default="")


def _flavor(parameter: Parameter, found: Inventory, ram: int, disk: int) -> Parameter:
    fitting = [one for one in found.flavors if one.ram >= ram and (one.disk >= disk or one.disk == 0)] or list(
        found.flavors
    )
    known = any(one.name == parameter.default for one in found.flavors)
    default = parameter.default if known else (fitting[0].name if fitting else "")
    return _chosen(replace(parameter, default=default), inventory.flavor_choices(found))
