"""Which rules an environment gets, and what its proof says, by the back end that filters and what is known of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tenant_ops_dashboard.cloud import Cloud, Conflict
from tenant_ops_dashboard.environments import launch, reconcile, watch
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.firewall_group import rules
from tenant_ops_dashboard.environments.firewall_group.rules import Wanted
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Details, Environment, Proof
from tests.unit.environments.test_firewall import DENIED, DISGUISED, Packet, l3_agent, ovn
from tests.unit.fake_openstack.world import World

MIXED = ("ovn", "user-defined-1")


def proof(details: Details) -> Proof:
    return next(one for one in details.proofs if one.name == "firewall")


def held(cloud: Cloud, environment: Environment) -> firewall_groups.FirewallGroup:
    found = firewall_groups.read(cloud, environment.id)
    assert found is not None
    return found


def planned(world: World, profile: str) -> Wanted:
    cloud = world.cloud()
    whole = stack.full(cloud, stack.find(cloud, "shop"))
    world.calls()
    found = rules.wanted(whole.outputs["firewall"], profile)
    assert found is not None
    return found


@pytest.fixture
def up(world: World, building: Environment) -> Environment:
    """The stack stands, its firewall group is still to be made."""
    world.heat.finish(building.id)
    world.calls()
    return building


def test_an_ovn_setting_on_a_cloud_of_l3_agents_is_not_believed(world: World, up: Environment) -> None:
    """Its rules would leave the database open to the DMZ, under a green proof."""
    world.things.routed_by_agents()
    cloud = world.cloud(firewall_profile="ovn")
    reconcile.reconcile(cloud, up)
    found = held(cloud, up)
    assert found.made_for(planned(world, "l3-agent")) == "l3-agent"
    assert not l3_agent(Wanted("", found.ingress, found.egress), Packet("10.20.1.11", 40000, "10.20.2.5", 443))
    assert proof(watch.details(cloud, "shop")).state == "good"


def test_what_was_launched_on_the_setting_s_word_is_told_and_a_retry_mends_it(world: World, up: Environment) -> None:
    reconcile.reconcile(world.cloud(), up)
    assert held(world.cloud(), up).made_for(planned(world, "ovn")) == "ovn"
    world.things.routed_by_agents()
    cloud = world.cloud(firewall_profile="ovn")
    details = watch.details(cloud, "shop")
    assert (proof(details).state, details.environment.status, details.retry) == ("failed", "failed", True)
    assert "'ovn'" in proof(details).evidence and "'l3-agent' filters" in proof(details).evidence
    group = held(cloud, up).group_id
    world.calls()
    launch.retry(cloud, "shop")
    sent = [one for one in world.calls() if one.startswith("PUT")]
    assert len(sent) == 1 and group in sent[0], "one swap, of a group that stays"
    assert proof(watch.details(cloud, "shop")).state == "good"
    kept = world.things.kept
    assert (len(kept["firewall_groups"]), len(kept["firewall_policies"])) == (1, 2)
    assert len(kept["firewall_rules"]) == len(planned(world, "l3-agent").rules)


@pytest.mark.parametrize("fault", ["POST .*firewall_rules", "POST .*firewall_policies", "PUT .*firewall_groups"])
def test_a_swap_that_fails_leaves_what_was(world: World, up: Environment, fault: str) -> None:
    reconcile.reconcile(world.cloud(), up)
    world.things.routed_by_agents()
    before = {kind: set(rows) for kind, rows in world.things.kept.items() if kind.startswith("firewall")}
    world.wire.trouble[fault] = [409]
    with pytest.raises(Conflict):
        launch.retry(world.cloud(), "shop")
    assert {kind: set(rows) for kind, rows in world.things.kept.items() if kind.startswith("firewall")} == before
    launch.retry(world.cloud(), "shop")
    assert proof(watch.details(world.cloud(), "shop")).state == "good"


def test_a_swap_whose_answer_is_lost_is_looked_up(world: World, up: Environment) -> None:
    reconcile.reconcile(world.cloud(), up)
    world.things.routed_by_agents()
    world.wire.lost.append("PUT .*firewall_groups")
    launch.retry(world.cloud(), "shop")
    assert proof(watch.details(world.cloud(), "shop")).state == "good"


@pytest.mark.parametrize("passes", [ovn, l3_agent])
def test_where_nobody_knows_the_rules_hold_on_either_and_no_proof_is_green(
    world: World, up: Environment, passes: Callable[[Wanted, Packet], bool]
) -> None:
    world.things.routers = MIXED
    cloud = world.cloud()
    reconcile.reconcile(cloud, up)
    found = held(cloud, up)
    assert found.made_for(planned(world, "")) == ""
    wanted = Wanted("", found.ingress, found.egress)
    assert [one for one in (*DENIED, *DISGUISED) if passes(wanted, one)] == []
    details = watch.details(cloud, "shop")
    assert (proof(details).state, details.environment.status, details.drift) == ("warning", "good", ())
    assert "TENANT_OPS_FIREWALL_PROFILE" in proof(details).evidence


def test_rules_that_hold_on_either_are_as_planned_once_it_is_known(world: World, up: Environment) -> None:
    world.things.routers = MIXED
    reconcile.reconcile(world.cloud(), up)
    for profile in ("ovn", "l3-agent"):
        assert proof(watch.details(world.cloud(firewall_profile=profile), "shop")).state == "good"


def test_rules_of_one_back_end_are_doubted_where_nobody_knows_and_believed_where_the_setting_says_it(
    world: World, up: Environment
) -> None:
    reconcile.reconcile(world.cloud(), up)
    world.things.routers = MIXED
    details = watch.details(world.cloud(), "shop")
    assert (proof(details).state, details.environment.status) == ("warning", "warning")
    assert "nobody knows" in details.drift[0].sentence
    assert proof(watch.details(world.cloud(firewall_profile="ovn"), "shop")).state == "good"


def test_what_people_changed_stays_theirs_on_another_back_end(world: World, up: Environment) -> None:
    reconcile.reconcile(world.cloud(), up)
    next(iter(world.things.kept["firewall_rules"].values()))["destination_port"] = "8443"
    world.things.routed_by_agents()
    cloud = world.cloud()
    found = proof(watch.details(cloud, "shop"))
    assert (found.state, found.evidence[:15]) == ("warning", "Changed by hand")
    before = dict(world.things.kept["firewall_policies"])
    reconcile.again(cloud, stack.find(cloud, "shop"))
    assert world.things.kept["firewall_policies"] == before
