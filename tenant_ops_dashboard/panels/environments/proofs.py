"""Proofs with packets: sent on demand, kept for a while, shown in the place of the promises they are about."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from tenant_ops_dashboard.environments.model import Details, Proof
from tenant_ops_dashboard.environments.proofs import prove
from tenant_ops_dashboard.environments.proofs.contradicted import Packets, knowledge, since
from tenant_ops_dashboard.panels import poll, settings, words
from tenant_ops_dashboard.panels.store import shared

# Seconds that what packets proved is shown, and what they did not, twice as long each time: then they are sent again.
KEPT, SOON = 900, 30
LONGEST = 30
Kept = poll.Snapshot[Packets]


def known(request: HttpRequest, details: Details) -> Kept | None:
    """What packets proved lately of this environment as it stands."""
    there = prove.sendable(details, settings.read().options())
    found: Kept | None = shared.get(_key(request, details), poll.Snapshot) if there else None
    return found


def contradicted(sent: Kept | None, details: Details) -> dict[str, str]:
    """What newer knowledge takes back of it, by the proof's name, in words."""
    # A state of the page's may be older than the packets.
    return since(sent.value, details) if sent and details.as_of > sent.as_of else {}


def shown(sent: Kept | None, details: Details) -> tuple[Proof, ...]:
    """All promises, what packets proved among them; grey where it does not hold any more."""
    if sent is None:
        return details.proofs
    taken_back, at = contradicted(sent, details), sent.as_of

    def one_of(one: Proof) -> Proof:
        said = {"time": words.clock(one.at or at), "since": taken_back.get(one.name, "")}
        if not said["since"]:
            return one
        good = one.state == "good"
        told = _("True at %(time)s; since then: %(since)s") if good else _("So at %(time)s; since then: %(since)s")
        return replace(one, state="unknown", evidence=told % said)

    return prove.joined(details.proofs, tuple(map(one_of, sent.value.found)))


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
        good = all(one.state == "good" for one in sent)
        wait = 0 if good else min(KEPT, max(SOON, 2 * (shared.get(f"{key}.wait", int) or 0)))
        shared.set(f"{key}.wait", wait, 2 * KEPT)
        shared.set(key, poll.Snapshot(Packets(sent, knowledge(details)), timezone.now()), KEPT if good else wait)
    finally:
        shared.delete(f"{key}.running")


def _key(request: HttpRequest, details: Details) -> str:
    # What was sent elsewhere proves nothing of where it is now.
    where = hashlib.sha256(repr(details.targets).encode()).hexdigest()[:16]
    return f"{poll.key(request, 'packets')}.{details.environment.id}.{where}"
