"""Nova: a server that is paused, locked and marked, and a volume that is its own."""

from __future__ import annotations

from tests.conformance.cases.compute import said
from tests.conformance.cases.copies import rest
from tests.conformance.cases.networks import network
from tests.conformance.cases.storage import HELD, MISSING
from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Json, Target

UNKNOWN = (404, said("itemNotFound", 404, "Instance ID could not be found."))


def conflict(words: str) -> tuple[int, Json]:
    return 409, said("conflictingRequest", 409, words)


@case
def a_paused_server(t: Target) -> None:
    me, developer = t.person(), t.person("developer")
    id_ = t.server(network(t))
    path = f"/servers/{id_}"

    def does(what: str, how: object = None) -> tuple[int, Json]:
        return me.post("compute", f"{path}/action", {what: how}).refused(id_)

    def status() -> str:
        return str(me.get("compute", path).body["server"]["status"])

    assert does("unpause") == conflict("Cannot 'unpause' instance ID while it is in vm_state active")
    assert does("pause") == (202, "")
    t.until(lambda: status() == "PAUSED")
    row = me.get("compute", path).body["server"]
    assert (row["OS-EXT-STS:vm_state"], row["OS-EXT-STS:power_state"]) == ("paused", 3)
    for what, how in (("pause", None), ("reboot", {"type": "SOFT"})):
        assert does(what, how) == conflict(f"Cannot '{what}' instance ID while it is in vm_state paused")
    (found,) = me.get("compute", "/servers", status="PAUSED").body["servers"]
    t.recorded.like("server in a list", found)
    assert (found["id"], developer.get("compute", "/servers", status="PAUSED").body) == (id_, {"servers": []})
    assert developer.post("compute", f"{path}/action", {"unpause": None}).refused(id_) == UNKNOWN
    marked = me.post("compute", f"{path}/metadata", {"metadata": {"tenant_ops_paused": "x"}})
    assert (marked.status, marked.body) == (200, {"metadata": {"a": "b", "tenant_ops_paused": "x"}})
    assert me.delete("compute", f"{path}/metadata/tenant_ops_paused").status == 204
    missing = (404, said("itemNotFound", 404, "Metadata item was not found"))
    assert me.delete("compute", f"{path}/metadata/tenant_ops_paused").refused() == missing
    assert me.post("compute", f"{path}/metadata", {"metadata": {"x": "y" * 256}}).status == 400
    assert me.post("compute", f"/servers/{NOTHING}/metadata", {"metadata": {"x": "y"}}).refused() == UNKNOWN
    assert me.delete("compute", f"/servers/{NOTHING}/metadata/x").refused() == UNKNOWN
    assert does("unpause") == (202, "")
    t.until(lambda: status() == "ACTIVE")
    assert me.get("compute", "/servers", status="PAUSED").body == {"servers": []}
    assert does("lock") == (202, "")
    assert "locked" not in me.get("compute", path).body["server"]
    assert me.get("compute", path, "compute 2.9").body["server"]["locked"] is True
    assert does("pause") == conflict("Instance ID is locked")
    assert does("unlock") == (202, "")
    assert me.get("compute", path, "compute 2.9").body["server"]["locked"] is False
    assert does("nonsense") == (400, said("badRequest", 400, "There is no such action: nonsense"))


@case
def a_volume_of_a_server(t: Target) -> None:
    me, volume = t.person(), t.volume()
    id_ = t.server(network(t))
    rest(t, volume)
    path, own = f"/servers/{id_}/os-volume_attachments", f"/volumes/{volume}"

    def status() -> str:
        return str(me.get("block-storage", own).body["volume"]["status"])

    made = me.post("compute", path, {"volumeAttachment": {"volumeId": volume}})
    assert made.status == 200
    t.recorded.like("attachment", made.body["volumeAttachment"])
    t.until(lambda: status() == "in-use")
    (entry,) = me.get("block-storage", own).body["volume"]["attachments"]
    t.recorded.like("attachment of a volume", entry)
    assert (entry["server_id"], entry["volume_id"]) == (id_, volume)
    assert me.get("compute", f"/servers/{id_}").body["server"]["os-extended-volumes:volumes_attached"] == [{"id": volume}]
    assert me.get("compute", path).body == {"volumeAttachments": [made.body["volumeAttachment"]]}
    again = me.post("compute", path, {"volumeAttachment": {"volumeId": volume}})
    words = "Invalid volume: volume ID is already attached to instances: ID"
    assert again.refused(volume, id_) == (400, said("badRequest", 400, words))
    assert me.delete("block-storage", own).refused() == (400, said("badRequest", 400, HELD))
    given = me.post("block-storage", "/volume-transfers", {"transfer": {"volume_id": volume, "name": t.name}})
    assert given.refused() == (400, said("badRequest", 400, "Invalid volume: status must be available"))
    copy = t.make("block-storage", "/volumes", {"volume": {"name": t.name, "source_volid": volume}})["id"]
    rest(t, copy)
    assert status() == "in-use"
    assert t.person("developer").delete("compute", f"{path}/{volume}").refused(id_) == UNKNOWN
    assert me.delete("compute", f"{path}/{NOTHING}").refused() == (404, MISSING)
    assert me.delete("compute", f"/servers/{NOTHING}/os-volume_attachments/{volume}").refused() == UNKNOWN
    assert me.delete("compute", f"{path}/{volume}").status == 202
    t.until(lambda: status() == "available")
    words = "Instance ID is not attached to volume ID"
    missing = (404, said("itemNotFound", 404, words))
    assert me.delete("compute", f"{path}/{volume}").refused(id_, volume) == missing
    assert me.get("block-storage", own).body["volume"]["attachments"] == []
    assert me.get("compute", path).body == {"volumeAttachments": []}
