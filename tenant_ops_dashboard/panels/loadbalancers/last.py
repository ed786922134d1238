"""The last change of a member, in its row: asked for, seen done or failed, and the way back from it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenant_ops_dashboard.loadbalancers import undo
from tenant_ops_dashboard.loadbalancers.model import Member
from tenant_ops_dashboard.panels import failures, words
from tenant_ops_dashboard.panels.loadbalancers.history import TOLD, Last
from tenant_ops_dashboard.panels.said import Said

# By verb: while it is on its way, and once a look saw it.
WORDS: Mapping[str, tuple[failures.Words, failures.Words]] = {
    "drain": (gettext_lazy("Draining"), gettext_lazy("Drained")),
    "enable": (gettext_lazy("Being switched on"), gettext_lazy("Switched on")),
    "disable": (gettext_lazy("Being switched off"), gettext_lazy("Switched off")),
    "weigh": (gettext_lazy("Getting weight %(weight)s"), gettext_lazy("Weight set to %(weight)s")),
    "undo": (gettext_lazy("Being put back as it was"), gettext_lazy("Put back as it was")),
}


def told(last: Last | None, balancer_id: str, member: Member, now: datetime.datetime) -> Said | None:
    """What the row says of it; None where it is long ago, or where somebody changed the member since."""
    if last is None or now - last.at > TOLD or (last.state == "good" and not _so(member, last.asked.fields)):
        return None
    doing, done = WORDS[last.asked.verb.partition(" ")[0]]
    back = way(last, balancer_id, member.pool_id)
    facts = {"weight": last.asked.fields.get("weight", ""), "who": last.who, "time": words.clock(last.at)}
    if last.state == "good":
        return Said(f"{done % facts} {_('by %(who)s at %(time)s.') % facts}", "good", back)
    if last.state == "failed":
        said = _("Octavia could not do what %(who)s asked for at %(time)s: the member is in ERROR.") % facts
        return Said(said, "failed", back)
    return Said(f"{doing % facts}: {_('Octavia accepted it.')}", "building", back)


def way(last: Last, balancer_id: str, pool_id: str) -> str:
    """The address that takes it back, or ''."""
    wish = undo.of_fields(last.asked.verb, last.asked.target_id, last.asked.before, last.asked.fields)
    return address(wish, balancer_id, pool_id) if wish else ""


def address(wish: undo.Undo, balancer_id: str, pool_id: str) -> str:
    """The page that asks before it takes a change back; what a script sends there stands in it, too."""
    where = reverse("horizon:tenant_ops:loadbalancers:undo", args=[balancer_id, pool_id])
    return f"{where}?{urlencode(wish.query())}"


def _so(member: Member, fields: Mapping[str, Any]) -> bool:
    now = {"weight": member.weight, "admin_state_up": member.enabled}
    return all(now[name] == value for name, value in fields.items() if name in now)
