"""What a page says of the jobs that go on while nobody looks: when they last did, in words where they do not."""

from __future__ import annotations

import contextlib
import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.records import audit as trail
from tenant_ops_dashboard.records import heartbeats

#: Whoever has not looked for so long is late: the slowest job looks once a minute.
LATE = datetime.timedelta(minutes=5)
MINUTE = datetime.timedelta(minutes=1)
#: By what is promised: the job that keeps it, and what does not happen without it.
PROMISES = {
    "scale": ("scale", gettext_lazy("Nothing scales by itself")),
    "history": ("collect", gettext_lazy("What changes while nobody looks is not noticed")),
    "intents": ("collect", gettext_lazy("Nobody checks intents while nobody looks")),
    "care": ("reconcile", gettext_lazy("Nothing is finished or mended while nobody looks")),
    "clones": ("clones", gettext_lazy("Nobody makes or takes away clones now")),
}


@dataclass(frozen=True)
class Cared:
    """One promise at the moment `now`: `at` is when the care job last kept it, `ran` when it last looked at anything.
    `here` says that it is told on an environment's own page.

    Its words are made when they are read, in the reader's language and by his clock.
    """

    promise: str
    at: datetime.datetime | None
    ran: datetime.datetime | None
    now: datetime.datetime
    patience: datetime.timedelta = LATE
    here: bool = False

    @property
    def late(self) -> bool:
        """Whether the promise is not kept now."""
        return _late(self.at, self.now, self.patience)

    @property
    def lent(self) -> bool:
        """Whether the job runs and only this is not looked after: nobody lent it the authority."""
        return self.late and not _late(self.ran, self.now, self.patience)

    @property
    def minute(self) -> datetime.datetime | None:
        """The last look to the minute: a page that waits for news is not told anew with every round."""
        return self.at and self.at.replace(second=0, microsecond=0)

    @property
    def last(self) -> str:
        """The same by the reader's clock."""
        return words.when(self.minute, self.now).rpartition(":")[0] if self.minute else ""

    @property
    def title(self) -> str:
        """What does not happen and why; '' where it does."""
        if not self.late:
            return ""
        what = str(PROMISES[self.promise][1])
        if self.lent:
            why = _("the care job runs, and nobody entrusted this to it.")
        elif self.ran is None:
            why = _("the care job has never run.")
        else:
            why = _("the care job has not run for %s.") % words.age(self.ran, self.now)
        return _("%(what)s: %(why)s") % {"what": what, "why": why}

    @property
    def todo(self) -> str:
        """The way out; '' where nothing is the matter."""
        if not self.late:
            return ""
        if self.lent and self.promise == "scale":
            return _("Entrust it on the load balancer's card, or by 'tenant-ops scaling set NAME --entrust'.")
        if self.lent and self.here:
            return _("Switch on 'Unattended care' on this page.")
        if self.lent:
            return _("Switch on 'Unattended care' on the page of the environment.")
        return _("It goes on once your operator has started 'manage.py tenant_ops_care'.")

    @property
    def version(self) -> str:
        """Changes whenever what is said does, once a minute at most; the same for readers of any language."""
        since = self.ran and (self.now - self.ran) // MINUTE
        return f"{self.promise} {self.late} {self.lent} {self.minute} {since if self.late and not self.lent else ''}"


def of(promise: str, project_id: str, region: str, now: datetime.datetime, what: str = "") -> Cared | None:
    """How one promise is kept in a region, or of `what` of a project; None where the database does not say."""
    job = PROMISES[promise][0]
    try:
        with trail.reading("The care job"):
            ran = heartbeats.last(region).get(job)
            at = heartbeats.last_look(project_id, f"{job} {what}") if what else ran
    except trail.NotRead:
        return None
    return Cared(promise, at, ran, now)


def scaling(project_id: str, region: str, environment_id: str, now: datetime.datetime) -> Cared | None:
    """Whether an environment would scale by itself."""
    return of("scale", project_id, region, now, environment_id)


def revoked(project_id: str, environment_id: str) -> None:
    """Scaling by itself lost its authority: that the care job looked a moment ago promises nothing any more."""
    with contextlib.suppress(trail.NotRead), trail.reading("The care job"):
        heartbeats.overlooked(project_id, f"scale {environment_id}")


def watched(promise: str, project_id: str, region: str, now: datetime.datetime) -> Cared | None:
    """Whether a project is looked at while nobody looks: its 'history', or its 'intents'."""
    return of(promise, project_id, region, now, region)


def _late(at: datetime.datetime | None, now: datetime.datetime, patience: datetime.timedelta) -> bool:
    return at is None or now - at > patience
