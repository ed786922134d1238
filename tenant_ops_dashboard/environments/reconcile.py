"""What comes after the stack: the firewall group of what is up, and the last sweep of what is gone.

Level-triggered and idempotent: it looks at what is there and does what is missing, so any page view, a timer and a
command line may run it, twice at once if it so happens. What people changed since is left as it is; `details` tells.
The group stays in force until the stack is gone: Neutron lets a router's interface go while it stands in one.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud, CloudError, Conflict, NotFound, Uncertain
from tenant_ops_dashboard.environments import (
    access,
    attempts,
    checks,
    data_actions,
    firewall,
    firewall_build,
    firewall_sweep,
    interfaces,
    rows,
    stack,
    trusts,
    wall,
)
from tenant_ops_dashboard.environments.errors import NotAllowed
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.stack import Stack

ROUNDS = 3
_LOG = logging.getLogger(__name__)


def reconcile(cloud: Cloud, environment: Environment, *, asked: bool = False) -> None:
    """Do for one environment what Heat cannot. Cheap where nothing is to do: two to seven calls.

    Somebody who may only look changes nothing by looking, nor does an administrator who did not launch it, unless it
    was `asked` for. A firewall group that could not be made is tried again after a while, see `attempts`.

    Raises a CloudError; running it again goes on where it stopped.
    """
    look(cloud, environment.id, asked=asked)


def look(cloud: Cloud, environment_id: str, *, asked: bool = False) -> None:
    """The same by the stack's id. Raises a CloudError."""
    if not access.may_launch(cloud):
        return
    found = stack.by_id(cloud, environment_id)
    if not asked and not access.may_finish(cloud, found.owner if found else ""):
        return
    if found is None:
        sweep(cloud, environment_id)
    elif found.complete:
        _ensure_wall(cloud, stack.full(cloud, found))
    elif (found.action, found.state) == ("DELETE", "FAILED") and cloud.has("block-storage"):
        # The delete that would have taken the data along is over.
        with contextlib.suppress(NotAllowed):
            data_actions.keep(cloud, found.id)


def due(cloud: Cloud, environment: Environment) -> bool:
    """Whether a reconcile has something to do now; no call."""
    failure = attempts.failure(cloud, environment.id)
    if failure is not None and environment.status != "deleting":
        return failure.due
    return environment.status in ("building", "deleting") or bool(attempts.open_(cloud, environment.id))


def unfinished(cloud: Cloud, environments: Iterable[Environment]) -> tuple[str, ...]:
    """Reconcile those that are being made or taken away; what went wrong, a sentence each."""
    problems = []
    for one in environments:
        if due(cloud, one):
            try:
                reconcile(cloud, one)
            except CloudError as error:
                problems.append(f"{one.name}: {error}")
    return tuple(problems)


def again(cloud: Cloud, found: Stack) -> bool:
    """Make the firewall group of a stack that stands now, because a person wants it; whether there was that to do.

    One in ERROR is made anew. Raises a CloudError.
    """
    failure = attempts.failure(cloud, found.id)
    attempts.forget(cloud, found.id)
    standing = wall.read(cloud, found.id) if failure or stack.FIREWALL in found.tags else None
    if standing is None or (standing.group is not None and standing.status != "ERROR"):
        return False
    if standing.group is not None:
        firewall_build.open_again(cloud, standing)
    _ensure_wall(cloud, stack.full(cloud, found))
    return True


def sweep(cloud: Cloud, environment_id: str) -> None:
    """After the stack is gone: the firewall's remains, and the data that was meant to go with it."""
    attempts.forget(cloud, environment_id)
    attempts.ended(cloud, environment_id)
    firewall_sweep.unowned(cloud)
    if not data_actions.remove_marked(cloud, environment_id):
        trusts.forget(cloud, environment_id)


def router_ports(cloud: Cloud, router: str) -> tuple[str, ...]:
    """Ids of the project's interfaces of a router into subnets: one call."""
    ports = cloud.pages("network", "/ports", "ports", device_id=router, project_id=cloud.project_id)
    return interfaces.of(ports, {router}, cloud.project_id)


def _ensure_wall(cloud: Cloud, found: Stack) -> None:
    wanted = firewall.wanted(found.outputs.get("firewall"), cloud.options.firewall_profile)
    failure = attempts.failure(cloud, found.id)
    if wanted is None or not wanted.router or (failure is not None and not failure.due):
        return
    if wanted.router not in rows.routers(rows.read(cloud, found)):
        attempts.failed(cloud, found.id, checks.NOT_ITS_OWN)
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
            made = firewall_build.build(cloud, found.name, found.id, wanted, ports, standing)
        except (Conflict, NotFound, Uncertain) as error:
            # Another run was quicker; Neutron tells that with 409, with 404, or with a 500 from its database.
            _LOG.info("The firewall of %s is looked at again: %s", found.name, error)
            lost = error
            continue
        except CloudError as error:
            _failed(cloud, found, error)
            raise
        _made(cloud, found, str(made["id"]), str(made["status"]))
        if standing.policies or standing.rules:
            wall.tidy(cloud, wall.read(cloud, found.id, ports) or standing)
        return
    if lost is not None:
        _failed(cloud, found, lost)
        raise lost


def _finish(cloud: Cloud, found: Stack, standing: wall.Wall, ports: tuple[str, ...]) -> None:
    if standing.group is None or standing.group["description"] != wall.mark(found.id):
        return
    attempts.forget(cloud, found.id)
    if not standing.ports:
        cloud.put("network", f"{wall.GROUPS}/{standing.group_id}", {"firewall_group": {"ports": list(ports)}})
    elif attempts.open_(cloud, found.id) == standing.group_id:
        _ended(cloud, found, standing.group_id, standing.status)
    wall.tidy(cloud, standing)


def _made(cloud: Cloud, found: Stack, group_id: str, status: str) -> None:
    attempts.forget(cloud, found.id)
    if status not in ("ACTIVE", "ERROR"):
        # Neutron's agent goes on with it: how it ended is told when it was seen.
        attempts.begun(cloud, found.id, group_id)
        audit.record(cloud, "create", "firewall-group", group_id, f"{found.name}-fw", "pending")
        return
    _ended(cloud, found, group_id, status)


def _ended(cloud: Cloud, found: Stack, group_id: str, status: str) -> None:
    if status not in ("ACTIVE", "ERROR"):
        return
    attempts.ended(cloud, found.id)
    outcome: audit.Outcome = "success" if status == "ACTIVE" else "failure"
    reason = "" if status == "ACTIVE" else f"Neutron says {status}"
    audit.record(cloud, "create", "firewall-group", group_id, f"{found.name}-fw", outcome, reason=reason)


def _failed(cloud: Cloud, found: Stack, error: CloudError) -> None:
    attempts.failed(cloud, found.id, str(error), error.request_id)
    audit.record(
        cloud, "create", "firewall-group", "", f"{found.name}-fw", "failure", request_id=error.request_id,
        reason=str(error),
    )  # fmt: skip
