"""What a template uses a parameter for, where it does not say so: the property that it goes into tells. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tenant_ops_dashboard.environments.model import Kind

MOST = 50_000  # values looked at
CUSTOM: Mapping[str, Kind] = {
    "glance.image": "image", "nova.flavor": "flavor", "nova.keypair": "keypair", "cinder.volume": "volume",
}  # fmt: skip
_PROPERTIES: Mapping[str, Kind] = {
    "image": "image", "flavor": "flavor", "instance_type": "flavor", "key_name": "keypair", "InstanceType": "flavor",
    "ImageId": "image", "KeyName": "keypair", "floating_network": "network", "floating_network_id": "network",
    "external_network": "network", "public_network": "network", "external_net": "network", "public_net": "network",
}  # fmt: skip
_GATEWAY = "OS::Neutron::RouterGateway"


def kinds(resources: Mapping[str, Any]) -> dict[str, Kind]:
    """What parameters are, by name, as the resources use them; the first use counts."""
    found: dict[str, Kind] = {}
    for key, value in _pairs(resources):
        name = _parameter(value)
        if name and key in _PROPERTIES:
            found.setdefault(name, _PROPERTIES[key])
        elif key == "external_gateway_info" and isinstance(value, Mapping):
            _keep(found, value)
        elif isinstance(value, Mapping) and value.get("type") == _GATEWAY:
            _keep(found, value.get("properties"))
    return found


def _keep(found: dict[str, Kind], value: Any) -> None:
    for key in ("network", "network_id"):
        if isinstance(value, Mapping) and (name := _parameter(value.get(key))):
            found.setdefault(name, "network")


def _parameter(value: Any) -> str:
    """The parameter that a value is, all of it; else ''."""
    name = value.get("get_param", value.get("Ref")) if isinstance(value, Mapping) and len(value) == 1 else None
    return name if isinstance(name, str) else ""


def _pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every key with its value at any depth, each mapping once, so many at most."""
    seen: set[int] = set()
    open_ = [value]
    while open_ and len(seen) < MOST:
        one = open_.pop()
        if id(one) in seen or not isinstance(one, Mapping | list):
            continue
        seen.add(id(one))
        if isinstance(one, Mapping):
            yield from one.items()
        open_.extend(one.values() if isinstance(one, Mapping) else one)
