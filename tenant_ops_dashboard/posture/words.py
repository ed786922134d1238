"""A change of traffic in words, from what a box says itself: nothing is looked up, no name turns what is behind it."""

from __future__ import annotations

from tenant_ops_dashboard import escape as harmless
from tenant_ops_dashboard.posture.internet import what
from tenant_ops_dashboard.posture.model import Box
from tenant_ops_dashboard.sentences import join, say

#: So many addresses of one box are named.
ADDRESSES = 3
_WHOLE = {"0.0.0.0/0", "::/0", "0.0.0.0-255.255.255.255"}


def line(box: Box) -> str:
    """From where, to what, with which protocol and ports: '203.0.113.0/24 -> app-1 tcp 22'."""
    name = harmless.line(str(box.get("name") or box.get("port") or "outside"))
    return join("", (_source(box), " -> ", name, " ", what([box])))


def _source(box: Box) -> str:
    known = [str(one) for one in box.get("src") or ()]
    if not known or any(one in _WHOLE for one in known):
        return say("anywhere")
    more = say(" and {n} more", n=len(known) - ADDRESSES) if len(known) > ADDRESSES else ""
    return join("", (", ".join(known[:ADDRESSES]), more))
