"""Switch a server of the environment off and on, through Nova alone: whoever shows it needs no access to the host."""

from __future__ import annotations

from typing import Any

from tenant_ops_dashboard.changes import Change, Target
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.walkthrough import access

Json = dict[str, Any]
#: What Nova does with a server at this moment.
TASK = "OS-EXT-STS:task_state"


class _Switch(Change[Json]):
    """Nova's actions `os-stop` and `os-start` (compute API); it goes on with them, and says so as `task`."""

    rule = access.RUN
    action = "update"
    kind = "server"
    order, task, wanted = "", "", ""

    def __init__(self, cloud: Cloud, server_id: str) -> None:
        super().__init__(cloud)
        self.target = Target(server_id)

    def prepare(self) -> Json | None:
        found = self._read()
        self.target = Target(str(found["id"]), str(found["name"]))
        self.before, self.after = {"status": found["status"]}, {"status": self.wanted}
        self.underway = found.get(TASK) == self.task
        return found if found["status"] == self.wanted or self.underway else None

    def send(self) -> Json:
        self.cloud.post("compute", f"/servers/{self.target.id}/action", {self.order: None})
        return self._read()

    def happened(self) -> Json | None:
        found = self._read()
        return found if found["status"] == self.wanted or found.get(TASK) == self.task else None

    def settled(self, made: Json) -> bool:
        try:
            return bool(self._read()["status"] == self.wanted)
        except CloudError:
            return False

    def _read(self) -> Json:
        found: Json = self.cloud.get("compute", f"/servers/{self.target.id}")["server"]
        return found


class Stop(_Switch):
    """Switches a server off, without a word to whoever uses it."""

    name = "walkthrough.stop_server"
    destroys = True
    order, task, wanted = "os-stop", "powering-off", "SHUTOFF"


class Start(_Switch):
    """Switches it on again."""

    name = "walkthrough.start_server"
    order, task, wanted = "os-start", "powering-on", "ACTIVE"
