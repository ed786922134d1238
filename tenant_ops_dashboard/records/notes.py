"""Notes on the time line, mutes, leases; and the pruning of everything."""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers.asked import GROUP, Asked
from tenant_ops_dashboard.loadbalancers.model import Balancer, Mutes
from tenant_ops_dashboard.loadbalancers.scaling import asked as scaling
from tenant_ops_dashboard.loadbalancers.scaling.model import Group
from tenant_ops_dashboard.records import models, samples

_LOG = logging.getLogger(__name__)
# How long history is kept; a member's last state stays while it is watched at all.
KEPT = datetime.timedelta(days=30)
SAMPLES_KEPT = datetime.timedelta(hours=26)
# What was asked for and not seen for so long is looked for no more; the time line goes on saying 'asked for'.
PATIENCE = datetime.timedelta(hours=2)
# The audit trail's words for what was asked for, as the change itself has them.
ENDED: dict[str, tuple[audit.Action, str]] = {
    "made": ("create", "load-balancer"),
    "joined": ("create", "pool-member"),
    "left": ("delete", "pool-member"),
    "set": ("update", "pool-member"),
    **dict.fromkeys(GROUP, ("update", "environment-scaling")),
}


def note(
    project_id: str, balancer_id: str, sentence: str, *, kind: str, at: datetime.datetime, who: str = "",
    state: str = "good", asked: Asked | None = None,
) -> None:  # fmt: skip
    """Put something on the time line. `kind` is 'edit' or 'scale', `state` its colour; `asked` what to wait for."""
    models.Note.objects.create(
        project_id=project_id, balancer_id=balancer_id, at=at, kind=kind, state=state, who=who[:255],
        sentence=sentence, target_id=asked.target_id if asked else "", wanted=asked.written() if asked else "",
    )  # fmt: skip


def notes(project_id: str, balancer_ids: Sequence[str], since: datetime.datetime, most: int) -> list[models.Note]:
    """What was noted, newest first."""
    rows = models.Note.objects.filter(project_id=project_id, balancer_id__in=list(balancer_ids), at__gte=since)
    return list(rows.order_by("-at", "-id")[:most])


def complete(cloud: Cloud, balancers: Iterable[Balancer], at: datetime.datetime) -> int:
    """What was asked for and is seen now, in load balancers whose members were read after it; how many notes.

    How each ended is written into the audit trail too, once.
    """
    looked = {one.id: one for one in balancers if one.read_at is not None}
    done = 0
    for row in _open(cloud.project_id, at).filter(balancer_id__in=list(looked)):
        found = looked[row.balancer_id]
        if found.read_at is None or found.read_at < row.at:
            continue
        done += _looked(cloud, row, lambda asked, found=found: asked.seen(found), at)  # type: ignore[misc]
    return done


def complete_group(cloud: Cloud, group: Group, at: datetime.datetime) -> int:
    """The same of what was asked for a group of servers, which was read since `at`; how many notes."""
    done = 0
    for row in _open(cloud.project_id, at).filter(target_id=group.environment_id, at__lte=at):
        done += _looked(cloud, row, lambda asked: scaling.seen(asked, group) if asked.what in GROUP else "", at)
    return done


def _open(project_id: str, at: datetime.datetime) -> Any:
    rows = models.Note.objects.filter(project_id=project_id, seen=None, at__gte=at - PATIENCE)
    return rows.exclude(wanted="")


def _looked(cloud: Cloud, row: models.Note, seen: Callable[[Asked], str], at: datetime.datetime) -> int:
    try:
        asked = Asked.read(row.target_id, row.wanted)
        return _ended(cloud, row, asked, seen(asked), at)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # Another release wrote it, or the database cut it off.
        _LOG.info("What a note waits for is not known: %r", error)
        return 0


