"""The members of a group: how many there are and what each of them is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.cloud.values import listing, mapping, number, real, text
from tenant_ops_dashboard.environments.template import functions
from tenant_ops_dashboard.environments.template.budget import DRAWN, Budget
from tenant_ops_dashboard.environments.template.functions import Scope
from tenant_ops_dashboard.environments.template.unknown import Unknown
from tenant_ops_dashboard.sentences import say

CHAIN, STACK = "OS::Heat::ResourceChain", "OS::Heat::Stack"
INSTANCES = ("OS::Heat::InstanceGroup", "AWS::AutoScaling::AutoScalingGroup")
GROUPS = ("OS::Heat::AutoScalingGroup", "OS::Heat::ResourceGroup", CHAIN, *INSTANCES)
INSTANCE = "AWS::EC2::Instance"  # what Heat makes of a launch configuration
MOST_MEMBERS = DRAWN  # of a group are worked out one by one; the rest is one resource with its number
# How many members there are: the first of a type's properties that is given; and what counts where none is.
_SIZES: Mapping[str, tuple[tuple[str, ...], int]] = {
    "OS::Heat::AutoScalingGroup": (("desired_capacity", "min_size"), 1),
    "OS::Heat::ResourceGroup": (("count",), 1),
    "OS::Heat::InstanceGroup": (("Size",), 1),
    "AWS::AutoScaling::AutoScalingGroup": (("DesiredCapacity", "MinSize"), 1),
}
_SIZED = ("size", "flavor", "count")  # what a member takes hangs on these


@dataclass(frozen=True)
class Resource:
    """One resource as it will be: `key` is its path ('balancer', 'application-1.server').

    `meta` is what the template tells us; `group` the key of the group it belongs to, `index` its place there from 1.
    `copies` is more than 1 for the one that stands for all the members of a group beyond the first hundred. `foreign`
    is inside a stack of its own, which Heat does not tell with this one's resources. What is not known of the
    properties is `Unknown`. `stands` is there already (external_id): Heat takes it over and makes nothing.
    `elsewhere` is a stack that is launched in another region or project. `depth` counts the stacks around it, as Heat
    does: a group is one, and each of its members that is a template another.
    """

    key: str
    type: str
    properties: Mapping[str, Any]
    meta: Mapping[str, Any]
    group: str = ""
    index: int = 0
    copies: int = 1
    foreign: bool = False
    stands: bool = False
    elsewhere: bool = False
    depth: int = 0

    @property
    def name(self) -> str:
        """Its own name in its template."""
        return self.key.rpartition(".")[2]

    @property
    def called(self) -> str:
        """What a sentence calls it: a member of a group is called as all of them are."""
        if not self.group:
            return self.key
        inner = self.key.removeprefix(f"{self.group}-{self.index}").lstrip(".")
        return f"{self.group}.{inner}" if inner else say("a member of {group}", group=self.group)


def is_file(type_: str) -> bool:
    """Whether a resource's type is a template."""
    return type_.endswith((".yaml", ".yml", ".template"))


def of(group: Resource, at: Scope, size: int | None) -> Iterator[Resource]:
    """A group's members, the last one for all beyond the first hundred; `size` is how many there are now, if known.

    Raises Exhausted.
    """
    if group.type == CHAIN:
        yield from _chain(group, at)
        return
    count = _size(group, at.budget) if size is None else size
    kind, given = _kind(group, at)
    shifted = text(group.properties.get("index_var")) or "%index%"
    if count > MOST_MEMBERS and any(shifted in text(given.get(name)) for name in _SIZED):
        at.budget.doubt(
            say(
                "How much the members of {called} take cannot be told: it differs with their number.",
                called=group.called,
            )
        )
    for index in range(1, min(count, MOST_MEMBERS + 1) + 1):
        copies = group.copies * (count - MOST_MEMBERS if index > MOST_MEMBERS else 1)
        if group.type == "OS::Heat::ResourceGroup":
            own, own_kind = _numbered(given, shifted, str(index - 1), at.budget), kind.replace(shifted, str(index - 1))
        else:
            own, own_kind = given, kind
        yield _member(group, index, own_kind, own, copies)


