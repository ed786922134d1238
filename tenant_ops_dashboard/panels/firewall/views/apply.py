"""A draft is looked at once more, and becomes what Neutron has; and the way back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenant_ops_dashboard.firewall import apply, in_place, undo
from tenant_ops_dashboard.firewall.apply import Applied
from tenant_ops_dashboard.firewall.errors import BadDraft, BreaksIntents, Changed
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.firewall import (
    effects,
    forms,
    intents,
    keeping,
    permissions,
    presenters,
    reviewing,
    state,
    ways,
)
from tenant_ops_dashboard.panels.words import told
from tenant_ops_dashboard.records import applies, drafts

SECONDS = 90.0  # Neutron takes up to half a minute for a long policy, and there is a look afterwards


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.EDIT, keeping.page)
def view(request: HttpRequest, group: str) -> HttpResponse:
    """Show now, the draft and what changes; apply by POST. A conflict is shown with what somebody else changed."""
    cloud = poll.connect(request, SECONDS if request.method == "POST" else None)
    found = state.state(request).value
    edited = state.edited(request, found, group)
    page = keeping.page({"group": group})
    if not edited.changed:
        return redirect(reviewing.following(request, page))
    way = ways.of(request, found, edited)
    form = forms.ApplyForm.of(request, initial={"version": edited.token})
    changed: Changed | None = None
    breaks: BreaksIntents | None = None
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["version"] != edited.token:
            raise drafts.ElsewhereChanged(drafts.ELSEWHERE)
        try:
            gate = intents.gate(cloud, form.although, way.keeps)
            with state.forgotten(request), applies.turn(cloud, group), applies.kept(cloud, group) as remember:
                done = apply.apply(
                    cloud, edited.draft, group, gate, form.why, remember=remember,
                    way=in_place.ApplyInPlace if way.keeps else apply.Apply,
                )  # fmt: skip
        except BadDraft as error:
            form.add_error(None, error.sentence)
        except Changed as error:
            changed = error
        except BreaksIntents as error:
            breaks = error
            found = state.state(request).value
        else:
            # What was edited while this was applied stays, as a draft of its own.
            drafts.forget(cloud, group, edited.version)
            _tell(request, done, _("The draft is in force."))
            return redirect(reviewing.following(request, page))
    preview = way.preview(request, found, edited)
    context = {
        "page_title": _("Review the draft of %s") % edited.draft.state.group.name, "form": form, "changed": changed,
        "group": edited.draft.state.group, "back": page, "action": request.get_full_path(),
        "way": way, "preview": preview, "breaks": breaks,
        "intents": intents.shown(request, found, edited, preview.get("traffic"), way.keeps),
        "settings": effects.settings(found, edited),
        "columns": presenters.columns(edited.draft), "changes": presenters.changes(edited.draft),
        "to_come": reviewing.to_come(request),
    }  # fmt: skip
    status = 409 if changed or breaks else 422 if form.errors else 200
    return render(request, "tenant_ops/firewall/apply.html", context, status=status)


@require_POST
@permissions.guarded(permissions.EDIT, keeping.page)
def take_back(request: HttpRequest, group: str) -> HttpResponse:
    """Put back what was in force before the last apply."""
    cloud = poll.connect(request, SECONDS)
    shown = request.POST.get("apply", "")
    state.edited(request, state.state(request).value, group)  # by a name it would be another turn
    with state.forgotten(request), applies.turn(cloud, group):
        recorded = applies.of(cloud, group, shown) if shown else None
        done = undo.undo(cloud, group, shown, last=bool(shown), recorded=recorded)
        applies.undone(cloud, group, done.id)
    _tell(request, done, _("What was in force before is in force again."))
    return redirect(keeping.page({"group": group}))


def _tell(request: HttpRequest, done: Applied, said: str) -> None:
    if done.verified:
        messages.success(request, " ".join((said, *map(told, done.notes))))
    else:
        more = _("Neutron took it; that it is in force was not seen yet. Look at the group again in a moment.")
        messages.warning(request, " ".join((more, *map(told, done.notes))))
