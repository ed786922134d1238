"""An environment's pages stand under its id; a name is text, and nothing is done by it."""

from __future__ import annotations

import copy

import pytest
from django.test.utils import override_script_prefix

from tests.unit.panels.reading import read
from tests.unit.panels.walk import ID, SHOW

OLD = "/tenant_ops/environment/shop/"
OTHER = "00000000-0000-0000-0000-0000000000ff"
PAGES = ["", "state/", "delete/", "rollback/", "retry/", "prove/", "care/", "restart/database/"]


def another(world, shop, name="shop", id_=OTHER):
    """One more stack in Heat's list."""
    made = copy.deepcopy(world.heat.stacks[shop.id])
    made["row"].update(id=id_, stack_name=name, creation_time="2026-11-21T05:00:00Z")
    world.heat.stacks[id_] = made


def changes(world):
    return [call for call in world.calls() if not call.startswith("GET")]


@pytest.mark.parametrize("rest", PAGES)
def test_an_old_address_leads_to_the_same_page_under_the_id(client, owner, world, shop, rest):
    answer = client.get(OLD + rest + "?events=all&q=a%20b")
    assert answer.status_code == 302
    assert answer["Location"] == f"{SHOW}{rest}?events=all&q=a%20b"
    assert len(world.calls()) == 1


def test_it_does_so_below_a_path_of_horizon_s_own(client, owner, shop):
    with override_script_prefix("/dashboard/"):
        answer = client.get(OLD, SCRIPT_NAME="/dashboard")
    assert answer.status_code == 302 and answer["Location"] == f"/dashboard{SHOW}"


@pytest.mark.parametrize("rest", PAGES)
def test_an_old_address_does_nothing(client, owner, world, shop, rest):
    answer = client.post(OLD + rest, {"do": "give", "data": "true", "confirm": "shop"})
    assert answer.status_code == 409
    assert "Nothing was done." in read(answer).text("#tenant-ops")
    assert world.calls() == []


def test_an_old_address_of_two_is_none(client, owner, world, shop):
    another(world, shop)
    answer = client.get(OLD)
    assert answer.status_code == 404
    assert "Several environments are called shop" in read(answer).text("#tenant-ops")


@pytest.mark.parametrize("rest", ["nothing/", "state/state/", "../launch/"])
def test_an_old_address_of_no_page_is_none(client, owner, shop, rest):
    assert client.get(OLD + rest).status_code == 404
    assert client.get(SHOW + rest).status_code == 404


def test_a_name_that_nobody_has_is_a_page_with_words(client, owner, world):
    answer = client.get("/tenant_ops/environment/no-such-one/")
    assert answer.status_code == 404
    assert "no environment called no-such-one" in read(answer).text("#tenant-ops")


def test_a_stack_of_somebody_else_s_making_is_no_environment(client, owner, world, shop):
    world.things.kept["firewall_groups"].clear()
    world.heat.stacks[shop.id]["row"]["tags"] = []
    assert client.get(OLD).status_code == 404
    assert client.get(SHOW).status_code == 404


def test_of_two_with_one_name_each_page_acts_on_its_own(client, owner, world, shop):
    another(world, shop)
    client.post(f"{SHOW}delete/")
    assert world.heat.stacks[shop.id]["row"]["stack_status"] == "DELETE_IN_PROGRESS"
    assert world.heat.stacks[OTHER]["row"]["stack_status"] == "CREATE_COMPLETE"
    rows = {node["data-key"] for node in read(client.get("/tenant_ops/")).find_all("tr", "data-key")}
    assert rows == {ID, OTHER}


@pytest.mark.parametrize("rest", ["delete/", "retry/", "rollback/", "care/", "restart/database/"])
def test_a_name_that_looks_like_an_id_is_nobody_s_id(client, owner, world, shop, rest, settings):
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    another(world, shop, name=ID)
    del world.heat.stacks[shop.id]
    world.things.kept["firewall_groups"].clear()
    world.calls()
    assert client.post(SHOW + rest, {"do": "give"}).status_code == 404
    assert changes(world) == []


@pytest.mark.parametrize("name", ["a/b", "../..", "shop?x=1", '"><b>', "x" * 300])
def test_a_name_of_any_letters_costs_no_page(client, owner, world, shop, name):
    another(world, shop, name=name)
    page = read(client.get("/tenant_ops/"))
    assert {node["data-name"] for node in page.find_all("tr", "data-name")} == {"shop", name}
    assert f"/tenant_ops/environment/{OTHER}/" in page.links("#environments-table")


@pytest.mark.parametrize("owner_of_it", ["a/b", "", "x" * 200, "<b>"])
def test_a_volume_that_names_no_stack_costs_its_own_row(client, owner, world, shop, owner_of_it):
    world.things.kept["volumes"]["odd"] = {
        "id": "odd", "project_id": "project", "name": "odd", "size": 1, "status": "in-use", "attachments": [],
        "created_at": "2026-11-21T05:00:00", "metadata": {
            "tenant_ops_environment": owner_of_it, "tenant_ops_delete": "yes",
        },
    }  # fmt: skip
    answer = client.get("/tenant_ops/")
    assert answer.status_code == 200
    assert SHOW in read(answer).links("#environments-table")


def test_every_link_and_form_of_a_page_is_by_id(client, owner, world, shop, settings):
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    for address in (SHOW, f"{SHOW}state/", f"{SHOW}delete/", f"{SHOW}restart/database/", "/tenant_ops/"):
        html = client.get(address).content.decode()
        assert OLD not in html
        assert SHOW in html
    assert read(client.get(SHOW)).one("#environment")["data-to-live"] == f"{SHOW}state/"
