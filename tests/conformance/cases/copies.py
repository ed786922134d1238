"""Cinder: a volume made of another one or of a snapshot, what a list is narrowed by, and why a volume is in error."""

from __future__ import annotations

from tests.conformance.cases.compute import said
from tests.conformance.cases.storage import HELD, MISSING, NO_SNAPSHOT
from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Json, Target

MARK = "tenant_ops_clone"
BY_METADATA = "volume 3.22"
MESSAGES = "volume 3.5"
REVERTS = "volume 3.40"


def rest(t: Target, volume: str, person: str = "owner") -> Json:
    """The volume once it is there."""
    me, path = t.person(person), f"/volumes/{volume}"
    t.until(lambda: me.get("block-storage", path).body["volume"]["status"] == "available")
    row: Json = me.get("block-storage", path).body["volume"]
    return row


@case
def a_copy_of_a_volume(t: Target) -> None:
    me, developer, auditor = t.person(), t.person("developer"), t.person("auditor")
    source = t.volume()
    asked = {"volume": {"name": t.name, "source_volid": source, "metadata": {MARK: t.name}}}
    rest(t, source)
    made = t.make("block-storage", "/volumes", asked)
    t.recorded.like("volume, made", made)
    assert (made["status"], made["source_volid"], made["snapshot_id"]) == ("creating", source, None)
    assert (made["size"], made["metadata"]) == (1, {MARK: t.name})
    path = f"/volumes/{made['id']}"
    more = me.post("block-storage", f"{path}/metadata", {"metadata": {"x": "y"}})
    assert (more.status, more.body) == (200, {"metadata": {MARK: t.name, "x": "y"}})
    t.recorded.like("volume", row := rest(t, made["id"]))
    assert (row["name"], row["user_id"], row["source_volid"]) == (t.name, me.cloud.user_id, source)
    bare = t.make("block-storage", "/volumes", {"volume": {"name": t.name, "source_volid": source, "size": 2}})
    assert (rest(t, bare["id"])["metadata"], bare["size"]) == ({}, 2)
    for query, found in (
        ({"metadata": str({MARK: t.name})}, {made["id"]}),
        ({"metadata": str({MARK: t.name, "x": "y"}), "status": "available"}, {made["id"]}),
        ({"metadata": str({MARK: t.name, "x": "z"})}, set()),
        ({"metadata": f'{{"{MARK}": "{t.name}"}}'}, {made["id"]}),
        ({"metadata": "x"}, set()),
        ({"name": t.name}, {source, made["id"], bare["id"]}),
        ({"name": t.name, "status": "error"}, set()),
    ):
        listed = me.get("block-storage", "/volumes/detail", **query)
        assert {one["id"] for one in listed.body["volumes"]} == found, query
    assert developer.get("block-storage", "/volumes/detail", metadata=str({MARK: t.name})).body == {"volumes": []}
    assert developer.post("block-storage", "/volumes", asked).refused(source) == (404, MISSING)
    words = "Policy doesn't allow volume:create to be performed."
    assert auditor.post("block-storage", "/volumes", asked).refused() == (403, said("forbidden", 403, words))


@case
def what_is_not_copied(t: Target) -> None:
    me, source = t.person(), t.volume()

    def asked(**fields: object) -> tuple[int, object]:
        return me.post("block-storage", "/volumes", {"volume": {"name": t.name, **fields}}).refused()

    rest(t, source)
    assert asked(source_volid=NOTHING) == (404, MISSING)
    assert asked(snapshot_id=NOTHING) == (404, NO_SNAPSHOT)
    words = "The server could not comply with the request since it is either malformed or otherwise incorrect."
    assert asked() == (400, said("badRequest", 400, words))
    words = "Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1"
    assert asked(size=0) == (400, said("badRequest", 400, words))
    given = me.post("block-storage", "/volume-transfers", {"transfer": {"volume_id": source, "name": t.name}})
    t.after(lambda: me.delete("block-storage", f"/volume-transfers/{given.body['transfer']['id']}"))
    words = "Invalid volume: Originating source volume status must be one of 'available, in-use' values"
    assert asked(source_volid=source) == (400, said("badRequest", 400, words))


@case
def a_volume_of_a_snapshot(t: Target) -> None:
    me, volume = t.person(), t.volume()
    path = f"/volumes/{volume}"
    rest(t, volume)
    asked = {"volume_id": volume, "name": t.name, "description": "d", "metadata": {MARK: t.name}}
    snapshot = me.post("block-storage", "/snapshots", {"snapshot": asked}).body["snapshot"]
    t.recorded.like("snapshot, made", snapshot)
    place = f"/snapshots/{snapshot['id']}"
    t.after(lambda: me.delete("block-storage", f"{path}?cascade=true"))
    t.until(lambda: me.get("block-storage", place).body["snapshot"]["status"] == "available")
    assert me.get("block-storage", place).body["snapshot"]["metadata"] == {MARK: t.name}
    # Cinder looks at the metadata from 3.22 on; a client without a microversion is told of all.
    for version, value, found in (("", "other", True), (BY_METADATA, t.name, True), (BY_METADATA, "other", False)):
        rows = me.get("block-storage", "/snapshots/detail", version, metadata=str({MARK: value})).body["snapshots"]
        assert (snapshot["id"] in [one["id"] for one in rows]) is found, (version, value)
    for of, found in ((volume, True), (NOTHING, False)):
        rows = me.get("block-storage", "/snapshots/detail", volume_id=of).body["snapshots"]
        assert (snapshot["id"] in [one["id"] for one in rows]) is found
    wanted = {"name": t.name, "snapshot_id": snapshot["id"], "description": "why"}
    made = t.make("block-storage", "/volumes", {"volume": wanted})
    row = rest(t, made["id"])
    assert (row["snapshot_id"], row["description"], row["metadata"], row["size"]) == (snapshot["id"], "why", {}, 1)
    assert me.delete("block-storage", path).refused(volume) == (400, said("badRequest", 400, HELD))
    assert me.delete("block-storage", f"{path}?cascade=true").status == 202
    t.until(lambda: me.get("block-storage", path).status == 404)
    assert me.get("block-storage", place).refused(snapshot["id"]) == (404, NO_SNAPSHOT)
    assert me.get("block-storage", f"/volumes/{made['id']}").status == 200


