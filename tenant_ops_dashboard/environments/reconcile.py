"""What comes after the stack: the firewall group of what is up, and the last sweep of what is gone.

Level-triggered and idempotent: it looks at what is there and does what is missing, so any page view, a timer and a
command line may run it, twice at once if it so happens. What people changed since is left as it is; `details` tells.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable

from tenant_ops_dashboard import audit, policy
from tenant_ops_dashboard.cloud import Cloud, CloudError, Conflict, NotFound, Uncertain
from tenant_ops_dashboard.environments import data_actions, firewall, stack, trusts, wall
from tenant_ops_dashboard.environments.errors import NotAllowed
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.stack import Stack

ROUNDS = 3
_LOG = logging.getLogger(__name__)


def reconcile(cloud: Cloud, environment: Environment) -> None:
    """Do for one environment what Heat cannot. Cheap where nothing is to do: two to six calls.

    Somebody who may only look changes nothing by looking.

    Raises a CloudError; running it again goes on where it stopped.
    """
    if not policy.allowed(cloud, "environments:launch"):
        return
    rows = cloud.get("orchestration", "/stacks", id=environment.id)["stacks"]
    if not rows:
        sweep(cloud, environment.id)
        return
    found = stack.read(rows[0])
    if found.complete:
        _ensure_wall(cloud, stack.full(cloud, found))
    elif found.action == "DELETE":
        release(cloud, found.id)
        if found.state == "FAILED" and cloud.has("block-storage"):
            # The delete that would have taken the data along is over.
            with contextlib.suppress(NotAllowed):
                data_actions.keep(cloud, found.id)


def unfinished(cloud: Cloud, environments: Iterable[Environment]) -> tuple[str, ...]:
    """Reconcile those that are being made or taken away; what went wrong, a sentence each."""
    problems = []
    for one in environments:
        if one.status in ("building", "deleting"):
            try:
                reconcile(cloud, one)
            except CloudError as error:
                problems.append(f"{one.name}: {error}")
    return tuple(problems)


def release(cloud: Cloud, environment_id: str) -> None:
    """Take the firewall off the router, so that Heat can delete its ports."""
    standing = wall.read(cloud, environment_id)
    if standing is not None:
        wall.clear(cloud, standing)


def sweep(cloud: Cloud, environment_id: str) -> None:
    """After the stack is gone: the firewall's remains, and the data that was meant to go with it."""
    release(cloud, environment_id)
    if not data_actions.remove_marked(cloud, environment_id):
        trusts.forget(cloud, environment_id)


def router_ports(cloud: Cloud, router: str) -> tuple[str, ...]:
    """Ids of a router's interfaces into subnets: one call."""
    ports = cloud.pages("network", "/ports", "ports", device_id=router)
    return tuple(sorted(one["id"] for one in ports if one["device_owner"].startswith("network:router_interface")))


def _ensure_wall(cloud: Cloud, found: Stack) -> None:
    wanted = firewall.wanted(found.outputs.get("firewall"), cloud.options.firewall_profile)
    if wanted is None or not wanted.router:
        return
    ports = router_ports(cloud, wanted.router)
    lost: CloudError | None = None
    for _ in range(ROUNDS):
        standing = wall.read(cloud, found.id, ports)
        if standing is None or not ports:
            return
        if standing.group is not None:
            _finish(cloud, found, standing, ports)
            return
        try:
            made = wall.build(cloud, found.name, found.id, wanted, ports)
        except (Conflict, NotFound, Uncertain) as error:
            # Another run was quicker; Neutron tells that with 409, with 404, or with a 500 from its database.
            _LOG.info("The firewall of %s is looked at again: %s", found.name, error)
            lost = error
            continue
        except CloudError as error:
            audit.record(
                cloud, "create", "firewall-group", "", f"{found.name}-fw", "failure", request_id=error.request_id
            )
            wall.clear(cloud, standing)
            raise
        audit.record(cloud, "create", "firewall-group", made, f"{found.name}-fw", "success")
        return
    if lost is not None:
        raise lost


def _finish(cloud: Cloud, found: Stack, standing: wall.Wall, ports: tuple[str, ...]) -> None:
    if standing.group is None or standing.group["description"] != wall.mark(found.id):
        return
    if not standing.ports:
        cloud.put("network", f"{wall.GROUPS}/{standing.group_id}", {"firewall_group": {"ports": list(ports)}})
    try:
        wall.tidy(cloud, standing)
    except Conflict as error:
        # Another run still uses what looked left over; the next one sees.
        _LOG.info("The firewall of %s is tidied later: %s", found.name, error)
