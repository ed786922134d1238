"""The group of servers behind an environment's load balancer, as its Heat stack has it. Rules stand in its template."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import errors as environments
from tenant_ops_dashboard.environments import rows, stack
from tenant_ops_dashboard.loadbalancers.errors import NoScaling, NotFound
from tenant_ops_dashboard.loadbalancers.scaling import alarms, members
from tenant_ops_dashboard.loadbalancers.scaling.model import METRICS, Group, Rules

GROUP = "OS::Heat::AutoScalingGroup"
POLICY = "OS::Heat::ScalingPolicy"
KEY = "scaling"
Json = dict[str, Any]


def read(cloud: Cloud, name_or_id: str) -> Group:
    """The group of an environment: six calls.

    Raises NotFound, NoScaling where the environment has no group with policies, or a CloudError.
    """
    try:
        found = stack.find(cloud, name_or_id)
    except environments.NotFound as error:
        raise NotFound(str(error)) from error
    whole = stack.full(cloud, found)
    template = cloud.get("orchestration", f"{found.path}/template")
    heat = rows.read(cloud, found)
    name = next((row.key for row in heat if row.type == GROUP), "")
    live = cloud.get("orchestration", f"{found.path}/resources/{name}/metadata")["metadata"] if name else {}
    return of(whole, template, heat, live or {}, members.servers(cloud))


def switched_on(cloud: Cloud, found: stack.Stack) -> bool:
    """Whether an environment scales by itself: one call, so that those that do not cost little. Raises a CloudError."""
    declared = cloud.get("orchestration", f"{found.path}/template").get("resources") or {}
    return any(rules(one.get("metadata") or {}).on for one in declared.values() if one["type"] == GROUP)


def of(
    found: stack.Stack, template: Mapping[str, Any], heat: Sequence[rows.Row], live: Mapping[str, Any],
    servers: Mapping[str, str] | None,
) -> Group:  # fmt: skip
    """The same from what was read: `live` is what Heat notes of the group. Pure. Raises NoScaling."""
    declared = template.get("resources") or {}
    name = next((key for key, one in declared.items() if one["type"] == GROUP), "")
    if not name:
        raise NoScaling(f"The environment {found.name} has no group of servers that could be scaled.")
    properties = declared[name].get("properties") or {}
    out, in_ = _policies(declared, name, found.parameters)
    if not out or not in_:
        raise NoScaling(f"The environment {found.name} has no policies to scale out and in.")
    row = next((one for one in heat if one.key == name), None)
    ours = [row, *members.of(heat, name)] if row else []
    failed = [one for one in ours if one.state == "failed" and one.reason != members.LOST]
    parts = (found.updated_at, row.resource_id if row else "")
    return Group(
        environment_id=found.id,
        environment=found.name,
        path=found.path,
        name=name,
        size=members.size(heat, name),
        minimum=_number(properties.get("min_size"), found.parameters, 0),
        maximum=_number(properties.get("max_size"), found.parameters, 0),
        step=max(1, abs(_number(declared[out]["properties"].get("scaling_adjustment"), found.parameters, 1))),
        out_policy=out,
        in_policy=in_,
        state="failed" if failed else row.state if row else "planned",
        reason=next((rows.reason(one.reason) for one in failed if one.reason), ""),
        busy=found.state == "IN_PROGRESS" or bool(live.get("scaling_in_progress")) or members.moving(heat, name),
        stamp=hashlib.sha256(repr(parts).encode()).hexdigest()[:16],
        rules=rules(declared[name].get("metadata") or {}),
        broken=members.broken(heat, name, servers),
        stuck=row is not None and row.state == "failed",
        rest_until=stack.moment(next(iter(live.get("cooldown_end") or {}), None)),
        flavor=_flavor(properties, found.parameters),
        metrics=alarms.metrics(declared),
    )


def rules(metadata: Mapping[str, Any]) -> Rules:
    """The rules that a group's metadata carry; what is not there, or nonsense, is the default."""
    known = (metadata.get("tenant_ops") or {}).get(KEY) or {}
    plain = Rules()
    if not isinstance(known, Mapping):
        return plain
    changes: Json = {}
    for field in dataclasses.fields(Rules):
        given = known.get(field.name)
        if isinstance(given, int | float) and isinstance(getattr(plain, field.name), int | float):
            changes[field.name] = bool(given) if field.name == "on" else float(given)
    if known.get("metric") in METRICS:
        changes["metric"] = known["metric"]
    return dataclasses.replace(plain, **changes)


def _policies(declared: Mapping[str, Any], group: str, parameters: Mapping[str, Any]) -> tuple[str, str]:
    out = in_ = ""
    for key, one in declared.items():
        properties = one.get("properties") or {}
        if one["type"] != POLICY or (properties.get("auto_scaling_group_id") or {}).get("get_resource") != group:
            continue
        amount = _number(properties.get("scaling_adjustment"), parameters, 0)
        out = key if amount > 0 and not out else out
        in_ = key if amount < 0 and not in_ else in_
    return out, in_


def _flavor(properties: Mapping[str, Any], parameters: Mapping[str, Any]) -> str:
    wanted = properties.get("resource") or {}
    given = (wanted.get("properties") or {}).get("flavor") or ""
    return str(parameters.get(str(given.get("get_param"))) or "") if isinstance(given, Mapping) else str(given)


def _number(given: Any, parameters: Mapping[str, Any], otherwise: int) -> int:
    if isinstance(given, Mapping):
        given = parameters.get(str(given.get("get_param")))
    try:
        return int(given)
    except (TypeError, ValueError):
        return otherwise
