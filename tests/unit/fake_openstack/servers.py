"""Nova's servers: made, seen, paused and going on, marked, what volumes they have and what their consoles say."""

from __future__ import annotations

from typing import Any

from tests.conformance.recorded import examples
from tests.unit.fake_openstack import paging
from tests.unit.fake_openstack.filters import bad, not_found, says, shown
from tests.unit.fake_openstack.server import Answer, Json, Query, Wire

ROOT = "/compute/v2.1/servers"
#: From where to where an action leads; what else it is asked in, Nova refuses with the state's own name.
LEADS = {
    "pause": ("ACTIVE", "PAUSED"), "unpause": ("PAUSED", "ACTIVE"), "reboot": ("ACTIVE", "REBOOT"),
    "os-stop": ("ACTIVE", "SHUTOFF"), "os-start": ("SHUTOFF", "ACTIVE"),
}  # fmt: skip
#: What a state is called where Nova refuses something for it, and its number of power.
STATES = {"ACTIVE": ("active", 1), "PAUSED": ("paused", 3), "SHUTOFF": ("stopped", 4), "ERROR": ("error", 0)}
#: The first microversions that tell whether a server is locked and what tags it has, that make one without a network,
#: and one with tags.
LOCKED, TAGS, NO_NETWORK, MADE_WITH_TAGS = (2, 9), (2, 26), (2, 37), (2, 52)
CONSOLE = "os-getConsoleOutput"
#: What Nova says is going on until the action is done: until then the status is as before.
TASKS = {"pause": "pausing", "unpause": "unpausing", "os-stop": "powering-off", "os-start": "powering-on"}
LONGEST_DATA = 65_535


