"""Nova: a server without a network that has a volume from its first moment, is found by its tag, and is read."""

from __future__ import annotations

from tests.conformance.cases.compute import said
from tests.conformance.cases.copies import rest
from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Json, Target

VERSION = "compute 2.52"


@case
def a_server_without_a_network(t: Target) -> None:
    me, volume = t.person(), t.volume()
    rest(t, volume)
    image = me.get("image", "/images", status="active", name="debian-12").body["images"][0]["id"]
    flavors = me.get("compute", "/flavors").body["flavors"]
    assert set(flavors[0]) == {"id", "name", "links"}
    flavor = next(one["id"] for one in flavors if one["name"] == "small")
    tag = f"tag-{t.name}"

    def asked(which: str) -> Json:
        disks = [
            {"boot_index": 0, "uuid": image, "source_type": "image", "destination_type": "local",
             "delete_on_termination": True},
            {"boot_index": -1, "uuid": which, "source_type": "volume", "destination_type": "volume",
             "delete_on_termination": False},
        ]  # fmt: skip
        return {
            "server": {
                "name": t.name, "imageRef": image, "flavorRef": flavor, "networks": "none", "tags": [tag],
                "config_drive": True, "block_device_mapping_v2": disks, "metadata": {"a": "b"}, "user_data": "aGVsbG8=",
            }
        }  # fmt: skip

    def status(path: str, kind: str, service: str) -> str:
        return str(me.get(service, path).body[kind]["status"])

    words = f"Volume {NOTHING} could not be found."
    missing = me.post("compute", "/servers", asked(NOTHING), VERSION)
    assert missing.status == 400
    assert missing.body["badRequest"]["message"] == words
    assert me.post("compute", "/servers", asked(volume)).status == 400
    made = me.post("compute", "/servers", asked(volume), VERSION)
    assert made.status == 202
    id_ = made.body["server"]["id"]
    path, own = f"/servers/{id_}", f"/volumes/{volume}"
    t.after(lambda: me.delete("compute", path))
    t.until(lambda: status(path, "server", "compute") == "ACTIVE")
    t.until(lambda: status(own, "volume", "block-storage") == "in-use")
    assert me.post("compute", "/servers", asked(volume), VERSION).status == 400
    (found,) = me.get("compute", "/servers/detail", VERSION, tags=tag).body["servers"]
    assert (found["id"], found["tags"], found["metadata"], found["addresses"]) == (id_, [tag], {"a": "b"}, {})
    assert me.get("compute", "/servers/detail", VERSION, tags=f"{tag},another").body == {"servers": []}
    assert t.person("developer").get("compute", "/servers/detail", VERSION, tags=tag).body == {"servers": []}
    console = {"os-getConsoleOutput": {"length": None}}
    told = me.post("compute", f"{path}/action", console)
    assert (told.status, set(told.body), type(told.body["output"])) == (200, {"output"}, str)
    unknown = (404, said("itemNotFound", 404, "Instance ID could not be found."))
    assert t.person("developer").post("compute", f"{path}/action", console).refused(id_) == unknown
    for what, leads in (("os-stop", "SHUTOFF"), ("os-start", "ACTIVE")):
        assert me.post("compute", f"{path}/action", {what: None}).status == 202
        t.until(lambda leads=leads: status(path, "server", "compute") == leads)  # type: ignore[misc]
    assert me.delete("compute", path).status == 204
    t.until(lambda: me.get("compute", path).status == 404)
    t.until(lambda: status(own, "volume", "block-storage") == "available")
