"""A firewall's rule is begun as a copy of one that a security group has."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.errors import NotFound
from tenant_ops_dashboard.firewall import copying, edit
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction
from tenant_ops_dashboard.firewall.suggest.telling import group_words
from tenant_ops_dashboard.panels.firewall import keeping, permissions, state
from tenant_ops_dashboard.panels.forms import Form
from tenant_ops_dashboard.sentences import say


class CopyForm(Form):
    """Which rule is copied."""

    copy = forms.ChoiceField(
        label=gettext_lazy("Rule"), widget=forms.Select(),
        help_text=gettext_lazy("A remote group is copied as the addresses that its members have now."),
        error_messages={
            "required": gettext_lazy("Choose a rule."),
            "invalid_choice": gettext_lazy("There is no such rule any more."),
        },
    )  # fmt: skip
    version = forms.CharField(required=False, widget=forms.HiddenInput)


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.EDIT, keeping.page, changes=False)
def view(request: HttpRequest, group: str, way: Direction) -> HttpResponse:
    """Ask for the rule. One that becomes one rule leads to its form, several go into the draft at its end."""
    if way not in DIRECTIONS:
        raise NotFound(say("There is no such direction."))
    found = state.state(request).value
    edited = state.edited(request, found, group)
    offered = {one.rule.id: one for one in copying.offered(found.seen, way)}
    names = {str(one["id"]): str(one.get("name") or one["id"]) for one in found.seen.rows("security_groups")}
    form = CopyForm.of(request, initial={"version": edited.token})
    choices: Any = [(id_, f"{one.group.name}: {group_words(one.rule, names)}") for id_, one in offered.items()]
    form.fields["copy"].choices = choices  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            made = copying.as_firewall(found.seen, offered[form.cleaned_data["copy"]], found.seen.engine.told)
        except BadDraft as error:
            form.refuse(error)
        else:
            if len(made) == 1:
                told = {key: one for key, one in vars(made[0]).items() if one not in (None, "") and key != "id"}
                return redirect(f"{reverse('horizon:tenant_ops:firewall:rule', args=[group, way])}?{urlencode(told)}")
            keeping.keep(request, group, lambda draft: edit.insert(draft, way, made))
            return redirect(f"{keeping.page({'group': group})}#{way}")
    context = {
        "page_title": _("Copy from a security group's rule"), "form": form, "direction": way, "offered": bool(offered),
        "name": edited.draft.state.group.name, "back": keeping.page({"group": group}),
        "action": request.get_full_path(),
    }  # fmt: skip
    return render(request, "tenant_ops/firewall/copy.html", context, status=422 if form.errors else 200)
