"""What a policy in force says of itself beside its rules: whether it was looked through, and who else may use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.errors import NotFound
from tenant_ops_dashboard.firewall import flags, read
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction
from tenant_ops_dashboard.panels import access, poll
from tenant_ops_dashboard.panels.firewall import keeping, permissions, state
from tenant_ops_dashboard.panels.firewall.state import State as Reading
from tenant_ops_dashboard.sentences import say


@require_GET
@permissions.guarded(permissions.READ, keeping.page)
def show(request: HttpRequest, group: str, way: Direction) -> HttpResponse:
    """The policy, and what each button does."""
    found = state.state(request).value
    row = _policy(found, group, way)
    users = [
        str(one.get("name") or one["id"]) for one in read.groups(found.seen)
        if one["id"] != group and row["id"] in [read.policy_id(one, each) for each in DIRECTIONS]
    ]  # fmt: skip
    own = row.get("project_id", found.seen.project_id) == found.seen.project_id
    context = {
        "page_title": row.get("name") or row["id"], "policy": row, "flags": flags.Flags.of(row), "users": users,
        "seen": flags.seen(row, {str(one["id"]): one for one in found.seen.rows("firewall_rules")}),
        "group": group, "way": way, "back": f"{keeping.page({'group': group})}#{way}", "own": own,
        "may": {**permissions.may(request), "share": access.allowed(request, permissions.SHARE)},
    }  # fmt: skip
    return render(request, "tenant_ops/firewall/policy.html", context)


@require_POST
@permissions.guarded(permissions.EDIT, keeping.page)
def audited(request: HttpRequest, group: str, way: Direction) -> HttpResponse:
    """Set the flag, or take it away."""
    on = request.POST.get("on") == "1"
    words = _("It says audited, until somebody changes it.") if on else _("It does not say audited.")
    return _flagged(request, group, way, flags.audit, on, words)


@require_POST
@permissions.guarded(permissions.SHARE, keeping.page)
def share(request: HttpRequest, group: str, way: Direction) -> HttpResponse:
    """Let all projects use it, or take that back."""
    on = request.POST.get("on") == "1"
    words = _("All projects see it and may use it.") if on else _("This project alone sees and uses it.")
    return _flagged(request, group, way, flags.share, on, words)


def standing(found: Reading, group: str) -> dict[str, flags.Flags]:
    """The flags of a group's policies in force, by direction; those that this project is shown."""
    row = read.find(found.seen, group)
    known = {str(one["id"]): one for one in found.seen.rows("firewall_policies")}
    ids = {one: read.policy_id(row, one) or "" for one in DIRECTIONS}
    return {one: flags.Flags.of(known[id_]) for one, id_ in ids.items() if id_ in known}


def _flagged(
    request: HttpRequest, group: str, way: Direction, do: Callable[[Cloud, str, bool, str], flags.Flags], on: bool,
    words: str,
) -> HttpResponse:  # fmt: skip
    row = _policy(state.state(request).value, group, way)
    with state.forgotten(request):
        do(poll.connect(request), str(row["id"]), on, request.POST.get("shown", ""))
    messages.success(request, words)
    return redirect(reverse("horizon:tenant_ops:firewall:policy", args=[group, way]))


def _policy(found: Reading, group: str, way: str) -> dict[str, Any]:
    if way not in DIRECTIONS:
        raise NotFound(say("There is no such direction."))
    row = read.find(found.seen, group)
    wanted = read.policy_id(row, way)
    for one in found.seen.rows("firewall_policies"):
        if wanted and one["id"] == wanted:
            return one
    raise NotFound(say("This group has no policy in this direction."))
