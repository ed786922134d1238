"""Words for people: ages, counts and states. No markup here."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from tenant_ops_dashboard.sentences import translated

# Worst last, as the first line of a list names them.
ORDER = ("good", "warning", "failed", "building", "deleting")

_STATES = {
    "good": gettext_noop("good"),
    "warning": gettext_noop("warning"),
    "failed": gettext_noop("failed"),
    "building": gettext_noop("building"),
    "deleting": gettext_noop("deleting"),
    "planned": gettext_noop("planned"),
    "gone": gettext_noop("gone"),
    "unknown": gettext_noop("not checked"),
}


def told(said: str | Exception) -> str:
    """What a capability or its error says, in the reader's language; a template does so itself with what it shows."""
    if isinstance(said, Exception):
        said = said.args[0] if said.args and isinstance(said.args[0], str) else str(said)
    return str(translated(said, _, ngettext))


def state(value: str) -> str:
    """The word for a state of an environment, a box or a resource."""
    return _(_STATES.get(value, value))


def counts(states: Iterable[str]) -> list[tuple[str, int, str]]:
    """`(state, how many, words)` for every state present: good first, then worse."""
    found = Counter(states)
    return [(name, found[name], f"{found[name]} {state(name)}") for name in ORDER if found[name]]


def duration(seconds: float) -> str:
    """A duration with at most two units: `8 s`, `4 min`, `3 h 10 min`, `12 d`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return _("%d s") % whole
    minutes, rest = divmod(whole, 60)
    if minutes < 10 and rest:
        return _("%(m)d min %(s)d s") % {"m": minutes, "s": rest}
    if minutes < 60:
        return _("%d min") % minutes
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("%(h)d h %(m)d min") % {"h": hours, "m": minutes} if minutes and hours < 10 else _("%d h") % hours
    return _("%d d") % (hours // 24)


def age(moment: datetime.datetime | None, now: datetime.datetime | None = None) -> str:
    """How long ago `moment` was (naive moments are UTC, as OpenStack sends them); '' where unknown."""
    if moment is None:
        return ""
    if timezone.is_naive(moment):
        moment = moment.replace(tzinfo=datetime.UTC)
    passed = ((now or timezone.now()) - moment).total_seconds()
    if passed < 5:
        return _("just now")
    return duration(passed if passed < 60 else passed // 60 * 60)


def clock(moment: datetime.datetime) -> str:
    """The time of day in the reader's time zone, with seconds: `14:03:22`."""
    if timezone.is_naive(moment):
        moment = moment.replace(tzinfo=datetime.UTC)
    return timezone.localtime(moment).strftime("%H:%M:%S")


def when(moment: datetime.datetime, now: datetime.datetime | None = None) -> str:
    """The time of day, with the day in front where it was not today: `14:03:22`, `20 Nov 14:03:22`."""
    local, today = timezone.localtime(moment), timezone.localtime(now or timezone.now())
    day = "" if local.date() == today.date() else f"{local.day} {date_format(local, 'M')} "
    return f"{day}{clock(moment)}"


def resources(number: int) -> str:
    """`1 resource`, `24 resources`."""
    return ngettext("%d resource", "%d resources", number) % number


def and_more(number: int) -> str:
    """What stands below a list that leaves some out: `and 19,900 more`."""
    return _("and %s more") % f"{number:,}"


def tier(name: str) -> str:
    """The word for a tier of the picture."""
    known = {"internet": _("Internet"), "edge": _("Edge"), "dmz": _("DMZ"), "database": _("Database")}
    return known.get(name, _("Other"))
