"""Cinder's volume transfers: a volume goes from the project that gives it to the one that has the key."""

from __future__ import annotations

from typing import Any

from tests.conformance.recorded import examples
from tests.unit.fake_openstack import paging
from tests.unit.fake_openstack.filters import bad, not_found
from tests.unit.fake_openstack.server import Answer, Json, Query, Wire

PLACE = "/block-storage/v3/volume-transfers"
#: What each answer tells of a transfer; its key only the first one.
LISTED = ("id", "name", "volume_id", "links")
SHOWN = (*LISTED, "created_at")
MADE = (*SHOWN, "auth_key")


class Transfers:
    """Those that nobody has accepted: only the giver is shown them, and they have no end."""

    def __init__(self, wire: Wire, storage: Any) -> None:
        self.wire, self.storage = wire, storage
        storage.kept["transfers"] = {}
        wire.on("POST", PLACE)(lambda query, body: self.give(body["transfer"]))
        wire.on("GET", PLACE)(lambda query, body: self._list(query, LISTED, ""))
        wire.on("GET", f"{PLACE}/detail")(lambda query, body: self._list(query, SHOWN, "/detail"))
        wire.on("GET", f"{PLACE}/([^/]+)")(self.show)
        wire.on("DELETE", f"{PLACE}/([^/]+)")(self.take_back)
        wire.on("POST", f"{PLACE}/([^/]+)/accept")(self.accept)

    @property
    def kept(self) -> dict[str, Json]:
        found: dict[str, Json] = self.storage.kept["transfers"]
        return found

    def give(self, asked: Json) -> Answer:
        if refused := self.storage.refuses("create_transfer"):
            return refused
        volume = self.storage.things.one("volumes", asked["volume_id"])
        if volume is None:
            return not_found("Volume", asked["volume_id"])
        if volume["status"] != "available":
            return bad("Invalid volume: status must be available")
        number = next(self.storage.things.numbers)
        made = {
            **examples()["transfer, made"], "id": f"transfer-{number}", "name": asked.get("name"),
            "volume_id": volume["id"], "auth_key": f"{number:016x}", "project_id": volume["project_id"],
        }  # fmt: skip
        self.kept[made["id"]] = made
        volume["status"] = "awaiting-transfer"
        return 202, {"transfer": _told(made, MADE)}

    def show(self, id_: str, query: Query, body: Json) -> Answer:
        found = self._own(id_)
        return {"transfer": _told(found, SHOWN)} if found else not_found("Transfer", id_)

    def take_back(self, id_: str, query: Query, body: Json) -> Answer:
        found = self._own(id_)
        if found is None:
            return not_found("Transfer", id_)
        if refused := self.storage.refuses("delete_transfer"):
            return refused
        self.storage.kept["volumes"][found["volume_id"]]["status"] = "available"
        del self.kept[id_]
        return 202, None

    def accept(self, id_: str, query: Query, body: Json) -> Answer:
        """Whoever has the key has the volume from now on, its snapshots and the room that they take."""
        who = self.wire.who
        if refused := self.storage.refuses("accept_transfer"):
            return refused
        found = self.kept.get(id_)
        if found is None:
            return not_found("Transfer", id_)
        if body["accept"]["auth_key"] != found["auth_key"]:
            return bad(f"Invalid auth key: Attempt to transfer {id_} with invalid auth key.")
        volume = self.storage.kept["volumes"][found["volume_id"]]
        if full := self.storage.full(who.project, volume["size"], made=False):
            return full
        named = {"project_id": who.project, "os-vol-tenant-attr:tenant_id": who.project, "user_id": who.user_id}
        volume.update(status="available", **named)
        for one in self.storage.kept["snapshots"].values():
            if one["volume_id"] == volume["id"]:
                one["project_id"] = one["os-extended-snapshot-attributes:project_id"] = who.project
        del self.kept[id_]
        return 202, {"transfer": _told(found, LISTED)}

    def _own(self, id_: str) -> Json | None:
        found = self.kept.get(id_)
        return found if found is not None and self.wire.who.sees(found) else None

    def _list(self, query: Query, fields: tuple[str, ...], place: str) -> Answer:
        rows = [_told(one, fields) for one in self.kept.values() if one["project_id"] == self.wire.who.project]
        return paging.cinder(rows, query, "transfers", f"/v3/volume-transfers{place}", self.storage.things.cap)


def _told(transfer: Json, fields: tuple[str, ...]) -> Json:
    return {name: transfer[name] for name in fields}
