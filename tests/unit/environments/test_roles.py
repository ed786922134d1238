"""A role that is missing is named in the plan, with who gives it, before anything is made."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.cloud import LoginEnded, NotAllowed
from tenant_ops_dashboard.environments import errors, launch
from tenant_ops_dashboard.environments.model import Request
from tenant_ops_dashboard.environments.planning import plan, roles
from tests.unit.fake_openstack.world import World

REQUEST = Request("shop", "tomcat-oracle", {})
OCTAVIA = {
    "faultcode": "Client",
    "faultstring": "Policy does not allow this request to be performed.",
    "debuginfo": None,
}
HEAT = {"error": {"message": "You are not authorized to complete this action.", "type": "Forbidden"}}


def closed(world: World, service: str) -> None:
    """The service's own policy denies reading."""
    wanted = {"load-balancer": OCTAVIA, "orchestration": HEAT}[service]
    world.wire.on("GET", f"/{service}/.*")(lambda query, body: (403, wanted))
    world.wire.handlers.insert(0, world.wire.handlers.pop())


@pytest.mark.parametrize(
    ("service", "held", "says"),
    [
        ("load-balancer", ("member", "reader"), ("Octavia does not let you in", "roles member, reader", "for 'load-balancer_member'")),
        ("load-balancer", ("load-balancer_member",), ("for 'member'",)),
        ("load-balancer", ("guest",), ("for 'member', 'load-balancer_member'",)),
        ("load-balancer", ("member", "load-balancer_member"), ("ask your operator which one", "Octavia: Policy does not allow")),
        ("orchestration", ("member",), ("Heat does not let you in", "ask your operator which one", "not authorized")),
        ("orchestration", ("guest",), ("Ask whoever gives roles in production for 'member'",)),
        ("orchestration", ("member", "heat_stack_user"), ("Ask for 'heat_stack_user' to be taken back",)),
    ],
)  # fmt: skip
def test_the_role_that_is_missing_is_named_and_nothing_is_made(
    world: World, service: str, held: tuple[str, ...], says: tuple[str, ...]
) -> None:
    closed(world, service)
    cloud = world.cloud(*held)
    found = plan.plan(cloud, REQUEST)
    assert not found.ok
    assert all(one in found.problems[roles.FIELD] for one in says)
    # All the rest is planned as ever.
    assert found.resources and {line.service for line in found.quotas} >= {"compute", "network"}
    with pytest.raises((errors.NotAllowed, NotAllowed)) as caught:
        launch.launch(cloud, REQUEST)
    assert caught.value.exit_code == 3
    assert world.heat.stacks == {}
    assert not [one for one in world.wire.calls if one.startswith("POST")]


def test_both_that_are_missing_are_named(world: World) -> None:
    closed(world, "load-balancer")
    closed(world, "orchestration")
    told = plan.plan(world.cloud("guest"), REQUEST).problems[roles.FIELD]
    assert "role 'member'" in told and "Octavia does not" in told and "Heat does not" in told


def test_who_may_not_launch_here_is_told_so_though_every_service_lets_him_read(world: World) -> None:
    found = plan.plan(world.cloud("reader"), REQUEST)
    assert "environments:launch" in found.problems[roles.FIELD]


def test_to_know_it_costs_no_call_where_nothing_is_missing(world: World) -> None:
    cloud = world.cloud("member")
    assert plan.plan(cloud, REQUEST).ok
    planned = world.calls()
    assert len([one for one in planned if "/lbaas/loadbalancers" in one]) == 1
    assert len([one for one in planned if "/stacks" in one]) == 2


def test_a_login_that_has_ended_is_no_missing_role(world: World) -> None:
    world.wire.trouble["GET /load-balancer"] = [401] * 3
    with pytest.raises(LoginEnded):
        plan.plan(world.cloud("member"), REQUEST)


TRUST = "Missing required credential: roles {'role_names': ['heat_stack_owner', 'member']}"
KEYSTONE = "You are not authorized to perform the requested action: Delegated tokens cannot manage trusts.."


@pytest.mark.parametrize(
    ("status", "words", "says"),
    [
        (400, TRUST, "Heat acts for you with roles that you do not have. Ask whoever gives roles in production for 'heat_stack_owner'."),
        (403, KEYSTONE, "Keystone gives none for this application credential"),
        (403, "Using method 'application_credential' is not allowed for managing trusts.", "--unrestricted"),
    ],
)  # fmt: skip
def test_what_heat_alone_knows_is_named_when_it_refuses(world: World, status: int, words: str, says: str) -> None:
    world.heat.refused.append((status, {"error": {"message": words}}))
    with pytest.raises(errors.NotAllowed) as caught:
        launch.launch(world.cloud("member"), REQUEST)
    assert says in str(caught.value)
    assert caught.value.request_id.startswith("req-")
    assert world.heat.stacks == {}


def test_what_heat_refuses_for_another_reason_stays_in_its_words(world: World) -> None:
    world.heat.refused.append((403, {"error": {"message": "You are not authorized to complete this action."}}))
    with pytest.raises(NotAllowed, match="Heat: You are not authorized"):
        launch.launch(world.cloud("member"), REQUEST)


def test_asked_by_itself_it_is_a_short_list_each(world: World) -> None:
    cloud: Any = world.cloud("member")
    assert roles.asked(cloud) == {"load-balancer": None, "orchestration": None}
    calls = world.calls()
    assert len(calls) == 2 and all("limit=1" in one for one in calls)
    assert roles.asked(world.cloud("member", services=("network",))) == {}
