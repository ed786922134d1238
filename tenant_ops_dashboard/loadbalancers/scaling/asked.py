"""What was asked of Heat for a group of servers, and what a later look at the group shows of it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.loadbalancers.scaling.model import Group

# What these have in a group's rules or in the group itself is looked for; the others say how it was before.
_BEFORE = ("from", "stamp", "trouble")


def scaled(group: Group, servers: int) -> Asked:
    """The group is to have so many servers."""
    return _asked(group, "scaled", {"servers": servers, "from": group.size})


def ruled(group: Group, after: Mapping[str, Any]) -> Asked:
    """These of its rules and limits are to be so."""
    return _asked(group, "ruled", after)


def repaired(group: Group) -> Asked:
    """All of its servers are to be whole."""
    return _asked(group, "repaired", {})


def seen(asked: Asked, group: Group) -> Literal["good", "failed", ""]:
    """What the group as it is now shows of it: done, failed, or '' as long as neither is seen."""
    if group.busy:
        return ""
    known = asked.fields
    if asked.what == "scaled":
        more = known["servers"] >= known["from"]
        if group.size >= known["servers"] if more else group.size <= known["servers"]:
            return "good"
        return "failed" if group.state == "failed" and _trouble(group) != known["trouble"] else ""
    if group.stamp == known["stamp"]:
        # Heat has not begun.
        return ""
    if group.state == "failed" or group.update_failed:
        return "failed"
    if asked.what == "repaired":
        return "failed" if group.broken else "good"
    wanted = {name: value for name, value in known.items() if name not in _BEFORE}
    return "good" if all(_now(group, name) == value for name, value in wanted.items()) else ""


def _asked(group: Group, what: Literal["scaled", "ruled", "repaired"], fields: Mapping[str, Any]) -> Asked:
    before = {"stamp": group.stamp, "trouble": _trouble(group)}
    return Asked(group.environment_id, what, {**fields, **before})


def _now(group: Group, name: str) -> Any:
    return getattr(group.rules if hasattr(group.rules, name) else group, name)


def _trouble(group: Group) -> str:
    """Another one where something else has failed."""
    parts = (group.state, group.reason, sorted(one.key for one in group.broken if not one.lost))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
