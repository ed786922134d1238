"""Proofs with packets: sent on demand, kept for a while, shown in the place of the promises they are about."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest
from django.utils import timezone

from tenant_ops_dashboard.environments.model import Details, Proof
from tenant_ops_dashboard.environments.proofs import prove
from tenant_ops_dashboard.panels import poll, settings
from tenant_ops_dashboard.panels.store import shared

KEPT, SOON = 900, 30  # seconds that what packets proved is shown, and what they did not: then they are sent again
LONGEST = 30
Kept = poll.Snapshot[tuple[Proof, ...]]


def known(request: HttpRequest, details: Details) -> Kept | None:
    """What packets proved lately of this environment as it stands."""
    found: Kept | None = shared.get(_key(request, details), poll.Snapshot) if standing(details) else None
    return found


def standing(details: Details) -> bool:
    """Whether there is something that packets may be sent to."""
    up = details.environment.status in ("good", "warning")
    return up and prove.sendable(details, settings.read().options())


def send(request: HttpRequest, details: Details) -> None:
    """Send them, once at a time for one environment; at most fifteen seconds."""
    key = _key(request, details)
    if not standing(details) or not shared.add(f"{key}.running", "yes", LONGEST):
        return
    try:
        proofs = prove.prove(poll.connect(request), details)
        sent = tuple(one for one in proofs if one not in details.proofs)
        kept = KEPT if all(one.state == "good" for one in sent) else SOON
        shared.set(key, poll.Snapshot(sent, timezone.now()), kept)
    finally:
        shared.delete(f"{key}.running")


def _key(request: HttpRequest, details: Details) -> str:
    # What was sent elsewhere proves nothing of where it is now.
    where = hashlib.sha256(repr(details.targets).encode()).hexdigest()[:16]
    return f"{poll.key(request, 'packets')}.{details.environment.id}.{where}"
