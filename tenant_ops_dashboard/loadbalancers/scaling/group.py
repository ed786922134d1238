"""The group of servers behind an environment's load balancer, as its Heat stack has it. Rules stand in its template."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.values import Shape, cut, mapping, moment, number, real, row, text
from tenant_ops_dashboard.environments import errors as environments
from tenant_ops_dashboard.environments.heat import resources, stack
from tenant_ops_dashboard.environments.standstill import stall, standstill
from tenant_ops_dashboard.loadbalancers.errors import NoScaling, NotFound
from tenant_ops_dashboard.loadbalancers.scaling import alarms, members
from tenant_ops_dashboard.loadbalancers.scaling.model import HIGHEST, METRICS, TIMES, Group, Rules
from tenant_ops_dashboard.sentences import say

GROUP = "OS::Heat::AutoScalingGroup"
POLICY = "OS::Heat::ScalingPolicy"
KEY = "scaling"
MOST = 1_000_000  # servers of a group, as its template may say
Json = dict[str, Any]


def read(cloud: Cloud, name_or_id: str) -> Group:
    """The group of an environment: six calls, and more where Heat is at work on it and nothing has moved for a moment.

    Raises NotFound, NoScaling where the environment has no group with policies, or a CloudError.
    """
    try:
        found = stack.find(cloud, name_or_id)
    except environments.NotFound as error:
        raise NotFound(error.sentence) from error
    whole = stack.full(cloud, found)
    template = cloud.get("orchestration", f"{found.path}/template")
    heat = resources.read(cloud, found)
    name = next((row.key for row in heat if row.type == GROUP), "")
    live = cloud.get("orchestration", f"{found.path}/resources/{name}/metadata").get("metadata") if name else {}
    group = of(whole, template, heat, mapping(live), members.servers(cloud))
    if not group.busy or stall.quiet(stall.moved(whole, heat), cloud.now()) <= stall.SUSPECT:
        return group
    told = standstill.of(cloud, whole, heat, resources.spans(cloud, found), busy=True)
    return dataclasses.replace(group, stall=next((one for one in told if one.service == stall.HEAT), None))


def switched_on(cloud: Cloud, found: stack.Stack) -> bool:
    """Whether an environment scales by itself: one call, so that those that do not cost little. Raises a CloudError."""
    declared = _declared(cloud.get("orchestration", f"{found.path}/template"))
    return any(_kept(one).get("on") for one in declared.values() if one["type"] == GROUP)


def of(
    found: stack.Stack, template: Mapping[str, Any], heat: Sequence[resources.Row], live: Mapping[str, Any],
    servers: Mapping[str, str] | None,
) -> Group:  # fmt: skip
    """The same from what was read: `live` is what Heat notes of the group. Pure. Raises NoScaling."""
    declared = _declared(template)
    name = next((key for key, one in declared.items() if one["type"] == GROUP), "")
    if not name:
        raise NoScaling(say("The environment {name} has no group of servers that could be scaled.", name=found.name))
    properties = declared[name]["properties"]
    kept, unreadable = rules(declared[name]["metadata"])
    out, in_ = _policies(declared, name, found.parameters)
    if not out or not in_:
        raise NoScaling(say("The environment {name} has no policies to scale out and in.", name=found.name))
    own = next((one for one in heat if one.key == name), None)
    ours = [own, *members.of(heat, name)] if own else []
    failed = [one for one in ours if one.state == "failed" and one.reason != members.LOST]
    parts = (found.updated_at, own.resource_id if own else "")
    return Group(
        environment_id=found.id,
        environment=found.name,
        path=found.path,
        name=name,
        size=members.size(heat, name),
        minimum=_number(properties.get("min_size"), found.parameters, 0),
        maximum=_number(properties.get("max_size"), found.parameters, 0),
        step=max(1, _number(declared[out]["properties"].get("scaling_adjustment"), found.parameters, 1)),
        out_policy=out,
        in_policy=in_,
        state="failed" if failed else own.state if own else "planned",
        reason=next((resources.reason(one.reason) for one in failed if one.reason), ""),
        busy=found.meaning.moving or bool(live.get("scaling_in_progress")) or members.moving(heat, name),
        stamp=hashlib.sha256(repr(parts).encode()).hexdigest()[:16],
        rules=kept,
        unreadable=unreadable,
        broken=members.broken(heat, name, servers),
        stuck=own is not None and own.state == "failed",
        rest_until=moment(next(iter(mapping(live.get("cooldown_end"))), None)),
        flavor=_flavor(properties, found.parameters),
        metrics=alarms.metrics(declared),
        update_failed=(found.action, found.state) == ("UPDATE", "FAILED"),
    )


def rules(metadata: Mapping[str, Any]) -> tuple[Rules, str]:
    """The rules that a group's metadata carry; what is not there is the default.

    With any that cannot be used they are all the defaults, which are off, and the second says what is wrong.
    """
    given = mapping(metadata.get("tenant_ops")).get(KEY)
    if given is None:
        return Rules(), ""
    if not isinstance(given, Mapping):
        return Rules(), _unreadable(say("they are no mapping"))
    known = mapping(given)
    wrong: list[str] = []
    changes: Json = {}
    if "on" in known:
        changes["on"] = known["on"]
        wrong += [] if isinstance(known["on"], bool) else ["on"]
    if "metric" in known:
        changes["metric"] = known["metric"]
        wrong += [] if known["metric"] in METRICS else ["metric"]
    for name, (low, high) in {"threshold": (0, HIGHEST), **TIMES}.items():
        if name not in known:
            continue
        told = None if isinstance(known[name], str) else real(known[name])
        changes[name] = told
        if told is None or not low <= told <= high or (name == "threshold" and told == 0):
            wrong.append(name)
    if wrong:
        return Rules(), _unreadable(", ".join(f"{name}: {_said(known[name])}" for name in wrong))
    return dataclasses.replace(Rules(), **changes), ""


def _unreadable(why: str) -> str:
    return say(
        "The rules kept in the template cannot be read ({why}): scaling by itself is off. Set them anew.", why=why
    )


def _said(value: Any) -> str:
    return cut(repr(value), 40) if isinstance(value, str | float | None) else text(value, 40) or type(value).__name__


def _declared(template: Mapping[str, Any]) -> dict[str, Json]:
    """A template's resources with what is looked at, of its type."""
    shape: Shape = {"type": text, "properties": mapping, "metadata": mapping}
    return {name: row(one, shape) for name, one in mapping(template.get("resources")).items()}


