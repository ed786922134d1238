"""A security group's draft is looked at once more, and becomes what Neutron has; and the way back."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenant_ops_dashboard.firewall.errors import BadDraft, BreaksIntents, Changed
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.firewall.security_groups import apply, current, edit, words
from tenant_ops_dashboard.firewall.security_groups.apply import Applied
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.firewall import forms, intents, permissions, reviewing, state
from tenant_ops_dashboard.panels.firewall import security_group_presenters as presenters
from tenant_ops_dashboard.panels.firewall import security_group_state as group_state
from tenant_ops_dashboard.panels.firewall.views.apply import SECONDS
from tenant_ops_dashboard.panels.words import told
from tenant_ops_dashboard.records import applies, drafts

OLDER = "Somebody applied or undid something after this was shown; nothing was undone now."


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.EDIT, group_state.page)
def view(request: HttpRequest, security_group: str) -> HttpResponse:
    """Show now, the draft and what changes; apply by POST. A conflict is shown with what somebody else changed."""
    cloud = poll.connect(request, SECONDS if request.method == "POST" else None)
    found = state.state(request).value
    mine = group_state.edited(request, found, security_group)
    page = group_state.page({"security_group": security_group})
    if not mine.changed:
        return redirect(reviewing.following(request, page))
    form = forms.ApplyForm.of(request, initial={"version": mine.token})
    changed: Changed | None = None
    breaks: BreaksIntents | None = None
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["version"] != mine.token:
            raise drafts.ElsewhereChanged(drafts.ELSEWHERE)
        try:
            gate = apply.gated(intents.gate(cloud, form.although))
            with state.forgotten(request), applies.turn(cloud, security_group):
                done = apply.apply(cloud, mine.draft, security_group, form.why, gate)
        except BadDraft as error:
            form.add_error(None, error.sentence)
        except Changed as error:
            changed = error
        except BreaksIntents as error:
            breaks = error
            found = state.state(request).value
        else:
            # What was edited while this was applied stays, as a draft of its own.
            drafts.forget(cloud, security_group, mine.version)
            _tell(request, done, _("The draft is in force."))
            return redirect(reviewing.following(request, page))
    known = words.names(found.seen)
    was = replace(mine.draft, state=mine.draft.base.was or mine.draft.state)
    context = {
        "page_title": _("Review the draft of %s") % mine.draft.state.name, "form": form, "changed": changed,
        "breaks": breaks, "intents": group_state.intended(request, found, mine),
        "group": mine.draft.state, "back": page, "action": request.get_full_path(),
        "preview": group_state.shown(request, found, mine),
        "columns": ((_("Now"), presenters.ways(was, known)), (_("Draft"), presenters.ways(mine.draft, known))),
        "changes": presenters.changes(mine.draft), "to_come": reviewing.to_come(request),
    }  # fmt: skip
    status = 409 if changed or breaks else 422 if form.errors else 200
    return render(request, "tenant_ops/firewall/security_group_apply.html", context, status=status)


@require_POST
@permissions.guarded(permissions.EDIT, group_state.page, changes=False)
def rebase(request: HttpRequest, security_group: str) -> HttpResponse:
    """Move the draft onto what somebody else made of the group meanwhile."""
    cloud = poll.connect(request)
    kept = drafts.load_security_group(cloud, security_group, timezone.now())
    if kept is None or kept.draft is None or request.POST.get("version", "") != str(kept.version):
        raise drafts.ElsewhereChanged(drafts.ELSEWHERE)
    now = current.read(FirewallApi(cloud), security_group)
    moved = edit.moved_onto(kept.draft, now.state, now.revision)
    drafts.save(cloud, security_group, moved, kept.version, timezone.now())
    state.forget(request)
    messages.success(request, _("Your draft stands on what is in force now. Look at it again before you apply it."))
    return redirect(group_state.page({"security_group": security_group}))


@require_POST
@permissions.guarded(permissions.EDIT, group_state.page)
def take_back(request: HttpRequest, security_group: str) -> HttpResponse:
    """Put back the rules of before the last apply: an apply of its own, which is no more atomic than that one."""
    found = state.state(request).value
    back = group_state.last(request, found, security_group)
    if back is None or request.POST.get("apply", "") != group_state.token(back):
        raise Changed((), None, OLDER)
    cloud = poll.connect(request, SECONDS)
    with state.forgotten(request), applies.turn(cloud, security_group):
        done = apply.apply(cloud, back, security_group, "undo")
    _tell(request, done, _("The rules of before are in force again, as new ones."))
    return redirect(group_state.page({"security_group": security_group}))


def _tell(request: HttpRequest, done: Applied, said: str) -> None:
    if done.verified:
        messages.success(request, " ".join((said, *map(told, done.notes))))
    else:
        more = _("Neutron took it, and the group has other rules now than were asked for. Look at it again.")
        messages.warning(request, " ".join((more, *map(told, done.notes))))
