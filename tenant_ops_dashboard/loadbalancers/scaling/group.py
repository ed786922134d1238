"""The group of servers behind an environment's load balancer, as its Heat stack has it. Rules stand in its template."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import errors as environments
from tenant_ops_dashboard.environments import rows, stack
from tenant_ops_dashboard.loadbalancers.errors import NoScaling, NotFound
from tenant_ops_dashboard.loadbalancers.scaling.model import METRICS, Group, Rules

GROUP = "OS::Heat::AutoScalingGroup"
POLICY = "OS::Heat::ScalingPolicy"
KEY = "scaling"
Json = dict[str, Any]


def read(cloud: Cloud, name_or_id: str) -> Group:
    """The group of an environment: four calls.

    Raises NotFound, NoScaling where the environment has no group with policies, or a CloudError.
    """
    try:
        found = stack.find(cloud, name_or_id)
    except environments.NotFound as error:
        raise NotFound(str(error)) from error
    whole = stack.full(cloud, found)
    template = cloud.get("orchestration", f"{found.path}/template")
    return of(whole, template, rows.read(cloud, found))


def of(found: stack.Stack, template: Mapping[str, Any], heat: tuple[rows.Row, ...] | list[rows.Row]) -> Group:
    """The same from what was read. Pure. Raises NoScaling."""
    declared = template.get("resources") or {}
    name = next((key for key, one in declared.items() if one["type"] == GROUP), "")
    if not name:
        raise NoScaling(f"The environment {found.name} has no group of servers that could be scaled.")
    properties = declared[name].get("properties") or {}
    out, in_ = _policies(declared, name, found.parameters)
    if not out or not in_:
        raise NoScaling(f"The environment {found.name} has no policies to scale out and in.")
    row = next((one for one in heat if one.key == name), None)
    step = abs(_number(declared[out]["properties"].get("scaling_adjustment"), found.parameters, 1))
    reason = rows.reason(row.reason) if row and row.state == "failed" else ""
    parts = (found.updated_at, row.state if row else "", reason, row.resource_id if row else "")
    return Group(
        environment_id=found.id,
        environment=found.name,
        path=found.path,
        name=name,
        size=rows.sizes(heat).get(name, 0),
        minimum=_number(properties.get("min_size"), found.parameters, 0),
        maximum=_number(properties.get("max_size"), found.parameters, 0),
        step=max(1, step),
        out_policy=out,
        in_policy=in_,
        state=row.state if row else "planned",
        reason=reason,
        busy=found.state == "IN_PROGRESS" or (row is not None and row.state in ("building", "deleting")),
        stamp=hashlib.sha256(repr(parts).encode()).hexdigest()[:16],
        rules=rules(declared[name].get("metadata") or {}),
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


def _number(given: Any, parameters: Mapping[str, Any], otherwise: int) -> int:
    if isinstance(given, Mapping):
        given = parameters.get(str(given.get("get_param")))
    try:
        return int(given)
    except (TypeError, ValueError):
        return otherwise
