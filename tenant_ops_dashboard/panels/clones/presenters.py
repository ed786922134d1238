"""Clones, offers and what each may be done with, in words; no calls here."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenant_ops_dashboard.clones import build
from tenant_ops_dashboard.clones import golden as goldens
from tenant_ops_dashboard.clones.mask import digest
from tenant_ops_dashboard.clones.model import Clone, Offer
from tenant_ops_dashboard.clones.reminder import near
from tenant_ops_dashboard.clones.terms import words as span
from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.clones import overdue
from tenant_ops_dashboard.panels.clones.state import LINE, Shown
from tenant_ops_dashboard.records.clone_figures import Usage

Words = str | Promise
STATES: dict[str, Words] = {
    "requested": gettext_lazy("asked for"),
    "approved": gettext_lazy("approved"),
    "copying": gettext_lazy("copying"),
    "masking": gettext_lazy("masking"),
    "preparing": gettext_lazy("preparing"),
    "ready": gettext_lazy("ready"),
    "refreshing": gettext_lazy("refreshing"),
    "expiring": gettext_lazy("being taken away"),
    "releasing": gettext_lazy("being taken away"),
    "released": gettext_lazy("taken away"),
    "denied": gettext_lazy("denied"),
    "failed": gettext_lazy("failed"),
    "parked": gettext_lazy("waits for somebody"),
    "orphaned": gettext_lazy("without authority"),
}
#: The shape and colour of each: amber and red are for trouble, not for what is coming up.
MARKS = {
    "ready": "good", "requested": "planned", "released": "gone", "denied": "gone", "failed": "failed",
    "parked": "warning", "orphaned": "failed", "expiring": "deleting", "releasing": "deleting",
}  # fmt: skip
TROUBLE = ("parked", "orphaned")
GOING = ("expiring", "releasing")
STEPS: dict[str, Words] = {
    "check": gettext_lazy("Checked"), "freeze": gettext_lazy("Snapshot of one moment"),
    "copy": gettext_lazy("Copied"), "mask": gettext_lazy("Masked"), "hand-over": gettext_lazy("Handed over"),
    "keep": gettext_lazy("Snapshot to go back to"), "serve": gettext_lazy("Served"),
    "build": gettext_lazy("Launched"), "swap": gettext_lazy("Put in place of the older copy"),
    "end": gettext_lazy("Taken away"),
}  # fmt: skip
#: What is made on a copy, and of one that is a system disk.
BUILT: dict[str, Words] = {
    "server": gettext_lazy("A database server"), "environment": gettext_lazy("A test environment"),
}  # fmt: skip
BOOTED = gettext_lazy("A server that starts from it")


@dataclass(frozen=True)
class Row:
    """One clone in words. `since` is when what happens now began; `ways` are what this person may do with it.

    `usual` are the seconds that this usually takes, `soon` whether its end is near. `overdue` is said of one that
    ought to go while nobody takes it away.
    """

    clone: Clone
    mark: str
    word: Words
    data: str
    timing: str
    place: str
    since: datetime.datetime | None
    ways: frozenset[str]
    usual: float | None = None
    soon: bool = False
    overdue: str = ""

    @property
    def seconds(self) -> float:
        """How long it has been happening: told beside the state, and no part of it."""
        return (timezone.now() - self.since).total_seconds() if self.since else 0.0


def row(
    one: Clone, project: str, may: Mapping[str, bool], now: datetime.datetime, ahead: int = 0,
    usual: float | None = None, beat: datetime.datetime | None = None,
) -> Row:  # fmt: skip
    """One clone for somebody in this project; `beat` is when somebody last made or took away clones."""
    place = _("%s in the line") % ordinal(ahead + 1) if one.step in LINE and ahead else ""
    late = overdue.overdue(one, beat, now)
    end = day(one.expires_at, now) if one.expires_at and one.expires_at <= now else ""
    return Row(
        one, MARKS.get(one.state, "building"), STATES.get(one.state, one.state),
        _("data of %s") % day(one.data_at, now) if one.data_at else "", timing(one, now), place,
        one.began if one.moving and not one.ended else None, _ways(one, project, may, late),
        None if usual is None else max(1.0, usual), near(one, now), overdue.sentence(end, beat, now) if late else "",
    )  # fmt: skip


def ways(one: Clone, project: str, may: Mapping[str, bool]) -> frozenset[str]:
    """What somebody in this project may do with a clone as it is now: who holds it, and who owns the data."""
    found: set[str] = set()
    if one.ended:
        return frozenset()
    holds, owns = one.project_id == project, one.offer.project_id == project
    if owns and may["decide"] and one.state == "requested":
        return frozenset(("approve", "deny"))
    if one.state not in GOING and ((holds and may["request"]) or (owns and may["decide"])):
        found.add("release")
    if one.ready_at and one.state == "ready":
        if holds and may["request"] and not one.pinned_by:
            found.add("extend")
        if holds and may["request"] and one.offer.open and not one.served and not build.boots(one):
            found.add("refresh")
        if holds and may["request"] and one.baseline_id:
            found.add("revert")
        if owns and may["decide"]:
            found.add("unpin" if one.pinned_by else "pin")
    return frozenset(found)


def _ways(one: Clone, project: str, may: Mapping[str, bool], late: bool) -> frozenset[str]:
    more = ("reclaim",) if late and overdue.may(one, project, may) else ()
    return ways(one, project, may).union(more)


def timing(one: Clone, now: datetime.datetime) -> str:
    """When it goes, or when it went."""
    if one.ended:
        return _("ended %s") % day(one.ended_at, now) if one.ended_at else ""
    if one.state == "requested":
        return _("waits for %s") % one.offer.project_name
    if one.state in GOING:
        return _("its time is over") if one.state == "expiring" else ""
    if one.pinned_by:
        return _("stays: pinned by %s") % one.pinned_by
    if one.expires_at is None:
        return ""
    left = (one.expires_at - now).total_seconds()
    return _("ends in %s") % _left(left) if left > 0 else _("its time is over")


def day(moment: datetime.datetime, now: datetime.datetime) -> str:
    """`today 06:00`, `yesterday 06:00`, `20 Nov 06:00`, `20 Nov 2025 06:00`."""
    local, today = timezone.localtime(moment), timezone.localtime(now).date()
    clock = local.strftime("%H:%M")
    if local.date() == today:
        return _("today %s") % clock
    if local.date() == today - datetime.timedelta(days=1):
        return _("yesterday %s") % clock
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {date_format(local, 'M')}{year} {clock}"


def answer(shown: Shown, project: str, now: datetime.datetime) -> str:
    """The first line: what copies exist, how old their data is, when they go; and what waits for somebody."""
    there = [one for one in shown.clones if one.ready_at and not one.ended and one.state not in GOING]
    return " ".join(filter(None, (_copies(there, now), *_others(shown.clones, project))))


def _copies(there: Sequence[Clone], now: datetime.datetime) -> str:
    if not there:
        return _("No copy exists now.")
    ending = sorted((one for one in there if one.expires_at), key=lambda one: one.expires_at or now)
    oldest = day(min((one.data_at for one in there if one.data_at), default=now), now)
    told = {"number": f"{len(there):,}", "name": there[0].name, "day": oldest}
    data = ngettext(
        "One copy exists, %(name)s, with data of %(day)s.", "%(number)s copies exist, the oldest data is of %(day)s.",
        len(there),
    ) % told  # fmt: skip
    return f"{data} {_next_end(ending, len(there), now)}"


def _next_end(ending: Sequence[Clone], copies: int, now: datetime.datetime) -> str:
    if not ending:
        return _("None has an end.") if copies > 1 else _("It has no end.")
    left = ((ending[0].expires_at or now) - now).total_seconds()
    if left <= 0:
        return _("The time of %s is over.") % ending[0].name
    if copies == 1:
        return _("It goes in %s.") % _left(left)
    return _("The next to go is %(name)s, in %(left)s.") % {"name": ending[0].name, "left": _left(left)}


def _others(clones: Sequence[Clone], project: str) -> list[str]:
    count = Counter(_group(one, project) for one in clones)
    told = (
        (count["asked"], ngettext("%s request waits for you.", "%s requests wait for you.", count["asked"])),
        (count["waits"], ngettext("%s waits for its owner.", "%s wait for their owner.", count["waits"])),
        (count["made"], ngettext("%s is being made.", "%s are being made.", count["made"])),
        (count["goes"], ngettext("%s is being taken away.", "%s are being taken away.", count["goes"])),
        (count["stuck"], ngettext("%s cannot go on by itself.", "%s cannot go on by themselves.", count["stuck"])),
    )
    return [said % f"{number:,}" for number, said in told if number]


def _group(one: Clone, project: str) -> str:
    if one.ended:
        return ""
    if one.state == "requested":
        return "asked" if one.offer.project_id == project else "waits"
    if one.state in TROUBLE:
        return "stuck"
    if one.state in GOING:
        return "goes"
    return "" if one.ready_at else "made"


def _left(seconds: float) -> str:
    """What is left; a minute is precise enough until the last one."""
    return words.duration(seconds if seconds < 60 else seconds // 60 * 60)


@dataclass(frozen=True)
class Offered:
    """An offer in words; of an own one how much of it is used, and how its golden copy is, with a mark."""

    offer: Offer
    terms: str
    to: str
    used: str = ""
    golden: str = ""
    mark: str = ""


def offered(one: Offer) -> Offered:
    """An offer with its rules in one line."""
    return Offered(one, rules(one), ", ".join(one.terms.to))


def own(one: Offer, used: Usage, copies: Sequence[Clone], now: datetime.datetime) -> Offered:
    """An own offer: besides how many clones of it there are and were, and how its golden copy is."""
    live = ngettext("%s copy now", "%s copies now", used.now) % f"{used.now:,}"
    told = {"live": live, "month": f"{used.month:,}", "size": f"{used.gigabytes:,}"}
    words = _("%(live)s, %(month)s in 30 days, %(size)s GB out now") % told
    if not one.terms.golden:
        return replace(offered(one), used=words)
    problem = goldens.problem(copies)
    return replace(
        offered(one), used=words, golden=_golden(one, copies, now, problem), mark="warning" if problem else "good"
    )


def _golden(one: Offer, copies: Sequence[Clone], now: datetime.datetime, problem: str) -> str:
    ready = next((it for it in copies if it.state == "ready"), None)
    told = {"age": span(one.terms.golden), "size": f"{goldens.gigabytes(one, copies):,}"}
    if ready is not None and ready.data_at is not None:
        told["day"] = day(ready.data_at, now)
        made = _("Golden copy with data of %(day)s, made anew every %(age)s; it takes %(size)s GB of your quota.")
        said = made % told
    elif problem:
        said = _("There is no golden copy yet.")
    else:
        said = _("The golden copy is being made; it takes %(size)s GB of your quota.") % told
    return f"{said} {words.told(problem)}".strip()


def keeps() -> str:
    """What becomes of a server that starts from a copy, and of the copy."""
    return _(
        "It is a system disk: a server of it starts from the clone's volume. Deleting the server by other means keeps "
        "the volume (delete on termination is off); the clone's end deletes both. Such a server is neither refreshed "
        "nor reverted."
    )


def rules(one: Offer) -> str:
    """An offer's rules in one line."""
    most = ngettext("%d at once", "%d at once", one.terms.most) % one.terms.most
    who = _("at once, without asking") if one.terms.approve == "auto" else _("after its owner agreed")
    masked = _("masked") if one.terms.mask else _("as it is, nothing masked")
    how = _("served by its owner") if one.terms.deliver == "served" else _("handed over")
    return _("%(who)s; for %(longest)s at most; %(most)s; %(masked)s; %(how)s") % {
        "how": how,
        "who": who, "longest": span(one.terms.longest), "most": most, "masked": masked,
    }  # fmt: skip


