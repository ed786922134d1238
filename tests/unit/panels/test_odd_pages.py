"""Pages stand whatever one environment's tenant wrote, and are as small with 20,000 resources as with a hundred."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.environments.template import hot
from tests.unit.loadbalancers.scaling.server_group import ID, Tier
from tests.unit.panels.conftest import begin, stand
from tests.unit.panels.reading import read

INDEX = "/tenant_ops/"
EVIL = '\u202e<script>alert("x")</script>'
GROUP = """
resources:
  many:
    type: OS::Heat::ResourceGroup
    properties: {count: 20000, resource_def: {type: OS::Nova::Server, properties: {flavor: small}}}
"""


def stack(world, made):
    return world.heat.stacks[made.id]


def output(world, made, **values):
    told = {one["output_key"]: one["output_value"] for one in stack(world, made)["row"]["outputs"]}
    stack(world, made)["row"]["outputs"] = [
        {"output_key": key, "output_value": value} for key, value in {**told, **values}.items()
    ]


def names(page):
    return [row.get("data-name") for row in page.find_all("tr", "data-name")]


def show(client, name="shop"):
    answer = client.get(f"{INDEX}environment/{name}/", follow=True)
    assert answer.status_code == 200
    return read(answer)


def test_a_firewall_that_cannot_be_read_is_told_on_its_page_alone(client, owner, world, shop):
    stand(world, "other")
    output(world, shop, firewall={"zones": {"dmz": "10.20.1.0/24"}, "flows": ["all"]})
    assert set(names(read(client.get(INDEX)))) == {"shop", "other"}
    page = show(client)
    assert 'output "firewall" cannot be read: flow 1 has no name; no firewall group is made' in page.text("#proofs")
    assert "cannot be read" not in show(client, "other").text("#proofs")
    assert client.get(f"{INDEX}environment/shop/delete/", follow=True).status_code == 200


@pytest.mark.parametrize("path", ["", "state/", "delete/"])
def test_odd_rows_of_every_service_take_no_page_down(client, owner, world, shop, path):
    template = stack(world, shop)["template"]
    template["resources"]["balancer"]["metadata"] = {"tenant_ops": {"title": EVIL, "tier": ["x"], "arrows": "y"}}
    for collection, odd in {
        "servers": {"name": EVIL, "metadata": ["a"], "addresses": None},
        "volumes": {"name": "../a/b", "size": "huge", "attachments": None},
        "ports": {"fixed_ips": None, "device_owner": None, "name": None},
        "loadbalancers": {"description": None, "operating_status": None},
        "security-groups": {"security_group_rules": ["x"]},
        "firewall_rules": {"protocol": 7, "enabled": None},
    }.items():
        for one in world.things.kept[collection].values():
            one.update(odd)
    assert client.get(INDEX).status_code == 200
    answer = client.get(f"{INDEX}environment/shop/{path}", follow=True)
    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content


@pytest.mark.parametrize("name", ["a/b", "", None, 7, EVIL, "x" * 255, "../../etc"])
def test_a_volume_that_is_removed_has_a_row_whatever_it_is_called(client, owner, world, shop, name):
    world.things.add(
        "volumes", name=name, size=1, status="deleting", attachments=[], created_at="soon",
        metadata={"tenant_ops_environment": "11111111-2222-3333-4444-555555555555", "tenant_ops_name": name or "",
                  "tenant_ops_delete": "yes"},
    )  # fmt: skip
    page = read(client.get(INDEX))
    assert "shop" in names(page)
    assert client.get(f"{INDEX}state/").status_code == 200


def test_an_environment_nobody_foresaw_keeps_its_row_and_its_delete(client, owner, world, shop, monkeypatch):
    from tenant_ops_dashboard.environments.status import judge

    monkeypatch.setattr(judge, "told", lambda *arguments: 1 / 0)
    page = read(client.get(INDEX))
    assert names(page) == ["shop"]
    assert "its stack can still be deleted" in page.text("#environments-table")
    page = show(client)
    assert "Its tiers cannot be shown" in page.text("#unreadable")
    assert client.get(f"{INDEX}environment/shop/delete/", follow=True).status_code == 200


def test_a_broken_reconcile_of_one_takes_no_list_down(client, owner, world, shop, monkeypatch):
    from tenant_ops_dashboard.environments import reconcile

    begin(world, "other")
    monkeypatch.setattr(reconcile, "reconcile", lambda *arguments: 1 / 0)
    assert set(names(read(client.get(INDEX)))) == {"shop", "other"}
    show(client, "other")


def test_a_page_of_20_000_resources_is_a_page_of_a_hundred(client, owner, world):
    made = begin(world, "shop")
    stack(world, made)["template"] = hot.parse(GROUP)
    stack(world, made)["row"]["stack_status"] = "CREATE_FAILED"
    answer = client.get(f"{INDEX}environment/shop/", follow=True)
    page = read(answer)
    assert len(answer.content) < 400_000
    assert page.text("#picture-more") == "and 19,900 more"
    steps = [node["data-key"] for node in page.find_all("li", "data-key") if node["data-key"].startswith("step-")]
    assert (len(steps), steps[-1]) == (101, "step-more")
    assert "0 of 20001" in page.text("#resources").replace(",", "")
    rows = [node for node in page.find_all("tr", "data-key") if node["data-key"].startswith("table-")]
    assert (len(rows), rows[-1].words()) == (101, "and 19,900 more")


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"threshold": 0}, {"window": 1e300}, {"threshold": "x", "calm": []}])
def test_the_card_tells_rules_that_cannot_be_read(client, owner, balancers, fields):
    tier = balancers
    tier.rules(on=True, **fields)
    page = read(client.get(f"{INDEX}loadbalancers/?whole=1"))
    told = page.text("#lb-lb-1")
    assert "The rules kept in the template cannot be read" in told
    assert "scaling by itself is off. Set them anew." in told
    assert "only by hand" in told
    assert client.get(f"{INDEX}loadbalancers/balancer/lb-1/scaling/").status_code == 200


@pytest.fixture
def balancers(monkeypatch):
    from tenant_ops_dashboard.panels import poll
    from tests.unit.loadbalancers.octavia import Octavia

    octavia = Octavia()
    roles = ("member", "reader")
    monkeypatch.setattr(poll, "connect", lambda request: octavia.cloud(*roles))
    octavia.build(description=f"Environment {ID}")
    return Tier(octavia)
