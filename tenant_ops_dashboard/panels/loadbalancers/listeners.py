"""What a load balancer listens on, for people: listeners, their policies and pools, and the members of these."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenant_ops_dashboard.loadbalancers import layer7, protocols, tls
from tenant_ops_dashboard.loadbalancers.member_history import MemberHistory
from tenant_ops_dashboard.loadbalancers.model import Balancer, Listener, Member, Monitor, Policy, Pool
from tenant_ops_dashboard.octavia import status, transport
from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.loadbalancers import charts as drawn_charts
from tenant_ops_dashboard.panels.loadbalancers import last
from tenant_ops_dashboard.panels.loadbalancers.state import State
from tenant_ops_dashboard.panels.said import Said
from tenant_ops_dashboard.sentences import join

# Marks know fewer states than load balancers have.
MARKS = {"off": "planned", "drained": "deleting", "unknown": "planned"}

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
    """A pool below its listener; `led` says which policies alone lead to it, '' where it is the default one.

    `protocol` is what a packet to its members is: 'tcp', 'udp' or 'sctp'. `told` is what its servers must speak and
    what its monitor does not see, `empty` what becomes of whoever comes where it has no member.
    """

    pool: Pool
    monitor: str
    rows: tuple[MemberRow, ...]
    protocol: str
    told: tuple[str, ...]
    empty: str
    led: str = ""


@dataclass(frozen=True)
class PolicyRow:
    """A layer 7 policy below its listener."""

    policy: Policy
    mark: str
    word: str


@dataclass(frozen=True)
class ListenerRow:
    """What a load balancer listens on; `told` is what its protocol means, `otherwise` where the rest goes."""

    listener: Listener
    mark: str
    pools: tuple[PoolRow, ...]
    protocol: str
    told: str
    policies: tuple[PolicyRow, ...]
    otherwise: str


def listener(one: Listener, pools: tuple[PoolRow, ...], now: datetime.datetime) -> ListenerRow:
    """A listener with what stands below it."""
    return ListenerRow(
        one, MARKS.get(one.state, one.state), pools, transport.name_of(one.protocol),
        join(", ", [each for each in (protocols.of_listener(one), tls.told(one, now)) if each]),
        tuple(PolicyRow(each, MARKS.get(each.state, each.state), word(each.state)) for each in one.policies),
        layer7.otherwise(one),
    )  # fmt: skip


def pool(
    balancer: Balancer, one: Pool, state: State, now: datetime.datetime, listener: Listener | None = None
) -> PoolRow:  # fmt: skip
    """A pool with its members, below this listener or below none."""
    led = ", ".join(each.label for each in listener.led(one)) if listener else _unused(balancer, one)
    return PoolRow(
        one, monitor(one.monitor), tuple(_member(balancer.id, each, one, state, now) for each in one.members or ()),
        transport.name_of(one.protocol), tuple(filter(None, (protocols.of_pool(one), protocols.silence(one.monitor)))),
        protocols.unanswered(one), led,
    )  # fmt: skip


def _unused(balancer: Balancer, one: Pool) -> str:
    """Why no listener uses a pool, though a policy leads to it."""
    policies = (each for listener in balancer.listeners for each in listener.policies)
    led = [each for each in policies if each.pool_id == one.id and each.idle]
    if not led:
        return _("no listener uses it")
    return _("no listener uses it: policy %(name)s leads here, but %(why)s") % {
        "name": led[0].label, "why": words.told(led[0].idle),
    }  # fmt: skip


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
    told = ", ".join(f"{name} {count}" for name, count in parts if count)
    return _("Half hours of the last 24 hours: %s") % told


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


def word(state: str) -> str:
    """The word for a state."""
    own = {"off": _("disabled"), "drained": _("drained"), "unknown": _("not read yet")}
    return own.get(state) or words.state(state)
