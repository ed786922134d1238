"""The list and the page of an environment, from building to standing, with services missing and things changed."""

from __future__ import annotations

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, errors, launch, watch
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Details, Environment, Request
from tests.unit.environments import members
from tests.unit.fake_openstack.world import World


def boxes(details: Details) -> dict[str, str]:
    return {box.key: box.state for box in details.picture.boxes}


def test_the_list_is_one_line_an_application(world: World, cloud: Cloud, standing: Environment) -> None:
    world.calls()
    found = watch.listing(cloud)
    assert len(world.calls()) == 6
    (one,) = found
    assert (one.name, one.status, one.address) == ("shop", "good", "http://203.0.113.50")
    assert one.tiers == (("DMZ", "2 servers"), ("DB", "1 server, 20 GB"))
    assert one.blueprint == "tomcat-oracle"


def test_more_environments_cost_no_more_calls(world: World, cloud: Cloud, standing: Environment) -> None:
    for number in range(8):
        made = launch.launch(cloud, Request(f"more-{number}", "web-jump", {}))
        world.heat.finish(made.id)
    world.things.cap = 500
    world.calls()
    assert len(watch.listing(cloud)) == 9
    assert len(world.calls()) == 6


def test_an_empty_project_costs_three_calls(world: World, cloud: Cloud) -> None:
    assert watch.listing(cloud) == ()
    assert len(world.calls()) == 3


@pytest.mark.parametrize(
    ("operating", "status"), [("ONLINE", "good"), ("DEGRADED", "warning"), ("ERROR", "failed"), ("OFFLINE", "warning")]
)
def test_the_load_balancer_says_how_well_it_is(
    world: World, cloud: Cloud, standing: Environment, operating: str, status: str
) -> None:
    balancer = next(iter(world.things.kept["loadbalancers"].values()))
    balancer.update(operating_status=operating, admin_state_up=operating != "OFFLINE")
    assert watch.listing(cloud)[0].status == status


def test_a_service_that_is_silent_is_said_and_the_rest_shown(world: World, cloud: Cloud, standing: Environment) -> None:
    world.wire.trouble["loadbalancers"] = [requests.ConnectionError("no route")] * 9
    (one,) = watch.listing(cloud)
    assert one.status == "warning"
    assert "Octavia" in one.status_reason
    details = watch.details(cloud, "shop")
    assert details.environment.status == "warning"
    assert boxes(details)["database"] == "good"
    assert next(proof.state for proof in details.proofs if proof.name == "load-balancer") == "building"


def test_while_it_builds_nothing_but_heat_is_asked(world: World, cloud: Cloud, building: Environment) -> None:
    world.calls()
    details = watch.details(world.cloud(), "shop")
    calls = world.calls()
    assert len(calls) == 6
    assert sum("/orchestration/" in call for call in calls) == 5
    assert details.environment.status == "building"
    assert set(boxes(details).values()) == {"planned"}
    assert (details.progress.done, details.progress.total) == (0, 30)


