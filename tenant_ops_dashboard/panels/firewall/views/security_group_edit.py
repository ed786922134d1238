"""A draft of a security group is changed: a rule comes, goes, or takes another's place. Nothing goes to the cloud."""

from __future__ import annotations

import re
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenant_ops_dashboard.errors import NotFound
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction
from tenant_ops_dashboard.firewall.security_groups import edit, words
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.firewall import permissions
from tenant_ops_dashboard.panels.firewall import security_group_state as group_state
from tenant_ops_dashboard.panels.firewall import state as page_state
from tenant_ops_dashboard.panels.firewall.security_group_forms import RuleForm, initial
from tenant_ops_dashboard.records import drafts
from tenant_ops_dashboard.sentences import say

# 'remove:3', 'remove' for those that are ticked.
_ASKED = re.compile(r"(?P<verb>remove|discard)(?::(?P<at>\d{1,4}))?")


@require_POST
@permissions.guarded(permissions.EDIT, group_state.page, changes=False)
def view(request: HttpRequest, security_group: str) -> HttpResponse:
    """Take rules out of this person's draft, or forget it."""
    asked = _ASKED.fullmatch(request.POST.get("do", ""))
    if asked is None:
        raise BadDraft("do", say("This page has no such button."))
    if asked["verb"] == "discard":
        kept = request.POST.get("version", "")
        version = int(kept) if kept.isdecimal() and len(kept) < 10 else -1
        if not drafts.discard(poll.connect(request), security_group, version):
            raise drafts.ElsewhereChanged(drafts.ELSEWHERE)
    else:
        ticked = [one for way in DIRECTIONS for one in request.POST.getlist(f"pick-{way}")]
        picked = [int(one) for one in ticked if one.isdecimal() and len(one) < 5]
        at = [int(asked["at"])] if asked["at"] else picked
        if not at:
            raise BadDraft("pick", say("Tick the rules that it is about."))
        group_state.keep(request, security_group, lambda draft: edit.remove(draft, at))
    return redirect(group_state.page({"security_group": security_group}))


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.EDIT, group_state.page, changes=False)
def rule(request: HttpRequest, security_group: str, way: Direction) -> HttpResponse:
    """Ask for a rule; `?change=N` is about the one at that place of the draft, counted from 0."""
    if way not in DIRECTIONS:
        raise NotFound(say("There is no such direction."))
    found = page_state.state(request).value
    mine = group_state.edited(request, found, security_group)
    rules = mine.draft.state.rules
    asked = request.GET.get("change", "")
    place = int(asked) if asked.isdecimal() and len(asked) < 5 and int(asked) < len(rules) else None
    old = rules[place] if place is not None else None
    if asked and (old is None or old.direction != way):
        raise NotFound(say("The draft has no rule at this place any more."))
    start: dict[str, Any] = {"version": mine.token, **(initial(old) if old else {})}
    form = RuleForm.of(request, words.names(found.seen), found.seen, initial=start)
    back = group_state.page({"security_group": security_group})
    if request.method == "POST" and form.is_valid():
        try:
            told = form.rule(cast(Direction, way))
            group_state.keep(
                request, security_group,
                lambda draft: edit.add(draft, told) if place is None else edit.change(draft, place, told),
            )  # fmt: skip
        except BadDraft as error:
            form.refuse(error)
        else:
            return redirect(f"{back}#{way}")
    context = {
        "page_title": _("Change a rule") if old else _("Add a rule"), "form": form, "direction": way,
        "name": mine.draft.state.name, "back": back, "action": request.get_full_path(), "replaces": old is not None,
        "button": _("Change in the draft") if old else _("Add to the draft"),
    }  # fmt: skip
    return render(
        request, "tenant_ops/firewall/security_group_rule.html", context, status=422 if form.errors else 200
    )  # fmt: skip
