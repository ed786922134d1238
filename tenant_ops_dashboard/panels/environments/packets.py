"""Proofs with packets: sent on demand, kept for a while, shown beside the proofs of the service layer."""

from __future__ import annotations

from dataclasses import replace

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from tenant_ops_dashboard.environments import prove
from tenant_ops_dashboard.environments.model import Details, Proof
from tenant_ops_dashboard.panels import poll

KEPT = 900
LONGEST = 30
Kept = poll.Snapshot[tuple[Proof, ...]]


def known(request: HttpRequest, details: Details) -> Kept | None:
    """What packets proved lately of this environment as it stands."""
    found: Kept | None = cache.get(_key(request, details)) if standing(details) else None
    return found


def standing(details: Details) -> bool:
    """Whether there is something that packets can be sent to."""
    return details.environment.status in ("good", "warning") and bool(_own(details).outputs.get("address"))


def send(request: HttpRequest, details: Details) -> None:
    """Send them, once at a time for one environment; at most fifteen seconds."""
    key = _key(request, details)
    if not standing(details) or not cache.add(f"{key}.running", True, LONGEST):
        return
    try:
        proofs = prove.prove(poll.door(request), _own(details))[len(details.proofs) :]
        cache.set(key, poll.Snapshot(proofs, timezone.now()), KEPT)
    finally:
        cache.delete(f"{key}.running")


def _own(details: Details) -> Details:
    """Outputs come from a template that a user may change: packets go only where Neutron says the boxes are."""
    known = {(box.kind, box.detail) for box in details.picture.boxes}
    kinds = {"address": "floating_ip", "database": "database"}
    outputs = {name: value for name, value in details.outputs.items() if (kinds.get(name, ""), value) in known}
    return replace(details, outputs=outputs, environment=replace(details.environment, address=""))


def _key(request: HttpRequest, details: Details) -> str:
    return f"{poll.key(request, 'packets')}.{details.environment.id}"