def test_a_standing_environment_is_good_and_costs_fourteen_calls(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    world.things.cap = 500
    watch.details(cloud, standing.id)
    assert sum("service-providers" in one for one in world.calls()) == 1
    details = watch.details(world.cloud(store=cloud.store), standing.id)
    assert len(world.calls()) == 14
    assert details.environment.status == "good", details.environment.status_reason
    assert set(boxes(details).values()) == {"good"}
    assert {one.name: one.state for one in details.proofs} == {
        "load-balancer": "good",
        "members": "good",
        "security-groups": "good",
        "firewall": "good",
        "volume": "good",
        "http": "unknown",
        "database": "unknown",
        "closed": "unknown",
    }
    told = {one.evidence for one in details.proofs if one.state == "unknown"}
    assert told == {"Not checked: no packets were sent yet."}
    assert details.drift == ()
    assert (details.progress.done, details.progress.total, details.progress.seconds) == (30, 30, 43.0)
    assert details.outputs["servers"] == "10.20.1.11, 10.20.1.12"
    assert "firewall" not in details.outputs
    assert not [name for name in details.outputs if name.endswith("_alarm_url")]
    assert {box.key: box.title for box in details.picture.boxes}["application-2"] == "shop-application-2"


@pytest.mark.parametrize(("kind", "state"), [("ERROR", "failed"), ("OFFLINE", "building"), ("gone", "failed")])
def test_a_box_wears_the_worst_of_its_parts(
    world: World, cloud: Cloud, standing: Environment, kind: str, state: str
) -> None:
    if kind == "gone":
        del members.pool(world)["members"][1]
    else:
        members.unwell(world, kind)
    found = boxes(watch.details(cloud, "shop"))
    assert (found["application-1"], found["application-2"]) == ("good", state)


def test_what_is_taken_away_is_missed_by_no_box(world: World, cloud: Cloud, standing: Environment) -> None:
    delete.delete(cloud, "shop")
    kept = world.heat.stacks[standing.id]["resources"]
    kept[:] = [one for one in kept if one["resource_type"] != "OS::Octavia::PoolMember"]
    found = boxes(watch.details(cloud, "shop"))
    assert "failed" not in found.values()
    assert "gone" not in (found["application-1"], found["balancer"])


def test_signed_addresses_of_older_stacks_are_left_out(world: World, cloud: Cloud, standing: Environment) -> None:
    outputs = world.heat.stacks[standing.id]["row"]["outputs"]
    signed = "http://cfn/v1/signal/arn%3Aopenstack%3Aheat/policy?AWSAccessKeyId=1&SignatureVersion=2&Signature=abc"
    outputs += [{"output_key": name, "output_value": value} for name, value in (
        ("scale_in_alarm_url", signed), ("webhook", signed), ("webhooks", [signed]))]  # fmt: skip
    told = watch.details(cloud, "shop").outputs
    assert "Signature" not in repr(told)
    assert "servers" in told


def test_until_the_firewall_stands_it_is_building(world: World, cloud: Cloud, building: Environment) -> None:
    world.heat.finish(building.id)
    details = watch.details(cloud, "shop")
    assert details.environment.status == "building"
    assert watch.listing(cloud)[0].status == "building"
    assert next(one for one in details.progress.resources if one.name == "firewall").state == "building"


def test_one_that_came_up_after_the_list_was_read_is_told_with_its_firewall(
    world: World, cloud: Cloud, building: Environment
) -> None:
    before = stack.find(cloud, building.id)
    world.heat.finish(building.id)
    running = watch.read(cloud, before)
    assert running.stack.meaning.stands
    assert running.wanted is not None


def test_without_fwaas_it_is_good_and_the_proof_says_so() -> None:
    world = World(firewall=False)
    cloud = world.cloud()
    made = launch.launch(cloud, Request("shop", "tomcat-oracle"))
    world.heat.finish(made.id)
    details = watch.details(cloud, "shop")
    assert details.environment.status == "good"
    proof = next(one for one in details.proofs if one.name == "firewall")
    assert (proof.state, proof.evidence) == ("warning", "Not filtered by a firewall group: no firewall service.")


def test_what_failed_is_said_first(world: World, cloud: Cloud, building: Environment) -> None:
    request = "req-0a0b0c0d-1111-2222-3333-444455556666"
    world.heat.fail(
        building.id, "database", f"ResourceInError: resources.database: Went to status ERROR: No valid host ({request})"
    )
    details = watch.details(cloud, "shop")
    assert details.environment.status == "failed"
    assert details.progress.failure == f"Database server: Went to status ERROR: No valid host ({request})"
    assert details.progress.request_id == request
    assert boxes(details)["database"] == "failed"
    assert boxes(details)["balancer"] == "planned"
    (listed,) = watch.listing(cloud)
    assert (listed.status, listed.status_reason) == (
        "failed",
        f"database: Went to status ERROR: No valid host ({request})",
    )


def test_the_fingerprint_ignores_time_and_sees_states(world: World, cloud: Cloud, standing: Environment) -> None:
    first, again = watch.details(cloud, "shop"), watch.details(cloud, "shop")
    assert first.as_of != again.as_of
    assert watch.version(first) == watch.version(again)
    next(iter(world.things.kept["servers"].values()))["status"] = "SHUTOFF"
    assert watch.version(watch.details(cloud, "shop")) != watch.version(first)


def test_nobody_knows_it(cloud: Cloud, standing: Environment) -> None:
    for name in ("nope", "00000000-0000-0000-0000-999999999999"):
        with pytest.raises(errors.NotFound):
            watch.details(cloud, name)


def test_what_is_taken_away_is_counted_although_heat_empties_the_template(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    total = watch.details(cloud, "shop").progress.total
    delete.delete(cloud, "shop")
    world.heat.stacks[standing.id]["resources"] = world.heat.stacks[standing.id]["resources"][:5]
    left = watch.details(cloud, "shop")
    assert left.environment.status == "deleting"
    assert left.progress.total >= total - 1
    assert left.progress.done == left.progress.total - 5
    assert boxes(left)["balancer"] == "gone"


def test_what_is_taken_away_of_an_unknown_blueprint_is_what_is_left(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    delete.delete(cloud, "shop")
    stack = world.heat.stacks[standing.id]
    stack["row"]["tags"] = ["tenant-ops", "blueprint=somebody-s-own"]
    stack["resources"] = stack["resources"][:5]
    assert watch.details(cloud, "shop").progress.total == 5