def _kept(declared: Mapping[str, Any]) -> dict[str, Any]:
    return mapping(mapping(declared["metadata"].get("tenant_ops")).get(KEY))


def _policies(declared: Mapping[str, Any], group: str, parameters: Mapping[str, Any]) -> tuple[str, str]:
    out = in_ = ""
    for key, one in declared.items():
        properties = one["properties"]
        if one["type"] != POLICY or mapping(properties.get("auto_scaling_group_id")).get("get_resource") != group:
            continue
        amount = _number(properties.get("scaling_adjustment"), parameters, 0, -MOST)
        out = key if amount > 0 and not out else out
        in_ = key if amount < 0 and not in_ else in_
    return out, in_


def _flavor(properties: Mapping[str, Any], parameters: Mapping[str, Any]) -> str:
    given = mapping(mapping(properties.get("resource")).get("properties")).get("flavor")
    return text(_param(given, parameters) if isinstance(given, Mapping) else given)


def _number(given: Any, parameters: Mapping[str, Any], otherwise: int, low: int = 0) -> int:
    return number(_param(given, parameters) if isinstance(given, Mapping) else given, otherwise, low, MOST)


def _param(given: Mapping[str, Any], parameters: Mapping[str, Any]) -> Any:
    name = given.get("get_param")
    return parameters.get(name) if isinstance(name, str) else None
