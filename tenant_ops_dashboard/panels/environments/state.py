"""What the panel's pages know of the cloud: read, and helped along by the reconcile step."""

from __future__ import annotations

import logging

from django.http import HttpRequest

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import doubles, reconcile, unattended, watch
from tenant_ops_dashboard.environments.errors import NotFound
from tenant_ops_dashboard.environments.model import Details, Environment
from tenant_ops_dashboard.panels import access, entrusting, poll, settings
from tenant_ops_dashboard.panels.environments import intents, permissions

BUSY = ("building", "deleting")
LIST = "environments"
# Where nothing moves a state is kept so many times as long, but no longer than half the time between two polls.
CALM = 4
_LOG = logging.getLogger(__name__)


def listing(request: HttpRequest) -> poll.Snapshot[tuple[Environment, ...]]:
    """All environments of the project. Raises a CloudError where not even an older list is known."""

    def load(cloud: Cloud) -> tuple[Environment, ...]:
        found = watch.listing(cloud)
        for environment in found:
            _help(request, cloud, environment)
        return found

    return poll.snapshot(request, LIST, load, lambda found: _keep(*found))


def details(request: HttpRequest, stack_id: str) -> poll.Snapshot[Details]:
    """Everything of one environment. Raises NotFound, or a CloudError where nothing older is known."""

    def load(cloud: Cloud) -> Details:
        try:
            found = watch.details(cloud, stack_id, personal=False)
        except NotFound:
            last: poll.Snapshot[Details] | None = poll.last(request, _key(stack_id))
            if last:
                _help(request, cloud, last.value.environment)
                intents.ended(cloud, stack_id)
            raise
        if any(not mark.counts for mark in found.marks) and found.environment.status == "failed":
            _tend(cloud, found.environment)
        # With proofs the stack stands already: what is missing is the firewall group, made now.
        helped = _help(request, cloud, found.environment)
        return watch.details(cloud, stack_id, personal=False) if helped and found.proofs else found

    return poll.snapshot(request, _key(stack_id), load, lambda found: _keep(found.environment))


def entrusted(request: HttpRequest, stack_id: str) -> bool:
    """Whether this person entrusted the environment to the plugin's user: nobody else's business."""
    known = settings.read()
    if not known.service_user:
        return False

    def load(cloud: Cloud) -> bool:
        return bool(unattended.is_given(cloud, stack_id))

    place, keep = entrusting.trust(stack_id), known.poll_idle_seconds / 2
    return poll.snapshot(request, place, load, lambda _: keep, personal=True).value


def forget(request: HttpRequest, stack_id: str) -> None:
    """After a change of our own: the next look asks OpenStack."""
    poll.forget(request, LIST, _key(stack_id))
    entrusting.forget(request, stack_id)


def name_of(request: HttpRequest, stack_id: str) -> str:
    """What an environment was called that is gone, as far as somebody looked at it lately; else ''."""
    last: poll.Snapshot[Details] | None = poll.last(request, _key(stack_id))
    return last.value.environment.name if last else ""


def _keep(*environments: Environment) -> float:
    """Seconds: half a poll of the calm, so that many viewers cost what two do; a moment where something moves."""
    known = settings.read()
    busy = any(one.status in BUSY for one in environments)
    return known.cache_seconds if busy else min(known.cache_seconds * CALM, known.poll_idle_seconds / 2)


def _key(stack_id: str) -> str:
    return f"environment {stack_id}"


def _help(request: HttpRequest, cloud: Cloud, environment: Environment) -> bool:
    if not reconcile.due(cloud, environment) or not access.allowed(request, permissions.LAUNCH):
        return False
    return _tend(cloud, environment)


def _tend(cloud: Cloud, environment: Environment) -> bool:
    try:
        if not doubles.settle(cloud, environment):
            reconcile.reconcile(cloud, environment)
    except CloudError as error:
        # The next look tries again; the page shows what is still missing.
        _LOG.warning("Reconciling %s: %s (%s)", environment.name, error, error.request_id)
        return False
    except Exception:  # noqa: BLE001 (whatever it is, the page and the other environments stand)
        _LOG.exception("Reconciling the environment %s (%s) broke off", environment.name, environment.id)
        return False
    return True
