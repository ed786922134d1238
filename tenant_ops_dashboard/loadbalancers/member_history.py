"""History, pure: which members changed between two looks, since when, how often they flapped, and the strip of a day.

Whoever looks (a page, the collector) reports; what nobody saw stays unknown and is drawn as a gap.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tenant_ops_dashboard.loadbalancers.model import Balancer, Member
from tenant_ops_dashboard.octavia import status

DAY = datetime.timedelta(hours=24)
CELLS = 48
# Looks further apart than this many seconds leave a gap between them.
BLIND = 90.0

Kind = Literal["good", "failed", "other", "gone"]
Cell = Literal["good", "mixed", "failed", "other", "none"]


@dataclass(frozen=True)
class Transition:
    """A member came from one state to another; `was` is '' where it was seen for the first time.

    It was noticed at `at`. Where nobody had looked for a while it came some time after `after`, the last look before.
    """

    member_id: str
    balancer_id: str
    label: str
    was: str
    now: str
    at: datetime.datetime
    after: datetime.datetime | None = None


@dataclass(frozen=True)
class Span:
    """Somebody looked, without a gap, from `begin` to `end`."""

    begin: datetime.datetime
    end: datetime.datetime


@dataclass(frozen=True)
class MemberHistory:
    """A member's last day: its state since when, how often it went down, 48 half hours.

    `since` is None where nothing is known; `exact` says that the change itself was seen, else it is older than `since`.
    """

    since: datetime.datetime | None
    exact: bool
    flaps: int
    strip: tuple[Cell, ...]


def kind(member: Member) -> Kind:
    """What history keeps of a member: whether it served, did not, or was not asked to."""
    return status.kept(member.state, member.operating)


def observed(balancer: Balancer) -> dict[str, tuple[Kind, str]]:
    """`{member id: (kind, label)}` of a load balancer whose members were read; {} else."""
    return {one.id: (kind(one), one.label) for one in balancer.members()} if balancer.read_at else {}


def compare(
    known: Mapping[str, tuple[str, str]], now: Mapping[str, tuple[str, str]], balancer_id: str, at: datetime.datetime
) -> list[Transition]:
    """What became different: members that changed, that are new, that are gone."""
    found = []
    for id_, (state, label) in now.items():
        was = known[id_][0] if id_ in known else ""
        if was != state:
            found.append(Transition(id_, balancer_id, label, was, state, at))
    for id_, (was, label) in known.items():
        if id_ not in now and was != "gone":
            found.append(Transition(id_, balancer_id, label, was, "gone", at))
    return found


def watched(spans: Sequence[Span], at: datetime.datetime) -> list[Span]:
    """The spans after a look at `at`: the last one grows, or a new one begins."""
    if spans and 0 <= (at - spans[-1].end).total_seconds() <= BLIND:
        return [*spans[:-1], Span(spans[-1].begin, at)]
    return [*spans, Span(at, at)]


def history(
    changes: Iterable[Transition], spans: Sequence[Span], now: datetime.datetime, period: datetime.timedelta = DAY
) -> MemberHistory:  # fmt: skip
    """One member's past from its own changes (any order) and the spans in which anybody looked."""
    ours = sorted(changes, key=lambda one: one.at)
    begin = now - period
    flaps = sum(one.at >= begin and one.now == "failed" and one.was not in ("", "failed") for one in ours)
    width = period / CELLS
    strip = tuple(_cell(ours, spans, begin + width * index, begin + width * (index + 1)) for index in range(CELLS))
    last = ours[-1] if ours else None
    return MemberHistory(last.at if last else None, bool(last and last.was), flaps, strip)


def _cell(
    changes: Sequence[Transition], spans: Sequence[Span], begin: datetime.datetime, end: datetime.datetime
) -> Cell:  # fmt: skip
    if not any(span.begin < end and span.end >= begin for span in spans):
        return "none"
    before = [one.now for one in changes if one.at <= begin]
    within = [one for one in changes if begin < one.at < end]
    if within and within[0].after and within[0].after <= begin:
        # Nobody saw in this cell what it had been before.
        before = []
    states = {*before[-1:], *(one.now for one in within)} - {"gone"}
    if not states:
        return "none"
    if states == {"good"}:
        return "good"
    if "failed" in states:
        return "failed" if states == {"failed"} else "mixed"
    return "other" if states == {"other"} else "good"
