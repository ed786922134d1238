"""Two short scenarios whose steps do and see what a test says, in a project that is marked for demonstrations."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.walkthrough import marked, scenarios
from tenant_ops_dashboard.walkthrough.errors import InTheWay
from tenant_ops_dashboard.walkthrough.model import Checked, Did, Step
from tenant_ops_dashboard.walkthrough.play import Act, Context, Play, play

PAGE = "/tenant_ops/walkthrough/"


class Show:
    """What steps do and see; `done` and `seen` name the steps whose functions were called, in their order."""

    def __init__(self, environment_id: str) -> None:
        self.done: list[str] = []
        self.seen: list[str] = []
        self.finds = Checked(None, "", "Heat is at work: 3 of 24 resources.")
        self.refuses = ""
        self.facts = {"environment_id": environment_id}

    def act(self, id_: str, *needs: str, **more: Any) -> Act:
        def do(context: Context) -> Did:
            self.done.append(id_)
            if self.refuses:
                raise InTheWay(self.refuses)
            return Did(f"Asked for {id_}.", self.facts)

        def check(context: Context) -> Checked:
            self.seen.append(id_)
            return self.finds

        step = Step(id_, f"Title of {id_}", f"Say {id_}.", f"Do {id_}", needs=needs, notes=f"Note of {id_}.", **more)
        return Act(step, f"Whether {id_} is there.", do, check)

    def plays(self) -> tuple[Play, ...]:
        first = (self.act("launch", link=("environment", "environment_id")), self.act("answers", "launch"))
        return (
            play("orchestration", "First story", "How it begins.", first),
            play("second", "Second story", "How it ends.", (self.act("only", link=("offers", "offer_id")),)),
        )


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch, settings: Any, begun: Any) -> Show:
    settings.TENANT_OPS_CACHE_SECONDS = 0
    made = Show(begun.id)
    monkeypatch.setattr(scenarios, "PLAYS", made.plays())
    monkeypatch.setattr(marked, "marked", lambda cloud: True)
    return made


def step(id_: str = "launch", scenario: str = "orchestration", view: str = "") -> str:
    """The page of a step; its view for presenters with 'present/'."""
    return f"{PAGE}scenario/{scenario}/step/{id_}/{view}"
