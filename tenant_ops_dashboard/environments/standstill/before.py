"""What a stack uses and did not make, as rows beside Heat's own: networks, subnets and a router that were there."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, Unreadable
from tenant_ops_dashboard.environments.heat import resources, stack
from tenant_ops_dashboard.environments.heat.resources import NOWHERE, Row
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.template import blueprint as blueprints
from tenant_ops_dashboard.environments.template import hot

_LOG = logging.getLogger(__name__)


def rows(cloud: Cloud, found: Stack, heat: Sequence[Row]) -> tuple[Row, ...]:
    """A row that is NOWHERE for each of them, by the template and its parameters: two calls.

    None where nobody can read the stack any more, or where Heat emptied it and no blueprint has it. Raises a
    CloudError.
    """
    template: Mapping[str, Any] = {}
    try:
        whole = stack.full(cloud, found, outputs=False)
        template = cloud.get("orchestration", f"{found.path}/template")
    except Unreadable:
        return ()
    files: Mapping[str, str] = {}
    if not template.get("resources") and (made := blueprints.find(found.blueprint or whole.blueprint)):
        # Heat empties the template of a stack that it takes away.
        template, files = hot.parse(made.template), made.files
    try:
        at = hot.scope(template, whole.parameters, found.name, files)
        at = replace(at, ids={row.key: row.resource_id for row in heat})
        _, all_ = resources.brought(hot.resources(template, at), heat)
    except Exception:  # noqa: BLE001 (whatever it is, the stack can be deleted)
        _LOG.exception("What the environment %s uses cannot be told", found.name)
        return ()
    return tuple(one for one in all_ if one.place == NOWHERE)
