"""Cinder: volumes, what they are marked with, and limits."""

from __future__ import annotations

from tests.conformance.cases.compute import said
from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Target

MISSING = said("itemNotFound", 404, "Volume ID could not be found.")


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
