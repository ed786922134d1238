"""Nova's servers: seen, paused and going on, marked, and what volumes they have."""

from __future__ import annotations

from typing import Any

from tests.conformance.recorded import examples
from tests.unit.fake_openstack import paging
from tests.unit.fake_openstack.filters import bad, not_found, says, shown
from tests.unit.fake_openstack.server import Answer, Json, Query, Wire

ROOT = "/compute/v2.1/servers"
#: From where to where an action leads; what else it is asked in, Nova refuses with the state's own name.
LEADS = {"pause": ("ACTIVE", "PAUSED"), "unpause": ("PAUSED", "ACTIVE"), "reboot": ("ACTIVE", "REBOOT")}
#: What a state is called where Nova refuses something for it, and its number of power.
STATES = {"ACTIVE": ("active", 1), "PAUSED": ("paused", 3), "SHUTOFF": ("stopped", 4), "ERROR": ("error", 0)}
#: The first microversion that tells whether a server is locked.
LOCKED = (2, 9)


class Servers:
    """Their actions, their metadata and their volumes."""

    def __init__(self, wire: Wire, things: Any) -> None:
        self.wire, self.things = wire, things
        wire.on("GET", ROOT)(self.names)
        wire.on("GET", f"{ROOT}/detail")(
            lambda query, body: paging.nova(self._asked(query), query, "servers", "/v2.1/servers/detail", things.cap)
        )
        wire.on("GET", f"{ROOT}/([^/]+)")(self.show)
        wire.on("DELETE", f"{ROOT}/([^/]+)")(self.delete)
        wire.on("POST", f"{ROOT}/([^/]+)/action")(self.act)
        wire.on("POST", f"{ROOT}/([^/]+)/metadata")(self.mark)
        wire.on("DELETE", f"{ROOT}/([^/]+)/metadata/([^/]+)")(self.unmark)
        wire.on("GET", f"{ROOT}/([^/]+)/os-volume_attachments")(self.attached)
        wire.on("POST", f"{ROOT}/([^/]+)/os-volume_attachments")(self.attach)
        wire.on("DELETE", f"{ROOT}/([^/]+)/os-volume_attachments/([^/]+)")(self.detach)

    def settle(self) -> None:
        """What Nova had begun is done."""
        for server in self.things.kept["servers"].values():
            if server["status"] in ("REBOOT", "HARD_REBOOT"):
                server["status"] = "ACTIVE"

    def names(self, query: Query, body: Json) -> Answer:
        """The short list."""
        rows = [{name: one[name] for name in ("id", "name", "links")} for one in self._asked(query)]
        return paging.nova(rows, query, "servers", "/v2.1/servers", self.things.cap)

    def show(self, id_: str, query: Query, body: Json) -> Answer:
        found = self.things.one("servers", id_)
        if found is None:
            return not_found("Instance", id_)
        locked = {"locked": bool(found.get("locked"))} if self.wire.version("compute") >= LOCKED else {}
        return {"server": {**shown(found), **locked}}

    def delete(self, id_: str, query: Query, body: Json) -> Answer:
        if self.things.one("servers", id_) is None:
            return not_found("Instance", id_)
        del self.things.kept["servers"][id_]
        return 204, None

    def act(self, id_: str, query: Query, body: Json) -> Answer:
        """One action; a locked server takes none but to be unlocked, from whoever is no administrator."""
        found, (what, how) = self.things.one("servers", id_), next(iter(body.items()))
        if found is None:
            return not_found("Instance", id_)
        if what in ("lock", "unlock"):
            found["locked"] = what == "lock"
            return 202, None
        if what not in LEADS:
            return bad(f"There is no such action: {what}")
        if what == "reboot" and how.get("type") not in ("SOFT", "HARD"):
            return bad(f"Invalid input for field/attribute type. Value: {how.get('type')}.")
        if found.get("locked") and not self.wire.who.admin:
            return says(409, "conflictingRequest", f"Instance {id_} is locked")
        before, after = LEADS[what]
        state, _ = STATES.get(found["status"], (found["status"].lower(), 0))
        # A reboot is asked for in more states than these, and tests begin in any.
        if found["status"] != before and (what != "reboot" or found["status"] == "PAUSED"):
            words = f"Cannot '{what}' instance {id_} while it is in vm_state {state}"
            return says(409, "conflictingRequest", words)
        found["status"] = after
        if after in STATES:
            found["OS-EXT-STS:vm_state"], found["OS-EXT-STS:power_state"] = STATES[after]
        return 202, None

    def mark(self, id_: str, query: Query, body: Json) -> Answer:
        found = self.things.one("servers", id_)
        if found is None:
            return not_found("Instance", id_)
        for name, value in body["metadata"].items():
            if len(str(value)) > 255:
                return bad(f"Invalid input for field/attribute {name}. Value: {value}. '{value}' is too long")
        found["metadata"].update(body["metadata"])
        return {"metadata": found["metadata"]}

    def unmark(self, id_: str, key: str, query: Query, body: Json) -> Answer:
        found = self.things.one("servers", id_)
        if found is None:
            return not_found("Instance", id_)
        if found["metadata"].pop(key, None) is None:
            return says(404, "itemNotFound", "Metadata item was not found")
        return 204, None

    def attached(self, id_: str, query: Query, body: Json) -> Answer:
        found = self.things.one("servers", id_)
        if found is None:
            return not_found("Instance", id_)
        return {"volumeAttachments": [_told(id_, one["id"]) for one in found["os-extended-volumes:volumes_attached"]]}

    def attach(self, id_: str, query: Query, body: Json) -> Answer:
        server, which = self.things.one("servers", id_), body["volumeAttachment"]["volumeId"]
        volume = self.things.one("volumes", which)
        if server is None or volume is None:
            return not_found("Instance", id_) if server is None else not_found("Volume", which)
        if volume["attachments"]:
            where = volume["attachments"][0]["server_id"]
            return bad(f"Invalid volume: volume {which} is already attached to instances: {where}")
        entry = {"id": which, "attachment_id": f"attachment-{which}", "volume_id": which, "server_id": id_}
        volume.update(status="in-use", attachments=[{**examples()["attachment of a volume"], **entry}])
        server["os-extended-volumes:volumes_attached"].append({"id": which})
        return 200, {"volumeAttachment": _told(id_, which)}

    def detach(self, id_: str, which: str, query: Query, body: Json) -> Answer:
        """It goes to its end by itself: `settle`."""
        server, volume = self.things.one("servers", id_), self.things.one("volumes", which)
        if server is None or volume is None:
            return not_found("Instance", id_) if server is None else not_found("Volume", which)
        if id_ not in [one["server_id"] for one in volume["attachments"]]:
            return says(404, "itemNotFound", f"Instance {id_} is not attached to volume {which}")
        volume["status"] = "detaching"
        return 202, None

    def _asked(self, query: Query) -> list[Json]:
        """The project's own, of the status that is asked for."""
        status = dict(query).get("status")
        return [one for one in self.things.of_project("servers") if status in (None, one.get("status"))]


def _told(server: str, volume: str) -> Json:
    return {"id": volume, "volumeId": volume, "serverId": server, "device": "/dev/vdb"}
