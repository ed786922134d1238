"""Cinder: volumes, what they are marked with, and limits."""

from __future__ import annotations

from tests.conformance.cases.compute import said
from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Target

MISSING = said("itemNotFound", 404, "Volume ID could not be found.")
NO_SNAPSHOT = said("itemNotFound", 404, "Snapshot ID could not be found.")
HELD = (
    "Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing "
    "and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated "
    "from snapshots after volume transfer."
)


@case
def a_volume(t: Target) -> None:
    me = t.person()
    id_ = t.volume()
    path = f"/volumes/{id_}"
    t.until(lambda: me.get("block-storage", path).body["volume"]["status"] == "available")
    (row,) = [one for one in me.get("block-storage", "/volumes/detail").body["volumes"] if one["id"] == id_]
    t.recorded.like("volume", row)
    assert (row["name"], row["size"], row["metadata"], row["attachments"]) == (t.name, 1, {"a": "b"}, [])
    assert row["os-vol-tenant-attr:tenant_id"] == me.project
    first = me.get("block-storage", "/volumes/detail", limit=1)
    assert first.ways("volumes_links") == {"next": {"limit": ["1"], "marker": [first.body["volumes"][0]["id"]]}}
    developer = t.person("developer")
    assert id_ not in [one["id"] for one in developer.get("block-storage", "/volumes/detail").body["volumes"]]
    assert id_ in [one["id"] for one in t.person("operator").get("block-storage", "/volumes/detail").body["volumes"]]
    for answer in (developer.get("block-storage", path), developer.delete("block-storage", path)):
        assert answer.refused(id_) == (404, MISSING)
    assert me.delete("block-storage", path).status == 202
    t.until(lambda: me.get("block-storage", path).status == 404)
    assert me.delete("block-storage", path).refused(id_) == (404, MISSING)


@case
def what_a_volume_is_marked_with(t: Target) -> None:
    me = t.person()
    id_ = t.volume()
    path = f"/volumes/{id_}/metadata"
    marked = me.post("block-storage", path, {"metadata": {"c": "d"}})
    assert (marked.status, marked.body) == (200, {"metadata": {"a": "b", "c": "d"}})
    assert (me.delete("block-storage", f"{path}/c").status, me.delete("block-storage", f"{path}/a").status) == (
        200,
        200,
    )
    words = "Volume ID has no metadata with key c."
    assert me.delete("block-storage", f"{path}/c").refused(id_) == (404, said("itemNotFound", 404, words))
    assert me.get("block-storage", f"/volumes/{id_}").body["volume"]["metadata"] == {}
    long = me.post("block-storage", path, {"metadata": {"c": "x" * 256}})
    assert (long.status, *long.body) == (400, "badRequest")
    t.until(lambda: me.get("block-storage", f"/volumes/{id_}").body["volume"]["status"] == "available")


@case
def a_volume_with_a_snapshot(t: Target) -> None:
    me, developer = t.person(), t.person("developer")
    volume = t.volume()
    path = f"/volumes/{volume}"
    t.until(lambda: me.get("block-storage", path).body["volume"]["status"] == "available")
    asked = {"snapshot": {"volume_id": volume, "name": t.name}}
    assert developer.post("block-storage", "/snapshots", asked).refused(volume) == (404, MISSING)
    made = me.post("block-storage", "/snapshots", asked)
    assert made.status == 202
    id_ = made.body["snapshot"]["id"]
    place = f"/snapshots/{id_}"
    t.after(lambda: t.until(lambda: me.delete("block-storage", place).status == 404))
    t.until(lambda: me.get("block-storage", place).body["snapshot"]["status"] == "available")
    (row,) = [one for one in me.get("block-storage", "/snapshots/detail").body["snapshots"] if one["id"] == id_]
    t.recorded.like("snapshot", row)
    assert (row["name"], row["volume_id"], row["size"]) == (t.name, volume, 1)
    first = me.get("block-storage", "/snapshots/detail", limit=1)
    assert first.ways("snapshots_links") == {"next": {"limit": ["1"], "marker": [first.body["snapshots"][0]["id"]]}}
    assert id_ not in [one["id"] for one in developer.get("block-storage", "/snapshots/detail").body["snapshots"]]
    assert developer.delete("block-storage", place).refused(id_) == (404, NO_SNAPSHOT)
    assert me.delete("block-storage", path).refused(volume) == (400, said("badRequest", 400, HELD))
    assert me.delete("block-storage", place).status == 202
    t.until(lambda: me.get("block-storage", place).status == 404)
    assert me.delete("block-storage", path).status == 202


@case
def what_cinder_has_not_and_does_not_understand(t: Target) -> None:
    me, path = t.person(), f"/volumes/{NOTHING}"
    for answer in (
        me.get("block-storage", path),
        me.delete("block-storage", path),
        me.post("block-storage", f"{path}/metadata", {"metadata": {"a": "b"}}),
        me.delete("block-storage", f"{path}/metadata/a"),
        me.get("block-storage", "/volumes/detail", limit=2, marker=NOTHING),
    ):
        assert answer.refused() == (404, MISSING)
    words = said("badRequest", 400, "limit param must be an integer")
    assert me.get("block-storage", "/volumes/detail", limit="x").refused() == (400, words)


@case
def limits_of_cinder(t: Target) -> None:
    answer = t.person().get("block-storage", "/limits")
    assert (answer.status, answer.body["limits"]["rate"]) == (200, [])
    t.recorded.like("limits of cinder", answer.body["limits"]["absolute"])


@case
def types_of_volumes(t: Target) -> None:
    for name in ("owner", "developer"):
        every = t.person(name).get("block-storage", "/types")
        assert (every.status, set(every.body)) == (200, {"volume_types"})
        standard = next(one for one in every.body["volume_types"] if one["name"] == "standard")
        assert (standard["is_public"], standard["os-volume-type-access:is_public"]) == (True, True)


@case
def zones_of_cinder(t: Target) -> None:
    answer = t.person().get("block-storage", "/os-availability-zone")
    assert (answer.status, set(answer.body)) == (200, {"availabilityZoneInfo"})
    t.recorded.like("availability zone of cinder", answer.body["availabilityZoneInfo"][0])