class Servers:
    """Their actions, their metadata and their volumes; `consoles` has by id what they say.

    One that is made is 'BUILD' until `settle`.
    """

    def __init__(self, wire: Wire, things: Any) -> None:
        self.wire, self.things = wire, things
        self.consoles: dict[str, str] = {}
        wire.on("POST", ROOT)(lambda query, body: self.create(body["server"]))
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
            if (status := server.pop("becomes", "")) and server["OS-EXT-STS:task_state"]:
                self._become(server, status)
            if server["status"] in ("REBOOT", "HARD_REBOOT", "BUILD"):
                server["status"], server["OS-EXT-STS:vm_state"] = "ACTIVE", "active"
        for volume in self.things.kept["volumes"].values():
            if volume["status"] == "reserved":
                volume["status"] = "in-use"

    def create(self, asked: Json) -> Answer:
        """One with disks from volumes, which are nobody else's from this moment on."""
        who, version = self.wire.who, self.wire.version("compute")
        if not who.roles & {"member", "admin"}:
            return says(403, "forbidden", "Policy doesn't allow os_compute_api:servers:create to be performed.")
        if asked.get("networks") == "none" and version < NO_NETWORK:
            return bad("Invalid input for field/attribute networks. Value: none. 'none' is not of type 'array'")
        if "tags" in asked and version < MADE_WITH_TAGS:
            return bad("Additional properties are not allowed ('tags' was unexpected)")
        if len(asked.get("user_data") or "") > LONGEST_DATA:
            return bad("Invalid input for field/attribute user_data.")
        networks = asked["networks"] if isinstance(asked.get("networks"), list) else []
        mapped = asked.get("block_device_mapping_v2") or ()
        disks = [one["uuid"] for one in mapped if one["source_type"] == "volume"]
        roots = [one["uuid"] for one in mapped if one["source_type"] == "volume" and one["boot_index"] == 0]
        found = [self.things.one("volumes", one) for one in disks]
        for id_, volume in zip(disks, found, strict=True):
            if volume is None:
                return bad(f"Volume {id_} could not be found.")
            if volume["status"] != "available":
                words = f"Volume {id_} status must be available or downloading to reserve"
                return bad(f"Invalid volume: {words}, but the current status is {volume['status']}.")
            if id_ in roots and volume["bootable"] != "true":
                return bad(f"Block Device {id_} is not bootable.")
        wanted = [one["port"] for one in networks if "port" in one]
        for id_, port in zip(wanted, map(self._port, wanted), strict=True):
            if port is None:
                return bad(f"Port {id_} could not be found.")
        made = self.things.add(
            "servers", name=asked["name"], status="BUILD", metadata=dict(asked.get("metadata") or {}), addresses={},
            tags=list(asked.get("tags") or ()), project_id=who.project, user_id=who.user_id, user_data=asked.get("user_data"),
            image={"id": asked["imageRef"]} if asked.get("imageRef") else "", root="".join(roots),
            **{"os-extended-volumes:volumes_attached": [], "OS-EXT-STS:vm_state": "building"},
        )  # fmt: skip
        for volume in found:
            self._attach(made, volume)
            volume["status"] = "reserved"
        for port in filter(None, map(self._port, wanted)):
            port.update(device_id=made["id"], device_owner="compute:nova", status="ACTIVE")
        told = {"id": made["id"], "links": made["links"], "OS-DCF:diskConfig": "MANUAL", "security_groups": []}
        return 202, {"server": {**told, "adminPass": "not-a-secret"}}

    def names(self, query: Query, body: Json) -> Answer:
        """The short list."""
        rows = [{name: one[name] for name in ("id", "name", "links")} for one in self._asked(query)]
        return paging.nova(rows, query, "servers", "/v2.1/servers", self.things.cap)

    def show(self, id_: str, query: Query, body: Json) -> Answer:
        found = self.things.one("servers", id_)
        if found is None:
            return not_found("Instance", id_)
        return {"server": self._shown(found)}

    def delete(self, id_: str, query: Query, body: Json) -> Answer:
        """Its volumes stay, and are free; so do ports that were made before it."""
        if self.things.one("servers", id_) is None:
            return not_found("Instance", id_)
        del self.things.kept["servers"][id_]
        self.consoles.pop(id_, None)
        for port in self.things.kept["ports"].values():
            if port["device_id"] == id_:
                port.update(device_id="", device_owner="")
        for volume in self.things.kept["volumes"].values():
            if id_ in [one.get("server_id") for one in volume["attachments"]]:
                volume.update(status="available", attachments=[])
        return 204, None

    def act(self, id_: str, query: Query, body: Json) -> Answer:
        """One action; a locked server takes none but to be unlocked, from whoever is no administrator."""
        found, (what, how) = self.things.one("servers", id_), next(iter(body.items()))
        if found is None:
            return not_found("Instance", id_)
        if what in ("lock", "unlock"):
            found["locked"] = what == "lock"
            return 202, None
        if what == CONSOLE:
            return self._console(found)
        if what not in LEADS:
            return bad(f"There is no such action: {what}")
        if what == "reboot" and how.get("type") not in ("SOFT", "HARD"):
            return bad(f"Invalid input for field/attribute type. Value: {how.get('type')}.")
        if found.get("locked") and not self.wire.who.admin:
            return says(409, "conflictingRequest", f"Instance {id_} is locked")
        if task := found.get("OS-EXT-STS:task_state"):
            words = f"Cannot '{what.removeprefix('os-')}' instance {id_} while it is in task_state {task}"
            return says(409, "conflictingRequest", words)
        before, after = LEADS[what]
        state, _ = STATES.get(found["status"], (found["status"].lower(), 0))
        # A reboot is asked for in more states than these, and tests begin in any.
        if found["status"] != before and (what != "reboot" or found["status"] == "PAUSED"):
            words = f"Cannot '{what.removeprefix('os-')}' instance {id_} while it is in vm_state {state}"
            return says(409, "conflictingRequest", words)
        if what in TASKS:
            found.update({"OS-EXT-STS:task_state": TASKS[what], "becomes": after})
        else:
            self._become(found, after)
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
        self._attach(server, volume)
        return 200, {"volumeAttachment": _told(id_, which)}

    def detach(self, id_: str, which: str, query: Query, body: Json) -> Answer:
        """It goes to its end by itself: `settle`."""
        server, volume = self.things.one("servers", id_), self.things.one("volumes", which)
        if server is None or volume is None:
            return not_found("Instance", id_) if server is None else not_found("Volume", which)
        if id_ not in [one["server_id"] for one in volume["attachments"]]:
            return says(404, "itemNotFound", f"Instance {id_} is not attached to volume {which}")
        if server.get("root") == which:
            return bad("Cannot detach a root device volume")
        volume["status"] = "detaching"
        return 202, None

    def _port(self, id_: str) -> Json | None:
        return next((one for one in self.things._seen("ports") if one["id"] == id_), None)

    def _attach(self, server: Json, volume: Json) -> None:
        which = volume["id"]
        entry = {"id": which, "attachment_id": f"attachment-{which}", "volume_id": which, "server_id": server["id"]}
        volume.update(status="in-use", attachments=[{**examples()["attachment of a volume"], **entry}])
        server["os-extended-volumes:volumes_attached"].append({"id": which})

    def _become(self, server: Json, status: str) -> None:
        server.update({"status": status, "OS-EXT-STS:task_state": None})
        if status in STATES:
            server["OS-EXT-STS:vm_state"], server["OS-EXT-STS:power_state"] = STATES[status]

    def _console(self, server: Json) -> Answer:
        if server["status"] == "BUILD":
            return says(409, "conflictingRequest", f"Instance {server['id']} is not ready")
        return 200, {"output": self.consoles.get(server["id"], "")}

    def _asked(self, query: Query) -> list[Json]:
        """The project's own, of the status and with all of the tags that are asked for."""
        asked = dict(query)
        status, tags = asked.get("status"), set(filter(None, asked.get("tags", "").split(",")))
        if self.wire.version("compute") < TAGS:
            tags = set()
        mine = [one for one in self.things.kept["servers"].values() if one["project_id"] == self.wire.who.project]
        return [
            self._shown(one)
            for one in mine
            if status in (None, one.get("status")) and tags <= set(one.get("tags") or ())
        ]

    def _shown(self, server: Json) -> Json:
        """A server as the microversion that is asked for has it."""
        version, row = self.wire.version("compute"), shown(server)
        for name in ("user_data", "becomes", "root"):
            row.pop(name, None)
        tags = row.pop("tags", [])
        locked = {"locked": bool(server.get("locked"))} if version >= LOCKED else {}
        return {**row, **locked, **({"tags": tags} if version >= TAGS else {})}


def _told(server: str, volume: str) -> Json:
    return {"id": volume, "volumeId": volume, "serverId": server, "device": "/dev/vdb"}
