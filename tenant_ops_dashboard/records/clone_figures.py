"""What past clones tell: how long one usually takes, how many there are of an offer, which of them end soon."""

from __future__ import annotations

import datetime
import json
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from tenant_ops_dashboard.clones import reminder
from tenant_ops_dashboard.clones.model import Clone, Get, Offer
from tenant_ops_dashboard.records import clone_rows as rows
from tenant_ops_dashboard.records.clone_models import Clone as CloneRow

#: So many clones tell how long one usually takes, and so long back an offer's are counted.
LAST, MONTH = 5, datetime.timedelta(days=30)


@dataclass(frozen=True)
class Usage:
    """Of an offer: clones that have not ended, those that were asked for within `MONTH`, GB that are handed over."""

    now: int = 0
    month: int = 0
    gigabytes: int = 0


def usual(offer: Offer, get: Get = "volume", step: str = "") -> float | None:
    """Seconds from the approval until it is ready: the middle one of the last five of the same source, or None.

    With a `step` those of that one alone.

    Those that are made of a golden copy and those that are not tell nothing of each other, nor do those that are served
    and those that are handed over.
    """
    known = CloneRow.objects.filter(region=offer.region, offer__source_id=offer.source_id, get=get)
    known = known.filter(ready_at__isnull=False)
    known = known.exclude(golden_id="") if offer.terms.golden else known.filter(golden_id="")
    known = known.exclude(network_id="") if offer.terms.deliver == "served" else known.filter(network_id="")
    told = [json.loads(one or "{}") for one in known.order_by("-ready_at").values_list("seconds", flat=True)[:LAST]]
    took = [one[step] for one in told if step in one] if step else [_all(one) for one in told]
    return round(statistics.median(took), 1) if took else None


def usage(offers: Iterable[Offer], now: datetime.datetime) -> dict[str, Usage]:
    """By the offer's id; of one that nobody asked for, nothing. One question."""
    live = Q(current__isnull=False)
    known = CloneRow.objects.filter(offer_id__in=[one.id for one in offers]).order_by().values("offer_id")
    told = known.annotate(
        live=Count("id", filter=live), month=Count("id", filter=Q(asked_at__gt=now - MONTH)),
        out=Sum("size", filter=live & Q(handed_at__isnull=False)),
    )  # fmt: skip
    return {one["offer_id"]: Usage(one["live"], one["month"], one["out"] or 0) for one in told}


def ending(now: datetime.datetime) -> tuple[Clone, ...]:
    """Those whose end is near and was not told yet, in all regions."""
    known = CloneRow.objects.select_related("offer").filter(state="ready", step="")
    known = known.filter(expires_at__gt=now, expires_at__lte=now + reminder.LONGEST).order_by("expires_at", "id")
    return tuple(one for one in map(rows.clone, known) if reminder.wanted(one, now))


def _all(told: Mapping[str, float]) -> float:
    """All steps of the making: what newer data takes besides, and the end, come after it."""
    return float(sum(took for step, took in told.items() if step not in ("swap", "end")))
