"""What the owner decides: whether somebody gets a copy, and whether one stays beyond its time."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.clones import permissions, state
from tenant_ops_dashboard.panels.clones.forms import DenyForm, Told
from tenant_ops_dashboard.panels.clones.views import confirm
from tenant_ops_dashboard.records import clone_changes as changes


@require_POST
@permissions.guarded(permissions.DECIDE)
def approve(request: HttpRequest, clone: str) -> HttpResponse:
    """Let it be made."""
    made = changes.approve(poll.connect(request), clone, timezone.now())
    state.forget(request, made.id)
    messages.success(request, _("Approved: %(name)s for %(project)s comes into the line.") % {
        "name": made.name, "project": made.project_name,
    })  # fmt: skip
    return redirect(permissions.HOME)


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.DECIDE)
def deny(request: HttpRequest, clone: str) -> HttpResponse:
    """Ask why, then deny it."""
    cloud, found = poll.connect(request), state.fresh(request, clone)
    told = {"name": found.name, "user": found.user_name, "project": found.project_name}
    explain = _("%(user)s of %(project)s asked for it.") % told
    purpose = _("What for: %s") % found.purpose
    asked = confirm.Asked(
        _("Deny %(name)s to %(project)s") % told,
        f"{explain} {purpose}" if found.purpose else explain,
        _("Deny"), _("Denied: %(name)s for %(project)s.") % told,
        lambda form: changes.deny(cloud, found.id, form.cleaned_data["reason"], timezone.now()), clone=found.id,
    )  # fmt: skip
    return confirm.view(request, asked, DenyForm.of(request), permissions.page({}))


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.DECIDE)
def pin(request: HttpRequest, clone: str) -> HttpResponse:
    """Let it stay until somebody says otherwise, or give it its end again: the form says which."""
    cloud, found = poll.connect(request), state.fresh(request, clone)
    on = request.POST.get("on", "") != "0" if request.method == "POST" else not found.pinned_by
    if on:
        explain = _("It stays beyond its time, until you give it its end again or somebody releases it.")
    else:
        explain = _("It gets its end again, as it was asked for; where that is past it goes in five minutes.")
    asked = confirm.Asked(
        (_("Pin %s") if on else _("Give %s its end again")) % found.name, explain,
        _("Pin") if on else _("Give it its end"),
        (_("%s stays until you give it its end again.") if on else _("%s has an end again.")) % found.name,
        lambda form: changes.pin(cloud, found.id, on, timezone.now()),
        losses=(("warning", _("Its data grows older meanwhile, and its storage stays taken.")),) if on else (),
        hidden={"on": "1" if on else "0"}, clone=found.id,
    )  # fmt: skip
    return confirm.view(request, asked, Told.of(request), permissions.page({"clone": found.id}))
