"""The environment of a show is deleted, goes, or is made anew: nothing that was told of the old one stays green."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tenant_ops_dashboard.environments import delete
from tenant_ops_dashboard.walkthrough import anew, preflight, steps
from tests.unit.firewall import standing
from tests.unit.walkthrough.conftest import Outside, Stage

pytestmark = pytest.mark.django_db


def told(stage: Stage, scenario: str) -> dict[str, str]:
    """How each step of it stands, without those that are open."""
    return {one.step: one.state for one in stage.progress(scenario).steps if one.state != "open"}


def shown(stage: Stage) -> str:
    """Two scenarios have come some way on one environment; its id."""
    stage.stand()
    assert stage.take("orchestration", "answers").state == "passed"
    assert stage.take("firewall", "ready").state == "passed"
    assert stage.take("firewall", "works").state == "passed"
    steps.skip(stage.cloud, stage.desk, "firewall", "block")
    return stage.progress("orchestration").facts["environment_id"]


def going(stage: Stage, id_: str) -> None:
    delete.delete(stage.cloud, id_, data=True)


def away(stage: Stage, id_: str) -> None:
    going(stage, id_)
    stage.world.heat.gone(id_)


def test_what_was_proved_on_an_environment_that_is_gone_is_no_proof_of_the_next(stage: Stage) -> None:
    first = shown(stage)
    away(stage, first)
    steps.again(stage.cloud, stage.desk, "orchestration", "launch")
    facts = stage.progress("orchestration").facts
    assert facts["environment_id"] != first and "address" not in facts
    assert told(stage, "orchestration") == {"launch": "waiting"}
    assert told(stage, "firewall") == {"block": "skipped"}, "another scenario was shown on it, too"
    assert stage.progress("firewall").facts == {}
    stage.world.heat.finish(facts["environment_id"])
    assert stage.check("orchestration", "launch").state == "passed"
    assert stage.take("orchestration", "answers").state == "passed"


def test_a_step_that_finds_it_gone_opens_what_was_told_of_it_in_every_scenario(stage: Stage) -> None:
    away(stage, shown(stage))
    with pytest.raises(steps.InTheWay, match="demo-shop is gone"):
        steps.again(stage.cloud, stage.desk, "firewall", "works")
    assert told(stage, "orchestration") == {}
    assert told(stage, "firewall") == {"block": "skipped"}


def test_a_look_that_finds_it_gone_opens_the_others_and_says_what_to_do(stage: Stage) -> None:
    first = shown(stage)
    steps.again(stage.cloud, stage.desk, "firewall", "works")
    away(stage, first)
    seen = stage.check("firewall", "works")
    assert seen.state == "failed"
    assert seen.evidence.endswith("Do the step 'An application to show it on': it makes another one.")
    assert told(stage, "firewall") == {"block": "skipped", "works": "failed"}
    assert told(stage, "orchestration") == {}


def test_a_scenario_that_is_run_again_is_no_row_of_old_proofs(stage: Stage) -> None:
    """What has passed is not done again, unless what it passed on is gone."""
    away(stage, shown(stage))
    assert stage.do("orchestration", "launch").state == "waiting"
    assert len(stage.world.heat.stacks) == 1


def test_pages_are_told_which_environments_are_gone(stage: Stage) -> None:
    first = shown(stage)
    assert anew.gone(stage.cloud, stage.desk) == frozenset()
    away(stage, first)
    assert anew.gone(stage.cloud, stage.desk) == {first}
    found = anew.opened(stage.progress("orchestration"), {first})
    assert {one.state for one in found.steps} == {"open"}
    assert all(one.check for one in found.steps)
    stage.world.wire.trouble["GET /orchestration"] = [503] * 9
    assert anew.gone(stage.cloud, stage.desk) == frozenset(), "a Heat that is silent has lost none"


@pytest.mark.parametrize("press", [steps.do, steps.again])
def test_nothing_is_done_on_one_that_is_being_taken_away(stage: Stage, press: Callable[..., object]) -> None:
    stage.stand("firewall", "ready")
    assert stage.take("firewall", "works").state == "passed"
    going(stage, stage.progress("firewall").facts["environment_id"])
    stage.world.calls()
    with pytest.raises(steps.InTheWay, match=r"is being taken away\. Once it is gone, do the step 'An application"):
        press(stage.cloud, stage.desk, "firewall", "block")
    assert all(call.startswith("GET") for call in stage.world.calls())


def test_a_look_at_one_that_is_being_taken_away_says_so_at_once(stage: Stage) -> None:
    stage.do("orchestration", "launch")
    going(stage, stage.progress("orchestration").facts["environment_id"])
    seen = stage.check("orchestration", "launch")
    assert seen.state == "failed" and "is being taken away. Once it is gone" in seen.evidence


def test_a_look_that_counts_none_says_what_to_do(stage: Stage) -> None:
    stage.stand()
    stage.do("orchestration", "again")
    away(stage, stage.progress("orchestration").facts["environment_id"])
    seen = stage.check("orchestration", "again")
    assert seen.state == "failed" and "Do the step 'One button, a whole application'" in seen.evidence


def test_where_a_part_of_it_is_gone_a_reset_is_the_way_out(stage: Stage) -> None:
    stage.stand("balancing", "ready")
    stage.do("balancing", "kill")
    stage.world.things.kept["loadbalancers"].clear()
    seen = stage.check("balancing", "kill")
    assert seen.state == "failed" and "reset all scenarios" in seen.evidence


def test_where_the_first_step_was_left_out_the_environment_that_stands_is_used(stage: Stage, outside: Outside) -> None:
    stage.stand()
    standing.complete(stage.world)
    for step in ("ready", "works"):
        steps.skip(stage.cloud, stage.desk, "firewall", step)
    stage.do("firewall", "block")
    outside.servers = []
    assert stage.check("firewall", "block").state == "passed"
    facts = stage.progress("firewall").facts
    assert facts["address"] == stage.progress("orchestration").facts["address"]


def test_where_it_is_being_built_the_step_to_do_is_named(stage: Stage) -> None:
    stage.do("orchestration", "launch")
    steps.skip(stage.cloud, stage.desk, "firewall", "ready")
    with pytest.raises(steps.InTheWay, match="do the step 'An application to show it on' first"):
        stage.do("firewall", "works")
    assert stage.progress("orchestration").taken("launch").state == "waiting"


def test_one_that_stood_already_says_nothing_of_how_long_a_launch_takes(
    stage: Stage, later: Callable[[float], None]
) -> None:
    stage.do("orchestration", "launch")
    later(70)
    stage.world.heat.finish(stage.progress("orchestration").facts["environment_id"])
    assert stage.check("orchestration", "launch").state == "passed"
    told = [one.found for one in preflight.preflight(stage.cloud, stage.desk, "balancing")]
    assert any("was never shown here" in one for one in told), "the launch of another one is no run of it"
    assert stage.take("firewall", "ready").state == "passed"
    usually = stage.progress("firewall").taken("ready").usually
    assert usually is not None and usually < 70
    away(stage, stage.progress("firewall").facts["environment_id"])
    with pytest.raises(steps.InTheWay):
        steps.again(stage.cloud, stage.desk, "firewall", "works")
    for scenario in ("orchestration", "firewall"):
        first = stage.progress(scenario).steps[0]
        assert (first.state, first.usually and first.usually >= 70) == ("open", True)
