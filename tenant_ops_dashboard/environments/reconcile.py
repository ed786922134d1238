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
from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.cloud import Cloud, CloudError, values
from tenant_ops_dashboard.environments import access, endings, interfaces, services, trusts
from tenant_ops_dashboard.environments.data import actions as data_actions
from tenant_ops_dashboard.environments.errors import NotAllowed
from tenant_ops_dashboard.environments.firewall_group import actions as firewall_actions
from tenant_ops_dashboard.environments.firewall_group import attempts, rules
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.firewall_group import sweep as firewall_sweep
from tenant_ops_dashboard.environments.heat import resources, stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.status import firewall
from tenant_ops_dashboard.sentences import say

_LOG = logging.getLogger(__name__)


def reconcile(cloud: Cloud, environment: Environment, *, asked: bool = False) -> None:
    """Do for one environment what Heat cannot. Cheap where nothing is to do: two to eight calls.

    Somebody who may only look changes nothing by looking, nor does an administrator who did not launch it, unless it
    was `asked` for. A firewall group that could not be made is tried again after a while, see `attempts`.

    Raises a CloudError; running it again goes on where it stopped.
    """
    by_id(cloud, environment.id, asked=asked)


def by_id(cloud: Cloud, environment_id: str, *, asked: bool = False) -> None:
    """The same by the stack's id. Raises a CloudError."""
    if not access.may_launch(cloud):
        return
    found = stack.by_id(cloud, environment_id)
    endings.seen(cloud, environment_id, found)
    if not asked and not access.may_finish(cloud, found.owner if found else ""):
        return
    if found is not None and not found.meaning.leaving and cloud.has("block-storage"):
        data_actions.claim(cloud, found)
    if found is None:
        sweep(cloud, environment_id)
    elif found.meaning.stands and not found.meaning.moving and _whole(cloud, found):
        _ensure_firewall_group(cloud, stack.full(cloud, found))
    elif (found.action, found.state) == ("DELETE", "FAILED") and cloud.has("block-storage"):
        # The delete that would have taken the data along is over.
        with contextlib.suppress(NotAllowed):
            data_actions.keep(cloud, found.id)


def due(cloud: Cloud, environment: Environment) -> bool:
    """Whether a reconcile has something to do now; no call."""
    failure = attempts.failure(cloud, environment.id)
    if failure is not None and environment.status != "deleting":
        return failure.due
    if environment.status in ("building", "deleting") or attempts.open_(cloud, environment.id):
        return True
    return endings.open_(cloud, environment.id)


def unfinished(cloud: Cloud, environments: Iterable[Environment]) -> tuple[str, ...]:
    """Reconcile those that are being made or taken away; what went wrong, a sentence each."""
    problems = []
    for one in environments:
        if due(cloud, one):
            try:
                reconcile(cloud, one)
            except CloudError as error:
                problems.append(f"{one.name}: {error}")
            except Exception:  # noqa: BLE001 (whatever it is, the others have their turn)
                _LOG.exception("Reconciling the environment %s (%s) broke off", one.name, one.id)
                problems.append(say("{name}: it cannot be finished; the log says why.", name=one.name))
    return tuple(problems)


def again(cloud: Cloud, found: Stack) -> bool:
    """Make the firewall group of a stack that stands now, because a person wants it; whether there was that to do.

    One in ERROR is made anew, one with the rules for another back end gets those that hold here. Raises a CloudError.
    """
    failure = attempts.failure(cloud, found.id)
    attempts.forget(cloud, found.id)
    standing = firewall_groups.read(cloud, found.id) if failure or stack.FIREWALL in found.tags else None
    if standing is None:
        return False
    whole = stack.full(cloud, found)
    if standing.group is not None and not _anew(found.id, standing, _planned(cloud, whole)):
        return False
    _ensure_firewall_group(cloud, whole, anew=True)
    return True


def sweep(cloud: Cloud, environment_id: str) -> None:
    """After the stack is gone: the firewall's remains, the data that was meant to go with it, and what it only used."""
    attempts.forget(cloud, environment_id)
    attempts.ended(cloud, environment_id)
    firewall_sweep.unowned(cloud)
    if not data_actions.remove_marked(cloud, environment_id):
        trusts.forget(cloud, environment_id)
    data_actions.release(cloud, environment_id)


