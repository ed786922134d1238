"""Which delete of a stack was its last, and did it end it? Asked of Heat, which keeps what is gone for a while."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, NotFound
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.heat.stack import Stack

# Seconds until Heat tells of a delete it accepted, and between two looks.
BEGINS = 10.0
PAUSE = 0.2
# No sweep asks for more stacks than this; the next one goes on.
MOST = 20


def never_stood(cloud: Cloud, found: Stack) -> bool:
    """Whether its launch never ended well, so that its volumes hold nothing: at most one call. Raises a CloudError.

    Heat forgets a stack's oldest events first (max_events_per_stack), and its very first is that the launch began: only
    where that one is told, and no end of any other action that was well, is it sure.
    """
    if found.never_up or found.state == "COMPLETE":
        return found.never_up
    told = {str(one["resource_status"]) for one in _own(cloud, found)}
    return "CREATE_IN_PROGRESS" in told and all(one.startswith("DELETE") for one in told if one.endswith("COMPLETE"))


def last(cloud: Cloud, found: Stack) -> str:
    """Heat's id of the event with which the stack's last delete began, '' where there was none: one call.

    Every delete that Heat accepts writes one (heat/engine/stack.py, state_set and converge_stack), also a repeated one.
    """
    # Heat's times are whole seconds; its own order is kept within one.
    own = [one for one in _own(cloud, found) if one["resource_status"] == "DELETE_IN_PROGRESS"]
    newest = max((str(one["event_time"]) for one in own), default="")
    return next((str(one["id"]) for one in own if str(one["event_time"]) == newest), "")


def began(cloud: Cloud, found: Stack, before: str) -> str:
    """The id of the delete that follows the one called `before`, awaited for some seconds; '' where none began."""
    deadline = time.monotonic() + BEGINS
    while True:
        now = last(cloud, found)
        if now != before:
            return now
        if time.monotonic() > deadline:
            return ""
        time.sleep(PAUSE)


def ended(cloud: Cloud, environment_id: str) -> str:
    """The id of the delete that ended the environment's stack: two calls; one where it stands.

    '' where the stack is there, or where Heat has forgotten it: then nobody knows which delete that was.
    """
    found = stack.gone(cloud, environment_id)
    return last(cloud, found) if found else ""


def ended_all(cloud: Cloud, environment_ids: Iterable[str]) -> dict[str, str]:
    """`ended` by environment, for the first of several."""
    return {id_: ended(cloud, id_) for id_ in list(dict.fromkeys(one for one in environment_ids if one))[:MOST]}


def _own(cloud: Cloud, found: Stack) -> list[Mapping[str, Any]]:
    """The events of the stack itself, newest first."""
    try:
        asked = {"resource_name": found.name, "sort_dir": "desc"}
        rows = cloud.pages("orchestration", f"{found.path}/events", "events", **asked)
    except NotFound:
        return []
    # A resource may have the stack's name.
    return [one for one in rows if one.get("physical_resource_id") == found.id]
