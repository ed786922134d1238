"""Members' changes: seen by whoever looks, written once, read as since, flaps and strip."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import IntegrityError, transaction

from tenant_ops_dashboard.loadbalancers import member_history
from tenant_ops_dashboard.loadbalancers.member_history import MemberHistory, Span, Transition
from tenant_ops_dashboard.loadbalancers.model import Balancer
from tenant_ops_dashboard.records.models import MemberChange, MemberState, Watch

# A span of looks is written on when it is this many seconds behind: a poll every other second is no write every other.
BEHIND = 20.0


def observe(project_id: str, balancers: Iterable[Balancer], at: datetime.datetime) -> list[Transition]:
    """Keep what is different from the last look, for load balancers whose members were read just now.

    Any number of observers may do this at once: each change is written by the one who was first. Returns what this
    one wrote.
    """
    looked = [one for one in balancers if one.read_at is not None]
    ids = [one.id for one in looked]
    rows = MemberState.objects.filter(project_id=project_id, balancer_id__in=ids)
    known = {id_: {row.member_id: (row.state, row.label) for row in rows if row.balancer_id == id_} for id_ in ids}
    spans = _last_spans(project_id, ids)
    written = []
    for one in looked:
        span = spans.get(one.id)
        blind = span is None or (at - span.end).total_seconds() > member_history.BLIND
        for change in member_history.compare(known[one.id], member_history.observed(one), one.id, at):
            told = replace(change, was="new") if not change.was and known[one.id] and not blind else change
            if blind and span is not None and told.was:
                told = replace(told, after=span.end)
            if _keep(project_id, told, exact=not blind and bool(told.was)):
                written.append(told)
        _watched(project_id, one.id, span, at)
    return written


def histories(project_id: str, balancer_ids: Sequence[str], now: datetime.datetime) -> dict[str, MemberHistory]:
    """The last day of every known member of these load balancers, by member: three queries."""
    begin = now - member_history.DAY
    scope = {"project_id": project_id, "balancer_id__in": list(balancer_ids)}
    states = list(MemberState.objects.filter(**scope))
    told: dict[str, list[Transition]] = {}
    for row in MemberChange.objects.filter(**scope, at__gte=begin).order_by("at"):
        told.setdefault(row.member_id, []).append(_change(row))
    spans: dict[str, list[Span]] = {}
    for watch in Watch.objects.filter(**scope, end__gte=begin).order_by("begin"):
        spans.setdefault(watch.balancer_id, []).append(Span(watch.begin, watch.end))
    found = {}
    for state in states:
        ours = told.get(state.member_id, [])
        if not ours or ours[0].was not in ("", "new"):
            was = ours[0].was if ours else state.state
            before = begin - member_history.DAY if ours else min(state.since, begin)
            ours = [Transition(state.member_id, state.balancer_id, state.label, "", was, before), *ours]
        told_of = member_history.history(ours, spans.get(state.balancer_id, []), now)
        found[state.member_id] = replace(told_of, since=state.since, exact=state.exact)
    return found


def timeline(project_id: str, balancer_ids: Sequence[str], since: datetime.datetime, most: int) -> list[Transition]:
    """Changes of members, newest first; the first sight of a member is no event."""
    rows = MemberChange.objects.filter(project_id=project_id, balancer_id__in=list(balancer_ids), at__gte=since)
    return [_change(row) for row in rows.exclude(was="").order_by("-at", "-id")[:most]]


def _keep(project_id: str, change: Transition, exact: bool) -> bool:
    """Write a change; False where somebody else was first."""
    fields = {"state": change.now, "since": change.at, "exact": exact}
    with transaction.atomic():
        if change.was in ("", "new"):
            try:
                with transaction.atomic():
                    MemberState.objects.create(
                        project_id=project_id, balancer_id=change.balancer_id, member_id=change.member_id,
                        label=change.label[:255], **fields,
                    )  # fmt: skip
            except IntegrityError:
                return False
        else:
            ours = MemberState.objects.filter(member_id=change.member_id, project_id=project_id, state=change.was)
            if not ours.update(**fields, label=change.label[:255]):
                return False
        MemberChange.objects.create(
            project_id=project_id, balancer_id=change.balancer_id, member_id=change.member_id,
            label=change.label[:255], was=change.was, now=change.now, at=change.at, after=change.after,
        )  # fmt: skip
    return True


def _last_spans(project_id: str, ids: Sequence[str]) -> dict[str, Watch]:
    recent = Watch.objects.filter(project_id=project_id, balancer_id__in=ids).order_by("end")
    return {row.balancer_id: row for row in recent}


def _watched(project_id: str, balancer_id: str, span: Watch | None, at: datetime.datetime) -> None:
    if span is None or (at - span.end).total_seconds() > member_history.BLIND:
        Watch.objects.create(project_id=project_id, balancer_id=balancer_id, begin=at, end=at)
    elif (at - span.end).total_seconds() >= BEHIND:
        Watch.objects.filter(pk=span.pk, end__lt=at).update(end=at)


def _change(row: MemberChange) -> Transition:
    return Transition(row.member_id, row.balancer_id, row.label, row.was, row.now, row.at, row.after)
