"""A group's own settings in the draft: its name, whether it is switched on, and the ports it stands on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.environments.firewall_group import group as marks
from tenant_ops_dashboard.firewall import checks, edit, read
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import Draft
from tenant_ops_dashboard.panels.firewall import effects, keeping, permissions, state
from tenant_ops_dashboard.panels.firewall.group_forms import SettingsForm
from tenant_ops_dashboard.sentences import bare, say


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.EDIT, keeping.page, changes=False)
def view(request: HttpRequest, group: str) -> HttpResponse:
    """Ask for them; nothing is sent before the draft is applied."""
    found = state.state(request).value
    edited = state.edited(request, found, group)
    now = edited.draft.state.group
    row = read.find(found.seen, group)
    choices, others = effects.ports(found, group)
    form = SettingsForm.of(request, initial={
        "name": now.name, "up": now.admin_state_up, "ports": list(now.ports), "version": edited.token,
    })  # fmt: skip
    form.offer(choices)
    form.fields["up"].help_text = checks.down(found.seen.engine.told)
    own = row.get("name") == checks.RESERVED
    if own:
        del form.fields["name"], form.fields["up"]
    there = {id_ for id_, _words in choices}
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            effects.refuse(told["ports"], choices, others)
            keeping.keep(request, group, lambda draft: _edited(draft, told))
        except BadDraft as error:
            form.add_error("name" if error.field == "group.name" else "ports", bare(error.sentence))
        else:
            return redirect(keeping.page({"group": group}))
    context = {
        "page_title": _("Settings of %s") % (now.name or group), "form": form, "action": request.path, "group": now,
        "back": keeping.page({"group": group}), "own": own, "environment": marks.owner(row), "choices": choices,
        "others": [one for one in others if one.id not in now.ports],
        "gone": [effects.gone(one) for one in now.ports if one not in there],
    }  # fmt: skip
    return render(request, "tenant_ops/firewall/settings.html", context, status=422 if form.errors else 200)


def _edited(draft: Draft, told: dict[str, object]) -> Draft:
    """Ports keep their order, so that what was not touched is no change."""
    group = draft.state.group
    chosen: list[str] = list(told["ports"])  # type: ignore[call-overload]
    ports = (*(one for one in group.ports if one in chosen), *(one for one in chosen if one not in group.ports))
    name = str(told.get("name", group.name))
    if name != group.name and name == checks.RESERVED:
        raise BadDraft("group.name", say("'default' is the name of the group that Neutron makes for each project."))
    made = edit.set_group(draft, name=name, admin_state_up=bool(told.get("up", group.admin_state_up)), ports=ports)
    for problem in checks.problems(made.state, checks.OVN):
        if problem.field == "group.name":
            raise problem
    return made
