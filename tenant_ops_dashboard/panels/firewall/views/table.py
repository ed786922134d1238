"""Rules come into a draft as a table, and go out as one."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tenant_ops_dashboard.errors import NotFound
from tenant_ops_dashboard.firewall import checks, draft, edit, tables
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction, Draft
from tenant_ops_dashboard.panels.firewall import forms, keeping, permissions, state
from tenant_ops_dashboard.sentences import bare, say

KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.EDIT, keeping.page, changes=False)
def read(request: HttpRequest, group: str, way: Direction) -> HttpResponse:
    """Ask for the table; all of it is taken, or nothing with the line that is wrong."""
    _known(way)
    reading = state.state(request).value
    found = state.edited(request, reading, group)
    form = forms.ImportForm.of(request, initial={"version": found.token})
    if request.method == "POST":
        form.files = request.FILES
        if form.is_valid():
            try:
                _taken(request, group, way, form, reading.seen.engine.told)
            except BadDraft as error:
                form.add_error("text", error.sentence)
            else:
                return redirect(f"{keeping.page({'group': group})}#{way}")
    context = {
        "page_title": _("Import rules"), "form": form, "direction": way, "name": found.draft.state.group.name,
        "back": keeping.page({"group": group}), "action": request.path, "columns": ", ".join(tables.COLUMNS),
    }  # fmt: skip
    return render(request, "tenant_ops/firewall/import.html", context, status=422 if form.errors else 200)


@require_GET
@permissions.guarded(permissions.READ, keeping.page)
def write(request: HttpRequest, group: str, way: Direction, kind: str) -> HttpResponse:
    """The rules of one direction as they stand in the draft."""
    _known(way)
    if kind not in KINDS:
        raise NotFound(say("Rules are exported as csv or json."))
    told = state.edited(request, state.state(request).value, group).draft.state
    policy = told.policy(way)
    rules = policy.rules if policy else ()
    text = tables.to_csv(rules) if kind == "csv" else json.dumps([draft.rule_written(rule) for rule in rules], indent=2)
    response = HttpResponse(text, content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{way}-rules.{kind}"'
    return response


def _known(direction: str) -> None:
    if direction not in DIRECTIONS:
        raise NotFound(say("There is no such direction."))


def _taken(request: HttpRequest, group: str, direction: Direction, form: forms.ImportForm, profile: str) -> None:
    told = form.cleaned_data
    rules = tables.read(told.get("text") or "")
    for number, rule in enumerate(rules, 1):
        try:
            checks.refuse_rule(rule, profile)
        except BadDraft as error:
            raise BadDraft(_("rule %d, %s") % (number, error.field), bare(error.sentence)) from None

    def put(standing: Draft) -> Draft:
        return edit.insert(_emptied(standing, direction) if told["replace"] else standing, direction, rules)

    keeping.keep(request, group, put)


def _emptied(standing: Draft, direction: Direction) -> Draft:
    policy = standing.state.policy(direction)
    return edit.remove(standing, direction, range(len(policy.rules) if policy else 0))
