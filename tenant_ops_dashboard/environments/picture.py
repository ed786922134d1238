"""The picture of an environment, drawn from what its template says of itself; pure.

A resource's metadata names its place: `tenant_ops: {title, tier, kind}` makes a box, `{part_of, part}` an inner
state of another's box, `arrows: {key: words}` lines. A group's `each` names the member's resource a box stands
for. A template without such metadata gets boxes by resource type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.environments.hot import Resource
from tenant_ops_dashboard.environments.model import Box, Picture, State

FIREWALL = "firewall"
_BY_TYPE = {
    "OS::Neutron::FloatingIP": ("edge", "floating_ip"),
    "OS::Neutron::Router": ("edge", "router"),
    "OS::Octavia::LoadBalancer": ("dmz", "load_balancer"),
    "OS::Nova::Server": ("dmz", "server"),
    "OS::Cinder::Volume": ("database", "volume"),
}
# What a template may call a resource of a type; the first is the type's own. Of a group's member that is not made yet
# no type is known: such are servers.
_KINDS: Mapping[str, tuple[str, ...]] = {
    "OS::Neutron::FloatingIP": ("floating_ip",),
    "OS::Neutron::Net": ("network",),
    "OS::Neutron::Router": ("router",),
    "OS::Neutron::SecurityGroup": ("security_group",),
    "OS::Octavia::LoadBalancer": ("load_balancer",),
    "OS::Nova::Server": ("server", "database", "jump_host"),
    "OS::Cinder::Volume": ("volume",),
    "": ("server", "database", "jump_host"),
}
TITLES = {
    "OS::Cinder::Volume": "Volume",
    "OS::Cinder::VolumeAttachment": "Volume attached",
    "OS::Heat::AutoScalingGroup": "Group of servers",
    "OS::Heat::ScalingPolicy": "Scaling policy",
    "OS::Neutron::FloatingIP": "Floating IP",
    "OS::Neutron::Net": "Network",
    "OS::Neutron::Port": "Port",
    "OS::Neutron::Router": "Router",
    "OS::Neutron::RouterInterface": "Router interface",
    "OS::Neutron::SecurityGroup": "Security group",
    "OS::Neutron::Subnet": "Subnet",
    "OS::Nova::Server": "Server",
    "OS::Octavia::HealthMonitor": "Health monitor",
    "OS::Octavia::Listener": "Listener",
    "OS::Octavia::LoadBalancer": "Load balancer",
    "OS::Octavia::Pool": "Pool",
    "OS::Octavia::PoolMember": "Pool member",
}


@dataclass(frozen=True)
class Seen:
    """What is known of one resource: its state, its id, and a few words such as an address."""

    state: State = "planned"
    resource_id: str = ""
    detail: str = ""
    title: str = ""


def title(resource: Resource) -> str:
    """A resource in a person's words."""
    said = str(
        resource.meta.get("title") or TITLES.get(resource.type) or resource.type.rpartition("::")[2] or resource.name
    )
    if resource.index:
        return f"{said} {resource.index}"
    return said if resource.meta.get("title") or resource.type not in TITLES else f"{said} {resource.name}"


def kind(resource: Resource, group: Resource | None = None) -> str:
    """What a resource is: its type says it, the template's metadata (of a member: its `group`'s) only narrows it."""
    meta = resource.meta
    if resource.group:
        meta = group.meta if group and group.meta.get("each") == resource.name else {}
    offered = _KINDS.get(resource.type, ("other",))
    said = str(meta.get("kind", ""))
    return said if said in offered else offered[0]


def is_wrapper(resource: Resource) -> bool:
    """Whether it only wraps a nested template, whose resources are told themselves."""
    return resource.type.endswith((".yaml", ".yml"))


def draw(resources: Sequence[Resource], seen: Mapping[str, Seen], firewall: Seen | None) -> Picture:
    """The picture with every box in its state; `seen` is keyed as the resources are, what it lacks is planned."""
    boxes: list[Box] = []
    groups: dict[str, list[str]] = {}
    for resource in resources:
        place = _place(resource, resources)
        if place is None:
            continue
        tier, kind = place
        key = resource.key.removesuffix(f".{resource.name}") if resource.group else resource.key
        if resource.group:
            groups.setdefault(resource.group, []).append(key)
        found = seen.get(resource.key, Seen())
        boxes.append(
            Box(
                key=key,
                title=found.title or title(resource),
                tier=tier,
                kind=kind,
                state=found.state,
                detail=found.detail or _planned_detail(resource, resources),
                resource_id=found.resource_id,
                parts=_parts(resource, resources, seen),
            )
        )
    if firewall is not None:
        boxes.append(
            Box(FIREWALL, "Firewall group", "edge", "firewall", firewall.state, firewall.detail, firewall.resource_id)
        )
    ways = [box for box in boxes if box.kind == "floating_ip"]
    if ways:
        open_ = any(box.state == "good" for box in ways)
        boxes.insert(0, Box("internet", "Internet", "internet", "internet", "good" if open_ else "planned"))
    return Picture(tuple(boxes), tuple(_arrows(resources, boxes, groups)))


def _place(resource: Resource, resources: Sequence[Resource]) -> tuple[Any, str] | None:
    meta = resource.meta
    if resource.group:
        group = next(one for one in resources if one.key == resource.group)
        if group.meta.get("each") != resource.name:
            return None if group.meta or resource.type not in _BY_TYPE else _BY_TYPE[resource.type]
        return group.meta.get("tier", "other"), kind(resource, group)
    if meta.get("tier") and not meta.get("each"):
        return meta["tier"], kind(resource)
    return None if meta else _BY_TYPE.get(resource.type)


def _planned_detail(resource: Resource, resources: Sequence[Resource]) -> str:
    match resource.type:
        case "OS::Nova::Server":
            return str(resource.properties.get("flavor") or "")
        case "OS::Cinder::Volume":
            return f"{resource.properties.get('size')} GB"
        case "OS::Neutron::Net":
            subnets = [one for one in resources if one.meta.get("part_of") == resource.key]
            return ", ".join(str(one.properties.get("cidr")) for one in subnets if one.properties.get("cidr"))
    return ""


def _parts(
    resource: Resource, resources: Sequence[Resource], seen: Mapping[str, Seen]
) -> tuple[tuple[str, State], ...]:
    if resource.group:
        group = next(one for one in resources if one.key == resource.group)
        prefix = resource.key.removesuffix(resource.name)
        named: Iterable[tuple[str, str]] = (
            (str(part), f"{prefix}{own}") for own, part in (group.meta.get("parts") or {}).items()
        )
    else:
        named = (
            (str(one.meta["part"]), one.key)
            for one in resources
            if one.meta.get("part_of") == resource.key and one.meta.get("part")
        )
    return tuple((part, seen.get(key, Seen()).state) for part, key in named)


def _arrows(
    resources: Sequence[Resource], boxes: list[Box], groups: Mapping[str, list[str]]
) -> list[tuple[str, str, str]]:
    known = {box.key for box in boxes}
    arrows: list[tuple[str, str, str]] = []
    for resource in resources:
        for target, words in (resource.meta.get("arrows") or {}).items():
            for here in groups.get(resource.key, [resource.key]):
                for there in groups.get(target, [target]):
                    if here in known and there in known:
                        arrows.append((here, there, str(words)))
    entries = [
        ("internet", box.key, next((words for here, _, words in arrows if here == box.key), ""))
        for box in boxes if box.kind == "floating_ip"
    ]  # fmt: skip
    return entries + arrows
