"""Applies of firewalls: who is at it now, one at a time, and what was before each, for its undo."""

from __future__ import annotations

import contextlib
import datetime
import json
import logging
import time
import uuid
from collections.abc import Iterator
from typing import Any

from django.db import Error
from django.utils import timezone

from tenant_ops_dashboard.cloud import Cloud, Uncertain
from tenant_ops_dashboard.errors import InTheWay, TenantOpsError
from tenant_ops_dashboard.firewall import content, draft, versions
from tenant_ops_dashboard.firewall.errors import BadDraft, HalfDone
from tenant_ops_dashboard.firewall.model import Draft, State
from tenant_ops_dashboard.firewall.recorded import Recorded, Remember
from tenant_ops_dashboard.records import drafts, notes
from tenant_ops_dashboard.records.apply_models import FirewallApply
from tenant_ops_dashboard.sentences import say

_LOG = logging.getLogger(__name__)
KEPT = datetime.timedelta(days=90)
LEASE = 110.0  # seconds: a page's change has 90 and a little more
PATIENCE = 5.0  # seconds that somebody else is waited for
PAUSE = 0.25


class AtIt(InTheWay):
    """Somebody else applies to the same group at this moment."""

    todo = say("Try again when it is done; if it does not end, after two minutes.")

    def __init__(self, who: str, since: datetime.datetime | None) -> None:
        at = say(" since {since}", since=f"{timezone.localtime(since):%H:%M:%S}") if since else ""
        super().__init__(
            say(
                "{who} applies a change to this firewall{at}. Nothing was sent of yours.",
                who=who or say("Somebody"),
                at=at,
            )
        )


@contextlib.contextmanager
def turn(cloud: Cloud, group_id: str) -> Iterator[None]:
    """Hold the group while it is changed: the plugin's own users do it one after the other.

    Who dies holding it is waited for `LEASE` seconds. Raises AtIt where somebody else has it longer than `PATIENCE`.
    """
    name, holder, end = f"firewall {group_id}", uuid.uuid4().hex, time.monotonic() + PATIENCE
    with drafts.database():
        while (notes.take(cloud.project_id, name, holder, timezone.now(), LEASE)) is None:
            if time.monotonic() >= end:
                who = notes.recall(cloud.project_id, name)
                raise AtIt(str(who.get("who") or ""), _moment(who.get("since")))
            time.sleep(PAUSE)
        notes.remember(cloud.project_id, name, holder, {"who": cloud.user_name, "since": timezone.now().isoformat()})
    try:
        yield
    finally:
        try:
            notes.leave(cloud.project_id, name, holder, timezone.now(), {})
        except Error as error:  # whatever was done is done, and the lease ends by itself
            _LOG.warning("%s is held for %d seconds more: %s", name, LEASE, error)


@contextlib.contextmanager
def kept(cloud: Cloud, group_id: str) -> Iterator[Remember]:
    """Hands out what an apply is to tell before anything is in force; how the block ends is how the apply did.

    Where nobody knows it stays 'begun', and a look later settles it.
    """
    rows: list[FirewallApply] = []

    @drafts.database()
    def begun(told: Recorded) -> None:
        before, after = (json.dumps(draft.written(Draft(one))) for one in (told.before, told.after))
        rows.append(
            FirewallApply.objects.create(
                project_id=cloud.project_id, group_id=group_id, apply_id=told.apply, user_id=cloud.user_id,
                user_name=cloud.user_name[:255], at=timezone.now(), before=before, after=after,
            )
        )  # fmt: skip

    try:
        yield begun
    except (Uncertain, HalfDone):
        raise
    except TenantOpsError:
        _become(rows, "failed")
        raise
    else:
        _become(rows, "done")


@drafts.database()
def newest(
    cloud: Cloud, group_id: str, now: State, taken: datetime.datetime, description: str = ""
) -> Recorded | None:  # fmt: skip
    """The last apply, where the group is as it made it; one that did not end is settled by what is in force.

    `now` was read at `taken`; `description` is what everything made for the group says of itself.
    """
    rows = _rows(cloud, group_id).exclude(state__in=("failed", "undone"))
    row = rows.order_by("-at", "-id").first()
    found = _read(row) if row is not None else None
    if row is None or found is None:
        return None
    there = versions.plain(now, description)
    over = row.at + datetime.timedelta(seconds=LEASE) < taken
    if content.same(versions.plain(found.after, description), there):
        if row.state == "begun" and over:
            _become([row], "done")
        return found
    if row.state == "begun" and over and content.same(versions.plain(found.before, description), there):
        _become([row], "failed")
    return None


@drafts.database()
def of(cloud: Cloud, group_id: str, apply_id: str) -> Recorded | None:
    """What is known of one apply, the last one of this id."""
    row = _rows(cloud, group_id).filter(apply_id=apply_id).exclude(state="failed").order_by("-at", "-id").first()
    return _read(row) if row is not None else None


def undone(cloud: Cloud, group_id: str, apply_id: str) -> None:
    """It, and whatever was applied after it, is in force no more."""
    try:
        rows = _rows(cloud, group_id)
        row = rows.filter(apply_id=apply_id).order_by("-at", "-id").first()
        if row is not None:
            rows.filter(at__gte=row.at).update(state="undone")
    except Error as error:  # it is undone in the cloud, and a look later tells that it is not in force
        _LOG.warning("That the apply %s is undone could not be written down: %s", apply_id, error)


def prune(now: datetime.datetime) -> int:
    """Forget what is too old to be undone; how many."""
    return int(FirewallApply.objects.filter(at__lt=now - KEPT).delete()[0])


def _become(rows: list[FirewallApply], state: str) -> None:
    try:
        FirewallApply.objects.filter(pk__in=[row.pk for row in rows], state="begun").update(state=state)
    except Error as error:  # it is as it is in the cloud, and a look later settles it
        _LOG.warning("That an apply is %s could not be written down: %s", state, error)


def _read(row: FirewallApply) -> Recorded | None:
    try:
        before, after = (draft.loads(one).state for one in (row.before, row.after))
    except BadDraft:
        return None  # another release wrote it
    return Recorded(row.apply_id, before, after)


def _rows(cloud: Cloud, group_id: str) -> Any:
    return FirewallApply.objects.filter(project_id=cloud.project_id, group_id=group_id)


def _moment(told: Any) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(str(told))
    except ValueError:
        return None
