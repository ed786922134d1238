"""Nova: servers, flavors, key pairs and limits."""

from __future__ import annotations

from tests.conformance.cases.networks import network
from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Json, Target

KEYPAIRS = "compute 2.35"


def said(kind: str, code: int, words: str) -> Json:
    """An error of Nova's or Cinder's."""
    return {kind: {"code": code, "message": words}}


@case
def a_server(t: Target) -> None:
    me = t.person()
    id_ = t.server(network(t))
    path = f"/servers/{id_}"
    (row,) = [one for one in me.get("compute", "/servers/detail").body["servers"] if one["id"] == id_]
    t.recorded.like("server", row)
    assert (row["name"], row["status"], row["metadata"], row["tenant_id"]) == (t.name, "ACTIVE", {"a": "b"}, me.project)
    (addresses,) = row["addresses"].values()
    t.recorded.like("address of a server", addresses[0])
    assert me.get("compute", path).body["server"] == row
    first = me.get("compute", "/servers/detail", limit=1)
    assert first.ways("servers_links") == {"next": {"limit": ["1"], "marker": [first.body["servers"][0]["id"]]}}
    for name in ("developer", "operator"):
        listed = [one["id"] for one in t.person(name).get("compute", "/servers/detail").body["servers"]]
        assert (id_ in listed) is (name == "operator")
    missing = said("itemNotFound", 404, "Instance ID could not be found.")
    assert t.person("developer").get("compute", path).refused(id_) == (404, missing)
    wrong = me.post("compute", f"{path}/action", {"reboot": {"type": "WRONG"}})
    assert (wrong.status, *wrong.body) == (400, "badRequest")
    begun = me.post("compute", f"{path}/action", {"reboot": {"type": "HARD"}})
    assert (begun.status, begun.body) == (202, "")
    assert me.get("compute", path).body["server"]["status"] in ("REBOOT", "HARD_REBOOT", "ACTIVE")
    t.until(lambda: me.get("compute", path).body["server"]["status"] == "ACTIVE")
    assert me.delete("compute", path).status == 204
    t.until(lambda: me.get("compute", path).status == 404)
    assert me.delete("compute", path).refused(id_) == (404, missing)


@case
def what_nova_has_not_and_does_not_understand(t: Target) -> None:
    me = t.person()
    missing = (404, said("itemNotFound", 404, "Instance ID could not be found."))
    assert me.get("compute", f"/servers/{NOTHING}").refused() == missing
    assert me.delete("compute", f"/servers/{NOTHING}").refused() == missing
    assert me.post("compute", f"/servers/{NOTHING}/action", {"reboot": {"type": "SOFT"}}).refused() == missing
    behind = me.get("compute", "/servers/detail", limit=2, marker=NOTHING)
    assert behind.refused() == (400, said("badRequest", 400, "marker [ID] not found"))
    words = "Invalid input for query parameters limit. Value: x. 'x' does not match '^[0-9]*$'"
    assert me.get("compute", "/servers/detail", limit="x").refused() == (400, said("badRequest", 400, words))


@case
def flavors_and_key_pairs(t: Target) -> None:
    me = t.person()
    every = me.get("compute", "/flavors/detail")
    assert set(every.body) == {"flavors"}
    t.recorded.like("flavor", every.body["flavors"][0])
    first = me.get("compute", "/flavors/detail", limit=2)
    ids = [one["id"] for one in every.body["flavors"]]
    assert [one["id"] for one in first.body["flavors"]] == ids[:2]
    assert first.ways("flavors_links") == {"next": {"limit": ["2"], "marker": [ids[1]]}}
    behind = me.get("compute", "/flavors/detail", limit=2, marker=ids[-1])
    assert behind.body == {"flavors": []}
    pairs = me.get("compute", "/os-keypairs", KEYPAIRS, limit=1)
    t.recorded.like("key pair", pairs.body["keypairs"][0]["keypair"])
    name = pairs.body["keypairs"][0]["keypair"]["name"]
    assert pairs.ways("keypairs_links") == {"next": {"limit": ["1"], "marker": [name]}}
    missing = me.get("compute", "/os-keypairs", KEYPAIRS, limit=1, marker="none")
    assert missing.refused() == (400, said("badRequest", 400, "Marker none could not be found."))


@case
def limits_of_nova(t: Target) -> None:
    answer = t.person().get("compute", "/limits")
    assert (answer.status, answer.body["limits"]["rate"]) == (200, [])
    t.recorded.like("limits of nova", answer.body["limits"]["absolute"])


@case
def zones_of_nova(t: Target) -> None:
    answer = t.person().get("compute", "/os-availability-zone")
    assert (answer.status, set(answer.body)) == (200, {"availabilityZoneInfo"})
    t.recorded.like("availability zone of nova", answer.body["availabilityZoneInfo"][0])
    assert {"available": True} in [one["zoneState"] for one in answer.body["availabilityZoneInfo"]]
