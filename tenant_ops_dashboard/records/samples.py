"""Samples of statistics: one a slot of time, thinned with age."""

from __future__ import annotations

import datetime

from django.db.models import F
from django.db.models.functions import Mod

from tenant_ops_dashboard.loadbalancers import stats
from tenant_ops_dashboard.loadbalancers.stats import Sample
from tenant_ops_dashboard.records import models

FRESH = datetime.timedelta(hours=3)


def due(project_id: str, balancer_id: str, now: datetime.datetime) -> bool:
    """Whether this slot of time has no sample yet."""
    rows = models.Sample.objects.filter(project_id=project_id, balancer_id=balancer_id, slot=slot(now))
    return not rows.exists()


def keep(project_id: str, balancer_id: str, sample: Sample) -> None:
    """Write a sample; of two for the same slot the first stays."""
    models.Sample.objects.bulk_create(
        [
            models.Sample(
                project_id=project_id, balancer_id=balancer_id, slot=slot(sample.at), at=sample.at,
                active=sample.active, total=sample.total, bytes_in=sample.bytes_in, bytes_out=sample.bytes_out,
                errors=sample.errors, up=sample.up,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def since(project_id: str, balancer_id: str, begin: datetime.datetime) -> list[Sample]:
    """The samples from `begin` on, oldest first: one query."""
    rows = models.Sample.objects.filter(project_id=project_id, balancer_id=balancer_id, at__gte=begin).order_by("at")
    return [Sample(row.at, row.active, row.total, row.bytes_in, row.bytes_out, row.errors, row.up) for row in rows]


def thin(now: datetime.datetime) -> int:
    """Keep one sample in five minutes of what is older than three hours; how many went."""
    old = models.Sample.objects.filter(at__lt=now - FRESH).annotate(rest=Mod(F("slot"), stats.THIN // stats.SLOT))
    return int(old.exclude(rest=0).delete()[0])


def slot(at: datetime.datetime) -> int:
    """The number of the slot that a moment is in."""
    return int(at.timestamp() // stats.SLOT)
