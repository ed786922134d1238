"""Deleting, rolling back, retrying, restarting: each asks first, says what it does, and is done by POST alone."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.model import Request
from tests.unit.panels.reading import read
from tests.unit.panels.walk import SHOW

DELETE = SHOW + "delete/"


def changed(world):
    """What was sent to change something, since the last look."""
    return [call.partition("?")[0] for call in world.calls() if not call.startswith("GET")]


def status(world, made):
    return world.heat.stacks[made.id]["row"]["stack_status"]


def test_deleting_names_what_goes_and_what_stays(client, owner, world, shop):
    page = read(client.get(DELETE))
    assert "3 servers" in page.text("#lost")
    assert "shop-data" in page.text("#kept")
    assert changed(world) == []


def test_deleting_keeps_the_data_unless_told(client, owner, world, shop):
    answer = client.post(DELETE)
    assert answer["Location"] == SHOW
    assert status(world, shop) == "DELETE_IN_PROGRESS"
    assert len(world.things.kept["firewall_groups"]) == 1
    (volume,) = world.things.kept["volumes"].values()
    assert not [name for name in volume["metadata"] if "delete" in name]
    world.heat.gone(shop.id)
    client.get("/tenant_ops/")
    assert world.things.kept["firewall_groups"] == {}


@pytest.mark.parametrize("typed", ["", "Shop", "shop2"])
def test_deleting_data_takes_the_name(client, owner, world, shop, typed):
    answer = client.post(DELETE, {"data": "true", "confirm": typed})
    assert answer.status_code == 422
    assert read(answer).text("#confirm-name-problem") == "Type the name, shop, exactly."
    assert changed(world) == []


def test_a_name_that_no_field_takes_is_a_message_and_deletes_nothing(client, owner, world, shop):
    answer = client.post(DELETE, {"data": "true", "confirm": "shop\0"})
    assert answer.status_code == 422
    assert "Type the name, shop, exactly." in read(answer).text("#confirm-name-problem")
    assert changed(world) == []


def test_deleting_data_with_the_name_typed(client, owner, world, shop):
    client.post(DELETE, {"data": "true", "confirm": "shop"})
    world.heat.gone(shop.id)
    client.get(SHOW)
    assert world.things.kept["volumes"] == {}


def test_a_snapshot_on_the_data_is_named_and_the_data_cannot_be_chosen(client, owner, world, shop):
    (volume,) = world.things.kept["volumes"]
    world.things.add("snapshots", name="<b>nightly</b>", volume_id=volume, status="available")
    page = read(client.get(DELETE))
    assert page.text("#holds") == "Snapshot <b>nightly</b> stands on volume shop-data."
    assert not page.has("#delete-data")
    answer = client.post(DELETE, {"data": "true", "confirm": "shop"})
    assert answer.status_code == 409
    assert "Cinder deletes no volume with snapshots" in read(answer).text("#tenant-ops")
    assert changed(world) == []
    assert client.post(DELETE).status_code == 302
    assert status(world, shop) == "DELETE_IN_PROGRESS"


def test_a_volume_that_was_there_before_is_said_to_stay(client, owner, world):
    golden = "0c7f9a52-6f53-4a44-9d3e-6a7b1c2d3e4f"
    kept = world.things.add("volumes", id=golden, name="golden", size=30, status="available", metadata={})
    made = launch.launch(world.cloud(), Request("shop", "tomcat-oracle", {"data_volume": "golden"}))
    world.heat.finish(made.id)
    here = f"/tenant_ops/environment/{made.id}/"
    assert "Database volume" in read(client.get(here)).text("#environment")
    page = read(client.get(f"{here}delete/"))
    assert "Volume golden, 30 GB, which was there before it" in page.text("#kept")
    assert "golden" not in page.text("#lost")
    client.post(f"{here}delete/")
    world.heat.gone(made.id)
    client.get("/tenant_ops/")
    assert (kept["metadata"], kept["status"]) == ({}, "available")


def test_data_under_a_snapshot_waits_for_a_person_once_all_else_is_gone(client, owner, world, shop, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    client.post(DELETE, {"data": "true", "confirm": "shop"})
    (volume,) = world.things.kept["volumes"]
    world.things.add("snapshots", id="nightly", name="nightly", volume_id=volume, status="available")
    world.heat.gone(shop.id)
    client.get("/tenant_ops/")
    for page in (read(client.get("/tenant_ops/")), read(client.get(SHOW))):
        assert "kept so far: Snapshot nightly stands on volume shop-data. Take away what" in page.text("#tenant-ops")
    del world.things.kept["snapshots"]["nightly"]
    client.get("/tenant_ops/")
    assert world.things.kept["volumes"] == {}
    assert client.get(SHOW).status_code == 404


def test_what_stands_in_the_way_is_a_sentence(client, owner, world, shop):
    network = world.heat.stacks[shop.id]["ids"]["dmz_network"]
    world.things.add(
        "ports", name="shop-extra", network_id=network, device_id="x", device_owner="compute:nova", fixed_ips=[]
    )
    answer = client.post(DELETE)
    assert answer.status_code == 409
    assert "shop-extra" in read(answer).text("#tenant-ops")
    assert changed(world) == []


def test_rolling_back_asks_first(client, owner, world, begun):
    world.heat.fail(begun.id, "database", "No valid host was found.")
    assert read(client.get(SHOW + "rollback/")).has("#confirm-delete")
    assert changed(world) == []
    client.post(SHOW + "rollback/")
    assert status(world, begun) == "DELETE_IN_PROGRESS"


def test_heat_goes_on_where_it_stopped(client, owner, world, begun):
    world.heat.fail(begun.id, "database", "No valid host was found.")
    assert client.post(SHOW + "retry/")["Location"] == SHOW
    assert status(world, begun) == "UPDATE_IN_PROGRESS"


def test_a_restart_asks_first_and_says_what_it_means(client, owner, world, shop):
    page = read(client.get(SHOW + "restart/database/"))
    assert "does not reach its data" in page.text("#restart-form")
    assert changed(world) == []
    assert client.post(SHOW + "restart/database/")["Location"] == SHOW
    (call,) = changed(world)
    assert call.startswith("POST /compute/v2.1/servers/")
    page = read(client.get(SHOW))
    assert "building" in next(n.words() for n in page.find_all("tr", "data-key") if n["data-key"] == "table-database")


def test_only_a_server_can_be_restarted(client, owner, world, shop):
    for method in (client.get, client.post):
        answer = method(SHOW + "restart/balancer/")
        assert answer.status_code == 404
        assert "shop has no server called balancer." in read(answer).text("#tenant-ops")
    assert changed(world) == []


def test_a_server_that_restarts_already_is_a_sentence(client, owner, world, shop):
    world.wire.trouble["POST .*/action"] = [409]
    assert client.post(SHOW + "restart/database/").status_code == 409


def test_after_a_change_of_one_s_own_the_next_look_is_fresh(client, owner, world, shop):
    client.get(SHOW)
    client.post(DELETE)
    assert read(client.get(SHOW)).one("#environment")["data-status"] == "deleting"
