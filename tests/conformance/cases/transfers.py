"""Cinder: a volume that goes from one project to another."""

from __future__ import annotations

from tests.conformance.cases.compute import said
from tests.conformance.cases.copies import MARK, rest
from tests.conformance.cases.storage import HELD, MISSING
from tests.conformance.registry import case
from tests.conformance.target import Json, Target

PATH = "/volume-transfers"
GONE = (404, said("itemNotFound", 404, "Transfer ID could not be found."))


def give(t: Target, volume: str) -> Json:
    """A transfer of the owner's, taken back after the case where nobody has accepted it."""
    return t.make("block-storage", PATH, {"transfer": {"volume_id": volume, "name": t.name}})


def bad(words: str) -> tuple[int, Json]:
    return 400, said("badRequest", 400, words)


@case
def a_transfer(t: Target) -> None:
    me, developer = t.person(), t.person("developer")
    source = t.volume()
    rest(t, source)
    asked = {"name": t.name, "source_volid": source, "metadata": {MARK: t.name}}
    volume = t.make("block-storage", "/volumes", {"volume": asked})["id"]
    path = f"/volumes/{volume}"
    t.after(lambda: developer.delete("block-storage", f"{path}?cascade=true"))
    rest(t, volume)
    theirs = developer.post("block-storage", PATH, {"transfer": {"volume_id": volume, "name": t.name}})
    assert theirs.refused(volume) == (404, MISSING)
    made = give(t, volume)
    t.recorded.like("transfer, made", made)
    assert (made["name"], made["volume_id"], len(made["auth_key"])) == (t.name, volume, 16)
    place = f"{PATH}/{made['id']}"
    assert developer.get("block-storage", place).refused(made["id"]) == GONE
    assert developer.delete("block-storage", place).refused(made["id"]) == GONE
    assert developer.get("block-storage", f"{PATH}/detail").body == {"transfers": []}
    key = {"accept": {"auth_key": made["auth_key"]}}
    wrong = developer.post("block-storage", f"{place}/accept", {"accept": {"auth_key": "0" * 15 + "x"}})
    assert wrong.refused(made["id"]) == bad("Invalid auth key: Attempt to transfer ID with invalid auth key.")
    words = said("forbidden", 403, "Policy doesn't allow volume:accept_transfer to be performed.")
    assert t.person("auditor").post("block-storage", f"{place}/accept", key).refused() == (403, words)
    taken = developer.post("block-storage", f"{place}/accept", key)
    assert taken.status == 202
    t.recorded.like("transfer in a list", taken.body["transfer"])
    assert developer.post("block-storage", f"{place}/accept", key).refused(made["id"]) == GONE
    for who in (me, developer):
        assert who.get("block-storage", place).refused(made["id"]) == GONE
    for answer in (me.get("block-storage", path), me.delete("block-storage", path)):
        assert answer.refused(volume) == (404, MISSING)
    row = rest(t, volume, "developer")
    assert (row["name"], row["metadata"], row["source_volid"]) == (t.name, {MARK: t.name}, source)
    assert (row["os-vol-tenant-attr:tenant_id"], row["user_id"]) == (developer.project, developer.cloud.user_id)
    listed = developer.get("block-storage", "/volumes/detail", metadata=str({MARK: t.name})).body["volumes"]
    assert [one["id"] for one in listed] == [volume]
    asked = {"volume_id": volume, "name": t.name}
    snapshot = developer.post("block-storage", "/snapshots", {"snapshot": asked}).body["snapshot"]["id"]
    at = f"/snapshots/{snapshot}"
    t.until(lambda: developer.get("block-storage", at).body["snapshot"]["status"] == "available")
    assert developer.delete("block-storage", path).refused() == bad(HELD)
    assert developer.delete("block-storage", f"{path}?cascade=true").status == 202
    t.until(lambda: developer.get("block-storage", path).status == 404)
    assert developer.delete("block-storage", f"{path}?cascade=true").refused(volume) == (404, MISSING)


