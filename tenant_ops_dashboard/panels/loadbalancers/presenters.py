"""Load balancers for people: words and small pictures for everything the service layer says."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenant_ops_dashboard.loadbalancers import own_servers
from tenant_ops_dashboard.loadbalancers.model import Balancer
from tenant_ops_dashboard.loadbalancers.stats import Rate
from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.cared import Cared
from tenant_ops_dashboard.panels.entrusting import Entrusting
from tenant_ops_dashboard.panels.loadbalancers import charts as drawn_charts
from tenant_ops_dashboard.panels.loadbalancers import listeners
from tenant_ops_dashboard.panels.loadbalancers.history import Event
from tenant_ops_dashboard.panels.loadbalancers.listeners import MARKS, ListenerRow, PoolRow, word
from tenant_ops_dashboard.panels.loadbalancers.scaling_card import ScalingCard
from tenant_ops_dashboard.panels.loadbalancers.state import State

NEWS = 12


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
    changing: str = ""


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
            listeners.listener(each, tuple(listeners.pool(one, pool, state, now, each) for pool in each.pools), now)
            for each in one.listeners
        ),
        spare=tuple(listeners.pool(one, pool, state, now) for pool in one.spare),
        events=events[:NEWS],
        line=drawn_charts.timeline(events, now),
        muted=state.mutes.until.get(one.id),
        scaling=state.scaling.get(one.id),
        cared=state.cared.get(one.id),
        gauge=_gauge(state.scaling.get(one.id)),
        changing=own_servers.at_work(one),
    )


def _gauge(found: ScalingCard | None) -> tuple[float, float | None]:
    """The load now and the forecast on a scale of 300 whose threshold stands at 200."""
    if found is None:
        return 0.0, None
    unit = 200 / (found.group.rules.threshold or 1.0)
    now, ahead = found.decision.current, found.decision.forecast
    return min(300.0, round((now or 0.0) * unit, 1)), None if ahead is None else min(299.0, round(ahead * unit, 1))


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
