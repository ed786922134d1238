"""A rule is added to a draft, or one of it changed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.errors import NotFound
from tenant_ops_dashboard.firewall import checks, edit
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction, Draft, Rule
from tenant_ops_dashboard.panels.firewall import forms, keeping, permissions, state
from tenant_ops_dashboard.sentences import say


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.EDIT, keeping.page, changes=False)
def view(request: HttpRequest, group: str, way: Direction) -> HttpResponse:
    """Ask for a rule; `?change=N` is about the one at that place, counted from 0."""
    if way not in DIRECTIONS:
        raise NotFound(say("There is no such direction."))
    reading = state.state(request).value
    found = state.edited(request, reading, group)
    standing = found.draft.state.policy(way)
    rules = standing.rules if standing else ()
    asked = request.GET.get("change", "")
    place = int(asked) if asked.isdecimal() and len(asked) < 5 and int(asked) < len(rules) else None
    if asked and place is None:
        raise NotFound(say("The draft has no rule at this place any more."))
    old = rules[place] if place is not None else None
    start: dict[str, Any] = {"version": found.token, **(forms.initial(old) if old else {})}
    form = forms.RuleForm.of(request, initial=start)
    if old is not None:
        del form.fields["position"]
    if request.method == "POST" and form.is_valid():
        try:
            keeping.keep(request, group, lambda draft: _put(draft, way, form, place, reading.seen.engine.told))
        except BadDraft as error:
            form.refuse(error)
        else:
            return redirect(f"{keeping.page({'group': group})}#{way}")
    context = {
        "page_title": _("Change a rule") if old else _("Add a rule"), "form": form, "direction": way,
        "name": found.draft.state.group.name, "back": keeping.page({"group": group}), "action": request.get_full_path(),
        "copy": "" if old else reverse("horizon:tenant_ops:firewall:copy", args=[group, way]),
        "button": _("Change in the draft") if old else _("Add to the draft"),
    }  # fmt: skip
    return render(request, "tenant_ops/firewall/rule.html", context, status=422 if form.errors else 200)


def _put(draft: Draft, direction: Direction, form: forms.RuleForm, place: int | None, profile: str) -> Draft:
    told = form.told
    checks.refuse_rule(Rule(**told), profile)
    if place is not None:
        return edit.change(draft, direction, place, **told)
    position = form.cleaned_data.get("position")
    return edit.insert(draft, direction, [Rule(**told)], position - 1 if position else None)
