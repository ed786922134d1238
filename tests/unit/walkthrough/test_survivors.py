"""A server dies and is not missed; and it scales ahead of the load: by what the load balancer and its time line say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tenant_ops_dashboard.loadbalancers import watch as balancers
from tenant_ops_dashboard.loadbalancers.scaling.model import Decision
from tenant_ops_dashboard.records import notes
from tenant_ops_dashboard.walkthrough import reset, steps
from tenant_ops_dashboard.walkthrough.acts import leftovers, scaling, survivors
from tests.unit.walkthrough.conftest import Outside, Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What Octavia calls each member that the fake has, by its server."""
    told: dict[str, str] = {}

    class Found:
        def __init__(self, id_: str) -> None:
            self.server_id, self.operating = id_, told.get(id_, "ONLINE")
            self.state = "good" if self.operating == "ONLINE" else "failed"

    class Balancer:
        def members(self) -> Any:
            return [Found(id_) for id_ in told]

    monkeypatch.setattr(balancers, "by_id", lambda cloud, id_: Balancer())
    return told


def ready(stage: Stage) -> None:
    stage.stand("balancing", "ready")


def servers(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = stage.world.things.kept["servers"]
    return found


def test_the_one_that_was_switched_off_is_out_and_the_others_answer(
    stage: Stage, outside: Outside, member: dict[str, str]
) -> None:
    ready(stage)
    stage.do("balancing", "kill")
    facts = stage.progress("balancing").facts
    victim = servers(stage)[facts["killed_id"]]
    assert victim["status"] == "SHUTOFF" or victim.get("OS-EXT-STS:task_state")
    member[facts["killed_id"]] = "ONLINE"
    assert "has not noticed yet" in stage.check("balancing", "kill").evidence
    member[facts["killed_id"]] = "ERROR"
    outside.servers = [facts["killed"], "app-2"]
    assert stage.check("balancing", "kill").state == "waiting", "it answers all the same"
    outside.servers = ["app-2", "app-3"]
    seen = stage.check("balancing", "kill")
    assert seen.state == "passed" and "9 requests, all answered by" in seen.evidence and "ERROR" in seen.evidence


def test_a_request_without_an_answer_is_no_proof(stage: Stage, outside: Outside, member: dict[str, str]) -> None:
    ready(stage)
    stage.do("balancing", "kill")
    member[stage.progress("balancing").facts["killed_id"]] = "ERROR"
    outside.servers = []
    assert "0 of 1 requests were answered" in stage.check("balancing", "kill").evidence


def test_it_is_switched_on_again_and_answers(stage: Stage, outside: Outside, member: dict[str, str]) -> None:
    ready(stage)
    stage.do("balancing", "kill")
    facts = stage.progress("balancing").facts
    member[facts["killed_id"]] = "ERROR"
    outside.servers = ["app-2"]
    stage.check("balancing", "kill")
    stage.world.things.servers.settle()
    assert servers(stage)[facts["killed_id"]]["status"] == "SHUTOFF"
    stage.do("balancing", "back")
    assert "waits for" in stage.check("balancing", "back").evidence
    member[facts["killed_id"]] = "ONLINE"
    assert stage.check("balancing", "back").state == "waiting"
    outside.servers = [facts["killed"], "app-2"]
    assert stage.check("balancing", "back").state == "passed"


def test_no_server_is_switched_off_where_nobody_watches_them(stage: Stage, member: dict[str, str]) -> None:
    ready(stage)
    member.update(dict.fromkeys(servers(stage), "NO_MONITOR"))
    with pytest.raises(steps.InTheWay, match="has no health monitor"):
        stage.do("balancing", "kill")
    assert {one["status"] for one in servers(stage).values()} == {"ACTIVE"}


def test_killed_again_it_is_the_same_one(stage: Stage, member: dict[str, str]) -> None:
    ready(stage)
    stage.do("balancing", "kill")
    first = stage.progress("balancing").facts["killed_id"]
    steps.again(stage.cloud, stage.desk, "balancing", "kill")
    assert stage.progress("balancing").facts["killed_id"] == first


def _loaded(stage: Stage, monkeypatch: pytest.MonkeyPatch, size: int = 2) -> None:
    """The rules are in force, and the load has begun."""
    ready(stage)
    now = stage.desk.load(stage.cloud, "balancing")
    stage.desk.save(stage.cloud, replace(now, steps=(*now.steps, replace(now.taken("rules"), state="passed")), facts={**now.facts, "servers": "2"}))
    group = type("Group", (), {"size": 2, "busy": False})()
    monkeypatch.setattr(scaling, "read", lambda context: group)
    monkeypatch.setattr(type(stage.desk), "scale", lambda self, cloud, id_: Decision("hold", "the load fits", 1.0, 1.2))
    stage.do("balancing", "load")
    group.size = size


@pytest.mark.parametrize(
    ("sentence", "state"),
    [
        ("Asked for: one step of servers more, 2.0 a server is forecast in 60 s, above 1.5.", "passed"),
        ("Scaled out: 2.0 a server is forecast in 60 s, above 1.5.", "passed"),
        ("Asked for: one step of servers more, 1.9 a server is above 1.5.", "failed"),
        ("Scaled in: at most 0.1 a server for 60 s would fit on 2.", "waiting"),
    ],
)
def test_what_the_time_line_says_decides(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, sentence: str, state: str
) -> None:
    _loaded(stage, monkeypatch)
    assert stage.check("balancing", "load").state == "waiting"
    balancer = stage.progress("balancing").facts["balancer_id"]
    notes.note(stage.cloud.project_id, balancer, sentence, kind="scale", at=steps.now())
    assert stage.check("balancing", "load").state == state


def test_a_server_that_an_alarm_asked_for_counts(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _loaded(stage, monkeypatch, size=3)
    assert "an alarm asked for it" in stage.check("balancing", "load").evidence


def test_a_server_of_an_earlier_load_does_not_count_for_the_next(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _loaded(stage, monkeypatch, size=3)
    assert stage.check("balancing", "load").state == "passed"
    steps.again(stage.cloud, stage.desk, "balancing", "load")
    assert stage.check("balancing", "load").state == "waiting"


def test_the_new_server_has_to_answer(stage: Stage, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    _loaded(stage, monkeypatch, size=3)
    stage.check("balancing", "load")
    assert "2 of 3 servers answer so far" in stage.take("balancing", "third").evidence
    outside.servers = ["app-1", "app-2", "app-3"]
    assert stage.check("balancing", "third").state == "passed"
    assert len(outside.asked) >= survivors.ASKED


def test_a_reset_of_it_alone_switches_all_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another scenario has begun on the environment that stays: the server, the rules and the group are put right."""
    stage.stand()
    ready_again = stage.take("balancing", "ready")
    assert ready_again.state == "passed"
    stage.do("balancing", "kill")
    stage.world.things.servers.settle()
    rules, asked = scaling.RULES, list[str]()
    group = {"rules": rules, "size": 3}

    def read(cloud: Any, name: str) -> Any:
        told = {"busy": False, "minimum": 2, "maximum": 3, "step": 1, **group}
        return type("Group", (), told)()

    def change(cloud: Any, found: Any, wanted: Any, *limits: int) -> None:
        asked.append("rules")
        group["rules"] = wanted

    def now(cloud: Any, found: Any, direction: str) -> None:
        asked.append(direction)
        group["size"] = 2

    monkeypatch.setattr(leftovers.reading, "read", read)
    monkeypatch.setattr(leftovers.actions, "change", change)
    monkeypatch.setattr(leftovers.actions, "now", now)
    assert reset.left(stage.cloud, stage.desk, "balancing").left[0].endswith("is off.")
    reset.reset(stage.cloud, stage.desk, "balancing")
    stage.world.things.servers.settle()
    for _ in range(3):
        found = reset.left(stage.cloud, stage.desk, "balancing")
    assert found.done and asked == ["rules", "in"] and not group["rules"].on
    assert {one["status"] for one in servers(stage).values()} == {"ACTIVE"}
    assert stage.progress("orchestration").taken("launch").state == "passed"
