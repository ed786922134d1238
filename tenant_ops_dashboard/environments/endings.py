"""How a launch or a delete ended: told in the audit trail by whoever's look sees it first.

What is still open is kept in the store that the caller gave; where that forgets, Heat's own events tell.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.heat.stack import Stack

KEPT = 86400  # seconds
Begun = Literal["create", "delete"]


def begun(cloud: Cloud, environment_id: str, name: str, action: Begun) -> None:
    """Heat accepted it."""
    cloud.store.set(_key(cloud, environment_id), (action, name, cloud.user_name), KEPT)


def open_(cloud: Cloud, environment_id: str) -> bool:
    """Whether an end is waited for; no call to OpenStack."""
    return cloud.store.get(_key(cloud, environment_id)) is not None


def seen(cloud: Cloud, environment_id: str, found: Stack | None) -> None:
    """Tell how it ended, where the stack as it is now shows it; None is one that is gone."""
    kept: tuple[Begun, str, str] | None = cloud.store.get(_key(cloud, environment_id))
    if kept is None:
        return
    try:
        action, name, who = kept
    except (TypeError, ValueError):
        # Another release, or somebody else, wrote it.
        return
    outcome = _outcome(action, found)
    if outcome is None:
        return
    cloud.store.delete(_key(cloud, environment_id))
    told = f"{found.action}_{found.state}" if found else "gone"
    reason = f"seen {told}, asked for by {who}"
    verb = "launch" if action == "create" else "delete"
    audit.record(cloud, action, "environment", environment_id, name, outcome, reason=reason, verb=verb)


def _outcome(action: Begun, found: Stack | None) -> audit.Outcome | None:
    if action == "delete":
        if found is None:
            return "success"
        return "failure" if (found.action, found.state) == ("DELETE", "FAILED") else None
    if found is not None and found.meaning.moving:
        return None
    stands = found is not None and found.meaning.stands and found.state == "COMPLETE"
    return "success" if stands else "failure"


def _key(cloud: Cloud, environment_id: str) -> str:
    parts = "\0".join((cloud.options.region, cloud.project_id, environment_id))
    return "tenant_ops.ending." + hashlib.sha256(parts.encode()).hexdigest()
