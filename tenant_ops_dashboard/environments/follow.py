"""Wait for an environment to come up or to be gone: for the command line and tests, never for a page."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable

from tenant_ops_dashboard.cloud import Cloud, CloudError, Unreachable
from tenant_ops_dashboard.environments import delete, launch, reconcile, watch
from tenant_ops_dashboard.environments.data import actions as data_actions
from tenant_ops_dashboard.environments.data import volumes
from tenant_ops_dashboard.environments.errors import NotAllowed, NotFound
from tenant_ops_dashboard.environments.firewall_group import attempts
from tenant_ops_dashboard.environments.heat import deletion, stack
from tenant_ops_dashboard.environments.model import Details, Environment, Proof
from tenant_ops_dashboard.environments.proofs import prove
from tenant_ops_dashboard.environments.standstill import standstill
from tenant_ops_dashboard.errors import TenantOpsError

EVERY = 2.0
NUDGE = 60.0  # seconds until a Heat that did not take it is asked once more to go on
GRACE = 300.0  # seconds a server that has just booted may take until it serves: it fetches its packages first
_LOG = logging.getLogger(__name__)
_PACKETS = ("http", "database", "members", "load-balancer")


def up(
    cloud: Cloud, environment: Environment, seconds: float, tell: Callable[[Details], None] = lambda details: None
) -> tuple[Details, tuple[Proof, ...]]:
    """Look until the environment stands and no proof is open, or has failed, or the time is up; what was seen last.

    Does what comes after the stack on the way, and takes away what a withdrawn launch of the same moment left. Where
    Heat stands still it is made to go on, once: a standstill that comes back ends the wait.
    Raises a CloudError where the cloud stays out of reach.
    """
    deadline = time.monotonic() + seconds
    proofs: tuple[Proof, ...] = ()
    told: object = None
    stands, nudge, tidying = 0.0, _Nudge(), False
    while True:
        late = time.monotonic() > deadline
        try:
            _finish(cloud, environment)
            details = watch.details(cloud, environment.id)
            proofs = prove.prove(cloud, details)
        except Unreachable:
            if late:
                raise
            time.sleep(EVERY)
            continue
        if (details.progress.done, details.stands_still) != told:
            told = (details.progress.done, details.stands_still)
            tell(details)
        if nudge.in_vain(cloud, details):
            return details, proofs
        if nudge.taken and not late and not _open(details):
            before, tidying = tidying, _tidied(cloud, environment.id)
            # What was read before the last of it had gone may show it yet.
            if before or tidying:
                time.sleep(EVERY)
                continue
        if details.proofs and not _open(details):
            stands = stands or time.monotonic()
        patient = not stands or time.monotonic() - stands < GRACE
        if late or _settled(details, proofs, patient):
            # It is up whatever becomes of that; the next look at the list tries again.
            with contextlib.suppress(TenantOpsError):
                if reconcile.due(cloud, details.environment):
                    reconcile.reconcile(cloud, environment, asked=True)
                data_actions.remove_marked(cloud, environment.id)
            return details, proofs
        time.sleep(EVERY)


def away(
    cloud: Cloud,
    name_or_id: str,
    seconds: float,
    tell: Callable[[int, int], None] = lambda done, total: None,
    *,
    data: bool = False,
) -> tuple[Environment, Environment | None]:
    """Delete and look until all of it is gone: what was deleted, and what is left of it as `down` says.

    A service that does not answer is asked again until the time is up. Raises as `delete.delete` and `down`.
    """
    deadline = time.monotonic() + seconds
    found = watch.details(cloud, name_or_id).environment
    while True:
        try:
            gone = delete.delete(cloud, found.id, data=data)
        except NotFound:
            return found, None
        except Unreachable:
            if time.monotonic() > deadline:
                raise
            time.sleep(EVERY)
        else:
            return gone, down(cloud, gone, deadline - time.monotonic(), tell, data=data)


def down(
    cloud: Cloud,
    environment: Environment,
    seconds: float,
    tell: Callable[[int, int], None] = lambda done, total: None,
    *,
    data: bool = False,
) -> Environment | None:
    """Look until all of it is gone: None; or until it failed twice or the time is up: the environment as it is then.

    `data` is the wish it was deleted with: the second try has the same, unless somebody wished otherwise since. Where
    Heat stands still it is made to go on, once. Raises a CloudError where the cloud stays out of reach.
    """
    deadline = time.monotonic() + seconds
    told, again, nudge = -1, True, _Nudge()
    while True:
        try:
            # Read before a failed delete's mark is taken away.
            data = data and _goes(cloud, environment.id)
            reconcile.reconcile(cloud, environment, asked=True)
            details = watch.details(cloud, environment.id)
            if details.environment.status == "failed" and again:
                delete.delete(cloud, environment.id, data=data)
                again = False
                continue
        except NotFound:
            return None
        except Unreachable:
            if time.monotonic() > deadline:
                raise
            time.sleep(EVERY)
            continue
        # Of a stack that is gone only data can be left; where that is kept, nothing more happens.
        kept = details.environment.status == "warning" and not details.progress.total
        if details.environment.status == "failed" or kept or time.monotonic() > deadline:
            return details.environment
        if nudge.in_vain(cloud, details):
            return details.environment
        if details.progress.done != told:
            told = details.progress.done
            tell(told, details.progress.total)
        time.sleep(EVERY)


def _tidied(cloud: Cloud, environment_id: str) -> bool:
    try:
        return standstill.tidy(cloud, stack.find(cloud, environment_id))
    except TenantOpsError as error:
        _LOG.info("What Heat replaced of %s stays: %s", environment_id, error)
        return False


def _goes(cloud: Cloud, environment_id: str) -> bool:
    """Whether its data still is to go with the last delete, or the stack is gone: somebody may have kept it since."""
    found = stack.by_id(cloud, environment_id)
    if found is None or not cloud.has("block-storage"):
        return True
    last = deletion.last(cloud, found)
    return any(volumes.goes_with(one, last) for one in volumes.of(volumes.volumes(cloud), environment_id))


class _Nudge:
    """Makes a Heat that stands still go on: once, and where it does not take that, again after a minute."""

    def __init__(self) -> None:
        self.taken = False
        self.next = 0.0

    def in_vain(self, cloud: Cloud, details: Details) -> bool:
        """Whether there is nothing to wait for: it stands still again, or may not be asked to go on."""
        if not details.stands_still or time.monotonic() < self.next:
            return False
        if self.taken or not details.retry:
            return True
        self.next = time.monotonic() + NUDGE
        try:
            launch.retry(cloud, details.environment.id)
            self.taken = True
        except NotAllowed:
            return True
        except TenantOpsError as error:
            _LOG.info("%s does not go on yet: %s", details.environment.name, error)
        return False


def _finish(cloud: Cloud, environment: Environment) -> None:
    try:
        reconcile.reconcile(cloud, environment, asked=True)
    except CloudError:
        # A firewall group that could not be made is a promise that is not kept: the proofs tell it.
        if attempts.failure(cloud, environment.id) is None:
            raise


def _settled(details: Details, proofs: tuple[Proof, ...], patient: bool) -> bool:
    if details.environment.status == "failed" and not details.proofs:
        return True
    if _open(details):
        return False
    # What is not checked here will not be by waiting.
    proofs = tuple(one for one in proofs if one.state != "unknown")
    open_ = any(
        one.state == "building"
        or (one.state != "good" and one.name in _PACKETS)
        or (one.state == "failed" and one.name in ("firewall", "https"))
        for one in proofs
    )
    return not (open_ and patient)


def _open(details: Details) -> bool:
    """Whether Heat is at work, or what comes after it: not where it failed, and waits for somebody."""
    return details.stands_still is not None or (details.environment.status == "building" and not details.retry)
