"""Just enough of Heat's template language to say, without asking Heat, what a template makes.

Conditions, parameters, groups, nested templates and stacks inside the stack are worked out; what cannot be is told in
the scope's budget. The parts: `source` (text to data), `functions`, `members` (of groups), and the walk here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

from tenant_ops_dashboard.cloud.values import mapping, text, texts
from tenant_ops_dashboard.environments.model import Tier
from tenant_ops_dashboard.environments.template import functions, members, standing
from tenant_ops_dashboard.environments.template.budget import NESTED, Exhausted
from tenant_ops_dashboard.environments.template.functions import Scope, holds
from tenant_ops_dashboard.environments.template.members import GROUPS, MOST_MEMBERS, STACK, Resource, is_file
from tenant_ops_dashboard.environments.template.source import NoTemplate, load, parse, scope
from tenant_ops_dashboard.environments.template.standing import ATTACHMENT, VOLUME, brought
from tenant_ops_dashboard.environments.template.unknown import Unknown, known
from tenant_ops_dashboard.sentences import say

__all__ = [
    "ATTACHMENT", "GROUPS", "MOST_MEMBERS", "VOLUME", "NoTemplate", "Resource", "Scope", "asks", "brought", "holds",
    "load", "parse", "resolve", "resources", "scope",
]  # fmt: skip

NAMESPACE = "tenant_ops"
SERVER = "OS::Nova::Server"
RESOURCE = 15  # steps that one resource counts
TOO_LARGE = say("This template asks for more than can be worked out here: only a part of it is told.")
_TEXTS = ("title", "kind", "part_of", "part", "each", "volume")
_MAPS = ("arrows", "parts", "titles")


def resources(template: Mapping[str, Any], at: Scope, sizes: Mapping[str, int] | None = None) -> tuple[Resource, ...]:
    """All resources whose condition holds; groups and templates are followed by what is inside of them.

    `sizes` says how many members a group has now, by its key; without it the template's own number counts. Where it is
    more work than the scope's budget allows, what was found so far; the budget tells, and of what is unknown, too.
    """
    found: list[Resource] = []
    try:
        for one in _walk(template, at, Resource("", "", {}, {}), sizes or {}):
            found.append(one)
    except Exhausted:
        at.budget.tell(TOO_LARGE)
    return tuple(found)


def resolve(value: Any, at: Scope) -> Any:
    """A value with its functions worked out; None for what only the running stack knows, or what is too much work."""
    try:
        return known(functions.resolve(value, at), at.budget)
    except Exhausted:
        at.budget.tell(TOO_LARGE)
        return None


def asks(template: Mapping[str, Any], name: str, at: Scope) -> bool:
    """Whether a template has this output, unless its condition does not hold for certain."""
    declared = mapping(template.get("outputs")).get(name)
    if declared is None:
        return False
    try:
        met = functions.decided(mapping(declared).get("condition", True), at)
    except Exhausted:
        return True
    return isinstance(met, Unknown) or met


def _walk(template: Mapping[str, Any], at: Scope, inside: Resource, sizes: Mapping[str, int]) -> Iterator[Resource]:
    """`inside` is the resource whose template this is; its key ends with a dot, or is '' for none."""
    for name, declared in mapping(template.get("resources")).items():
        at.budget.step(RESOURCE)
        told = mapping(declared)
        bare = replace(inside, key=f"{inside.key}{name}", type=at.meant(text(told.get("type"))))
        if not told or not _made(told, bare, at):
            yield from _instead(told, bare, at)
            continue
        properties = functions.resolve(told.get("properties"), at)
        if isinstance(properties, Unknown):
            at.budget.doubt(
                say("What {called} takes cannot be told: it depends on {why}.", called=bare.called, why=properties.why)
            )
        meta = _meta(mapping(told.get("metadata")).get(NAMESPACE), at)
        if "part_of" in meta and inside.key and not inside.group:
            meta["part_of"] = f"{inside.key}{meta['part_of']}"
        resource = replace(bare, properties=mapping(properties), meta=meta)
        if told.get("external_id") is not None:
            yield replace(resource, stands=True)
        else:
            yield from _with_inner(resource, at, sizes)
        if resource.type == ATTACHMENT and not resource.group:
            yield from _attached(resource, at)
        if resource.type == SERVER and not resource.group:
            yield from standing.root(resource)


def _attached(attachment: Resource, at: Scope) -> Iterator[Resource]:
    place = attachment.meta.get("part_of", "")
    told = mapping(at.declared.get(place.rpartition(".")[2]))
    instead = told.get("type") == VOLUME and not _made(told, replace(attachment, key=place), at)
    meta = _meta(mapping(told.get("metadata")).get(NAMESPACE), at) if instead else None
    yield from standing.attached(attachment, place, meta)


def _instead(told: Mapping[str, Any], resource: Resource, at: Scope) -> Iterator[Resource]:
    """What takes the place of one that is not made, where its metadata names it."""
    meta = mapping(mapping(told.get("metadata")).get(NAMESPACE))
    if "existing" in meta and not resource.group:
        id_ = functions.resolve(meta["existing"], at)
        properties = mapping(functions.resolve(told.get("properties"), at))
        yield from standing.instead(replace(resource, properties=properties, meta=_meta(meta, at)), id_)


def _made(told: Mapping[str, Any], resource: Resource, at: Scope) -> bool:
    """Whether its condition holds; what cannot be told is not counted, and said."""
    met = functions.decided(told["condition"], at) if "condition" in told else True
    if isinstance(met, Unknown):
        at.budget.doubt(
            say("Whether {called} is made cannot be told: it depends on {why}.", called=resource.called, why=met.why)
        )
    return bool(met)


def _with_inner(resource: Resource, at: Scope, sizes: Mapping[str, int]) -> Iterator[Resource]:
    """A resource, and what is inside where it is a group, a template, or a stack of its own."""
    if resource.type == STACK and _elsewhere(resource, at):
        at.budget.doubt(
            say(
                "What {called} takes cannot be told: its stack goes to another region or project.",
                called=resource.called,
            )
        )
        yield replace(resource, elsewhere=True)
        return
    yield resource
    if resource.type in GROUPS:
        yield from _members(resource, at, sizes)
    elif is_file(resource.type):
        yield from _nested(resource, at)
    elif resource.type == STACK:
        yield from _stack(resource, at)


def _members(group: Resource, at: Scope, sizes: Mapping[str, int]) -> Iterator[Resource]:
    titles = group.meta.get("titles") or {}
    for member in members.of(group, at, sizes.get(group.key)):
        at.budget.step(RESOURCE)
        if member.type in GROUPS or member.type == STACK:
            yield from _with_inner(member, at, {})
            continue
        yield member
        if is_file(member.type):
            for one in _nested(member, at):
                yield replace(one, meta=one.meta or _titled(titles, one.name))
        if member.type not in at.files:
            for name in titles:
                at.budget.step(RESOURCE)
                key = f"{member.key}.{name}"
                yield replace(member, key=key, type="", properties={}, meta=_titled(titles, name))


def _nested(wrapper: Resource, at: Scope) -> Iterator[Resource]:
    """What the template makes that is used as the type of a resource."""
    if wrapper.type in at.files:
        yield from _inner(
            wrapper, at.files[wrapper.type], wrapper.properties, at, say("The file {type}", type=wrapper.type)
        )
    elif "://" in wrapper.type:
        at.budget.doubt(
            say(
                "What {called} makes cannot be told: its template is at {type}.",
                called=wrapper.called,
                type=wrapper.type[:100],
            )
        )
    else:
        at.budget.refuse(
            say(
                "Heat would refuse it: {called} needs {type}, which is not in its folder.",
                called=wrapper.called,
                type=wrapper.type[:60],
            )
        )


def _elsewhere(stack: Resource, at: Scope) -> bool:
    """Whether a stack of its own takes the quota of another region, project or cloud."""
    context = mapping(stack.properties.get("context"))
    others = [name for name, value in context.items() if name != "region_name" and value is not None]
    region = context.get("region_name")
    return bool(others) or isinstance(region, Unknown) or text(region) not in ("", at.region)


def _stack(stack: Resource, at: Scope) -> Iterator[Resource]:
    """What a stack of its own makes."""
    source = stack.properties.get("template")
    if not isinstance(source, str):
        why = source.why if isinstance(source, Unknown) else say("a template that is not there")
        at.budget.doubt(say("What {called} makes cannot be told: it depends on {why}.", called=stack.called, why=why))
        return
    for one in _inner(
        stack,
        source,
        mapping(stack.properties.get("parameters")),
        at,
        say("The template of {stack_key}", stack_key=stack.key),
    ):
        yield replace(one, foreign=True)


def _inner(wrapper: Resource, source: str, given: Mapping[str, Any], at: Scope, what: str) -> Iterator[Resource]:
    here = replace(wrapper, key=f"{wrapper.key}.", depth=wrapper.depth + 1)
    if here.depth > NESTED:
        at.budget.tell(TOO_LARGE)
        return
    try:
        nested = parse(source)
    except ValueError as error:
        at.budget.tell(say("{what} cannot be read: {error}", what=what, error=error))
        return
    inner = scope(
        nested, given, files=at.files, region=at.region, registry=at.registry, defaults=at.defaults
    )  # fmt: skip
    yield from _walk(nested, replace(inner, budget=at.budget), here, {})


def _meta(given: Any, at: Scope) -> dict[str, Any]:
    """What a resource's metadata says of it, each of its type; another tier than ours is 'other'.

    Words of arrows may be functions: a port is a parameter. Raises Exhausted.
    """
    told = mapping(given)
    found: dict[str, Any] = {name: text(told[name], 200) for name in _TEXTS if text(told.get(name))}
    found.update({name: texts(told[name]) for name in _MAPS if texts(told.get(name))})
    if arrows := texts(functions.resolve(told.get("arrows"), at)):
        found["arrows"] = arrows
    if tier := text(told.get("tier")):
        found["tier"] = tier if tier in get_args(Tier) else "other"
    return found


def _titled(titles: Mapping[str, str], name: str) -> dict[str, str]:
    return {"title": titles[name]} if name in titles else {}
