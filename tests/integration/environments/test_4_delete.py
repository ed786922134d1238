"""Taking environments away: what stands in the way is named, what stays stays, nothing is left behind."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, errors, follow, launch, watch
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.heat import resources, stack
from tenant_ops_dashboard.environments.model import Environment, Request
from tests.integration.by_hand import Hand
from tests.integration.environments.conftest import BLUEPRINTS, PATIENCE


def test_a_strangers_port_is_named_and_nothing_is_touched(owner: Cloud, environment: Environment) -> None:
    network = next(one for one in resources.read(owner, stack.find(owner, environment.id)) if one.key == "dmz_network")
    body = {"port": {"network_id": network.resource_id, "name": "stranger"}}
    port = Hand(owner).post("network", "/ports", body)["port"]
    with pytest.raises(errors.Blocked, match="stranger"):
        delete.delete(owner, environment.name)
    assert any("stranger" in one for one in delete.losses(owner, environment).kept)
    standing = firewall_groups.read(owner, environment.id)
    assert standing is not None and standing.group is not None, "nothing was touched"
    Hand(owner).delete("network", f"/ports/{port['id']}")


def test_delete_keeps_the_data_and_leaves_nothing_else(owner: Cloud, environment: Environment) -> None:
    found = stack.find(owner, environment.id)
    heat = resources.read(owner, found)
    loss = delete.losses(owner, environment)
    assert any("4 servers" in one or "5 servers" in one for one in loss.lost), loss
    assert [one for one in loss.kept if f"{environment.name}-data" in one]
    gone = delete.delete(owner, environment.name)
    assert gone.status == "deleting"
    assert follow.down(owner, gone, PATIENCE) is None
    with pytest.raises(errors.NotFound):
        watch.details(owner, environment.name)
    left = firewall_groups.read(owner, environment.id)
    assert left is not None and (left.group, left.policies, left.rules) == (None, (), ())
    ids = {row.resource_id for row in heat if row.resource_id}
    for path, key in (
        ("/ports", "ports"),
        ("/networks", "networks"),
        ("/routers", "routers"),
        ("/security-groups", "security_groups"),
        ("/floatingips", "floatingips"),
        ("/subnets", "subnets"),
    ):
        assert not [one for one in owner.pages("network", path, key) if one["id"] in ids], path
    assert not [one for one in owner.pages("compute", "/servers/detail", "servers") if one["id"] in ids]
    kept = data_volumes.of(data_volumes.volumes(owner), environment.id)
    assert [one["status"] for one in kept] == ["available"]
    Hand(owner).delete("block-storage", f"/volumes/{kept[0]['id']}")


def test_delete_with_data_takes_the_volume_after_the_stack(owner: Cloud) -> None:
    made = launch.launch(owner, Request("it-tiny", "tiny", {}), [BLUEPRINTS])
    details, _ = follow.up(owner, made, PATIENCE)
    assert details.environment.status == "good", details.environment.status_reason
    gone = delete.delete(owner, "it-tiny", data=True)
    assert follow.down(owner, gone, PATIENCE) is None
    assert not [one for one in data_volumes.of(data_volumes.volumes(owner), made.id) if one["status"] != "deleting"]


def test_a_failed_launch_says_why_and_is_rolled_back(owner: Cloud) -> None:
    made = launch.launch(owner, Request("it-failing", "failing", {}), [BLUEPRINTS])
    details, _ = follow.up(owner, made, PATIENCE)
    assert details.environment.status == "failed"
    assert details.progress.failure == "The broken thing: Test Resource failed broken"
    assert {box.key: box.state for box in details.picture.boxes} == {"network": "good"}
    assert launch.retry(owner, "it-failing").status == "building"
    details, _ = follow.up(owner, made, PATIENCE)
    assert details.environment.status == "failed"
    gone = launch.rollback(owner, "it-failing")
    assert follow.down(owner, gone, PATIENCE) is None