def _ended(cloud: Cloud, row: models.Note, asked: Asked, state: str, at: datetime.datetime) -> int:
    """Whether that was seen first now, as a number."""
    action, kind = ENDED[asked.what]
    if not state or not models.Note.objects.filter(pk=row.pk, seen=None).update(seen=at, state=state):
        return 0
    seconds = max(0, int((at - row.at).total_seconds()))
    told = "seen done" if state == "good" else "seen to have failed"
    audit.record(
        cloud, action, kind, row.target_id or row.balancer_id, "", "success" if state == "good" else "failure",
        reason=f"{told} {seconds} s after {row.who or 'scaling by itself'} asked for it", verb=asked.what,
        after=asked.fields,
    )  # fmt: skip
    return 1


def mutes(project_id: str, now: datetime.datetime) -> Mutes:
    """What is muted now."""
    rows = models.Mute.objects.filter(project_id=project_id, until__gt=now)
    return Mutes({row.object_id: row.until for row in rows})


def mute(project_id: str, object_id: str, until: datetime.datetime, who: str) -> None:
    """Mute a load balancer or member until a time; a time that is past ends it."""
    fields = {"until": until, "who": who[:255]}
    rows = models.Mute.objects.filter(project_id=project_id, object_id=object_id)
    if rows.update(**fields):
        return
    try:
        with transaction.atomic():
            models.Mute.objects.create(project_id=project_id, object_id=object_id, **fields)
    except IntegrityError:
        # Somebody else muted it at this moment; update_or_create would lock, and deadlock on MariaDB.
        rows.update(**fields)


def take(project_id: str, name: str, holder: str, now: datetime.datetime, seconds: float) -> dict[str, Any] | None:
    """Become the one who decides about `name` for so many seconds; what the last one left, None where it is taken.

    Who died before a clock was set back holds it until a time that may be hours away: that is not waited for. Clocks of
    hosts may differ by less than these seconds.
    """
    until = now + datetime.timedelta(seconds=seconds)
    over = Q(until__lte=now) | Q(until__gt=until + datetime.timedelta(seconds=seconds))
    free = _leases(project_id, name).filter(over | Q(holder=holder))
    if not free.update(holder=holder, until=until):
        try:
            with transaction.atomic():
                models.Lease.objects.create(project_id=project_id, name=name, holder=holder, until=until)
        except IntegrityError:
            return None
        return {}
    memory: dict[str, Any] = json.loads(_leases(project_id, name).get().memory or "{}")
    return memory


def remember(project_id: str, name: str, holder: str, memory: dict[str, Any]) -> None:
    """What others are to know of it while `holder` decides about `name`."""
    _leases(project_id, name).filter(holder=holder).update(memory=json.dumps(memory))


def leave(project_id: str, name: str, holder: str, now: datetime.datetime, memory: dict[str, Any]) -> None:
    """Let others decide again, and leave them `memory`."""
    _leases(project_id, name).filter(holder=holder).update(until=now, memory=json.dumps(memory))


def recall(project_id: str, name: str) -> dict[str, Any]:
    """What the last one who decided about `name` left; nobody is kept from deciding."""
    row = _leases(project_id, name).first()
    found: dict[str, Any] = json.loads(row.memory or "{}") if row else {}
    return found


def _leases(project_id: str, name: str) -> Any:
    return models.Lease.objects.filter(project_id=project_id, name=name)


def prune(now: datetime.datetime) -> int:
    """Forget what is too old; how many rows went."""
    old = now - KEPT
    watched = models.Watch.objects.filter(end__gte=old).values("balancer_id")
    gone = [
        models.Watch.objects.filter(end__lt=old),
        models.MemberChange.objects.filter(at__lt=old),
        models.Note.objects.filter(at__lt=old),
        models.Mute.objects.filter(until__lt=now),
        models.MemberState.objects.exclude(balancer_id__in=watched),
        models.MemberState.objects.filter(state="gone", since__lt=now - datetime.timedelta(days=1)),
        models.Sample.objects.filter(at__lt=now - SAMPLES_KEPT),
    ]
    return sum(int(rows.delete()[0]) for rows in gone) + samples.thin(now)