@case
def a_transfer_that_nobody_accepts(t: Target) -> None:
    me, volume = t.person(), t.volume()
    path = f"/volumes/{volume}"
    rest(t, volume)
    made = give(t, volume)
    place = f"{PATH}/{made['id']}"
    shown = me.get("block-storage", place).body["transfer"]
    t.recorded.like("transfer", shown)
    assert "auth_key" not in shown
    for where, kind in ((PATH, "transfer in a list"), (f"{PATH}/detail", "transfer")):
        (row,) = [one for one in me.get("block-storage", where).body["transfers"] if one["id"] == made["id"]]
        t.recorded.like(kind, row)
        assert (row["name"], row["volume_id"]) == (t.name, volume)
    assert me.get("block-storage", path).body["volume"]["status"] == "awaiting-transfer"
    for way in ("", "?cascade=true"):
        assert me.delete("block-storage", f"{path}{way}").refused() == bad(HELD)
    asked = {"volume_id": volume, "name": t.name}
    assert me.post("block-storage", PATH, {"transfer": asked}).refused() == bad("Invalid volume: status must be available")
    words = "Invalid volume: Volume ID status must be available, but current status is: awaiting-transfer."
    assert me.post("block-storage", "/snapshots", {"snapshot": asked}).refused(volume) == bad(words)
    marked = me.post("block-storage", f"{path}/metadata", {"metadata": {"x": "y"}})
    assert (marked.status, marked.body["metadata"]["x"]) == (200, "y")
    assert me.delete("block-storage", place).status == 202
    assert rest(t, volume)["status"] == "available"
    key = {"accept": {"auth_key": made["auth_key"]}}
    for answer in (me.delete("block-storage", place), me.get("block-storage", place),
                   t.person("developer").post("block-storage", f"{place}/accept", key)):  # fmt: skip
        assert answer.refused(made["id"]) == GONE


@case
def no_room_for_a_transfer(t: Target) -> None:
    me, developer, operator = t.person(), t.person("developer"), t.person("operator")
    volume, quotas = t.volume(), f"/os-quota-sets/{developer.project}"
    rest(t, volume)
    made = give(t, volume)
    path = f"{PATH}/{made['id']}/accept"
    key, new = {"accept": {"auth_key": made["auth_key"]}}, {"volume": {"name": t.name, "size": 1}}
    before = developer.get("block-storage", quotas, usage="true").body["quota_set"]
    limits = {name: before[name]["limit"] for name in ("gigabytes", "volumes")}
    used = {name: before[name]["in_use"] for name in limits}

    def limit(**wanted: int) -> None:
        assert operator.put("block-storage", quotas, {"quota_set": {**limits, **wanted}}).status == 200

    def over(words: str) -> tuple[int, Json]:
        return 413, {"overLimit": {"code": 413, "message": words, "retryAfter": "0"}}

    t.after(limit)
    limit(gigabytes=used["gigabytes"])
    told = f"Requested 1G, quota is {used['gigabytes']}G and {used['gigabytes']}G has been consumed."
    words = f"Requested volume or snapshot exceeds allowed gigabytes quota. {told}"
    assert developer.post("block-storage", path, key).refused() == over(words)
    full = developer.post("block-storage", "/volumes", new)
    assert full.refused() == over(f"VolumeSizeExceedsAvailableQuota: {words}")
    limit(volumes=used["volumes"])
    words = f"Maximum number of volumes allowed ({used['volumes']}) exceeded for quota 'volumes'."
    for answer in (developer.post("block-storage", path, key), developer.post("block-storage", "/volumes", new)):
        assert answer.refused() == over(f"VolumeLimitExceeded: {words}")
    assert me.get("block-storage", f"/volumes/{volume}").body["volume"]["status"] == "awaiting-transfer"
    refused = said("forbidden", 403, "Policy doesn't allow volume_extension:quotas:update to be performed.")
    assert developer.put("block-storage", quotas, {"quota_set": {"volumes": 99}}).refused() == (403, refused)
    limit()
    t.after(lambda: developer.delete("block-storage", f"/volumes/{volume}"))
    assert developer.post("block-storage", path, key).status == 202
    after = developer.get("block-storage", quotas, usage="true").body["quota_set"]
    assert {name: after[name]["in_use"] - used[name] for name in used} == {"gigabytes": 1, "volumes": 1}
