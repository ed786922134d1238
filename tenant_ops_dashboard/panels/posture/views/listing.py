"""The page: what is exposed that should not be, worst first. It is read, not watched: nothing moves under who reads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.panels.posture import permissions, presenters, state
from tenant_ops_dashboard.panels.posture.forms import FilterForm
from tenant_ops_dashboard.panels.posture.presenters import Number, Wanted
from tenant_ops_dashboard.records import posture as records
from tenant_ops_dashboard.records.posture_scope import NotReviewed

SIZE = 50
UNKNOWN = 20


@require_GET
@permissions.guarded()
def index(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "tenant_ops/posture/index.html", _context(request))


@require_POST
@permissions.guarded(changes=False)
def again(request: HttpRequest) -> HttpResponse:
    """Have the cloud read anew."""
    also = scope(request)
    state.forget(request)
    return redirect(f"{reverse(permissions.HOME)}{f'?{urlencode(also)}' if also else ''}")


def scope(request: HttpRequest) -> dict[str, str]:
    """What stays in every address of the panel."""
    return {state.ALL: "true"} if state.everywhere(request) else {}


def _context(request: HttpRequest) -> dict[str, Any]:
    shown = state.shown(request)
    posture, also, wanted = shown.posture, scope(request), Wanted.of(request.GET.dict())
    found = wanted.among(posture)
    pages = max(1, -(-len(found) // SIZE))
    page = _page(request.GET.get("page", ""), pages)
    counts = records.counts(posture)
    form = FilterForm(data=request.GET)
    form.offer(sorted({one.kind for one in posture.findings}), sorted(posture.projects.items(), key=lambda one: one[1]))
    words = {**wanted.words(), **also}

    def link(**more: Any) -> str:
        told = {name: value for name, value in {**words, **more}.items() if value}
        return f"?{urlencode(told)}"

    return {
        "page_title": permissions.TITLE, "snapshot": shown.snapshot, "unkept": shown.unkept, "posture": posture,
        "answer": presenters.answer(posture, counts), "counts": counts,
        "numbers": [*presenters.numbers(counts, also), _drift(request, shown, also)],
        "form": form, "wanted": wanted, "filtered": bool(wanted.words()), "found": len(found),
        "rows": [presenters.row(one, posture) for one in found[(page - 1) * SIZE : page * SIZE]],
        "page": page, "pages": pages, "newer": link(page=page - 1) if page > 1 else "",
        "older": link(page=page + 1) if page < pages else "",
        "query": f"?{urlencode(words)}" if words else "", "also": f"?{urlencode(also)}" if also else "",
        "everywhere": bool(also), "many": len(posture.projects) > 1, "may": permissions.may(request),
        "here": f"?{urlencode(wanted.words())}" if wanted.words() else "?", "there": link(**{state.ALL: "true"}),
        "unknown": posture.unknown[:UNKNOWN], "version": shown.reading.digest,
        "more_unknown": max(0, len(posture.unknown) - UNKNOWN),
    }  # fmt: skip


def _drift(request: HttpRequest, shown: state.Shown, also: dict[str, str]) -> Number:
    """How much came since the last review: what it is worked out of stands in the cache beside the reading."""
    link = f"{reverse('horizon:tenant_ops:posture:drift')}{f'?{urlencode(also)}' if also else ''}"
    try:
        found, _since = state.drift(request, shown.reading)
    except NotReviewed:
        return Number("drift", "–", _("drift: nobody has reviewed it yet"), link, "planned")
    except TenantOpsError:
        return Number("drift", "–", _("drift cannot be told now"), link, "warning")
    new = len(found.gained) + len(found.new)
    gone = len(found.lost) + len(found.gone)
    words = ngettext("came since the last review", "came since the last review", new)
    if not new and gone:
        words = _("came since the last review, %d went") % gone
    return Number("drift", f"{new:,}", words, link, "warning" if new else "good")


def _page(asked: str, pages: int) -> int:
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    return min(max(1, number), pages)
