"""The way back from a change of a member: it asks, and is a change of its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.loadbalancers import errors, members, undo, watch
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.loadbalancers.model import Member
from tenant_ops_dashboard.panels import boundary, poll
from tenant_ops_dashboard.panels.loadbalancers import accepted, doing, permissions
from tenant_ops_dashboard.sentences import say

LOOKED_FOR = ("address", "protocol_port", "weight", "admin_state_up")


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.CHANGE)
def view(request: HttpRequest, balancer: str, pool: str) -> HttpResponse:
    """Ask, then make a member as it was, or bring back one that was removed."""
    cloud = poll.connect(request)
    given = request.POST if request.method == "POST" else request.GET
    wish = undo.read(given.dict(), given.getlist("before.tag"))
    found = watch.by_id(cloud, balancer)
    into = next((one for one in found.pools() if one.id == pool), None)
    if into is None:
        raise errors.NotFound(say("This load balancer has no such pool."))
    member = found.member(wish.member_id)
    if wish.verb != "remove" and member is None:
        raise errors.NotFound(say("This pool has no such member any more."))
    name = _name(wish, member)
    problem = ""
    if request.method == "POST":
        try:
            done = undo.take_back(cloud, found.id, into.id, wish, spares=boundary.is_script(request))
        except errors.BadInput as error:
            if boundary.is_script(request):
                raise
            problem = error.sentence
        else:
            asked = (
                Asked(wish.member_id, "joined", _looked_for(done))
                if wish.verb == "remove"
                else Asked(wish.member_id, "set", done.after, f"undo {wish.verb}", done.before)
            )
            said = doing.words("bring back" if wish.verb == "remove" else "put back", name)
            told = accepted.Told(said, done.request_id, done.already, asked)
            return accepted.back(request, cloud, found.id, told)
    context: dict[str, Any] = {
        "page_title": _("Undo: %s") % name, "balancer": found, "action": request.path, "hidden": wish.query(),
        "explain": _explain(wish), "facts": _facts(wish), "name": name, "problem": problem, "pool": into,
        "busy": found.busy,
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/undo.html", context, status=422 if problem else 200)


def _looked_for(done: members.Done) -> dict[str, Any]:
    """What a look knows it by: all that a member has would be too long to be kept."""
    return {key: done.after[key] for key in LOOKED_FOR if key in done.after}


def _name(wish: undo.Undo, member: Member | None) -> str:
    if member is not None:
        return member.label
    return str(wish.before.get("name") or f"{wish.before.get('address')}:{wish.before.get('protocol_port')}")


def _explain(wish: undo.Undo) -> str:
    if wish.verb == "remove":
        return _("It becomes a member of the pool again, with everything it had.")
    return _("What the last change of it set is put back to what it was before.")


def _facts(wish: undo.Undo) -> list[tuple[str, str]]:
    """What it will be, in words."""
    was = wish.before
    words = {
        "address": _("Address"), "protocol_port": _("Port"), "weight": _("Weight"), "backup": _("Backup"),
        "monitor_address": _("Checked at"), "monitor_port": _("Checked at port"), "admin_state_up": _("Switched on"),
        "tags": _("Tags"),
    }  # fmt: skip
    found = []
    for key, word in words.items():
        value = was.get(key)
        if value in (None, "", 0, []) and key != "weight":
            continue
        if key in was:
            told = ", ".join(value) if isinstance(value, list) else str(value)
            found.append((word, (_("yes") if value else _("no")) if isinstance(value, bool) else told))
    return found
