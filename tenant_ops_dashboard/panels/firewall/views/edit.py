"""One edit of a draft, by a button, a key or a drag: nothing of it goes to the cloud."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tenant_ops_dashboard.firewall import edit
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction, Draft
from tenant_ops_dashboard.panels import boundary, poll
from tenant_ops_dashboard.panels.firewall import keeping, permissions, state
from tenant_ops_dashboard.panels.firewall.views import group as page
from tenant_ops_dashboard.panels.firewall.windows import Window
from tenant_ops_dashboard.records import drafts
from tenant_ops_dashboard.sentences import say

# 'up:3', 'move:3:0', 'remove' for those that are ticked.
_ASKED = re.compile(r"(?P<verb>[a-z]+)(?::(?P<at>\d{1,4}))?(?::(?P<to>\d{1,4}))?")
Edit = Callable[[Draft, Direction, list[int], int], Draft]

EDITS: dict[str, Edit] = {
    "up": lambda draft, way, at, to: edit.move(draft, way, at, max(0, min(at) - 1)),
    "down": lambda draft, way, at, to: edit.move(draft, way, at, min(at) + 1),
    "move": lambda draft, way, at, to: edit.move(draft, way, at, to),
    "remove": lambda draft, way, at, to: edit.remove(draft, way, at),
    "on": lambda draft, way, at, to: edit.enable(draft, way, at, True),
    "off": lambda draft, way, at, to: edit.enable(draft, way, at, False),
    "without": lambda draft, way, at, to: edit.without_policy(draft, way),
}


@require_POST
@permissions.guarded(permissions.EDIT, keeping.page, changes=False)
def view(request: HttpRequest, group: str) -> HttpResponse:
    """Do it to this person's draft, and show the page again: all of it, or the part that our script asks for."""
    asked = _ASKED.fullmatch(request.POST.get("do", ""))
    if asked is None:
        raise BadDraft("do", say("This page has no such button."))
    found = state.recent(request)
    if asked["verb"] == "discard":
        before, now = _discarded(request, found.value, group)
    else:
        before, now = keeping.kept(request, found.value, group, lambda draft: _edited(request, draft, asked))
    if boundary.is_script(request):
        return page.part(request, found, before, now)
    return redirect(keeping.page({"group": group}) + Window.of(request).query)


def _discarded(request: HttpRequest, found: state.State, group: str) -> tuple[state.Edited, state.Edited]:
    before, kept = state.edited(request, found, group), request.POST.get("version", "")
    if not drafts.discard(poll.connect(request), group, int(kept) if kept.isdecimal() and len(kept) < 10 else -1):
        raise drafts.ElsewhereChanged(drafts.ELSEWHERE)
    return before, state.edited(request, found, group)


def _edited(request: HttpRequest, draft: Draft, asked: re.Match[str]) -> Draft:
    way, verb = request.POST.get("direction", ""), asked["verb"]
    if way not in DIRECTIONS or verb not in EDITS:
        raise BadDraft("do", say("This page has no such button."))
    picked = [int(one) for one in request.POST.getlist(f"pick-{way}") if one.isdecimal() and len(one) < 5]
    at = [int(asked["at"])] if asked["at"] else picked
    if not at and verb != "without":
        raise BadDraft("pick", say("Tick the rules that it is about."))
    return EDITS[verb](draft, cast(Direction, way), at, int(asked["to"] or 0))
