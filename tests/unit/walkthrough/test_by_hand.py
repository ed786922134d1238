"""What people do by hand in the middle of a show: the environment is deleted, servers stop, the firewall group goes."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.environments import delete
from tenant_ops_dashboard.loadbalancers.scaling.model import Rules
from tenant_ops_dashboard.walkthrough import reset, steps
from tenant_ops_dashboard.walkthrough.acts import leftovers
from tests.unit.firewall import standing
from tests.unit.walkthrough.conftest import Outside, Stage

pytestmark = pytest.mark.django_db


def deleted(stage: Stage, scenario: str = "orchestration") -> str:
    """Somebody deletes the environment on its own page; its id."""
    id_ = stage.progress(scenario).facts["environment_id"]
    delete.delete(stage.cloud, id_, data=True)
    stage.world.heat.gone(id_)
    return id_


def both(stage: Stage, scenario: str) -> None:
    """Another scenario has begun on the environment, so that a reset of this one leaves it."""
    stage.stand()
    assert stage.take(scenario, "ready").state == "passed"


@pytest.fixture
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that has its least, and does not scale by itself."""
    told = {"busy": False, "minimum": 2, "maximum": 3, "step": 1, "size": 2, "rules": Rules(on=False)}
    monkeypatch.setattr(leftovers.reading, "read", lambda cloud, id_: type("Group", (), told)())


def test_a_step_on_an_environment_that_somebody_deleted_says_what_to_do(stage: Stage) -> None:
    both(stage, "balancing")
    deleted(stage)
    with pytest.raises(steps.InTheWay, match=r"is gone, .*\. Do the step 'An application to show it on'"):
        stage.do("balancing", "rules")
    assert stage.progress("balancing").taken("rules").state == "open"


def test_a_look_at_an_environment_that_somebody_deleted_is_no_endless_one(stage: Stage) -> None:
    stage.stand()
    stage.do("orchestration", "closed")
    deleted(stage)
    seen = stage.check("orchestration", "closed")
    assert seen.state == "failed" and "demo-shop is gone" in seen.evidence
    assert "Do the step 'One button, a whole application'" in seen.evidence, "it names the way out"


def test_what_was_found_out_on_one_that_is_gone_does_not_count_for_the_next(stage: Stage) -> None:
    stage.stand("balancing", "ready")
    stage.do("balancing", "kill")
    first = stage.progress("balancing").facts
    deleted(stage, "balancing")
    steps.again(stage.cloud, stage.desk, "balancing", "ready")
    stage.world.heat.finish(stage.progress("balancing").facts["environment_id"])
    assert stage.check("balancing", "ready").state == "passed"
    steps.again(stage.cloud, stage.desk, "balancing", "kill")
    assert stage.progress("balancing").facts["killed_id"] not in ("", first["killed_id"])


def test_twice_is_once_launches_nothing_where_the_first_one_is_gone(stage: Stage) -> None:
    stage.stand()
    deleted(stage)
    with pytest.raises(steps.InTheWay, match="Do the step 'One button, a whole application'"):
        stage.do("orchestration", "again")
    assert stage.world.heat.stacks == {}


def test_one_that_never_came_up_is_told_and_not_used(stage: Stage) -> None:
    stage.do("orchestration", "launch")
    stage.world.heat.become(stage.progress("orchestration").facts["environment_id"], "CREATE_FAILED")
    assert stage.check("orchestration", "launch").state == "failed"
    with pytest.raises(steps.InTheWay, match="Reset all scenarios"):
        steps.again(stage.cloud, stage.desk, "orchestration", "launch")


def test_nothing_is_launched_while_a_reset_goes_on(stage: Stage) -> None:
    stage.stand()
    reset.reset(stage.cloud, stage.desk)
    with pytest.raises(steps.InTheWay, match="is being taken away"):
        steps.again(stage.cloud, stage.desk, "orchestration", "launch")


@pytest.mark.parametrize("scenario", ["balancing", "firewall"])
def test_a_reset_of_one_whose_environment_is_gone_is_done(stage: Stage, scenario: str) -> None:
    both(stage, scenario)
    deleted(stage)
    assert reset.reset(stage.cloud, stage.desk, scenario).done
    assert stage.progress(scenario).taken("ready").state == "open"


def test_a_server_that_is_still_going_down_is_not_on_yet(stage: Stage, calm: None) -> None:
    both(stage, "balancing")
    stage.do("balancing", "kill")
    id_ = stage.progress("balancing").facts["killed_id"]
    stage.world.things.kept["servers"][id_].update(
        {"status": "ACTIVE", "OS-EXT-STS:task_state": "powering-off", "becomes": "SHUTOFF"}
    )
    assert any("is off" in one for one in reset.reset(stage.cloud, stage.desk, "balancing").left)
    stage.world.things.servers.settle()
    assert not reset.left(stage.cloud, stage.desk, "balancing").done
    stage.world.things.servers.settle()
    assert reset.left(stage.cloud, stage.desk, "balancing").done
    assert stage.world.things.kept["servers"][id_]["status"] == "ACTIVE"


def test_servers_that_somebody_switched_off_by_hand_are_on_again(stage: Stage, calm: None) -> None:
    both(stage, "balancing")
    rows: dict[str, Any] = stage.world.things.kept["servers"]
    theirs = stage.world.things.add("servers", name="somebody's", status="SHUTOFF", project_id="project", metadata={})
    own = next(iter(rows.values()))
    own.update(status="SHUTOFF")
    assert not reset.reset(stage.cloud, stage.desk, "balancing").done
    stage.world.things.servers.settle()
    assert reset.left(stage.cloud, stage.desk, "balancing").done
    assert (own["status"], rows[theirs["id"]]["status"]) == ("ACTIVE", "SHUTOFF")


def test_a_firewall_group_that_somebody_deleted_is_made_again(stage: Stage, outside: Outside) -> None:
    both(stage, "firewall")
    standing.complete(stage.world)
    stage.world.things.kept["firewall_groups"].clear()
    assert any("its firewall group is gone" in one for one in reset.left(stage.cloud, stage.desk, "firewall").left)
    assert reset.reset(stage.cloud, stage.desk, "firewall").done
    assert [one["name"] for one in stage.world.things.kept["firewall_groups"].values()] == ["demo-shop-fw"]


def test_a_firewall_group_that_somebody_switched_off_is_on_again(stage: Stage) -> None:
    both(stage, "firewall")
    (group,) = stage.world.things.kept["firewall_groups"].values()
    group["admin_state_up"] = False
    assert any("switched off" in one for one in reset.left(stage.cloud, stage.desk, "firewall").left)
    assert reset.reset(stage.cloud, stage.desk, "firewall").done
    assert group["admin_state_up"] is True
