"""Two presenters at one step, a process that ends in the middle of one, a reset meanwhile: what is kept is what is so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tenant_ops_dashboard.records import walkthrough as records
from tenant_ops_dashboard.walkthrough import reset, steps
from tenant_ops_dashboard.walkthrough.acts import packets, shop
from tenant_ops_dashboard.walkthrough.model import Progress
from tests.unit.walkthrough.conftest import Stage

pytestmark = pytest.mark.django_db
During = Callable[[Callable[[], Any]], None]


@pytest.fixture
def during(monkeypatch: pytest.MonkeyPatch) -> During:
    """Something happens while a check of 'answers' is looking, once."""

    def arrange(happens: Callable[[], Any]) -> None:
        real, left = packets.ask, [happens]

        def ask(*told: Any, **more: Any) -> packets.Heard:
            heard = real(*told, **more)
            if left:
                left.pop()()
            return heard

        monkeypatch.setattr(packets, "ask", ask)

    return arrange


def broken(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends while Heat is asked."""

    def ends(*told: Any, **more: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(shop.launch, "launch", ends)
        with pytest.raises(SystemExit):
            stage.do("orchestration", "launch")


def test_what_one_saw_pass_a_later_answer_of_the_others_look_does_not_take_back(
    stage: Stage, outside: Any, during: During
) -> None:
    stage.stand()
    stage.do("orchestration", "answers")
    outside.servers = ["app-1"]

    def passes() -> None:
        outside.servers = ["app-1", "app-2"]
        assert stage.check("orchestration", "answers").state == "passed"

    during(passes)
    assert stage.check("orchestration", "answers").state == "passed"


def test_a_step_that_is_left_out_while_somebody_looks_stays_so(stage: Stage, during: During) -> None:
    stage.stand()
    stage.do("orchestration", "answers")
    during(lambda: steps.skip(stage.cloud, stage.desk, "orchestration", "answers"))
    assert stage.check("orchestration", "answers").state == "skipped"


def test_a_look_from_before_a_reset_says_nothing_of_the_step_that_was_done_since(stage: Stage, during: During) -> None:
    stage.stand()
    stage.do("orchestration", "answers")

    def anew() -> None:
        kept = records.load(stage.cloud, "orchestration")
        others = tuple(one for one in kept.steps if one.step != "answers")
        records.save(stage.cloud, Progress("orchestration", others, kept.facts, kept.revision))
        assert stage.do("orchestration", "answers").tries == 1

    during(anew)
    assert stage.check("orchestration", "answers").state == "waiting"


def test_a_step_whose_process_ended_may_be_done_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, later: Callable[[float], None]
) -> None:
    broken(stage, monkeypatch)
    seen = stage.check("orchestration", "launch")
    assert seen.state == "waiting" and "being done" in seen.evidence
    later(steps.DOING + 1)
    seen = stage.check("orchestration", "launch")
    assert seen.state == "failed" and "Do it again" in seen.evidence
    assert steps.again(stage.cloud, stage.desk, "orchestration", "launch").facts["environment_id"]


def test_a_fault_of_our_own_is_no_step_that_waits(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*told: Any, **more: Any) -> None:
        raise KeyError("unforeseen")

    with monkeypatch.context() as patched:
        patched.setattr(shop.launch, "launch", wrong)
        with pytest.raises(KeyError):
            stage.do("orchestration", "launch")
    assert stage.progress("orchestration").taken("launch").state == "failed"
    assert stage.do("orchestration", "launch").state == "waiting"


def test_a_reset_waits_for_a_step_that_is_being_done(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, later: Callable[[float], None]
) -> None:
    """Its environment is in nobody's list yet, and would be nobody's once the records are forgotten."""
    broken(stage, monkeypatch)
    found = reset.reset(stage.cloud, stage.desk)
    assert not found.done and "being done at this moment" in found.left[0]
    later(steps.DOING + 1)
    assert reset.left(stage.cloud, stage.desk).done


def test_a_step_that_is_left_out_as_its_button_is_pressed_is_not_done(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, first = records.save, [True]

    def left_out(cloud: object, told: Progress) -> Progress:
        if first:
            first.clear()
            steps.skip(stage.cloud, stage.desk, "orchestration", "launch")
        return save(stage.cloud, told)

    monkeypatch.setattr(records, "save", left_out)
    assert stage.do("orchestration", "launch").state == "skipped"
    assert "POST /orchestration/v1/project/stacks" not in stage.world.calls()
