"""What stands at the row of what somebody acted upon: what is going on, what came of it, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse

from tenant_ops_dashboard.panels import boundary, failures, poll
from tenant_ops_dashboard.panels.forms import Form


@dataclass(frozen=True)
class Said:
    """`words` is a whole sentence, `state` the mark beside it; `undo` the address that takes it back, or ''."""

    words: str
    state: str
    undo: str = ""


def answer(request: HttpRequest, said: Said) -> HttpResponse:
    """For a script that acted in place: the words as they stand in the row. Whoever acted may take it back."""
    html = poll.part(request, "tenant_ops/_said.html", {"said": said, "undo": True})
    return JsonResponse({"html": html})


def unfit(request: HttpRequest, form: Form, title: failures.Words) -> HttpResponse | None:
    """What is wrong with what a script sent, as a sentence; None for a person, whose form says it at its fields."""
    if not form.errors or not boundary.is_script(request):
        return None
    sentences = [str(one) for told in form.errors.values() for one in told]
    return failures.answer(request, failures.Failure(" ".join(sentences), status=422), title)
