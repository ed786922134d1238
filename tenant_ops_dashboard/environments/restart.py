"""Restart one server of an environment, as a person would who stands before it."""

from __future__ import annotations

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import watch
from tenant_ops_dashboard.environments.errors import NotFound
from tenant_ops_dashboard.environments.model import Box, Details
from tenant_ops_dashboard.sentences import say

KINDS = frozenset({"server", "database", "jump_host"})


def restart(cloud: Cloud, name_or_id: str, key: str) -> Box:
    """Restart the server behind the picture's box `key`; the box as it was.

    One that is well is asked to shut down first; one that is not, or is off, is switched off and on. Nova goes on with
    it: the page shows when it is back. Raises NotFound, NotAllowed, or a CloudError: Conflict while it restarts.
    """
    return perform(Restart(cloud, name_or_id, key))


class Restart(Change[Box]):
    """Nova's action `reboot` (compute API), SOFT or HARD."""

    name = "environments.restart"
    rule = "environments:restart"
    action = "update"
    kind = "server"
    destroys = True

    def __init__(self, cloud: Cloud, environment: str, key: str) -> None:
        super().__init__(cloud)
        self.environment, self.key = environment, key
        self.target = Target("", key)

    def prepare(self) -> None:
        self.box = find(watch.details(self.cloud, self.environment), self.key)
        self.target = Target(self.box.resource_id, self.box.title)
        self.how = "SOFT" if self.box.itself == "good" else "HARD"
        self.says = f"restart {self.how}"

    def send(self) -> Box:
        self.cloud.post("compute", f"/servers/{self.box.resource_id}/action", {"reboot": {"type": self.how}})
        return self.box

    def happened(self) -> Box | None:
        server = self.cloud.get("compute", f"/servers/{self.box.resource_id}")["server"]
        return self.box if "REBOOT" in str(server["status"]) else None


def find(details: Details, key: str) -> Box:
    """The box of a server that exists. Raises NotFound."""
    for box in details.picture.boxes:
        if box.key == key and box.kind in KINDS and box.resource_id and box.state not in ("planned", "gone"):
            return box
    raise NotFound(say("{name} has no server called {key}.", name=details.environment.name, key=key[:60]))
