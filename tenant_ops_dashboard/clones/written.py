"""Offers and clones as JSON, for commands, the HTTP API and pages alike; times in UTC, spans in seconds."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from tenant_ops_dashboard.clones import golden as goldens
from tenant_ops_dashboard.clones import mask, receivers, reminder, served
from tenant_ops_dashboard.clones.model import Clone, Offer
from tenant_ops_dashboard.cloud import Cloud


def clone(
    cloud: Cloud, one: Clone, place: int | None = None, existing: bool | None = None, usually: float | None = None
) -> dict[str, Any]:  # fmt: skip
    """A clone, for the login's project: the id of the owner's volume is for the owner alone, and what was made on the
    copy for who asked for it.

    `place` is which one of the copies of the same source it is, in turn; `existing` whether it was there before;
    `usually` are the seconds after which others were ready.
    """
    told = {} if existing is None else {"existing": existing}
    return {
        "id": one.id, "name": one.name, "state": one.state, **told, "says": one.says,
        "volume_id": _kept(cloud, one, one.volume_id), "server_id": _made(cloud, one, one.server_id),
        "network_id": one.network_id or None, "network": served.called(one) if one.network_id else None,
        "deliver": one.offer.terms.deliver,
        "environment_id": _made(cloud, one, one.environment_id), "get": one.get, "blueprint": one.blueprint or None,
        "set": dict(one.answers) if cloud.project_id == one.project_id else {},
        "address": (one.address if one.served or cloud.project_id == one.project_id else "") or None,
        "data_at": time(one.data_at), "refreshed_at": time(one.refreshed_at),
        "ready_at": time(one.ready_at), "expires_at": time(one.expires_at),
        "asked_at": time(one.asked_at), "ended_at": time(one.ended_at), "pinned": bool(one.pinned_by),
        "revertible": one.revertible,
        "purpose": one.purpose, "project": one.project_name, "source": one.offer.source_name, "offer": one.offer.id,
        "user": one.user_name, "decided_by": one.decided_by, "reason": one.reason, "place": place,
        "seconds": dict(one.seconds), "usually_seconds": usually, "ends_soon": reminder.near(one, _now()),
        "lineage": lineage(cloud, one),
    }  # fmt: skip


def lineage(cloud: Cloud, one: Clone) -> dict[str, Any]:
    """Where the data came from and where it went, for the login's project."""
    offer = one.offer
    return {
        "source": {
            "project": offer.project_name, "volume_id": _source(cloud, offer), "name": offer.source_name,
        },
        "golden": {
            "volume_id": one.golden_id if cloud.project_id == offer.project_id else None, "data_at": time(one.data_at),
        } if one.golden_id else None,
        "snapshot": {"id": one.snapshot_id, "kept": False} if one.snapshot_id else None,
        "masked": mask.digest(offer.terms.mask) if offer.terms.mask else None,
        "data_at": time(one.data_at),
        "clone": {
            "volume_id": _kept(cloud, one, one.volume_id),
            "project": offer.project_name if one.served else one.project_name,
        },
    }  # fmt: skip


def offer(
    cloud: Cloud, one: Offer, clones: int = 0, copies: Iterable[Clone] = (), usually: float | None = None
) -> dict[str, Any]:  # fmt: skip
    """An offer, for the login's project; `clones` of it have not ended. Whom else it is for is the owner's to know.

    `copies` are its golden ones, newest first; `usually` are the seconds after which a clone was ready.
    """
    own, here = cloud.project_id == one.project_id, (cloud.project_id, cloud.project_name)
    ids = dict(one.terms.ids)
    return {
        "id": one.id,
        "source": {
            "volume_id": _source(cloud, one),
            "name": one.source_name,
            "size": one.size,
            "environment": one.terms.environment or None,
            "bootable": one.bootable,
        },
        "project": one.project_name,
        "to": [name for name in one.terms.to if own or name in here or ids.get(name) == cloud.project_id],
        "to_by_name": receivers.by_name(one.terms) if own else None,
        "approve": one.terms.approve,
        "max_lease_seconds": one.terms.longest,
        "max_clones": one.terms.most,
        "consistency": one.terms.consistency,
        "deliver": one.terms.deliver,
        "masked": mask.digest(one.terms.mask) if one.terms.mask else None,
        "golden": golden(cloud, one, copies),
        "usually_seconds": usually,
        "clones": clones,
        "at": time(one.at),
        "user": one.user_name,
        "open": one.open,
    }


def golden(cloud: Cloud, one: Offer, copies: Iterable[Clone]) -> dict[str, Any] | None:
    """What is kept ready of it; what that takes of the owner's quota, and each copy, is for the owner alone."""
    known, own = list(copies), cloud.project_id == one.project_id
    if not one.terms.golden and not known:
        return None
    there = next((it for it in known if it.state == "ready"), None)
    rows = [
        {
            "id": it.id, "volume_id": it.volume_id or None, "state": it.state, "size": it.size,
            "says": it.says or it.reason,
        }
        for it in known
    ]  # fmt: skip
    return {
        "every_seconds": one.terms.golden, "state": goldens.told(known),
        "data_at": time(there.data_at if there else None), "says": goldens.problem(known),
        "gigabytes": goldens.gigabytes(one, known) if own else None,
        "copies": rows if own else None,
    }  # fmt: skip


def time(moment: datetime.datetime | None) -> str | None:
    """As JSON has it: '2026-11-21T12:00:00Z'."""
    if moment is None:
        return None
    return moment.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _now() -> datetime.datetime:
    # Leases are counted by the dashboard's own clock.
    return datetime.datetime.now(datetime.UTC)


def _kept(cloud: Cloud, one: Clone, id_: str) -> str | None:
    """Of a clone that is served, server and volume are its owner's alone."""
    return id_ or None if not one.served or cloud.project_id == one.offer.project_id else None


def _made(cloud: Cloud, one: Clone, id_: str) -> str | None:
    """What was made on the copy is told to whose it is."""
    whose = one.offer.project_id if one.served else one.project_id
    return id_ or None if cloud.project_id == whose else None


def _source(cloud: Cloud, offer: Offer) -> str | None:
    return offer.source_id if cloud.project_id == offer.project_id else None
