"""A new firewall group: what attaching it drops is said before, and it is made whole or not at all."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.firewall import content, create, draft, read
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import Draft, State
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.firewall import effects, keeping, permissions, state
from tenant_ops_dashboard.panels.firewall.group_forms import COPY, EMPTY, OPEN, STARTS, CreateForm
from tenant_ops_dashboard.panels.firewall.state import State as Reading
from tenant_ops_dashboard.panels.firewall.views.apply import SECONDS
from tenant_ops_dashboard.sentences import bare, capital, say

FIELDS = {"group.name": "name", "group.description": "description", "group.ports": "ports"}


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.EDIT)
def view(request: HttpRequest) -> HttpResponse:
    """Ask for it. What would be lost is shown before anything is sent; one more click creates the group then."""
    found = state.state(request).value
    form = CreateForm.of(request)
    choices, others = effects.ports(found)
    form.offer(choices)
    form.fields["start"].choices = [*STARTS, *_copies(found)]  # type: ignore[attr-defined]
    told: dict[str, Any] = {}
    seen = ""
    if request.method == "POST" and form.is_valid():
        try:
            effects.refuse(form.cleaned_data["ports"], choices, others)
            wanted = _wanted(found, form.cleaned_data)
            create.refuse(wanted, form.cleaned_data["description"], found.seen.engine.told)
            told, seen = effects.effect(found, wanted, None), content.digest(draft.written(Draft(wanted)))
            shown = form.cleaned_data["previewed"] == seen
            if request.POST.get("do") == "create" and (shown or not effects.asks(told)):
                return _created(request, wanted, form.cleaned_data["description"])
        except BadDraft as error:
            field = FIELDS.get(error.field.partition("[")[0])
            form.add_error(field, capital(bare(error.sentence)) if field else error.sentence)
    context = {
        "page_title": _("Create a firewall group"), "form": form, "action": request.path, "others": others,
        "choices": choices, "effect": told, "seen": seen, "back": reverse(permissions.HOME),
        "asked": bool(told) and effects.asks(told) and request.POST.get("do") == "create",
    }  # fmt: skip
    return render(request, "tenant_ops/firewall/create.html", context, status=422 if form.errors else 200)


def _created(request: HttpRequest, wanted: State, description: str) -> HttpResponse:
    with state.forgotten(request):
        made = create.create(poll.connect(request, SECONDS), wanted, description)
    if made.existing:
        messages.info(request, _("%s stands already, just as it was asked for.") % made.name)
    elif made.verified:
        messages.success(request, _("%s stands. Edit its rules here: nothing is sent before you apply.") % made.name)
    else:
        messages.warning(request, _("Neutron took %s; that it filters was not seen yet. Look again.") % made.name)
    return redirect(keeping.page({"group": made.id}))


def _copies(found: Reading) -> list[tuple[str, str]]:
    rows = sorted(read.groups(found.seen), key=lambda one: str(one.get("name") or ""))
    return [(f"{COPY}{one['id']}", _("A copy of the rules of %s") % (one.get("name") or one["id"])) for one in rows]


def _wanted(found: Reading, told: dict[str, Any]) -> State:
    """Raises BadDraft for a port that cannot be taken, NotFound or Hidden for a group that cannot be copied."""
    start: create.Start | State
    asked = told["start"]
    if asked in (EMPTY, OPEN):
        start = "open" if asked == OPEN else "empty"
    elif asked.startswith(COPY):
        start = read.state(found.seen, read.find(found.seen, asked.removeprefix(COPY)))
    else:
        raise BadDraft("start", say("is none of what is offered."))
    return create.wanted(told["name"], tuple(told["ports"]), start)
