"""Heat's resource rows and events, keyed as the template's resources are: 'balancer', 'application-1.server'."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, values
from tenant_ops_dashboard.cloud.values import Shape, each, moment, text
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import State
from tenant_ops_dashboard.environments.template import hot
from tenant_ops_dashboard.environments.template.hot import GROUPS, MOST_MEMBERS, Resource
from tenant_ops_dashboard.environments.template.members import is_file

_STATES: dict[str, State] = {"IN_PROGRESS": "building", "COMPLETE": "good", "FAILED": "failed"}
NOWHERE = ("", "")  # the place of what is in no stack
LONGEST = 1_000  # characters of a reason
_STACKS = ("OS::Heat::", "AWS::AutoScaling::")  # types that are stacks by themselves
REQUEST_ID = re.compile(r"req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAMED = re.compile(r"resources\.([\w-]+)")
_INSIDE = re.compile(r"(.+)-(\d{1,9})\.[^.]+")
_MEMBER = re.compile(r"(.+)-(\d{1,9})")
_PREFIX = re.compile(r"^(?:Resource \w+ failed: |(?:[A-Z]\w+: )?resources\.[\w.\[\]-]+: )")

_LINKS = each({"rel": text, "href": text})
ROW: Shape = {
    "resource_name": text, "resource_type": text, "resource_status": text, "resource_status_reason": text,
    "physical_resource_id": text, "parent_resource": text, "creation_time": text, "updated_time": text,
    "links": _LINKS,
}  # fmt: skip
EVENT: Shape = {
    "resource_name": text, "resource_status": text, "resource_status_reason": text, "physical_resource_id": text,
    "event_time": text, "links": _LINKS,
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One resource as Heat has it; `place` is the stack it is in and its name there, as events name it too.

    `action` is Heat's CREATE, UPDATE, ... on it, `moved` when Heat last wrote something of it.
    """

    key: str
    type: str
    state: State
    reason: str
    resource_id: str
    place: tuple[str, str]
    action: str = ""
    moved: datetime.datetime | None = None


@dataclass(frozen=True)
class Span:
    """When a resource's present action began and, if it has, ended."""

    began: datetime.datetime
    ended: datetime.datetime | None

    def seconds(self, now: datetime.datetime) -> float:
        """How long it has taken so far, or in all."""
        return max(0.0, ((self.ended or now) - self.began).total_seconds())


def read(cloud: Cloud, stack: Stack) -> tuple[Row, ...]:
    """All resources with those of nested stacks: one call."""
    answer = cloud.get("orchestration", f"{stack.path}/resources", nested_depth=2)
    raw = [values.row(one, ROW) for one in values.listing(answer.get("resources"))]
    raw = [one for one in raw if one["resource_name"]]
    members = _members(raw)
    outer = {one["physical_resource_id"]: one for one in raw if one["physical_resource_id"]}
    found = []
    for one in raw:
        key = _key(one, members, outer)
        words, status = reason(one["resource_status_reason"]), one["resource_status"]
        moved, id_ = moment(one["updated_time"] or one["creation_time"]), one["physical_resource_id"]
        action = status.partition("_")[0]
        found.append(Row(key, one["resource_type"], state(status), words, id_, place(one), action, moved))
    return _wrappers(found)


def _wrappers(rows: Sequence[Row]) -> tuple[Row, ...]:
    """What an environment file has a template stand for, whatever it is called: a stack with resources of its own."""
    holders = {row.key.rpartition(".")[0] for row in rows}
    return tuple(
        replace(row, type=f"{row.type}.template")
        if row.key in holders and not row.type.startswith(_STACKS) and not is_file(row.type) else row
        for row in rows
    )  # fmt: skip


def spans(cloud: Cloud, stack: Stack) -> dict[tuple[str, str], Span]:
    """How long each resource's latest action took, by `Row.place`: one call."""
    found_ = cloud.pages("orchestration", f"{stack.path}/events", "events", nested_depth=2)
    raw = [values.row(one, EVENT) for one in found_]
    found: dict[tuple[str, str], Span] = {}
    raw.reverse()  # Heat tells the newest first, with whole seconds
    for event in sorted(raw, key=lambda one: one["event_time"]):
        where, when = place(event), moment(event["event_time"])
        if when is None:
            continue
        if event["resource_status"].endswith("IN_PROGRESS"):
            found[where] = Span(when, None)
        elif where in found:
            found[where] = Span(found[where].began, when)
    return found


def routers(rows: Iterable[Row]) -> frozenset[str]:
    """Ids of the stack's own routers, whatever its outputs say."""
    mine = (row for row in rows if row.type == "OS::Neutron::Router" and row.place != NOWHERE)
    return frozenset(row.resource_id for row in mine if row.resource_id)


def sizes(rows: Iterable[Row]) -> dict[str, int]:
    """How many members each group has now."""
    rows = tuple(rows)
    counts = Counter(inside[1] for row in rows if (inside := _MEMBER.fullmatch(row.key)))
    return {row.key: counts[row.key] for row in rows if row.type in GROUPS}


