"""What went wrong, for people: one sentence, what to do, OpenStack's request id. As a page, or as JSON for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tenant_ops_dashboard.errors import NotFound, TenantOpsError
from tenant_ops_dashboard.panels import boundary, words
from tenant_ops_dashboard.sentences import bare, join, say

# Words that may wait for the reader's language.
Words = str | Promise


@dataclass(frozen=True)
class Failure:
    """`ways` are links out of it: (address, words); `belongs` says that the page itself is over, not only a request."""

    sentence: str
    todo: str = ""
    request_id: str = ""
    state: Literal["failed", "warning"] = "failed"
    status: int = 502
    ways: tuple[tuple[str, str], ...] = ()
    belongs: bool = False


def of(error: TenantOpsError) -> Failure:
    """The failure a known error means. What a page shows was asked for by its address, which has no fields."""
    named = error.field if isinstance(error, NotFound) else ""
    sentence = bare(error.sentence, named) if named else error.sentence
    return Failure(sentence, error.todo, error.request_id, status=error.answer)


def forbidden(why: str) -> Failure:
    """Somebody's roles do not allow it."""
    return Failure(_("You may not do this here."), why, state="warning", status=403)


def slow() -> Failure:
    """Somebody else's question is still without an answer."""
    return Failure(_("OpenStack is being asked and has not answered yet."), state="warning", status=504)


def lacking(services: Sequence[str]) -> Failure:
    """The catalogue has no such service."""
    return Failure(
        say("This cloud does not offer {services}.", services=join(say(" and "), services)),
        _("Environments are built with these services. Ask your operator to add them to the catalogue of this region."),
        state="warning",
        status=503,
    )


def answer(request: HttpRequest, failure: Failure, title: Words) -> HttpResponse:
    """The failure as a whole page, or as JSON where a script asked."""
    if boundary.is_script(request):
        body = {
            "sentence": words.told(failure.sentence),
            "todo": words.told(failure.todo),
            "request_id": failure.request_id,
            "ways": failure.ways,
            "belongs": failure.belongs,
        }
        return JsonResponse(body, status=failure.status)
    context = {"failure": failure, "page_title": title}
    return render(request, "tenant_ops/refused.html", context, status=failure.status)
