"""A load balancer's own servers: what administrators are told, what projects see, and what a failover means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.loadbalancers import own_servers, watch
from tests.unit.loadbalancers.octavia import Octavia


def told(octavia: Octavia, *roles: str) -> str:
    cloud = octavia.cloud(*roles)
    balancer = watch.find(cloud, "shop-lb")
    return own_servers.words(balancer, own_servers.read(cloud, balancer))


def holder(id_: str, address: str, network: str = "net", pair: str = "10.0.1.5") -> dict[str, Any]:
    return {
        "id": id_, "network_id": network, "device_id": id_, "project_id": "octavia",
        "fixed_ips": [{"subnet_id": "subnet", "ip_address": address}], "allowed_address_pairs": [{"ip_address": pair}],
    }  # fmt: skip


def test_administrators_are_told_roles_and_what_is_not_allocated(octavia: Octavia, shop: str) -> None:
    octavia.amphora(shop, "10.0.1.201", "BACKUP", "ERROR")
    octavia.amphora(shop, "10.0.1.200", "MASTER")
    octavia.amphora("another", "10.0.9.200", "MASTER")
    said = told(octavia, "admin", "member")
    assert said.startswith("2 servers of its own are seen: 10.0.1.200 MASTER, 10.0.1.201 BACKUP. Should one fail")
    assert said.endswith("10.0.1.201 is ERROR.")


@pytest.mark.parametrize(
    ("role", "words"),
    [("STANDALONE", "nothing is served until Octavia has replaced it"), ("MASTER", "the other is still to be replaced")],
)
def test_one_of_two_is_not_one_alone(octavia: Octavia, shop: str, role: str, words: str) -> None:
    octavia.amphora(shop, "10.0.1.200", role)
    assert words in told(octavia, "admin", "member")


def test_one_that_is_replaced_and_the_one_that_replaces_it_are_no_pair(octavia: Octavia, shop: str) -> None:
    octavia.amphora(shop, "10.0.1.200", "STANDALONE", "ERROR")
    octavia.amphora(shop, "10.0.1.201", "STANDALONE", "BOOTING")
    said = told(octavia, "admin", "member")
    assert said.startswith("It has one server of its own, 10.0.1.20")
    assert "10.0.1.200 is ERROR." in said


def test_an_administrator_is_told_that_there_is_none(octavia: Octavia, shop: str) -> None:
    cloud = octavia.cloud("admin", "member")
    assert own_servers.told(cloud, watch.find(cloud, "shop-lb")) == ((), "Octavia has no server for it now.")


@pytest.mark.parametrize(
    ("ports", "words"),
    [
        ([], "not this project's to see"),
        ([holder("a", "10.0.1.200")], "One server of its own is seen, 10.0.1.200"),
        ([holder("a", "10.0.1.200"), holder("b", "10.0.1.201")], "2 servers of its own are seen: 10.0.1.200, 10.0.1.201."),
        ([holder("a", "10.0.1.200", network="else"), holder("b", "10.0.1.201", pair="10.0.1.9")], "not this project's"),
    ],
)
def test_projects_see_the_ports_that_may_speak_for_the_virtual_ip(
    octavia: Octavia, shop: str, ports: list[dict[str, Any]], words: str
) -> None:
    octavia.network["ports"] = ports
    octavia.amphora(shop, "10.0.1.200", "MASTER")
    assert words in told(octavia, "member")
    assert not any("amphorae" in one for one in octavia.calls())


@pytest.mark.parametrize(("provider", "words"), [("ovn", "in the switch"), ("vendor", "provider vendor runs it on")])
def test_another_provider_has_no_amphorae(octavia: Octavia, shop: str, provider: str, words: str) -> None:
    octavia.balancers[shop]["provider"] = provider
    assert words in told(octavia, "admin", "member")


@pytest.mark.parametrize(
    ("provider", "status", "there"),
    [("amphora", "PENDING_UPDATE", True), ("amphora", "ACTIVE", False), ("amphora", "PENDING_DELETE", False),
     ("ovn", "PENDING_UPDATE", False)],
)  # fmt: skip
def test_what_is_pending_may_be_a_failover(
    octavia: Octavia, shop: str, provider: str, status: str, there: bool
) -> None:
    octavia.balancers[shop].update(provider=provider, provisioning_status=status)
    assert ("(failover)" in own_servers.at_work(watch.find(octavia.cloud(), "shop-lb"))) == there


def test_show_has_them(
    octavia: Octavia, shop: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: octavia.cloud("member", **options))
    octavia.network["ports"] = [holder("a", "10.0.1.200")]
    assert main.main(["loadbalancer", "show", shop, "-f", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["own_servers"]
    assert found["servers"] == [{"id": "a", "address": "10.0.1.200", "role": "", "status": ""}]
    assert found["told"].startswith("One server of its own is seen")


def test_what_openstack_does_not_tell_of_them_is_said_and_costs_nothing_else(octavia: Octavia, shop: str) -> None:
    cloud = octavia.cloud("admin", "member")
    octavia.wire.trouble["amphorae"] = [500] * 4
    own, why = own_servers.told(cloud, watch.find(cloud, "shop-lb"))
    assert own == () and "HTTP 500" in why
