"""The JSON of offers and clones: what each of the two projects is told."""

from __future__ import annotations

import json
from dataclasses import replace

from tenant_ops_dashboard.clones import written
from tenant_ops_dashboard.clones.model import Terms
from tests.unit.fake_openstack.server import connect
from tests.unit.fake_openstack.world import World
from tests.unit.records.cloning import NOW, a_clone, an_offer, login

SOMEBODY = connect(World().wire, "member")
OWNER, DEVELOPER = (login(SOMEBODY, one) for one in ("production", "development"))
OFFER = an_offer(terms=Terms(("development", "elsewhere"), longest=3600))
CLONE = a_clone(
    OFFER, state="ready", ready_at=NOW, volume_id="volume-2", seconds={"copy": 2.5}, pinned_by="owner"
)  # fmt: skip


def test_the_owners_volume_is_shown_to_the_owner_alone() -> None:
    for cloud, seen in ((OWNER, OFFER.source_id), (DEVELOPER, None)):
        told = {"volume_id": seen, "name": "db", "size": 20, "environment": None, "bootable": False}
        assert written.offer(cloud, OFFER)["source"] == told
        told = written.clone(cloud, CLONE)
        assert told["lineage"] == {
            "source": {"project": "production", "volume_id": seen, "name": "db"},
            "golden": None,
            "snapshot": None,
            "masked": None,
            "data_at": None,
            "clone": {"volume_id": "volume-2", "project": "development"},
        }
        assert (OFFER.source_id in json.dumps(told)) is (cloud is OWNER)


def test_whom_else_an_offer_is_for_is_the_owners_to_know() -> None:
    assert written.offer(OWNER, OFFER)["to"] == ["development", "elsewhere"]
    assert written.offer(OWNER, OFFER)["to_by_name"] == ["development", "elsewhere"]
    assert written.offer(DEVELOPER, OFFER, 3) == {
        "id": "offer-1", "project": "production",
        "source": {"volume_id": None, "name": "db", "size": 20, "environment": None, "bootable": False},
        "to": ["development"], "to_by_name": None, "approve": "ask", "max_lease_seconds": 3600, "max_clones": 5, "clones": 3,
        "consistency": "running", "deliver": "handed-over", "masked": None, "golden": None, "usually_seconds": None,
        "at": "2026-11-21T12:00:00Z", "user": "owner", "open": True,
    }  # fmt: skip


def test_a_mask_and_a_snapshot_are_told_without_the_script() -> None:
    offer = an_offer(terms=Terms(("development",), consistency="paused", mask="DELETE FROM card;"))
    told = written.clone(DEVELOPER, a_clone(offer, snapshot_id="snapshot-1", data_at=NOW))["lineage"]
    assert told["snapshot"] == {"id": "snapshot-1", "kept": False}
    assert (len(told["masked"]), told["data_at"]) == (64, "2026-11-21T12:00:00Z")
    assert "DELETE" not in json.dumps([told, written.offer(DEVELOPER, offer)])


def test_a_clone_says_whether_it_was_there_where_somebody_asked_for_it() -> None:
    assert "existing" not in written.clone(OWNER, CLONE)
    told = written.clone(DEVELOPER, replace(CLONE, pinned_by=""), 2, True)
    assert (told["existing"], told["place"], told["pinned"], told["seconds"]) == (True, 2, False, {"copy": 2.5})
    assert (told["ready_at"], told["expires_at"], told["server_id"]) == ("2026-11-21T12:00:00Z", None, None)


def test_what_was_made_on_a_copy_is_told_to_who_asked_for_it() -> None:
    made = replace(CLONE, server_id="server-1", environment_id="stack-1", address="10.20.2.9")
    for cloud, seen in ((OWNER, [None] * 3), (DEVELOPER, ["server-1", "stack-1", "10.20.2.9"])):
        told = written.clone(cloud, made)
        assert [told[name] for name in ("server_id", "environment_id", "address")] == seen


def test_server_and_volume_of_what_is_served_are_its_owners_alone() -> None:
    offer = an_offer(terms=Terms(("development",), deliver="served"))
    there = {"volume_id": "volume-2", "server_id": "server-1", "network_id": "network-1", "address": "10.96.0.5"}
    one = a_clone(offer, get="server", **there)
    for cloud, seen in ((OWNER, True), (DEVELOPER, False)):
        told = written.clone(cloud, one)
        assert (told["volume_id"], told["server_id"]) == (("volume-2", "server-1") if seen else (None, None))
        shown = (told["network_id"], told["network"], told["address"], told["deliver"])
        assert shown == ("network-1", "ci-db", "10.96.0.5", "served")
        assert told["lineage"]["clone"] == {"volume_id": "volume-2" if seen else None, "project": "production"}
