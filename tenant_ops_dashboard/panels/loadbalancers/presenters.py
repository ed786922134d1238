"""Load balancers for people: words and small pictures for everything the service layer says."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenant_ops_dashboard.loadbalancers.member_history import MemberHistory
from tenant_ops_dashboard.loadbalancers.model import Balancer, Listener, Member, Monitor, Pool
from tenant_ops_dashboard.loadbalancers.stats import Rate
from tenant_ops_dashboard.octavia import status
from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.cared import Cared
from tenant_ops_dashboard.panels.entrusting import Entrusting
from tenant_ops_dashboard.panels.loadbalancers import charts as drawn_charts
from tenant_ops_dashboard.panels.loadbalancers import last
from tenant_ops_dashboard.panels.loadbalancers.history import Event
from tenant_ops_dashboard.panels.loadbalancers.scaling_card import ScalingCard
from tenant_ops_dashboard.panels.loadbalancers.state import State
from tenant_ops_dashboard.panels.said import Said

# Marks know fewer states than load balancers have.
MARKS = {"off": "planned", "drained": "deleting", "unknown": "planned"}
NEWS = 12


@dataclass(frozen=True)
class MemberRow:
    """A member; `seconds` it has been so, counted on by the page where `ticks`; `told` is the sentence about it.

    `said` is its last change; `alone` that nobody else in its pool serves.
    """

    member: Member
    mark: str
    told: str
    seconds: int
    ticks: bool
    flaps: str
    strip: tuple[drawn_charts.Bar, ...]
    strip_words: str
    muted: datetime.datetime | None
    drainable: bool
    alone: bool
    said: Said | None


@dataclass(frozen=True)
class PoolRow:
    """A pool below its listener."""

    pool: Pool
    monitor: str
    rows: tuple[MemberRow, ...]


@dataclass(frozen=True)
class ListenerRow:
    """What a load balancer listens on."""

    listener: Listener
    mark: str
    pools: tuple[PoolRow, ...]


@dataclass(frozen=True)
class Chart:
    """A figure over the last hour; `now` is its last value in words, '' where it is not known."""

    title: str
    now: str
    spark: drawn_charts.Spark


@dataclass(frozen=True)
class Card:
    """One load balancer on the page."""

    balancer: Balancer
    mark: str
    word: str
    open: bool
    read: bool
    to: str
    charts: tuple[Chart, ...]
    listeners: tuple[ListenerRow, ...]
    spare: tuple[PoolRow, ...]
    events: tuple[Event, ...]
    line: drawn_charts.Line
    muted: datetime.datetime | None
    scaling: ScalingCard | None
    gauge: tuple[float, float | None]
    cared: Cared | None = None
    entrusting: Entrusting | None = None


def cards(
    state: State, balancers: Sequence[Balancer], opened: Sequence[str], now: datetime.datetime,
    mine: Mapping[str, Entrusting],
) -> list[Card]:  # fmt: skip
    """These load balancers as the page shows them; `mine` is the reader's authority for those that lack it."""
    return [replace(_card(one, state, one.id in opened, now), entrusting=mine.get(one.id)) for one in balancers]


def answer(balancers: Sequence[Balancer]) -> str:
    """The first line, where something needs somebody: who is down."""
    bad = [one for one in balancers if one.state in ("failed", "warning")]
    if not bad:
        return ""
    told = f"{bad[0].name}: {words.told(bad[0].reason)}" if bad[0].reason else bad[0].name
    more = len(bad) - 1
    return told + (ngettext(", and %d more", ", and %d more", more) % more if more else "")


def _card(one: Balancer, state: State, open_: bool, now: datetime.datetime) -> Card:
    rates = state.history.rates.get(one.id, ())
    events = state.history.events.get(one.id, ())
    ports = sorted({member.port for member in one.members()})
    return Card(
        balancer=one,
        mark=MARKS.get(one.state, one.state),
        word=word(one.state),
        open=open_,
        read=one.read_at is not None,
        to=", ".join(map(str, ports[:3])),
        charts=_charts(rates) if open_ else (),
        listeners=tuple(
            ListenerRow(listener, MARKS.get(listener.state, listener.state), _pools(one.id, listener.pools, state, now))
            for listener in one.listeners
        ),
        spare=_pools(one.id, one.spare, state, now),
        events=events[:NEWS],
        line=drawn_charts.timeline(events, now),
        muted=state.mutes.until.get(one.id),
        scaling=state.scaling.get(one.id),
        cared=state.cared.get(one.id),
        gauge=_gauge(state.scaling.get(one.id)),
    )


