"""Events on the page of an environment: asked for only while their section is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.heat import events
from tenant_ops_dashboard.environments.model import Details, Events
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.panels import failures, poll

ALL, FAILED = "all", "failed"
LONGEST = 80


@dataclass(frozen=True)
class Happened:
    """What the section shows: `shown` is '' where it is closed; `problem` says why there is no list."""

    shown: str = ""
    query: str = ""
    found: Events = field(default_factory=lambda: Events(()))
    problem: failures.Failure | None = None

    @property
    def version(self) -> str:
        """Part of the page's fingerprint."""
        return repr((self.found, self.problem and self.problem.sentence)) if self.shown else ""

    @property
    def asked(self) -> str:
        """The part of the address that says so, with its question mark."""
        wanted = {"events": self.shown, "q": self.query}
        return f"?{urlencode({name: value for name, value in wanted.items() if value})}" if self.shown else ""

    @property
    def nothing(self) -> str:
        """The words where the list is empty."""
        if self.query:
            return _("No event is about %s.") % self.query
        if self.shown == FAILED:
            return _("Nothing went wrong.")
        return _("Heat remembers no event of this environment.")


def read(request: HttpRequest, details: Details) -> Happened:
    """The events that the address asks for: one call to Heat, none where the section is closed."""
    shown = request.GET.get("events", "")
    if shown not in (ALL, FAILED):
        return Happened()
    query = request.GET.get("q", "").strip()[:LONGEST]

    limit = events.SEARCHED if query else 2 * events.MOST

    def load(cloud: Cloud) -> Events:
        return events.newest(cloud, details, failures=shown == FAILED, limit=limit)

    try:
        # What is looked for is found in the same events: no word that somebody types is kept.
        found = poll.snapshot(request, f"events {details.environment.id} {shown} {limit}", load)
    except TenantOpsError as error:
        return Happened(shown, query, problem=failures.of(error))
    return Happened(shown, query, events.search(found.value, query), found.problem)
