"""What a stack uses and did not make, as rows beside Heat's own: networks, subnets and a router that were there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, CloudError, Unreadable
from tenant_ops_dashboard.cloud.values import text
from tenant_ops_dashboard.environments.heat import resources, stack
from tenant_ops_dashboard.environments.heat.resources import NOWHERE, Row
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.template import blueprint as blueprints
from tenant_ops_dashboard.environments.template import hot
from tenant_ops_dashboard.sentences import say

_LOG = logging.getLogger(__name__)
# By type: Neutron's list, and what is told of one.
_TOLD: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "OS::Neutron::Net": ("networks", lambda name: say("Network {name}, which was there before it", name=name)),
    "OS::Neutron::Router": ("routers", lambda name: say("Router {name}, which was there before it", name=name)),
}


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


def told(cloud: Cloud, there: Sequence[Row]) -> tuple[str, ...]:
    """A sentence for each network and router of `rows`: one call for each of both kinds that there is.

    What has no name, or cannot be read any more, is told by its id.
    """
    said: list[str] = []
    for kind, (path, tell) in _TOLD.items():
        ids = sorted({one.resource_id for one in there if one.type == kind})
        names = _names(cloud, path, ids) if ids else {}
        said += [tell(names.get(id_) or id_) for id_ in ids]
    return tuple(said)


def _names(cloud: Cloud, path: str, ids: Sequence[str]) -> dict[str, str]:
    try:
        found = cloud.pages("network", f"/{path}", path, id=list(ids))
    except CloudError:
        return {}
    return {text(one.get("id")): text(one.get("name")) for one in found}
