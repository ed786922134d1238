"""Whose authority stands for all clones of a project; and when the care job last looked after clones."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django.db import IntegrityError, transaction

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import heartbeats
from tenant_ops_dashboard.records.clone_models import CloneTrust
from tenant_ops_dashboard.records.clone_rows import Trust


def standing(region: str, project_id: str, now: datetime.datetime) -> Trust | None:
    """The newest trust of the project that has not ended, or None. Raises Django's DatabaseError."""
    row = _rows(region, project_id).filter(until__gt=now).first()
    return _trust(row) if row else None


def holding(region: str, project_id: str, now: datetime.datetime) -> tuple[Trust, ...]:
    """All of the project's that have not ended, newest first: Keystone may know one no more. Raises DatabaseError."""
    return tuple(map(_trust, _rows(region, project_id).filter(until__gt=now)))


def trusts(cloud: Cloud) -> tuple[Trust, ...]:
    """Those of the project that nobody took back, newest first, ended ones too. Raises Django's DatabaseError."""
    return tuple(map(_trust, _rows(cloud.region, cloud.project_id)))


def trust(cloud: Cloud, id_: str) -> Trust | None:
    """One of the project's, also one that was taken back. Raises Django's DatabaseError."""
    row = CloneTrust.objects.filter(region=cloud.region, project_id=cloud.project_id, id=id_).first()
    return _trust(row) if row else None


def keep_trust(trust: Trust) -> Trust:
    """Write one down; the same again is the same. Raises Django's DatabaseError."""
    row = CloneTrust(
        id=trust.id, region=trust.region, project_id=trust.project_id, user_id=trust.user_id,
        user_name=trust.user_name[:255], roles=json.dumps(trust.roles), until=trust.until, given_at=trust.given_at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return _trust(CloneTrust.objects.get(id=trust.id))
    return trust


def end_trust(id_: str, at: datetime.datetime) -> bool:
    """It counts no more; whether it did. Raises Django's DatabaseError."""
    return bool(CloneTrust.objects.filter(id=id_, ended_at=None).update(ended_at=at))


def beat(now: datetime.datetime, region: str = "") -> None:
    """The care job looked after the clones of a region. Raises Django's DatabaseError."""
    heartbeats.beat("clones", region, now)


def last_beat(region: str = "") -> datetime.datetime | None:
    """When one last did, also one that named no region; None where none ever did. Raises Django's DatabaseError."""
    return heartbeats.last(region).get("clones")


def _rows(region: str, project_id: str) -> Any:
    rows = CloneTrust.objects.filter(region=region, project_id=project_id, ended_at=None)
    return rows.order_by("-given_at", "-id")


def _trust(row: CloneTrust) -> Trust:
    return Trust(
        row.id, row.region, row.project_id, row.user_id, row.user_name, tuple(json.loads(row.roles or "[]")), row.until,
        row.given_at, row.ended_at,
    )  # fmt: skip
