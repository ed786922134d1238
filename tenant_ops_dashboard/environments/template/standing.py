"""What stands before a stack and is used by it, as resources of its template: volumes, networks and a router. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeGuard

from tenant_ops_dashboard.cloud.values import listing, mapping, text
from tenant_ops_dashboard.environments.template.members import Resource

VOLUME, ATTACHMENT = "OS::Cinder::Volume", "OS::Cinder::VolumeAttachment"
_NETWORKING = ("OS::Neutron::Net", "OS::Neutron::Subnet", "OS::Neutron::Router")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BROUGHT = "brought"


def attached(attachment: Resource, place: str, meta: Mapping[str, Any] | None) -> Iterator[Resource]:
    """The volume that an attachment names by its id.

    It takes the `place` of a volume of the template's own that the attachment is a part of and that is not made, with
    that one's `meta`; where there is none, the attachment's metadata may say what it is called.
    """
    id_ = attachment.properties.get("volume_id")
    if not _is_id(id_):
        return
    if meta is not None:
        yield _one(attachment, place, VOLUME, id_, meta)
    else:
        yield _one(attachment, f"{attachment.key}-volume", VOLUME, id_, _volume(text(attachment.meta.get("volume"))))


def root(server: Resource) -> Iterator[Resource]:
    """The volume that a server starts from and names by its id, where the server's metadata says what it is called."""
    for one in map(mapping, listing(server.properties.get("block_device_mapping_v2"))):
        id_, called = one.get("volume_id"), text(server.meta.get("volume"))
        if called and one.get("boot_index") == 0 and _is_id(id_):
            yield _one(server, f"{server.key}-volume", VOLUME, id_, _volume(called))


def instead(resource: Resource, id_: Any) -> Iterator[Resource]:
    """The network, subnet or router with this id, in the place of this one that is not made."""
    if resource.type in _NETWORKING and _is_id(id_):
        properties = {name: value for name, value in resource.properties.items() if name == "cidr"}
        yield replace(resource, properties={**properties, _BROUGHT: id_}, stands=True)


def brought(resource: Resource) -> str:
    """The id of what was there before the stack, and that it only names; else ''."""
    known = resource.stands and resource.type in (VOLUME, *_NETWORKING)
    return text(resource.properties.get(_BROUGHT)) if known else ""


def _one(by: Resource, key: str, kind: str, id_: str, meta: Mapping[str, Any]) -> Resource:
    return replace(by, key=key, type=kind, properties={_BROUGHT: id_}, meta=dict(meta), stands=True)


def _volume(called: str) -> dict[str, Any]:
    return {"title": called, "tier": "database", "kind": "volume"} if called else {}


def _is_id(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(_ID.fullmatch(value))
