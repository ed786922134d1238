"""What pages say of a person's authority for scaling by itself: what stands, what would be given, what hinders."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tenant_ops_dashboard.loadbalancers.scaling import entrusted
from tenant_ops_dashboard.loadbalancers.scaling.entrusted import Entrusted
from tenant_ops_dashboard.panels import poll, settings, words


@dataclass(frozen=True)
class Entrusting:
    """One person and one environment. Its words are made when they are read, in the reader's language."""

    found: Entrusted
    environment_id: str
    project: str

    @property
    def offered(self) -> bool:
        """Whether a button or a box to tick gives it."""
        return self.found.offered

    @property
    def gives(self) -> SafeString:
        """What that gives, until when, and where it is taken back."""
        said = _(
            "The plugin's service user gets your roles %(roles)s in %(project)s until %(end)s: to scale this"
            " environment, and to finish and mend it while nobody looks. Until somebody gives that, nothing scales by"
            " itself."
        )
        return format_html("{} {}", said % self._told(), self._back())

    @property
    def stands(self) -> SafeString | str:
        """What was given, and until when; '' where nothing of use was."""
        if not self.found.stands:
            return ""
        said = _("You let the care job act for you with your roles %(roles)s, until %(end)s.")
        return format_html("{} {}", said % self._told(), self._back())

    @property
    def trouble(self) -> str:
        """Why what was given is of no use, and why nothing can be given; '' where neither is so."""
        useless, refusal = words.told(self.found.useless), words.told(self.found.refusal)
        gave = _("What you gave the care job is of no use any more: %s") % useless if useless else ""
        return " ".join(filter(None, (gave, refusal)))

    @property
    def waits(self) -> str:
        """Of what stands and was not used yet; '' where nothing stands."""
        if not self.found.stands:
            return ""
        return _(
            "Nothing scales by itself yet: you entrusted it to the care job, which looks about twice a minute. Should"
            " this line stay, revoke that on the environment's page and give it anew."
        )

    @property
    def version(self) -> str:
        """Changes whenever what is said does: what could be given now ends some seconds later with every look."""
        said = replace(self.found, until=None)
        return f"{said!r}{self._told()['end']}"

    def _told(self) -> dict[str, str]:
        end = self.found.until
        until = date_format(timezone.localtime(end), "j M Y") if end else _("you take it back")
        return {"roles": ", ".join(self.found.roles), "project": self.project, "end": until}

    def _back(self) -> SafeString:
        where = reverse("horizon:tenant_ops:environments:show", args=[self.environment_id])
        return format_html('<a href="{}#care">{}</a>', where, _("It is taken back on the environment's page."))


def read(request: HttpRequest, environment_id: str) -> Entrusting:
    """As this person's page shows it, from the cache or from Keystone."""
    known = settings.read()
    keep = known.poll_idle_seconds / 2
    found = poll.snapshot(
        request, _place(environment_id), lambda cloud: entrusted.read(cloud, environment_id), lambda _: keep,
        personal=True,
    ).value  # fmt: skip
    return Entrusting(found, environment_id, poll.connect(request).project_name)


def recent(request: HttpRequest, environment_id: str, seconds: float) -> Entrusting | None:
    """The same as it was no more than so many seconds ago, where that is known: Keystone is asked nothing of it."""
    found = poll.recent(request, _place(environment_id), seconds, personal=True)
    return Entrusting(found.value, environment_id, poll.connect(request).project_name) if found else None


def anew(request: HttpRequest, environment_id: str) -> Entrusting:
    """The same for a page that asks for it: read at this moment."""
    cloud = poll.connect(request)
    return Entrusting(entrusted.read(cloud, environment_id), environment_id, cloud.project_name)


def forget(request: HttpRequest, environment_id: str) -> None:
    """After a trust came or went: the next look of any panel asks Keystone."""
    poll.forget(request, _place(environment_id), trust(environment_id), personal=True)


def trust(environment_id: str) -> str:
    """Where the page of an environment keeps whether this person entrusted it."""
    return f"trust {environment_id}"


def _place(environment_id: str) -> str:
    return f"entrusted {environment_id}"