def _size(group: Resource, budget: Budget) -> int:
    names, otherwise = _SIZES[group.type]
    for name in names:
        said = group.properties.get(name)
        if isinstance(said, Unknown):
            budget.doubt(
                say(
                    "How many members {called} has cannot be told: it depends on {why}.",
                    called=group.called,
                    why=said.why,
                )
            )
            return 0
        if said is not None and real(said) is None:
            budget.doubt(
                say(
                    "How many members {called} has cannot be told: its {name} is no number.",
                    called=group.called,
                    name=name,
                )
            )
            return 0
        if said is not None:
            return number(said)
    return otherwise


def _kind(group: Resource, at: Scope) -> tuple[str, Mapping[str, Any]]:
    """What a member is, and its properties."""
    if group.type in INSTANCES:
        return INSTANCE, _configured(group, at)
    wanted = group.properties.get("resource") or group.properties.get("resource_def")
    given = mapping(wanted).get("properties")
    for said in (wanted, given, mapping(wanted).get("type")):
        if isinstance(said, Unknown):
            at.budget.doubt(
                say(
                    "What the members of {called} are cannot be told: it depends on {why}.",
                    called=group.called,
                    why=said.why,
                )
            )
    return at.meant(text(mapping(wanted).get("type"))), mapping(given)


def _configured(group: Resource, at: Scope) -> Mapping[str, Any]:
    """The properties of the launch configuration that the group names."""
    named = group.properties.get("LaunchConfigurationName")
    holder = named.at if isinstance(named, Unknown) and isinstance(named.at, Scope) else at
    told = mapping(holder.declared.get(named.made if isinstance(named, Unknown) else text(named)))
    if not told and group.properties.get("InstanceId") is None:
        at.budget.doubt(
            say(
                "What the members of {called} take cannot be told: their configuration is not known.",
                called=group.called,
            )
        )
    given = mapping(functions.resolve(told.get("properties"), holder))
    if given.get("InstanceId") is not None or group.properties.get("InstanceId") is not None:
        at.budget.doubt(
            say("What the members of {called} take cannot be told: they are copies of a server.", called=group.called)
        )
    subnets = listing(group.properties.get("VPCZoneIdentifier"))
    return {**given, "SubnetId": subnets[0]} if subnets else given


def _chain(chain: Resource, at: Scope) -> Iterator[Resource]:
    kinds, given = chain.properties.get("resources"), mapping(chain.properties.get("resource_properties"))
    if isinstance(kinds, Unknown):
        at.budget.doubt(
            say("What {called} makes cannot be told: it depends on {why}.", called=chain.called, why=kinds.why)
        )
    for index, kind in enumerate(listing(kinds), 1):
        if isinstance(kind, Unknown):
            at.budget.doubt(
                say("What {called} makes cannot be told: it depends on {why}.", called=chain.called, why=kind.why)
            )
        elif index > MOST_MEMBERS * MOST_MEMBERS:
            at.budget.step(at.budget.steps + 1)
        else:
            yield _member(chain, index, at.meant(text(kind)), given, chain.copies)


def _member(group: Resource, index: int, kind: str, given: Mapping[str, Any], copies: int) -> Resource:
    key, depth = f"{group.key}-{index}", group.depth + 1
    return Resource(key, kind, given, {}, group.key, index, copies, group.foreign, depth=depth)


def _numbered(value: Any, mark: str, index: str, budget: Budget) -> Any:
    """The same with a member's number for the mark, in whatever is text."""
    if isinstance(value, str):
        return value.replace(mark, index)
    if isinstance(value, Mapping):
        budget.step()
        return {key: _numbered(item, mark, index, budget) for key, item in value.items()}
    if isinstance(value, list):
        budget.step()
        return [_numbered(item, mark, index, budget) for item in value]
    return value
