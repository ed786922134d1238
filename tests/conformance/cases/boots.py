"""Cinder and Nova: a system disk, what is copied of it and given away, and a server that starts from that."""

from __future__ import annotations

from tests.conformance.cases.copies import rest
from tests.conformance.cases.transfers import bad
from tests.conformance.registry import case
from tests.conformance.target import Json, Target

VERSION = "compute 2.37"


@case
def a_copy_of_a_system_disk(t: Target) -> None:
    me, developer = t.person(), t.person("developer")
    images = me.get("image", "/images", status="active").body["images"]
    image = next(one["id"] for one in images if one["name"] == "debian-12")
    flavors = me.get("compute", "/flavors").body["flavors"]
    flavor = next(one["id"] for one in flavors if one["name"] == "small")

    def made(**origin: str) -> Json:
        """A volume, once it is there."""
        asked = {"volume": {"name": t.name, "size": 1, **origin}}
        return rest(t, t.make("block-storage", "/volumes", asked)["id"])

    source = made(imageRef=image)
    copy = made(source_volid=source["id"])
    asked = {"volume_id": source["id"], "name": t.name}
    snapshot = t.make("block-storage", "/snapshots", {"snapshot": asked})["id"]
    at = f"/snapshots/{snapshot}"
    t.until(lambda: me.get("block-storage", at).body["snapshot"]["status"] == "available")
    for one in (source, copy, made(snapshot_id=snapshot)):
        assert (one["bootable"], one["volume_image_metadata"]["image_id"]) == ("true", image)
    assert me.delete("block-storage", at).status == 202
    t.until(lambda: me.get("block-storage", at).status == 404)
    plain = made()
    assert (plain["bootable"], "volume_image_metadata" in plain) == ("false", False)
    key = t.make("block-storage", "/volume-transfers", {"transfer": {"volume_id": copy["id"], "name": t.name}})
    own = f"/volumes/{copy['id']}"
    t.after(lambda: developer.delete("block-storage", own))
    accept = {"accept": {"auth_key": key["auth_key"]}}
    assert developer.post("block-storage", f"/volume-transfers/{key['id']}/accept", accept).status == 202
    given = rest(t, copy["id"], "developer")
    assert (given["bootable"], given["volume_image_metadata"]["image_id"]) == ("true", image)

    def starts(volume: str) -> Json:
        disk = {"boot_index": 0, "uuid": volume, "source_type": "volume", "destination_type": "volume",
                "delete_on_termination": False}  # fmt: skip
        server = {"name": t.name, "flavorRef": flavor, "networks": "none", "block_device_mapping_v2": [disk]}
        return {"server": server}

    words = "Block Device ID is not bootable."
    assert me.post("compute", "/servers", starts(plain["id"]), VERSION).refused(plain["id"]) == bad(words)
    answer = developer.post("compute", "/servers", starts(copy["id"]), VERSION)
    assert answer.status == 202
    id_ = answer.body["server"]["id"]
    path = f"/servers/{id_}"
    t.after(lambda: developer.delete("compute", path))
    t.until(lambda: developer.get("compute", path).body["server"]["status"] == "ACTIVE")
    t.until(lambda: developer.get("block-storage", own).body["volume"]["status"] == "in-use")
    server = developer.get("compute", path).body["server"]
    assert (server["image"], server["os-extended-volumes:volumes_attached"]) == ("", [{"id": copy["id"]}])
    words = "Cannot detach a root device volume"
    refused = developer.delete("compute", f"{path}/os-volume_attachments/{copy['id']}").refused()
    assert refused == bad(words)
    assert developer.delete("compute", path).status == 204
    t.until(lambda: developer.get("compute", path).status == 404)
    assert rest(t, copy["id"], "developer")["bootable"] == "true"