def _gauge(found: ScalingCard | None) -> tuple[float, float | None]:
    """The load now and the forecast on a scale of 300 whose threshold stands at 200."""
    if found is None:
        return 0.0, None
    unit = 200 / (found.group.rules.threshold or 1.0)
    now, ahead = found.decision.current, found.decision.forecast
    return min(300.0, round((now or 0.0) * unit, 1)), None if ahead is None else min(299.0, round(ahead * unit, 1))


def _pools(balancer_id: str, pools: Sequence[Pool], state: State, now: datetime.datetime) -> tuple[PoolRow, ...]:
    def rows(pool: Pool) -> tuple[MemberRow, ...]:
        return tuple(_member(balancer_id, one, pool, state, now) for one in pool.members or ())

    return tuple(PoolRow(pool, monitor(pool.monitor), rows(pool)) for pool in pools)


def _member(balancer_id: str, one: Member, pool: Pool, state: State, now: datetime.datetime) -> MemberRow:
    past = state.history.histories.get(one.id)
    seconds = int((now - past.since).total_seconds()) if past and past.since else 0
    known = past is not None and past.since is not None
    flaps = past.flaps if past else 0
    return MemberRow(
        member=one,
        mark=MARKS.get(one.state, one.state),
        told=_told(one, past, seconds),
        seconds=seconds,
        ticks=known and seconds < 600 and bool(past and past.exact),
        flaps=ngettext("went down once today", "flapped %d× today", flaps) % flaps if flaps > 1 else "",
        strip=drawn_charts.strip(past.strip) if past else (),
        strip_words=_strip_words(past),
        muted=state.mutes.until.get(one.id),
        drainable=one.state not in ("drained", "off", "deleting") and one.weight != 0,
        alone=pool.alone(one),
        said=last.told(state.history.lasts.get(one.id), balancer_id, one, now),
    )


def _told(one: Member, past: MemberHistory | None, seconds: int) -> str:
    if status.waits(one) and one.first_check:
        return _("coming up: waiting for its first check since %s") % words.clock(one.first_check.since)
    plain = {
        "good": _("up"), "failed": _("DOWN"), "building": _("waiting for its first check"), "off": _("disabled"),
        "drained": _("drained"), "deleting": _("leaving"), "warning": one.operating.lower(),
    }.get(one.state, one.operating.lower())  # fmt: skip
    if one.operating == "NO_MONITOR" and one.state == "good":
        return _("not watched: the pool has no health monitor")
    if past is None or past.since is None or one.state not in ("good", "failed"):
        return plain
    return plain if past.exact or not seconds else _("%s at least") % plain


def _strip_words(past: MemberHistory | None) -> str:
    if past is None:
        return ""
    parts = [
        (_("up"), sum(cell == "good" for cell in past.strip)),
        (_("partly down"), sum(cell == "mixed" for cell in past.strip)),
        (_("down"), sum(cell == "failed" for cell in past.strip)),
        (_("not looked at"), sum(cell == "none" for cell in past.strip)),
    ]
    told = ", ".join(f"{name} {count / 2:g} h" for name, count in parts if count)
    return _("Last 24 hours: %s") % told


def monitor(found: Monitor | None) -> str:
    """'HTTP GET / every 3 s, 3 failures'."""
    if found is None:
        return _("no health monitor")
    what = f"{found.type} {found.method} {found.path}".strip() if found.path else found.type
    if not found.enabled:
        return _("%s, switched off") % what
    return _("%(what)s every %(delay)d s, %(times)d failures") % {
        "what": what, "delay": found.delay, "times": found.retries_down,
    }  # fmt: skip


def _charts(rates: Sequence[Rate | None]) -> tuple[Chart, ...]:
    def chart(title: str, pick: Callable[[Rate], float], say: Callable[[float], str], floor: float = 1.0) -> Chart:
        values = [None if rate is None else pick(rate) for rate in rates]
        last = next((value for value in reversed(values[-3:]) if value is not None), None)
        return Chart(title, "" if last is None else say(last), drawn_charts.spark(values, floor))

    return (
        chart(_("Connections"), lambda rate: rate.connections, lambda value: _("%s /s") % number(value)),
        chart(_("Traffic"), lambda rate: rate.bytes_in + rate.bytes_out, lambda value: _("%s/s") % size(value), 1000),
        chart(_("Open now"), lambda rate: rate.active, number),
        chart(_("Failed requests"), lambda rate: rate.errors, lambda value: _("%s /s") % number(value)),
    )


def word(state: str) -> str:
    """The word for a state."""
    own = {"off": _("disabled"), "drained": _("drained"), "unknown": _("not read yet")}
    return own.get(state) or words.state(state)


def number(value: float) -> str:
    """Three digits at most: 0, 0.4, 12.4, 124, 12 k."""
    if value >= 10000:
        return f"{value / 1000:.0f} k"
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def size(value: float) -> str:
    """Bytes in words."""
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{number(value)} {unit}"
        value /= 1000
    return f"{number(value)} GB"
