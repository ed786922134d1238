"""Questions of a launch that have an answer wherever they are not asked: what this cloud offers of each.

Each gives the parameter with its choices and default, or None where there is nothing to choose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Choice, Parameter
from tenant_ops_dashboard.environments.planning import available, quota
from tenant_ops_dashboard.environments.planning.inventory import Inventory
from tenant_ops_dashboard.sentences import say

#: Of ovn-octavia-provider's documentation, 'Limitations': it balances TCP, UDP and SCTP, and nothing of layer 7.
LAYER_4 = "ovn"
_STANDBY = re.compile(r"active.?standby|standby|\bha\b|highly.?available", re.IGNORECASE)


def boot_from_volume(parameter: Parameter, cloud: Cloud, found: Inventory) -> Parameter | None:
    """Whether servers start from a volume that Nova makes of the image; proposed where no flavor has a disk."""
    if not cloud.has("block-storage"):
        return None
    diskless = bool(found.flavors) and not any(one.disk for one in found.flavors)
    choices = (
        Choice("false", say("the disk that its size brings")),
        Choice("true", say("a volume made of the image, deleted with its server")),
    )
    reason = say("No size here has a disk of its own, so servers start from volumes.") if diskless else ""
    default = "true" if diskless or parameter.default == "true" else "false"
    return replace(parameter, choices=choices, default=default, reason=reason)


def zone(parameter: Parameter, cloud: Cloud) -> Parameter | None:
    """Nova's availability zones."""
    return _one_of(parameter, say("as the cloud chooses"), available.zones(cloud), least=2)


def volume_zone(parameter: Parameter, cloud: Cloud) -> Parameter | None:
    """Cinder's availability zones."""
    return _one_of(parameter, say("as the cloud chooses"), available.volume_zones(cloud), least=2)


def volume_type(parameter: Parameter, cloud: Cloud) -> Parameter | None:
    """Cinder's volume types."""
    return _one_of(parameter, say("the cloud's own default"), available.volume_types(cloud), least=2)


def server_group(parameter: Parameter, cloud: Cloud) -> Parameter:
    """Nova's policies that keep servers apart (compute API reference, 'Create Server Group').

    None is proposed where the project may have no further server group. One call, which plans share.
    """
    choices = (
        Choice("soft-anti-affinity", say("on different hosts where there is room")),
        Choice("anti-affinity", say("on different hosts, or not at all")),
        Choice("", say("as the cloud chooses")),
    )
    if (left := quota.server_groups(cloud)) is not None and left < 1:
        reason = say("This project's quota of server groups is used up.")
        return replace(parameter, choices=choices, default="", reason=reason)
    values = [one.value for one in choices]
    return replace(
        parameter, choices=choices, default=parameter.default if parameter.default in values else values[0]
    )


def provider(parameter: Parameter, layer: int, cloud: Cloud) -> Parameter | None:
    """Octavia's providers that balance on this layer, 7 for HTTP.

    Octavia does not tell which one is its default: where one of them may not do, another one is named.
    """
    there = available.providers(cloud)
    refusals = {}
    if layer == 7 and LAYER_4 in there:
        refusals[LAYER_4] = say(
            "The provider {provider} balances no HTTP, which this blueprint needs.", provider=LAYER_4
        )
    fit = tuple(one for one in there if one not in refusals)
    if not refusals:
        return _one_of(parameter, say("the cloud's own default"), fit, least=2)
    choices = tuple(Choice(one, one) for one in fit)
    best = "amphora" if "amphora" in fit else next(iter(fit), "")
    reason = say("The provider {other} balances no HTTP, and may be what this cloud takes by itself.", other=LAYER_4)
    return replace(parameter, choices=choices, default=best, required=True, reason=reason, refusals=refusals)


def balancer_flavor(parameter: Parameter, cloud: Cloud) -> Parameter | None:
    """Octavia's flavors. What is behind one only administrators see, so its name and description have to tell."""
    found = available.balancer_flavors(cloud)
    labels = {name: _balancer(name, description) for name, description in found}
    return _one_of(parameter, say("the cloud's own default"), labels, 1, labels)


def mtu(parameter: Parameter, cloud: Cloud) -> Parameter | None:
    """The MTU of new networks, where Neutron lets it be chosen (its extension net-mtu-writable)."""
    return parameter if available.writable_mtu(cloud) else None


def nameservers(parameter: Parameter, found: Inventory) -> Parameter:
    """DNS servers as most subnets of this project have them; with none a subnet has what its cloud gives it."""
    if parameter.default or not found.nameservers:
        return parameter
    value, _times = Counter(servers for _, servers in found.nameservers).most_common(1)[0]
    subnet = next(name for name, servers in found.nameservers if servers == value)
    reason = say("{value} is what the subnet {subnet} of this project has.", value=value, subnet=subnet)
    return replace(parameter, default=value, reason=reason)


def _balancer(name: str, description: str) -> str:
    if _STANDBY.search(f"{name} {description}"):
        return say("{name}: two amphorae, so that one can be lost", name=name)
    return say("{name}: {description}", name=name, description=description) if description else name


def _one_of(
    parameter: Parameter, none: str, values: Iterable[str], least: int, labels: dict[str, str] | None = None
) -> Parameter | None:
    """A choice of these values, or of none of them; None where they are fewer than `least`."""
    offered = tuple(Choice(one, (labels or {}).get(one, one)) for one in values)
    if len(offered) < least:
        return None
    known = {one.value for one in offered}
    return replace(
        parameter, choices=(Choice("", none), *offered), default=parameter.default if parameter.default in known else ""
    )