def kind(one: Offer) -> list[tuple[str, str]]:
    """What data a copy has, which somebody should know before he asks: (mark, sentence)."""
    if one.terms.mask:
        told = _("The owner's script masks the copy before it is handed over (SHA-256 %s…).")
        if one.terms.deliver == "served":
            told = _("The owner's script masks the copy before anybody gets to it (SHA-256 %s…).")
        found = [("good", told % digest(one.terms.mask)[:12])]
    else:
        found = [("warning", _("The data comes as it is: nothing is masked."))]
    if one.terms.golden:
        return [*found, ("good", _("It is made of a copy that is kept ready: the source is left alone."))]
    if one.terms.consistency == "running":
        words = _("Whatever uses the volume goes on meanwhile: a database starts on the copy as after a power cut.")
    elif one.terms.consistency == "paused":
        words = _("Its server is paused for some seconds meanwhile, so that all of the copy is of one moment.")
    else:
        words = _("Its server is stopped meanwhile, so that the copy is as after a clean stop.")
    return [*found, ("good", words)]


@dataclass(frozen=True)
class Stage:
    """One line of where a clone comes from: what happened, when, and how many seconds it took."""

    mark: str
    words: str
    at: datetime.datetime | None = None
    seconds: float | None = None


def lineage(one: Clone, project: str) -> list[Stage]:
    """From the source volume to the clone and its end, in order."""
    told = {"name": one.offer.source_name, "project": one.offer.project_name, "size": one.offer.size}
    source = _("Volume %(name)s of %(project)s, %(size)s GB") % told
    found = [Stage("good", source), Stage("good", _("Asked for by %(user)s of %(project)s") % {
        "user": one.user_name, "project": one.project_name,
    }, one.asked_at)]  # fmt: skip
    if one.state == "denied":
        return [*found, Stage("failed", _("Denied by %s") % one.decided_by, one.decided_at)]
    if one.decided_at:
        by = _("Approved by %s") % one.decided_by if one.decided_by else _("Approved by the offer's own rules")
        found.append(Stage("good", by, one.decided_at))
    if one.golden_id:
        found.append(Stage("good", _("Made of the golden copy of that time"), one.data_at))
    for step, word in STEPS.items():
        if step in one.seconds and step != "end":
            data = "freeze" if "freeze" in one.seconds else "copy"
            data_at = None if one.golden_id else one.data_at
            at = {
                data: data_at, "hand-over": one.handed_at, "build": one.ready_at, "serve": one.ready_at,
                "swap": one.refreshed_at,
            }  # fmt: skip
            found.append(Stage("good", str(word), at.get(step), one.seconds[step]))
    if one.volume_id and one.handed_at:
        copy = {"name": one.name, "project": one.project_name, "size": one.size or one.offer.size}
        found.append(Stage("good", _("Volume %(name)s of %(project)s, %(size)s GB") % copy, one.handed_at))
    if one.ended:
        mark = "failed" if one.state == "failed" else "gone"
        return [*found, Stage(mark, str(STATES[one.state]).capitalize(), one.ended_at, one.seconds.get("end"))]
    now = Stage(MARKS.get(one.state, "building"), str(STATES.get(one.state, one.state)).capitalize())
    return found if one.state == "ready" else [*found, now]
