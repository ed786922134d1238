"""Cinder: volumes, copies of them, snapshots, and what a project has room for."""

from __future__ import annotations

import ast
from typing import Any

from tests.conformance.recorded import examples
from tests.unit.fake_openstack import paging
from tests.unit.fake_openstack.filters import bad, not_found, says, shown
from tests.unit.fake_openstack.server import Answer, Json, Query, Wire
from tests.unit.fake_openstack.transfers import Transfers

ROOT = "/block-storage/v3"
#: `delete` of cinder/volume/api.py.
UNDELETABLE = (
    "Volume status must be available or error or error_restoring or error_extending or error_managing and must not be "
    "migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots "
    "after volume transfer."
)
AT_REST = ("available", "error", "error_restoring", "error_extending", "error_managing")
#: What lists of each kind are narrowed by, at the microversion that a client without one gets; others are not looked at.
NARROWED = {"volumes": ("name", "status", "metadata"), "snapshots": ("name", "status", "volume_id")}
#: The first microversions in which a list of snapshots is narrowed by metadata, and there are messages.
BY_METADATA, MESSAGES = (3, 22), (3, 3)
#: The first one in which a volume is reverted.
REVERTS = (3, 40)
ROOM = {"volumes": 10, "gigabytes": 1000, "snapshots": 10}


