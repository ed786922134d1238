"""A flagship in a network that was there, behind the router that it has, with its database on another port."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tests.integration.by_hand import Hand
from tests.integration.environments.conftest import take_away
from tests.integration.environments.test_5_command import tenant_ops

RANGE = "10.77.0.0/24"


@pytest.fixture(scope="module")
def network(owner: Cloud) -> Iterator[str]:
    """Its name; by hand, as somebody made it before."""
    hand, name = Hand(owner), f"it-there-{uuid.uuid4().hex[:6]}"
    outside = owner.pages("network", "/networks", "networks", name="EXT-NET")[0]["id"]
    net = hand.post("network", "/networks", {"network": {"name": name}})["network"]["id"]
    subnet = {"network_id": net, "name": name, "ip_version": 4, "cidr": RANGE}
    subnet_id = hand.post("network", "/subnets", {"subnet": subnet})["subnet"]["id"]
    router = {"name": name, "external_gateway_info": {"network_id": outside}}
    router_id = hand.post("network", "/routers", {"router": router})["router"]["id"]
    hand.put("network", f"/routers/{router_id}/add_router_interface", {"subnet_id": subnet_id})
    yield name
    hand.put("network", f"/routers/{router_id}/remove_router_interface", {"subnet_id": subnet_id})
    hand.delete("network", f"/routers/{router_id}")
    hand.delete("network", f"/networks/{net}")


def test_it_serves_there_and_leaves_the_network(owner: Cloud, network: str) -> None:
    name = f"it-in-{network.removeprefix('it-there-')}"
    asked = ("--set", f"existing_dmz={network}", "--set", "database_port=5432", "--set", "database_size=1")
    plan = tenant_ops("environment", "plan", name, *asked, "-f", "json")
    assert plan.returncode == 0, plan.stderr
    assert any(network in note for note in json.loads(plan.stdout)["notes"])
    try:
        done = tenant_ops("environment", "launch", name, *asked, "--wait", "-f", "json")
        told = json.loads(done.stdout)
        proofs = {one["name"]: one["state"] for one in told["proofs"]}
        assert proofs.pop("firewall") == "warning", "security groups filter alone at a router of somebody else's"
        assert set(proofs.values()) == {"good"} and "database" in " ".join(proofs), told["proofs"]
        mine = owner.pages("network", "/routers", "routers", project_id=owner.project_id)
        assert not [one["name"] for one in mine if one["name"].startswith(name)], "the network has its own router"
    finally:
        take_away(owner, name)
    assert owner.pages("network", "/networks", "networks", name=network)
