"""What went wrong, for people: one sentence, what to do, OpenStack's request id. As a page, or as JSON for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tenant_ops_dashboard import cloud
from tenant_ops_dashboard.environments import errors
from tenant_ops_dashboard.loadbalancers import errors as balancing

# Words that may wait for the reader's language.
Words = str | Promise

KNOWN = (errors.EnvironmentsError, balancing.LoadBalancersError, cloud.CloudError)
STATUS = (
    (errors.NotFound, 404),
    (errors.NotAllowed, 403),
    (balancing.NotFound, 404),
    (balancing.NotAllowed, 403),
    (balancing.BadInput, 422),
    (balancing.StillBusy, 409),
    (balancing.Broken, 409),
    (cloud.NotAllowed, 403),
    (errors.PlanProblems, 422),
    (errors.Blocked, 409),
    (cloud.Conflict, 409),
    (cloud.ServiceMissing, 503),
    (cloud.Unreachable, 504),
)


@dataclass(frozen=True)
class Failure:
    """`ways` are links out of it: (address, words)."""

    sentence: str
    todo: str = ""
    request_id: str = ""
    state: Literal["failed", "warning"] = "failed"
    status: int = 502
    ways: tuple[tuple[str, str], ...] = ()


def of(error: Exception) -> Failure:
    """The failure a known error means."""
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 502)
    return Failure(str(error), getattr(error, "todo", ""), getattr(error, "request_id", ""), status=status)


def forbidden(why: str) -> Failure:
    """Somebody's roles do not allow it."""
    return Failure(_("You may not do this here."), why, state="warning", status=403)


def lacking(services: Sequence[str]) -> Failure:
    """The catalogue has no such service."""
    return Failure(
        _("This cloud does not offer %s.") % _(" and ").join(services),
        _("Environments are built with these services. Ask your operator to add them to the catalogue of this region."),
        state="warning",
        status=503,
    )


def answer(request: HttpRequest, failure: Failure, title: Words) -> HttpResponse:
    """The failure as a whole page, or as JSON where a script asked."""
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        body = {"sentence": failure.sentence, "todo": failure.todo, "request_id": failure.request_id}
        return JsonResponse(body, status=failure.status)
    context = {"failure": failure, "page_title": title}
    return render(request, "tenant_ops/refused.html", context, status=failure.status)
