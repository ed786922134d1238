"""What an environment's pages say of its intents: those that stand, those that are broken and so a warning."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Details, Environment
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.firewall import standing
from tenant_ops_dashboard.firewall.standing import Fared, Standing
from tenant_ops_dashboard.panels import intents, settings, words
from tenant_ops_dashboard.panels.cared import Cared
from tenant_ops_dashboard.panels.intents import Line
from tenant_ops_dashboard.records import audit as trail
from tenant_ops_dashboard.records import intents as records

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Section:
    """All of one environment. `checked` is the oldest last look; `cared` how they are looked at while nobody looks."""

    lines: tuple[Line, ...]
    checked: datetime.datetime | None
    cared: Cared | None
    firewall: str

    @property
    def answer(self) -> str:
        """The first line of the section."""
        on = [one for one in self.lines if not one.off]
        good, bad, unknown = (sum(one.state == state for one in on) for state in ("good", "warning", "unknown"))
        if not on:
            return _("No intent stands here.")
        if unknown == len(on):
            return _("none is checked")
        told = [_("%(good)d of %(all)d hold") % {"good": good, "all": len(on)}]
        told += [_("%d broken") % bad] if bad else []
        told += [_("%d not checked") % unknown] if unknown else []
        return ", ".join(told)


def of(project_id: str, environment: Environment) -> tuple[Standing, ...]:
    """All that stand with an environment. Raises NotRead where the database does not answer."""
    known = {environment.id: environment.launched}
    with trail.reading("Intents"):
        found = records.of(project_id, known, settings.read().blueprint_folders)
    return tuple(one for one in found if one.environment == environment.id)


def known(project_id: str, environment: Environment) -> tuple[Standing, ...] | None:
    """The same for a page that stands without them: None where the database does not answer."""
    try:
        return of(project_id, environment)
    except trail.NotRead:
        return None


def broken(project_id: str) -> tuple[Standing, ...]:
    """Those of the project that are broken; none where the database does not answer."""
    try:
        with trail.reading("Intents"):
            return records.broken(project_id)
    except trail.NotRead:
        return ()


def ended(cloud: Cloud, environment_id: str) -> None:
    """Forget those of an environment that Heat says is deleted; where it cannot be, the timer does it later."""
    try:
        with trail.reading("Intents"):
            if stack.gone(cloud, environment_id):
                records.forget(cloud.project_id, environment_id)
    except TenantOpsError as error:
        _LOG.info("Intents of %s are not forgotten yet: %s", environment_id, error)


def section(details: Details, known: Sequence[Standing], looked: Cared | None) -> Section:
    """For the page."""
    environment = details.environment
    names = {environment.id: environment.name}
    looks = [one.last.at if one.last else None for one in known if one.off is None]
    oldest = None if None in looks else min((one for one in looks if one), default=None)
    groups = [box.resource_id for box in details.picture.boxes if box.kind == "firewall" and box.resource_id]
    return Section(tuple(intents.line(one, names) for one in known), oldest, looked, _page(groups))


def warned(environment: Environment, known: Iterable[Standing]) -> Environment:
    """The environment, not well where one of its intents is broken; what is worse than that stays."""
    names = {environment.id: environment.name}
    bad = [one for one in known if one.broken and one.environment == environment.id]
    if not bad or environment.status not in ("good", "warning"):
        return environment
    said = " ".join(_warning(one, one.last, names) for one in bad if one.last)
    reason = f"{words.told(environment.status_reason)} {said}".strip()
    return replace(environment, status="warning", status_reason=reason)


def _warning(one: Standing, last: Fared, names: dict[str, str]) -> str:
    told = {
        "says": words.told(standing.named(one, names)).rstrip("."),
        "when": words.when(last.since),
        "why": words.told(last.because),
    }
    return _("Broken since %(when)s: %(says)s (%(why)s).") % told


def _page(groups: Sequence[str]) -> str:
    try:
        if groups:
            return reverse("horizon:tenant_ops:firewall:group", args=[groups[0]])
        return reverse("horizon:tenant_ops:firewall:index")
    except NoReverseMatch:
        # The panel may be switched off.
        return ""
