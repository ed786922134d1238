"""One wish, one load balancer: marks (tags) by which a repeated wish is known, and what becomes of a double."""

from __future__ import annotations

import datetime
import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.cloud.values import moment
from tenant_ops_dashboard.loadbalancers import access

Row = Mapping[str, Any]
FORM, WISH = "tenant-ops-form=", "tenant-ops-wish="
# Seconds between two of the same wish that were asked for at the same instant; later ones find the first.
INSTANT = 60.0
_LOG = logging.getLogger(__name__)


def marks(cloud: Cloud, token: str, wish: Sequence[object]) -> tuple[str, ...]:
    """The tags of a new load balancer: what was asked for, and from which form of whom."""
    asked = WISH + _digest(cloud.project_id, *wish)
    return (asked, FORM + _digest(cloud.user_id, token, *wish)) if token else (asked,)


def same(rows: Iterable[Row], wanted: Sequence[str], sent: bool = False) -> dict[str, Any] | None:
    """The eldest of `rows` that is this very wish: of the same form, or still being built for the same wish. Pure.

    `sent` says that there was none before we sent it: whatever is of the wish now is ours, however soon it was built.
    """
    for one in sorted(rows, key=_age):
        tags = one.get("tags") or ()
        by_form = any(mark in tags for mark in wanted if mark.startswith(FORM))
        if by_form or (wanted[0] in tags and (sent or one["provisioning_status"] == "PENDING_CREATE")):
            return dict(one)
    return None


def elder(rows: Iterable[Row], made: Row) -> dict[str, Any]:
    """The one that stays of those of the same wish and instant as `made`. Pure."""
    alike: list[Row] = [made, *(one for one in rows if _alike(one, made))]
    first: Row = min(alike, key=_age)
    return dict(first)


def late(rows: Iterable[Row]) -> list[Row]:
    """Those that an elder of the same wish, name and instant makes superfluous. Pure."""
    known = sorted((one for one in rows if one["provisioning_status"] != "PENDING_DELETE"), key=_age)
    return [one for index, one in enumerate(known) if any(_alike(one, first) for first in known[:index])]


def withdraw(cloud: Cloud, rows: Iterable[Row]) -> int:
    """Take away what was made twice at once; how many went. Who may not create takes nothing away.

    Octavia deletes nothing that it is still building: that goes with a later look.
    """
    found = late(rows)
    if not found or not policy.allowed(cloud, access.CREATE):
        return 0
    gone = 0
    for one in found:
        if one["provisioning_status"].startswith("PENDING") or one.get("project_id") != cloud.project_id:
            continue
        try:
            perform(Withdraw(cloud, one))
        except CloudError as error:
            _LOG.warning("The double of %s stays for now: %s", one["name"], error)
            continue
        gone += 1
    return gone


class Withdraw(Change[bool]):
    """A load balancer that was made twice at once goes, whole."""

    name = "loadbalancers.withdraw"
    rule = access.CREATE
    action = "delete"
    kind = "load-balancer"

    def __init__(self, cloud: Cloud, row: Row) -> None:
        super().__init__(cloud)
        self.target = Target(str(row["id"]), str(row["name"]))
        self.says = "created twice at once"

    def send(self) -> bool:
        self.cloud.delete("load-balancer", f"/lbaas/loadbalancers/{self.target.id}?cascade=true")
        return True


def _alike(one: Row, other: Row) -> bool:
    mark = _wish(one)
    if not mark or mark != _wish(other) or one["name"] != other["name"] or one["id"] == other["id"]:
        return False
    return abs((_age(one)[0] - _age(other)[0]).total_seconds()) <= INSTANT


def _wish(row: Row) -> str:
    return next((str(tag) for tag in row.get("tags") or () if str(tag).startswith(WISH)), "")


def _age(row: Row) -> tuple[datetime.datetime, str]:
    born = moment(row.get("created_at")) or datetime.datetime.max.replace(tzinfo=datetime.UTC)
    return born, str(row["id"])


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:40]