class Storage:
    """`limits` are a project's own by quota where they are not ROOM, `messages` why a volume is in error.

    `private` has by name of a private type the projects that may have volumes of it.

    A volume is 'creating', a snapshot too, until `settle`.
    """

    def __init__(self, wire: Wire, things: Any) -> None:
        self.wire, self.things = wire, things
        self.limits: dict[str, dict[str, int]] = {}
        self.messages: list[Json] = []
        self.private: dict[str, set[str]] = {}
        for name in ("volumes", "snapshots"):
            wire.on("GET", f"{ROOT}/{name}/detail")(lambda query, body, name=name: self._list(name, query))
        wire.on("POST", f"{ROOT}/volumes")(lambda query, body: self.create(body["volume"]))
        wire.on("POST", f"{ROOT}/snapshots")(lambda query, body: self.snapshot(body["snapshot"]))
        wire.on("GET", f"{ROOT}/volumes/([^/]+)")(lambda id_, query, body: self._show("volumes", id_))
        wire.on("GET", f"{ROOT}/snapshots/([^/]+)")(lambda id_, query, body: self._show("snapshots", id_))
        wire.on("DELETE", f"{ROOT}/volumes/([^/]+)")(self.delete)
        wire.on("DELETE", f"{ROOT}/snapshots/([^/]+)")(self.delete_snapshot)
        wire.on("POST", f"{ROOT}/volumes/([^/]+)/metadata")(self.mark)
        wire.on("POST", f"{ROOT}/volumes/([^/]+)/action")(self.revert)
        wire.on("DELETE", f"{ROOT}/volumes/([^/]+)/metadata/([^/]+)")(self.unmark)
        wire.on("GET", f"{ROOT}/messages")(self.told)
        wire.on("GET", f"{ROOT}/types")(self.types)
        wire.on("GET", f"{ROOT}/limits")(self.room)
        wire.on("GET", f"{ROOT}/os-quota-sets/([^/]+)")(self.quotas)
        wire.on("PUT", f"{ROOT}/os-quota-sets/([^/]+)")(self.set_quotas)
        self.transfers = Transfers(wire, self)

    def settle(self) -> None:
        """What Cinder had begun is done."""
        for volume in self.things.kept["volumes"].values():
            if volume["status"] == "detaching":
                self._detached(volume)
            if volume["status"] in ("creating", "reverting"):
                volume["status"] = "available"
        for snapshot in self.things.kept["snapshots"].values():
            if snapshot["status"] == "creating":
                snapshot["status"] = "available"

    def fail(self, volume: str, why: str) -> None:
        """A volume that is made comes to nothing; Cinder has a message that says why."""
        self.kept["volumes"][volume]["status"] = "error"
        told = {"resource_uuid": volume, "user_message": why, "id": f"message-{next(self.things.numbers)}"}
        self.messages.append({**examples()["message"], **told})

    @property
    def kept(self) -> dict[str, dict[str, Json]]:
        found: dict[str, dict[str, Json]] = self.things.kept
        return found

    def create(self, asked: Json) -> Answer:
        """A volume, empty, of an image, of a snapshot or of another volume, of which it has no metadata."""
        if refused := self.refuses("create"):
            return refused
        size, origin = asked.get("size"), None
        for name, kind, called in (("snapshot_id", "snapshots", "Snapshot"), ("source_volid", "volumes", "Volume")):
            if asked.get(name):
                origin = self.things.one(kind, asked[name])
                if origin is None:
                    return not_found(called, asked[name])
                size = size or origin["size"]
                fit = ("available",) if kind == "snapshots" else ("available", "in-use")
                if origin["status"] not in fit:
                    what = "snapshot" if kind == "snapshots" else "source volume"
                    return bad(f"Invalid volume: Originating {what} status must be one of '{', '.join(fit)}' values")
                if size < origin["size"]:
                    told = f"'{size}'GB cannot be smaller than original volume size {origin['size']}GB"
                    return bad(f"Invalid input received: Volume size {told}. They must be >= original volume size.")
        if size is None:
            return bad("The server could not comply with the request since it is either malformed or otherwise incorrect.")
        if size < 1:
            return bad(f"Invalid input for field/attribute size. Value: {size}. {size} is less than the minimum of 1")
        if full := self.full(self.wire.who.project, size):
            return full
        told = {name: asked.get(name) for name in ("name", "description", "snapshot_id", "source_volid")}
        boots = self._boots(asked.get("imageRef"), origin)
        made = self.things.add(
            "volumes", **told, **boots, size=size, metadata=dict(asked.get("metadata") or {}), status="creating",
            project_id=self.wire.who.project, user_id=self.wire.who.user_id,
        )  # fmt: skip
        return 202, {"volume": {name: value for name, value in shown(made).items() if not name.startswith("os-vol")}}

    def _boots(self, image: str | None, origin: Json | None) -> Json:
        """What a volume has of the image that it, or what it is made of, was made of."""
        volume = self.kept["volumes"].get((origin or {}).get("volume_id", ""), origin or {})
        named = {"image_id": image} if image else volume.get("volume_image_metadata")
        boots = "true" if image else volume.get("bootable", "false")
        return {"bootable": boots, **({"volume_image_metadata": dict(named)} if named else {})}

    def snapshot(self, asked: Json) -> Answer:
        volume = self.things.one("volumes", asked["volume_id"])
        if volume is None:
            return not_found("Volume", asked["volume_id"])
        fit = ("available", "in-use") if asked.get("force") else ("available",)
        if volume["status"] not in fit:
            words = f"status must be {', '.join(fit)}, but current status is: {volume['status']}."
            return bad(f"Invalid volume: Volume {volume['id']} {words}")
        told = {"name": asked.get("name"), "volume_id": volume["id"], "size": volume["size"], "status": "creating",
                "description": asked.get("description"), "metadata": dict(asked.get("metadata") or {})}  # fmt: skip
        made = self.things.add("snapshots", **told, project_id=self.wire.who.project)
        return 202, {
            "snapshot": {name: value for name, value in shown(made).items() if not name.startswith("os-extended")}
        }

    def delete(self, id_: str, query: Query, body: Json) -> Answer:
        """With `cascade` its snapshots go along."""
        volume = self.things.one("volumes", id_)
        if volume is None:
            return not_found("Volume", id_)
        snapshots = [one["id"] for one in self.kept["snapshots"].values() if one["volume_id"] == id_]
        if volume["status"] not in AT_REST or (snapshots and ("cascade", "true") not in query):
            return bad(f"Invalid volume: {UNDELETABLE}")
        for one in snapshots:
            del self.kept["snapshots"][one]
        del self.kept["volumes"][id_]
        return 202, None

    def delete_snapshot(self, id_: str, query: Query, body: Json) -> Answer:
        if self.things.one("snapshots", id_) is None:
            return not_found("Snapshot", id_)
        del self.kept["snapshots"][id_]
        return 202, None

    def mark(self, id_: str, query: Query, body: Json) -> Answer:
        found = self.things.one("volumes", id_)
        if found is None:
            return not_found("Volume", id_)
        if any(len(str(value)) > 255 for value in body["metadata"].values()):
            return bad("Invalid input for field/attribute: too long")
        found["metadata"].update(body["metadata"])
        return {"metadata": found["metadata"]}

    def revert(self, id_: str, query: Query, body: Json) -> Answer:
        """To its latest snapshot alone, while no server has it; `reverted` counts."""
        found, which = self.things.one("volumes", id_), body["revert"]["snapshot_id"]
        if found is None:
            return not_found("Volume", id_)
        if self.wire.version("volume") < REVERTS:
            return says(404, "itemNotFound", "The resource could not be found.")
        latest = [one["id"] for one in self.kept["snapshots"].values() if one["volume_id"] == id_][-1:]
        if not latest:
            return bad(f"Volume {id_} doesn't have any snapshots.")
        if latest != [which]:
            return bad(f"Specified snapshot {which} is None or not the latest one of volume {id_}.")
        if refused := self.refuses("revert_to_snapshot"):
            return refused
        if found["status"] != "available":
            words = f"Can't revert volume {id_} to its latest snapshot {which}. Volume's status must be 'available'."
            return says(409, "conflictingRequest", f"Invalid volume: {words}")
        found.update(status="reverting", reverted=found.get("reverted", 0) + 1)
        return 202, None

    def unmark(self, id_: str, key: str, query: Query, body: Json) -> Answer:
        found = self.things.one("volumes", id_)
        if found is None:
            return not_found("Volume", id_)
        if found["metadata"].pop(key, None) is None:
            return says(404, "itemNotFound", f"Volume {id_} has no metadata with key {key}.")
        return 200, None

    def told(self, query: Query, body: Json) -> Answer:
        """Cinder's messages are shown to whoever knows what they are about, of any project."""
        if self.wire.version("volume") < MESSAGES:
            return says(404, "itemNotFound", "The resource could not be found.")
        asked = dict(query).get("resource_uuid")
        rows = [one for one in self.messages if asked in (None, one["resource_uuid"])]
        return paging.cinder(rows, query, "messages", "/v3/messages", self.things.cap)

    def types(self, query: Query, body: Json) -> Answer:
        """The public one, and those private ones that the project has access to."""
        mine = [name for name, projects in self.private.items() if self.wire.who.admin or self.wire.who.project in projects]
        rows = [{"id": f"type-{name}", "name": name, "is_public": name not in mine, "description": None, "extra_specs": {},
                 "os-volume-type-access:is_public": name not in mine, "qos_specs_id": None} for name in ("standard", *mine)]  # fmt: skip
        return paging.cinder(rows, query, "volume_types", "/v3/types", self.things.cap)

    def room(self, query: Query, body: Json) -> Answer:
        limits, used = self._limits(self.wire.who.project), self._used(self.wire.who.project)
        told = {
            "maxTotalVolumes": limits["volumes"], "totalVolumesUsed": used["volumes"],
            "maxTotalVolumeGigabytes": limits["gigabytes"], "totalGigabytesUsed": used["gigabytes"],
            "maxTotalSnapshots": limits["snapshots"], "totalSnapshotsUsed": used["snapshots"],
        }  # fmt: skip
        return {"limits": {"rate": [], "absolute": {**examples()["limits of cinder"], **told}}}

    def quotas(self, project: str, query: Query, body: Json) -> Answer:
        if project != self.wire.who.project and not self.wire.who.admin:
            words = "Policy doesn't allow volume_extension:quotas:show to be performed."
            return says(403, "forbidden", words)
        limits, used = self._limits(project), self._used(project)
        rows = {name: {**one, "limit": limits[name], "in_use": used[name]} if name in limits else one
                for name, one in examples()["quotas of cinder"].items()}  # fmt: skip
        rows["id"] = project
        if ("usage", "true") not in [(name, value.lower()) for name, value in query]:
            rows = {name: one["limit"] if isinstance(one, dict) else one for name, one in rows.items()}
        return {"quota_set": rows}

    def set_quotas(self, project: str, query: Query, body: Json) -> Answer:
        if not self.wire.who.admin:
            return says(403, "forbidden", "Policy doesn't allow volume_extension:quotas:update to be performed.")
        self.limits.setdefault(project, {}).update(body["quota_set"])
        return {"quota_set": self.limits[project]}

    def refuses(self, what: str) -> Answer:
        """The answer to whoever may only look, else None."""
        if self.wire.who.roles & {"member", "admin"}:
            return None
        return says(403, "forbidden", f"Policy doesn't allow volume:{what} to be performed.")

    def full(self, project: str, size: int, made: bool = True) -> Answer:
        """The answer where this project has no room for one more volume of this size, else None."""
        limits, used = self._limits(project), self._used(project)
        if used["gigabytes"] + size > limits["gigabytes"]:
            told = f"Requested {size}G, quota is {limits['gigabytes']}G and {used['gigabytes']}G has been consumed."
            words = f"Requested volume or snapshot exceeds allowed gigabytes quota. {told}"
            return _over(f"VolumeSizeExceedsAvailableQuota: {words}" if made else words)
        if used["volumes"] + 1 > limits["volumes"]:
            words = f"Maximum number of volumes allowed ({limits['volumes']}) exceeded for quota 'volumes'."
            return _over(f"VolumeLimitExceeded: {words}")
        return None

    def _limits(self, project: str) -> dict[str, int]:
        return {**ROOM, **self.limits.get(project, {})}

    def _used(self, project: str) -> dict[str, int]:
        """Snapshots take as much room as their volumes."""
        volumes, snapshots = ([one["size"] for one in self.kept[kind].values() if one["project_id"] == project]
                              for kind in ("volumes", "snapshots"))  # fmt: skip
        return {"volumes": len(volumes), "gigabytes": sum(volumes) + sum(snapshots), "snapshots": len(snapshots)}

    def _show(self, name: str, id_: str) -> Answer:
        found = self.things.one(name, id_)
        return {name[:-1]: shown(found)} if found else not_found(name[:-1].capitalize(), id_)

    def _list(self, name: str, query: Query) -> Answer:
        by = (*NARROWED[name], *(("metadata",) if self.wire.version("volume") >= BY_METADATA else ()))
        rows = [one for one in self.things.of_project(name) if all(_has(one, *asked) for asked in query if asked[0] in by)]
        return paging.cinder(rows, query, name, f"/v3/{name}/detail", self.things.cap)

    def _detached(self, volume: Json) -> None:
        for one in volume["attachments"]:
            server = self.kept["servers"].get(one["server_id"])
            if server:
                there = server["os-extended-volumes:volumes_attached"]
                server["os-extended-volumes:volumes_attached"] = [each for each in there if each["id"] != volume["id"]]
        volume.update(status="available", attachments=[])


def _has(one: Json, name: str, value: str) -> bool:
    """Cinder reads metadata as Python would; what it cannot read is what nothing has."""
    if name != "metadata":
        return bool(one.get(name) == value)
    try:
        asked = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return False
    return isinstance(asked, dict) and asked.items() <= one["metadata"].items()


def _over(words: str) -> tuple[int, Json]:
    return 413, {"overLimit": {"code": 413, "message": words, "retryAfter": "0"}}
