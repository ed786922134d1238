"""A presenter's buttons: what each does, how often, for whom, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tenant_ops_dashboard.environments.errors import QuotaExceeded
from tenant_ops_dashboard.errors import NotAllowed, NotFound
from tenant_ops_dashboard.records import walkthrough as records
from tenant_ops_dashboard.walkthrough import steps
from tenant_ops_dashboard.walkthrough.errors import InTheWay, Moved, NotMarked
from tests.unit.walkthrough.conftest import NAME, Outside, Stage

pytestmark = pytest.mark.django_db


def test_a_launch_waits_until_its_effect_is_there(stage: Stage) -> None:
    done = stage.do("orchestration", "launch")
    assert (done.state, done.tries) == ("waiting", 1)
    assert NAME in done.did
    seen = stage.check("orchestration", "launch")
    assert seen.state == "waiting" and "resources stand" in seen.evidence
    stage.world.heat.finish(stage.progress("orchestration").facts["environment_id"])
    seen = stage.check("orchestration", "launch")
    assert seen.state == "passed" and seen.seconds is not None and seen.ended_at is not None
    facts = stage.progress("orchestration").facts
    assert facts["address"] in seen.evidence and facts["balancer_id"]


def test_a_button_that_is_pressed_twice_does_it_once(stage: Stage) -> None:
    stage.do("orchestration", "launch")
    stage.world.calls()
    assert stage.do("orchestration", "launch").tries == 1
    assert not [call for call in stage.world.calls() if call.startswith("POST")]


def test_who_comes_later_finds_all_of_it(stage: Stage) -> None:
    stage.stand()
    another = Stage(stage.world, stage.world.cloud("member", name="owner"))
    assert another.progress("orchestration").taken("launch").state == "passed"
    assert another.take("orchestration", "answers").evidence.endswith("50 rows read from the database.")


def test_all_of_the_first_scenario_passes(stage: Stage) -> None:
    stage.stand()
    found = [stage.take("orchestration", step) for step in ("answers", "closed", "again")]
    assert [one.state for one in found] == ["passed"] * 3, found
    assert "app-1" in found[0].evidence and "app-2" in found[0].evidence
    assert "accept no connection from outside" in found[1].evidence
    assert len(stage.world.heat.stacks) == 1


def test_what_answers_with_one_server_alone_has_not_passed(stage: Stage, outside: Outside) -> None:
    stage.stand()
    outside.servers = ["app-1"]
    assert stage.take("orchestration", "answers").state == "waiting"
    outside.servers, outside.rows = ["app-1", "app-2"], None
    assert "do not reach their database" in stage.check("orchestration", "answers").evidence


def test_a_step_says_which_one_it_needs(stage: Stage) -> None:
    with pytest.raises(InTheWay, match="needs 'One button, a whole application'"):
        stage.do("orchestration", "answers")
    assert stage.progress("orchestration").taken("answers").state == "open"
    assert stage.world.calls().count("POST /orchestration/v1/project/stacks") == 0


def test_a_step_may_be_left_out_and_who_needs_what_it_finds_says_so(stage: Stage) -> None:
    assert steps.skip(stage.cloud, stage.desk, "orchestration", "launch").taken("launch").state == "skipped"
    with pytest.raises(InTheWay, match="An earlier step was left out"):
        stage.do("orchestration", "answers")
    failed = stage.progress("orchestration").taken("answers")
    assert failed.state == "failed" and "do the step 'One button, a whole application' first" in failed.evidence


def test_what_has_passed_is_not_left_out(stage: Stage) -> None:
    stage.stand()
    assert steps.skip(stage.cloud, stage.desk, "orchestration", "launch").taken("launch").state == "passed"


def test_a_step_is_done_again_where_somebody_wants_that(stage: Stage) -> None:
    stage.stand()
    assert steps.again(stage.cloud, stage.desk, "orchestration", "launch").taken("launch").tries == 2
    assert stage.check("orchestration", "launch").state == "passed"
    assert len(stage.world.heat.stacks) == 1


def test_patience_has_an_end_and_what_comes_late_has_come(stage: Stage, later: Callable[[float], None]) -> None:
    stage.do("orchestration", "launch")
    later(601)
    failed = stage.check("orchestration", "launch")
    assert failed.state == "failed" and failed.evidence.startswith("Not seen within 600 s.")
    stage.world.heat.finish(stage.progress("orchestration").facts["environment_id"])
    assert stage.check("orchestration", "launch").state == "passed"


def test_nothing_is_looked_at_that_was_not_done(stage: Stage) -> None:
    with pytest.raises(InTheWay, match="first: there is nothing to look at yet"):
        stage.check("orchestration", "launch")


def test_what_the_cloud_refuses_is_told_and_the_step_has_failed(stage: Stage) -> None:
    stage.world.things.quota["instances"] = 1
    with pytest.raises(QuotaExceeded):
        stage.do("orchestration", "launch")
    failed = stage.progress("orchestration").taken("launch")
    assert failed.state == "failed" and "Servers" in failed.evidence


def test_a_service_that_is_away_is_waited_for(stage: Stage) -> None:
    stage.do("orchestration", "launch")
    stage.world.wire.trouble["GET /orchestration"] = [503] * 9
    seen = stage.check("orchestration", "launch")
    assert seen.state == "waiting" and "Heat" in seen.evidence


@pytest.mark.parametrize("press", [steps.do, steps.again, steps.skip])
def test_a_project_that_is_not_marked_is_left_alone(stage: Stage, press: Callable[..., object]) -> None:
    stage.world.keystone.tags = {}
    with pytest.raises(NotMarked, match="openstack project set --tag tenant-ops-demo project'"):
        press(stage.cloud, stage.desk, "orchestration", "launch")
    assert all(call.startswith("GET") for call in stage.world.calls())
    assert stage.progress("orchestration").taken("launch").state == "open"


@pytest.mark.parametrize("press", [steps.do, steps.again, steps.skip])
def test_a_cloud_that_does_not_tell_marks_is_told_with_what_helps(stage: Stage, press: Callable[..., object]) -> None:
    stage.world.wire.trouble["GET /identity/v3/projects/project/tags"] = [403] * 9
    with pytest.raises(NotMarked, match="identity:list_project_tags"):
        press(stage.cloud, stage.desk, "orchestration", "launch")
    assert stage.world.heat.stacks == {}


@pytest.mark.parametrize("press", [steps.do, steps.again, steps.skip, steps.check])
def test_who_may_only_look_presses_nothing(stage: Stage, press: Callable[..., object]) -> None:
    reader = stage.world.cloud("reader", name="auditor")
    with pytest.raises(NotAllowed):
        press(reader, stage.desk, "orchestration", "launch")
    assert steps.progress(reader, stage.desk, "orchestration").taken("launch").state == "open"


@pytest.mark.parametrize(("scenario", "step"), [("nothing", "launch"), ("orchestration", "nothing")])
def test_what_there_is_not_is_told_with_what_there_is(stage: Stage, scenario: str, step: str) -> None:
    with pytest.raises(NotFound, match="orchestration"):
        stage.do(scenario, step)


def test_of_two_presenters_neither_loses_a_step(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever keeps something on top of what another kept meanwhile does so on what is there then."""
    stage.stand()
    save, between = records.save, [True]

    def later(cloud: object, told: records.Progress) -> records.Progress:
        if between and told.taken("answers").state == "waiting":
            between.clear()
            steps.skip(stage.cloud, stage.desk, "orchestration", "closed")
        return save(stage.cloud, told)

    monkeypatch.setattr(records, "save", later)
    stage.take("orchestration", "answers")
    found = stage.progress("orchestration")
    assert (found.taken("answers").state, found.taken("closed").state) == ("passed", "skipped")


def test_of_two_who_press_at_once_one_does_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    save, first = records.save, [True]

    def taken(cloud: object, told: records.Progress) -> records.Progress:
        if first:
            first.clear()
            stage.do("orchestration", "launch")
            raise Moved("somebody else")
        return save(stage.cloud, told)

    monkeypatch.setattr(records, "save", taken)
    stage.do("orchestration", "launch")
    assert stage.world.calls().count("POST /orchestration/v1/project/stacks") == 1
    assert stage.progress("orchestration").taken("launch").tries == 1
