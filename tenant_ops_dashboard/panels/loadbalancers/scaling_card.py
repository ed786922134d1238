"""The group of servers behind a load balancer, for its card: how many, what is decided and why."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ImproperlyConfigured
from django.db import Error
from django.utils.translation import gettext as _

from tenant_ops_dashboard.care import scaling
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.standstill import stall
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.loadbalancers.model import Balancer
from tenant_ops_dashboard.loadbalancers.scaling import alarms, decide, group
from tenant_ops_dashboard.loadbalancers.scaling.model import UNITS, Decision, Group, Last
from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.loadbalancers import history
from tenant_ops_dashboard.panels.store import shared
from tenant_ops_dashboard.records import notes

_LOG = logging.getLogger(__name__)
ODD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
# Seconds between two looks at Heat: while it is at work, and else; and how long it may take to begin.
BUSY, CALM, BEGIN = 3, 20, 20


@dataclass(frozen=True)
class ScalingCard:
    """`decision` is what scaling by itself would do now; `stopped` why it does no more; `places` of members by id."""

    group: Group
    unit: str
    decision: Decision
    stopped: str
    alarms: tuple[alarms.Alarm, ...]
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def broken(self) -> tuple[tuple[str, str], ...]:
        """As the function below, in the reader's language."""
        return _broken(self.group, self.places)

    @property
    def stands_still(self) -> str:
        """Since when Heat has stood still over the group, by the reader's clock; '' where it has not."""
        still = self.group.stall
        return stall.words(still, words.when(still.since)) if still else ""


def read(cloud: Cloud, place: str, balancers: Sequence[Balancer], now: datetime.datetime) -> dict[str, ScalingCard]:
    """The groups of these load balancers' environments, by load balancer; Heat is asked now and then."""
    if not cloud.has("orchestration"):
        return {}
    found = {}
    for one in balancers:
        try:
            made = _card(cloud, place, one, now) if one.environment_id else None
        except ODD as error:
            # What a template's author wrote into it costs this card its part and nothing else.
            _LOG.warning("No scaling of %s: %r", one.name, error)
            continue
        if made:
            found[one.id] = made
    return found


def forget(place: str, environment_id: str) -> None:
    """After a change of our own: the next looks ask Heat, which takes a moment to begin."""
    shared.delete(f"{place}.scaling.{environment_id}")
    shared.set(f"{place}.scaling.{environment_id}.soon", True, BEGIN)


def broken(found: Group, balancer: Balancer) -> tuple[tuple[str, str], ...]:
    """The group's members that are no whole servers: where they should answer, and what is the matter."""
    return _broken(found, _places(balancer))


def _places(balancer: Balancer) -> dict[str, str]:
    return {member.id: member.place for member in balancer.members()}


def _broken(found: Group, places: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            places.get(one.member_id, one.key),
            _("Its server was deleted, and not by Heat: nobody answers there.")
            if one.lost
            else _("It could not be made. %s") % words.told(one.reason),
        )
        for one in found.broken
    )


def _card(cloud: Cloud, place: str, one: Balancer, now: datetime.datetime) -> ScalingCard | None:
    key = f"{place}.scaling.{one.environment_id}"
    known: tuple[Group, tuple[alarms.Alarm, ...]] | str | None = shared.get(key, (tuple, str))
    if known is None:
        try:
            read_ = group.read(cloud, one.environment_id)
            known = (read_, alarms.read(cloud, read_))
            history.complete_group(cloud, read_, now)
        except TenantOpsError as error:
            _LOG.info("No scaling of %s: %s", one.name, error)
            known = str(error)
        busy = (not isinstance(known, str) and known[0].busy) or shared.get(f"{key}.soon")
        shared.set(key, known, BUSY if busy else CALM)
    if isinstance(known, str):
        return None
    found, alarming = known
    up = sum(member.state == "good" for member in one.members())
    try:
        last = Last.of(notes.recall(cloud.project_id, scaling.lease(found.environment_id)))
        rates = scaling.recent(cloud, one.id, found, now)
    except (Error, ImproperlyConfigured):
        last, rates = Last(), []
    decision = decide.decide(found, up, rates, now, last)
    places = _places(one) if found.broken else {}
    return ScalingCard(found, UNITS[found.rules.metric], decision, last.stopped, alarming, places)