def router_ports(cloud: Cloud, router: str) -> tuple[str, ...]:
    """Ids of the project's interfaces of a router into subnets: one call."""
    ports = cloud.pages("network", "/ports", "ports", device_id=router, project_id=cloud.project_id)
    return interfaces.of(values.rows(ports, services.PORT), {router}, cloud.project_id)


def _whole(cloud: Cloud, found: Stack) -> bool:
    """Whether all that the template names is there: a firewall from half of it would be a wrong one for good."""
    return found.state == "COMPLETE" or all(
        row.resource_id or row.state == "gone" for row in resources.read(cloud, found)
    )


def _ensure_firewall_group(cloud: Cloud, found: Stack, anew: bool = False) -> None:
    failure = attempts.failure(cloud, found.id)
    if failure is not None and not failure.due:
        return
    try:
        wanted = firewall_groups.planned(cloud, found.outputs.get("firewall"))
    except rules.Unreadable as error:
        # Its page tells it, as a promise that is not kept; so does the list from then on.
        attempts.failed(cloud, found.id, rules.unreadable(error))
        return
    if wanted is None or not wanted.router:
        return
    if wanted.router not in resources.routers(resources.read(cloud, found)):
        attempts.failed(cloud, found.id, firewall.NOT_ITS_OWN)
        return
    ports = router_ports(cloud, wanted.router)
    standing = firewall_groups.read(cloud, found.id, ports)
    if standing is None or not ports:
        return
    if standing.group is not None and not (anew and _anew(found.id, standing, wanted)):
        _finish(cloud, found, standing, ports)
        return
    try:
        made = perform(firewall_actions.Build(cloud, found, wanted, ports, standing))
    except CloudError as error:
        attempts.failed(cloud, found.id, error.sentence, error.request_id)
        raise
    attempts.forget(cloud, found.id)
    if made["status"] != "ACTIVE" and firewall_groups.owner(made) == found.id:
        # Neutron's agent goes on with it: how it ended is told when it was seen.
        attempts.begun(cloud, found.id, str(made["id"]))
        _ended(cloud, found, str(made["id"]), str(made["status"]))
    if standing.policies or standing.rules:
        _tidy(cloud, firewall_groups.read(cloud, found.id, ports) or standing)


def _planned(cloud: Cloud, whole: Stack) -> rules.Wanted | None:
    try:
        return firewall_groups.planned(cloud, whole.outputs.get("firewall"))
    except rules.Unreadable:
        return None


def _anew(id_: str, standing: firewall_groups.FirewallGroup, wanted: rules.Wanted | None) -> bool:
    """Whether the group that stands filters nothing, or is this environment's with the rules for another back end."""
    if standing.status != "ACTIVE" or wanted is None:
        return standing.status == "ERROR"
    return firewall_groups.owner(standing.group or {}) == id_ and bool(standing.misfit(wanted))


def _finish(cloud: Cloud, found: Stack, standing: firewall_groups.FirewallGroup, ports: tuple[str, ...]) -> None:
    if standing.group is None or firewall_groups.owner(standing.group) != found.id:
        return
    attempts.forget(cloud, found.id)
    if not standing.ports:
        perform(firewall_actions.Fill(cloud, standing, ports))
    elif attempts.open_(cloud, found.id) == standing.group_id:
        _ended(cloud, found, standing.group_id, standing.status)
    _tidy(cloud, standing)


def _tidy(cloud: Cloud, standing: firewall_groups.FirewallGroup) -> None:
    if standing.superfluous():
        perform(firewall_actions.Tidy(cloud, standing))


def _ended(cloud: Cloud, found: Stack, group_id: str, status: str) -> None:
    if status not in ("ACTIVE", "ERROR"):
        return
    attempts.ended(cloud, found.id)
    outcome: audit.Outcome = "success" if status == "ACTIVE" else "failure"
    reason = f"Neutron says {status}"
    audit.record(cloud, "create", "firewall-group", group_id, f"{found.name}-fw", outcome, reason=reason)
