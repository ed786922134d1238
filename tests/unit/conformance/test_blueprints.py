"""What the fake Heat makes of the blueprints, and what a plan says of them, is what a real Heat made."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.model import Request
from tenant_ops_dashboard.environments.planning import plan
from tenant_ops_dashboard.environments.template import hot, picture
from tests.conformance.blueprints import LAUNCHES, look, ready, recorded
from tests.conformance.cases import rules
from tests.conformance.target import Person
from tests.unit.fake_openstack.world import World


@pytest.mark.parametrize("name", LAUNCHES)
def test_the_fake_makes_what_heat_made(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "SETTLE_SECONDS", 0.0)
    world, (blueprint, values) = World(), LAUNCHES[name]
    given, _ = ready(Person(world.cloud()), values, "before")
    made = launch.launch(world.cloud(), Request("shop", blueprint, given))
    world.heat.finish(made.id)
    assert look(Person(world.cloud()), f"/stacks/shop/{made.id}") == recorded()[name]


@pytest.mark.parametrize("name", LAUNCHES)
def test_a_plan_counts_what_heat_made(name: str) -> None:
    world, (blueprint, values) = World(), LAUNCHES[name]
    given, _ = ready(Person(world.cloud()), values, "before")
    made = plan.plan(world.cloud(), Request("shop", blueprint, given))
    # Heat has no firewall group, and a row more for the stack that each member is.
    own = made.total - sum(key == picture.FIREWALL for key, _ in made.resources)
    assert own == sum(not kind.endswith(".yaml") for _, kind, _ in recorded()[name]["resources"])


@pytest.mark.parametrize("name", [name for name in rules.VALUES if name != "stack_name"])
def test_a_plan_works_out_what_heat_does_or_says_nothing(name: str) -> None:
    at = hot.scope({"parameters": rules.PARAMETERS, "conditions": rules.CONDITIONS}, rules.GIVEN, "shop")
    value, expected = rules.VALUES[name]
    assert hot.resolve(value, at) in (None, expected)
