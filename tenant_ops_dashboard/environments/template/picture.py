"""The picture of an environment, drawn from what its template says of itself; pure.

A resource's metadata names its place: `tenant_ops: {title, tier, kind}` makes a box, `{part_of, part}` an inner
state of another's box, `arrows: {key: words}` lines. A group's `each` names the member's resource a box stands
for. A template without such metadata is drawn by `plain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tenant_ops_dashboard.cloud.values import cut, text
from tenant_ops_dashboard.environments.model import Box, Picture, State
from tenant_ops_dashboard.environments.template import plain
from tenant_ops_dashboard.environments.template.budget import chosen
from tenant_ops_dashboard.environments.template.members import Resource, is_file
from tenant_ops_dashboard.sentences import say

FIREWALL = "firewall"
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
    "OS::Cinder::Volume": say("Volume"),
    "OS::Cinder::VolumeAttachment": say("Volume attached"),
    "OS::Heat::AutoScalingGroup": say("Group of servers"),
    "OS::Heat::InstanceGroup": say("Group of servers"),
    "OS::Heat::ScalingPolicy": say("Scaling policy"),
    "OS::Heat::Stack": say("Stack"),
    "OS::Neutron::FloatingIP": say("Floating IP"),
    "OS::Neutron::Net": say("Network"),
    "OS::Neutron::Port": say("Port"),
    "OS::Neutron::Router": say("Router"),
    "OS::Neutron::RouterInterface": say("Router interface"),
    "OS::Neutron::SecurityGroup": say("Security group"),
    "OS::Neutron::Subnet": say("Subnet"),
    "OS::Nova::Server": say("Server"),
    "OS::Octavia::HealthMonitor": say("Health monitor"),
    "OS::Octavia::Listener": say("Listener"),
    "OS::Octavia::LoadBalancer": say("Load balancer"),
    "OS::Octavia::Pool": say("Pool"),
    "OS::Octavia::PoolMember": say("Pool member"),
}


_CALM = ("good", "planned")
# What a part does to its box, the worst last; what is planned or not checked does nothing.
_WORSE: tuple[State, ...] = ("good", "building", "deleting", "warning", "failed")
_ARROWS, _PARTS = 200, 20  # lines of a picture, inner states of a box
_WORDS, _DETAIL = 60, 300  # characters


@dataclass(frozen=True)
class Seen:
    """What is known of one resource: its state, its id, and a few words such as an address."""

    state: State = "planned"
    resource_id: str = ""
    detail: str = ""
    title: str = ""


def title(resource: Resource) -> str:
    """A resource in a person's words."""
    given = say(str(resource.meta.get("title") or ""))
    said = given or TITLES.get(resource.type) or resource.type.rpartition("::")[2] or resource.name
    if resource.index:
        return said + f" {resource.index}"
    return said if given or resource.type not in TITLES else said + f" {resource.name}"


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
    return is_file(resource.type)


def draw(
    resources: Sequence[Resource], seen: Mapping[str, Seen], firewall: Seen | None, leaving: bool = False
) -> Picture:  # fmt: skip
    """The picture with every box in its state; `seen` is keyed as the resources are, what it lacks is planned.

    A box wears the worst of its parts; one that is gone is missed, unless all of it is `leaving`.
    Of more than a hundred boxes those in trouble are drawn first; the picture says how many are left out.
    """
    boxes: list[Box] = []
    group_of: dict[str, str] = {}
    more = 0
    known = Known.of(resources)
    for resource in resources:
        place = _place(resource, known)
        if place is None:
            continue
        if resource.copies > 1:
            more += resource.copies
            continue
        tier, kind = place
        key = resource.key.removesuffix(f".{resource.name}") if resource.group else resource.key
        if resource.group:
            group_of[key] = resource.group
        found = seen.get(resource.key, Seen())
        parts = _parts(resource, known, seen)
        worn = _worst(found.state, parts, leaving)
        boxes.append(
            Box(
                key=key,
                title=cut(found.title or title(resource), _DETAIL),
                tier=tier,
                kind=kind,
                state=worn,
                detail=cut(found.detail or _planned_detail(resource, known), _DETAIL),
                resource_id=found.resource_id,
                parts=parts,
                own=found.state if worn != found.state else None,
            )
        )
    drawn, left_out = chosen(boxes, lambda box: box.state not in _CALM)
    boxes, more = list(drawn), more + left_out
    if firewall is not None:
        boxes.append(
            Box(
                FIREWALL,
                say("Firewall group"),
                "edge",
                "firewall",
                firewall.state,
                firewall.detail,
                firewall.resource_id,
            )
        )
    ways = [box for box in boxes if box.kind == "floating_ip"]
    if ways:
        open_ = any(box.state == "good" for box in ways)
        boxes.insert(0, Box("internet", say("Internet"), "internet", "internet", "good" if open_ else "planned"))
    return Picture(tuple(boxes), tuple(_arrows(resources, boxes, group_of)), more)