def wanted(rows: Iterable[Row]) -> dict[str, int]:
    """How many members each group is to have: those that failed are to be made anew, those that go are not."""
    return sizes(row for row in rows if row.state not in ("deleting", "gone") and row.action != "DELETE")


def joined(resources: Sequence[Resource], rows: Sequence[Row]) -> tuple[Resource, ...]:
    """The template's resources with the types Heat knows; what only Heat knows of groups and templates in it is added.

    Of members beyond the first hundred one resource stands for all of a name.
    """
    types = {row.key: row.type for row in rows}
    known = {one.key for one in resources}
    found = [replace(one, type=types.get(one.key, one.type)) for one in resources]
    rest = beyond(rows)
    wrappers = tuple(f"{one.key}." for one in found if is_file(one.type) and not one.group)
    for row in rows:
        if row.key not in known and row.key.startswith(wrappers):
            found.append(Resource(row.key, row.type, {}, {}))
            continue
        inside = _INSIDE.fullmatch(row.key)
        if not inside or inside[1] not in known or row.key in known or int(inside[2]) > MOST_MEMBERS + 1:
            continue
        one = Resource(row.key, row.type, {}, {}, inside[1], int(inside[2]))
        found.append(replace(one, copies=len(rest[kin(row.key)])) if one.index > MOST_MEMBERS else one)
    return tuple(found)


def brought(resources: Sequence[Resource], rows: Sequence[Row]) -> tuple[tuple[Resource, ...], tuple[Row, ...]]:
    """Both, with a row for each thing that was there before, which is NOWHERE: Heat has only what uses it.

    What a template names by its id and the stack made all the same is none.
    """
    made = {(row.type, row.resource_id) for row in rows if row.resource_id}
    kept = tuple(one for one in resources if (one.type, hot.brought(one)) not in made)
    more = [(one, hot.brought(one)) for one in kept]
    return kept, (*rows, *(Row(one.key, one.type, "good", "", id_, NOWHERE) for one, id_ in more if id_))


def kin(key: str) -> tuple[str, str]:
    """What a group's member, or a resource inside of one, has in common with its like: the group and its own name."""
    member, _, name = key.rpartition(".") if _INSIDE.fullmatch(key) else (key, "", "")
    return member.rpartition("-")[0], name


def beyond(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    """Members of groups beyond the first hundred and what is inside of them, by `kin`."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        inside = _INSIDE.fullmatch(row.key) or _MEMBER.fullmatch(row.key)
        if inside and int(inside[2]) > MOST_MEMBERS:
            found.setdefault(kin(row.key), []).append(row)
    return found


def alone(rows: Sequence[Row]) -> tuple[Resource, ...]:
    """The resources as Heat's rows alone tell them, where no template is known any more."""
    return tuple(Resource(row.key, row.type, {}, {}) for row in rows)


def reason(text: str) -> str:
    """Heat's reason without the path and class names in front; '' where it only says that the state changed."""
    text = " ".join(text[:LONGEST].split())
    while (shorter := _PREFIX.sub("", text)) != text:
        text = shorter
    return "" if text in ("state changed", "") else text


def told_by_stack(text: str) -> str:
    """A stack's own reason: the resource it names, and that one's words; '' where it says nothing."""
    names = _NAMED.findall(text)
    said = reason(text)
    return f"{names[-1]}: {said}" if names and said else said


def place(one: Mapping[str, Any]) -> tuple[str, str]:
    """The id of the stack that a row or an event of Heat is in, and its resource's name there."""
    stack = next((link["href"] for link in one["links"] if link["rel"] == "stack"), "")
    return stack.rpartition("/")[2], one["resource_name"]


def state(status: str) -> State:
    """What Heat's status of a resource or in an event, such as CREATE_COMPLETE, means for a person."""
    action, _, rest = status.partition("_")
    if action == "INIT" and rest != "FAILED":
        return "planned"
    if action == "DELETE" and rest != "FAILED":
        return "gone" if rest == "COMPLETE" else "deleting"
    if status == "ROLLBACK_COMPLETE":
        return "warning"
    return _STATES.get(rest, "building")


def _key(
    one: Mapping[str, Any], members: Mapping[str, str], outer: Mapping[str, Mapping[str, Any]], most: int = 5
) -> str:
    """A row's path: members of groups are numbered; what is inside a template's resource is in the stack that it is."""
    name, parent = one["resource_name"], one["parent_resource"]
    if not parent:
        return str(name)
    if parent in members:
        return f"{members[parent]}.{name}"
    if name in members:
        return members[name]
    around = outer.get(place(one)[0])
    if around is None or around is one or not most:
        return str(name)
    return f"{_key(around, members, outer, most - 1)}.{name}"


def _members(raw: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    groups = {one["resource_name"] for one in raw if one["resource_type"] in GROUPS and not one["parent_resource"]}
    inside = [one for one in raw if one["parent_resource"] in groups]
    counts: dict[str, int] = {}
    keys: dict[str, str] = {}
    for one in sorted(inside, key=lambda one: (one["creation_time"], one["resource_name"])):
        group = one["parent_resource"]
        counts[group] = counts.get(group, 0) + 1
        keys[one["resource_name"]] = f"{group}-{counts[group]}"
    return keys