@case
def a_volume_goes_back_to_its_latest_snapshot(t: Target) -> None:
    me, volume = t.person(), t.volume()
    path = f"/volumes/{volume}"
    rest(t, volume)

    def back(snapshot: str, person: str = "owner") -> tuple[int, object]:
        asked = {"revert": {"snapshot_id": snapshot}}
        return t.person(person).post("block-storage", f"{path}/action", asked, REVERTS).refused(volume, snapshot)

    assert back(NOTHING) == (400, said("badRequest", 400, "Volume ID doesn't have any snapshots."))

    def status(snapshot: str) -> str:
        return str(me.get("block-storage", f"/snapshots/{snapshot}").body["snapshot"]["status"])

    def snapshot() -> str:
        asked = {"volume_id": volume, "name": t.name}
        made = str(me.post("block-storage", "/snapshots", {"snapshot": asked}).body["snapshot"]["id"])
        t.until(lambda: status(made) == "available")
        return made

    t.after(lambda: me.delete("block-storage", f"{path}?cascade=true"))
    def made_at(snapshot: str) -> str:
        return str(me.get("block-storage", f"/snapshots/{snapshot}").body["snapshot"]["created_at"])[:19]

    older, latest = snapshot(), snapshot()
    for _ in range(10):
        # Cinder keeps whole seconds: of two that were made in one, either may count as the latest.
        if made_at(latest) != made_at(older):
            break
        latest = snapshot()
    words = "Specified snapshot ID is None or not the latest one of volume ID."
    assert back(older) == (400, said("badRequest", 400, words))
    assert back(latest, "developer") == (404, MISSING)
    words = "Policy doesn't allow volume:revert_to_snapshot to be performed."
    assert back(latest, "auditor") == (403, said("forbidden", 403, words))
    assert back(latest)[0] == 202
    # Meanwhile Cinder may keep a snapshot of its own of what is lost, which is then the latest.
    assert back(latest)[0] in (400, 409)
    rest(t, volume)
    t.until(lambda: status(latest) == "available")


@case
def why_a_volume_is_in_error(t: Target) -> None:
    me, volume = t.person(), t.broken_volume()
    path = f"/volumes/{volume}"
    t.until(lambda: me.get("block-storage", path).body["volume"]["status"] == "error")
    (message,) = me.get("block-storage", "/messages", MESSAGES, resource_uuid=volume).body["messages"]
    t.recorded.like("message", message)
    assert message["user_message"] == "schedule allocate volume:Could not find any available weighted backend."
    assert me.get("block-storage", "/messages", MESSAGES, resource_uuid=NOTHING).body == {"messages": []}
    words = said("itemNotFound", 404, "The resource could not be found.")
    assert me.get("block-storage", "/messages", resource_uuid=volume).refused() == (404, words)
    assert me.delete("block-storage", path).status == 202
    t.until(lambda: me.get("block-storage", path).status == 404)


@case
def quotas_of_cinder(t: Target) -> None:
    me, path = t.person(), f"/os-quota-sets/{t.person().project}"
    before = me.get("block-storage", path, usage="true").body["quota_set"]
    # Each type of volume has quotas of its own, and which there are is the cloud's.
    types = {name for name in before if name.startswith(("volumes_", "gigabytes_", "snapshots_"))}
    kept = {name for name in types if name.endswith(("_standard", "___DEFAULT__"))}
    t.recorded.like("quotas of cinder", {name: before[name] for name in before if name not in types - kept})
    assert before["id"] == me.project
    rest(t, t.volume())
    after = t.person("auditor").get("block-storage", path, usage="true").body["quota_set"]
    assert after["volumes"] == {**before["volumes"], "in_use": before["volumes"]["in_use"] + 1}
    assert after["gigabytes"] == {**before["gigabytes"], "in_use": before["gigabytes"]["in_use"] + 1}
    absolute = me.get("block-storage", "/limits").body["limits"]["absolute"]
    assert absolute["totalVolumesUsed"] == after["volumes"]["in_use"]
    assert absolute["totalGigabytesUsed"] == after["gigabytes"]["in_use"]
    assert absolute["maxTotalVolumes"] == after["volumes"]["limit"]
    assert me.get("block-storage", path).body["quota_set"]["volumes"] == after["volumes"]["limit"]
    words = said("forbidden", 403, "Policy doesn't allow volume_extension:quotas:show to be performed.")
    assert t.person("developer").get("block-storage", path, usage="true").refused() == (403, words)
    limit, used = (after["gigabytes"][name] for name in ("limit", "in_use"))
    told = f"Requested {limit}G, quota is {limit}G and {used}G has been consumed."
    words = f"VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. {told}"
    full = me.post("block-storage", "/volumes", {"volume": {"name": t.name, "size": limit}})
    assert (full.status, full.body) == (413, {"overLimit": {"code": 413, "message": words, "retryAfter": "0"}})
