"""Restart one server of an environment, as a person would who stands before it."""

from __future__ import annotations

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import access, watch
from tenant_ops_dashboard.environments.errors import NotFound
from tenant_ops_dashboard.environments.model import Box, Details

KINDS = frozenset({"server", "database", "jump_host"})


def restart(cloud: Cloud, name_or_id: str, key: str) -> Box:
    """Restart the server behind the picture's box `key`; the box as it was.

    One that is well is asked to shut down first; one that is not, or is off, is switched off and on. Nova goes on with
    it: the page shows when it is back. Raises NotFound, NotAllowed, or a CloudError: Conflict while it restarts.
    """
    access.require(cloud, "environments:restart")
    box = find(watch.details(cloud, name_or_id), key)
    how = "SOFT" if box.state == "good" else "HARD"
    try:
        cloud.post("compute", f"/servers/{box.resource_id}/action", {"reboot": {"type": how}})
    except CloudError as error:
        audit.record(cloud, "update", "server", box.resource_id, box.title, "failure", request_id=error.request_id)
        raise
    audit.record(cloud, "update", "server", box.resource_id, box.title, "pending", reason=f"restart {how}")
    return box


def find(details: Details, key: str) -> Box:
    """The box of a server that exists. Raises NotFound."""
    for box in details.picture.boxes:
        if box.key == key and box.kind in KINDS and box.resource_id and box.state not in ("planned", "gone"):
            return box
    raise NotFound(f"{details.environment.name} has no server called {key[:60]}.")
