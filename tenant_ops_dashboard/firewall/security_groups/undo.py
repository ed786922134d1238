"""The way back from an apply: a draft of what the audit trail says it found, made of what it left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tenant_ops_dashboard.firewall.errors import BadDraft, NothingToUndo
from tenant_ops_dashboard.firewall.security_groups.draft import GROUP, parse
from tenant_ops_dashboard.firewall.security_groups.model import Base, Draft, State
from tenant_ops_dashboard.sentences import say

VERB, ACTION = "apply", "update/security-group"
_ENDED = ("success", "pending")


def back(events: Iterable[Mapping[str, Any]], group: str) -> Draft:
    """The draft that takes back the newest of these events (newest first) that is an apply to the group of this id.

    An undo is an apply, too: undone twice is done. Raises NothingToUndo.
    """
    for event in events:
        if event.get("action") != ACTION or event.get("outcome") not in _ENDED or event["target"]["id"] != group:
            continue
        attached = (one["content"] for one in event.get("attachments") or () if one.get("name") == "change")
        told: Mapping[str, Any] = next(attached, {})
        if not told.get("before") or not told.get("after"):
            continue  # it was so already
        try:
            before, after = (_state(told[one], group) for one in ("before", "after"))
        except BadDraft:
            break  # written by another release
        return Draft(before, Base(None, after))
    raise NothingToUndo(say("The audit trail has no apply to this security group that could be undone."))


def _state(told: Mapping[str, Any], group: str) -> State:
    return parse({GROUP: {"id": group}, "rules": told.get("rules")}).state
