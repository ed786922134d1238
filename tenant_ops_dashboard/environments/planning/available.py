"""What the cloud offers beside the inventory: zones, types of volumes, providers and flavors of load balancers.

It changes with the operator, not with the project, so a shared store keeps it for a while: a page costs its calls once.
A service that is silent offers nothing here; where it is needed the plan says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.cloud.values import Shape, listing, mapping, printable, rows, switch, text
from tenant_ops_dashboard.environments import given_rules as templates

KEPT = 300  # seconds
_NAMED: Shape = {"name": text, "description": text}
#: What Cinder gives a volume of no type: its own default, which is what is taken where nobody chooses.
_PLACEHOLDER = "__DEFAULT__"
#: Octavia's drivers for its own tests, which build nothing, and the older name of 'amphora' (its Providers API).
_NONE = ("noop",)
_OLDER = {"octavia": "amphora"}
_OWN_RULES = ("egress", "egress")


def zones(cloud: Cloud) -> tuple[str, ...]:
    """Names of Nova's availability zones that take servers: one call, none while it is kept."""
    return _kept(cloud, "zones", "compute", lambda: _zones(cloud, "compute"))


def volume_zones(cloud: Cloud) -> tuple[str, ...]:
    """The same of Cinder's."""
    return _kept(cloud, "volume-zones", "block-storage", lambda: _zones(cloud, "block-storage"))


def volume_types(cloud: Cloud) -> tuple[str, ...]:
    """Names of the volume types that the project may use: one call, none while it is kept."""

    def ask() -> tuple[str, ...]:
        found = rows(cloud.pages("block-storage", "/types", "volume_types"), _NAMED)
        return _names(one["name"] for one in found if one["name"] != _PLACEHOLDER)

    return _kept(cloud, "volume-types", "block-storage", ask)


def providers(cloud: Cloud) -> tuple[str, ...]:
    """Names of Octavia's providers that build something: one call, none while it is kept."""

    def ask() -> tuple[str, ...]:
        found = rows(cloud.pages("load-balancer", "/lbaas/providers", "providers"), _NAMED)
        there = _names(one["name"] for one in found if not one["name"].startswith(_NONE))
        return tuple(one for one in there if _OLDER.get(one) not in there)

    return _kept(cloud, "providers", "load-balancer", ask)


def balancer_flavors(cloud: Cloud) -> tuple[tuple[str, str], ...]:
    """Name and description of each flavor of Octavia's that is enabled: one call, none while it is kept."""

    def ask() -> tuple[tuple[str, str], ...]:
        found = rows(cloud.pages("load-balancer", "/lbaas/flavors", "flavors"), _NAMED)
        told = {one["name"]: one["description"] for one in found if switch(one.get("enabled"))}
        return tuple((name, told[name]) for name in _names(told))

    return _kept(cloud, "balancer-flavors", "load-balancer", ask)


def writable_mtu(cloud: Cloud) -> bool:
    """Whether a network may be made with an MTU of one's own: one call, none while it is kept."""

    def ask() -> tuple[str, ...]:
        # Neutron gives them all at once: its list of extensions has no pages.
        found = map(mapping, listing(cloud.get("network", "/extensions")["extensions"]))
        return tuple(alias for one in found if (alias := text(one.get("alias"))) == "net-mtu-writable")

    return bool(_kept(cloud, "mtu", "network", ask))


def given_rules(cloud: Cloud) -> tuple[str, ...]:
    """Directions of the rules that a new security group has from the beginning: one call, none while it is kept.

    Where Neutron does not tell them (extension security-groups-default-rules, 2023.2) they are its own two, outwards.
    """

    def ask() -> tuple[str, ...]:
        found = templates.read(cloud)
        # What is kept is never empty: that means that nobody answered.
        return ("told", *(_OWN_RULES if found is None else (text(one.get("direction")) for one in found)))

    told = _kept(cloud, "given-rules", "network", ask)
    return told[1:] if told else _OWN_RULES


def _zones(cloud: Cloud, service: str) -> tuple[str, ...]:
    told = map(mapping, listing(cloud.get(service, "/os-availability-zone")["availabilityZoneInfo"]))
    return _names(text(one.get("zoneName")) for one in told if mapping(one.get("zoneState")).get("available") is True)


def _names(found: Any) -> tuple[str, ...]:
    """Names that can be sent as they are read, each once, in order."""
    return tuple(sorted({one for one in found if one and printable(one) == one}))


def _kept(cloud: Cloud, what: str, service: str, ask: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
    if not cloud.has(service):
        return ()
    parts = "\0".join((cloud.endpoint(service), cloud.options.region, cloud.project_id, what))
    key = f"tenant_ops.offered.{hashlib.sha256(parts.encode()).hexdigest()}"
    kept = cloud.store.get(key)
    if isinstance(kept, tuple):
        return kept
    try:
        found = ask()
    except CloudError:
        return ()
    cloud.store.set(key, found, KEPT)
    return found