@dataclass(frozen=True)
class Known:
    """Resources by key, and those that are part of another's box by its key; `told`: any says how it is drawn."""

    by_key: Mapping[str, Resource]
    parts: Mapping[str, Sequence[Resource]]
    told: bool = True

    @classmethod
    def of(cls, resources: Sequence[Resource]) -> Known:
        """The index of a template's resources."""
        parts: dict[str, list[Resource]] = {}
        for one in resources:
            parts.setdefault(one.meta.get("part_of", ""), []).append(one)
        return cls({one.key: one for one in resources}, parts, any(one.meta for one in resources))

    def parts_of(self, key: str) -> Sequence[Resource]:
        """Those that name it, the first few."""
        return self.parts.get(key, ())[:_PARTS]


def _place(resource: Resource, known: Known) -> tuple[Any, str] | None:
    meta = resource.meta
    if resource.group:
        group = known.by_key.get(resource.group, resource)
        if group.meta.get("each") != resource.name:
            return None if group.meta else plain.place(resource.type, known.told)
        return group.meta.get("tier", "other"), kind(resource, group)
    if meta.get("tier") and not meta.get("each"):
        return meta["tier"], kind(resource)
    return None if meta else plain.place(resource.type, known.told)


def _planned_detail(resource: Resource, known: Known) -> str:
    match resource.type:
        case "OS::Nova::Server":
            return text(resource.properties.get("flavor"))
        case "OS::Cinder::Volume":
            size = text(resource.properties.get("size"))
            return say("{size} GB", size=size) if size else ""
        case "OS::Neutron::Net":
            ranges = [text(one.properties.get("cidr")) for one in known.parts_of(resource.key)]
            return ", ".join(one for one in ranges if one)
    return ""


def _parts(resource: Resource, known: Known, seen: Mapping[str, Seen]) -> tuple[tuple[str, State], ...]:
    if resource.group:
        group = known.by_key.get(resource.group, resource)
        prefix = resource.key.removesuffix(resource.name)
        named: Iterable[tuple[str, str]] = (
            (part, f"{prefix}{own}") for own, part in (group.meta.get("parts") or {}).items()
        )
    else:
        named = ((one.meta["part"], one.key) for one in known.parts_of(resource.key) if one.meta.get("part"))
    told = ((say(cut(part, _WORDS)), seen.get(key, Seen()).state) for part, key in named)
    return tuple(islice(told, _PARTS))


def _worst(own: State, parts: Iterable[tuple[str, State]], leaving: bool) -> State:
    if own not in _WORSE:
        return own
    states = [own, *("failed" if state == "gone" and not leaving else state for _, state in parts)]
    return max((one for one in states if one in _WORSE), key=_WORSE.index)


def _arrows(
    resources: Sequence[Resource], boxes: Sequence[Box], group_of: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    # A group's arrows are those of its members.
    drawn: dict[str, list[str]] = {}
    for box in boxes:
        drawn.setdefault(group_of.get(box.key, box.key), []).append(box.key)
    arrows = list(islice(_between(resources, drawn), _ARROWS))
    entries = [
        ("internet", box.key, next((words for here, _, words in arrows if here == box.key), ""))
        for box in boxes if box.kind == "floating_ip"
    ]  # fmt: skip
    return entries + arrows


def _between(resources: Sequence[Resource], drawn: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    if not any(one.meta for one in resources):
        for one, other, words in plain.arrows(resources):
            yield from ((here, there, words) for here in drawn.get(one, ()) for there in drawn.get(other, ()))
        return
    for resource in resources:
        for target, words in (resource.meta.get("arrows") or {}).items():
            for here in drawn.get(resource.key, ()):
                for there in drawn.get(target, ()):
                    yield here, there, cut(words, _WORDS)
