"""`tenant-ops walkthrough list|check|run|reset|rehearse`: what is asked of the dashboard, rows, and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.walkthrough import rehearse, written
from tenant_ops_dashboard.walkthrough.model import Progress, Scenario, Step, Taken
from tests.unit.fake_openstack import server
from tests.unit.fake_openstack.world import World

HOME = "/tenant_ops/api/v1/walkthrough"
Out = pytest.CaptureFixture[str]
SCENARIOS = (
    Scenario("first", "First", "The first.", (Step("a", "A", "Say a.", "Do a"), Step("b", "B", "Say b.", "Do b", needs=("a",)))),
    Scenario("second", "Second", "The second.", (Step("c", "C", "Say c.", "Do c", patience=0.2),)),
)  # fmt: skip


class Dashboard:
    """Takes steps as the real one does; `looks` are how many checks of a step wait, `fails` those that fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.asked = World(), list[str]()
        self.steps: dict[str, Taken] = {}
        self.looks: dict[str, int] = {}
        self.fails: set[str] = set()
        self.left = [["The environment is there."], ["The volume is there."], []]
        self.findings: list[dict[str, str]] = [{"what": "Mark", "state": "good", "found": "It is marked.", "fix": ""}]
        self.refuses: dict[str, tuple[int, str]] = {}
        #: After so many refusals it does it.
        self.forgives: dict[str, int] = {}
        monkeypatch.setitem(server.SERVICES, "tenant-ops", "http://fake/tenant_ops/api")
        for method in ("GET", "POST"):
            self.world.wire.on(method, f"{HOME}(/[^?]*)?")(lambda path="", query=None, body=None: self.answer(path or "", body))
        self.world.wire_all(monkeypatch)
        cloud = self.world.cloud("member", services=tuple(server.SERVICES))
        monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: cloud)

    def answer(self, path: str, body: Any) -> Any:
        self.asked.append(path)
        if path in self.refuses:
            status, words = self.refuses[path]
            if path in self.forgives:
                self.forgives[path] -= 1
                if not self.forgives[path]:
                    del self.refuses[path]
            return status, {"error": {"sentence": words, "todo": "", "request_id": "", "field": ""}}
        if not path:
            return {"scenarios": [{**written.scenario(one), "progress": self.progress(one)} for one in SCENARIOS]}
        if path == "/findings":
            return {"findings": self.findings}
        if path.startswith("/reset"):
            left = self.left.pop(0) if len(self.left) > 1 else self.left[0]
            return {"done": not left, "left": left}
        _, scenario, step, deed = path.split("/")
        self.press(step, deed)
        return self.progress(next(one for one in SCENARIOS if one.id == scenario))

    def press(self, step: str, deed: str) -> None:
        taken = self.steps.get(step, Taken(step))
        if deed == "do" and taken.state != "passed":
            self.steps[step] = replace(taken, state="waiting", did=f"did {step}", check="look", tries=1)
        if deed == "check":
            if self.looks.get(step, 0):
                self.looks[step] -= 1
                self.steps[step] = replace(taken, evidence="not yet")
            else:
                state: Any = "failed" if step in self.fails else "passed"
                self.steps[step] = replace(taken, state=state, evidence=f"saw {step}", seconds=1.5)

    def progress(self, scenario: Scenario) -> Any:
        known = tuple(self.steps.get(one.id, Taken(one.id, usually=2.0)) for one in scenario.steps)
        return written.progress(Progress(scenario.id, known, {}, 1))


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    monkeypatch.setattr(rehearse, "EVERY", 0.0)
    return Dashboard(monkeypatch)


@pytest.fixture
def told(capsys: Out) -> Callable[..., tuple[int, Any, str]]:
    """The exit code, the JSON and what is said beside it."""

    def run(*words: str) -> tuple[int, Any, str]:
        code = main.main(["walkthrough", *words, "-f", "json"])
        out = capsys.readouterr()
        return code, json.loads(out.out) if out.out else None, out.err

    return run


def test_scenarios_are_listed(dashboard: Dashboard, told: Any) -> None:
    dashboard.steps["a"] = Taken("a", "passed", usually=3.0)
    code, rows, _ = told("list")
    assert code == 0
    assert rows[0] == {"id": "first", "title": "First", "steps": 2, "passed": 1, "usually_seconds": 5.0, "summary": "The first."}


def test_all_steps_of_one_are_taken_and_told(dashboard: Dashboard, told: Any) -> None:
    dashboard.looks["a"] = 2
    code, rows, beside = told("run", "first")
    assert code == 0
    assert rows[0] == {
        "step": "a", "said": "Say a.", "did": "did a", "check": "look", "passed": True, "evidence": "saw a", "seconds": 1.5,
    }  # fmt: skip
    assert [one["step"] for one in rows] == ["a", "b"]
    assert "not yet" in beside and "passed (1.5 s)" in beside
    assert dashboard.asked.count("/first/a/check") == 3


def test_it_ends_at_the_first_that_fails(dashboard: Dashboard, told: Any) -> None:
    dashboard.fails = {"a"}
    code, rows, beside = told("run", "first")
    assert (code, [one["passed"] for one in rows]) == (1, [False])
    assert "FAILED" in beside and "/first/b/do" not in dashboard.asked


def test_a_check_that_never_ends_is_given_up(dashboard: Dashboard, told: Any) -> None:
    dashboard.looks["c"] = 10**9
    code, rows, _ = told("run", "second")
    assert (code, rows[0]["passed"]) == (1, False)


def test_what_a_step_refuses_is_its_evidence(dashboard: Dashboard, told: Any) -> None:
    dashboard.refuses["/first/b/do"] = (409, "This step needs 'A' before it.")
    code, rows, _ = told("run", "first", "--from", "b")
    assert code == 1
    assert "needs 'A' before it" in rows[0]["evidence"] and not rows[0]["passed"]
    code, rows, _ = told("rehearse")
    assert (code, [one["step"] for one in rows]) == (1, ["before", "a", "b", "after"])


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("nothing",), "scenario: there is no nothing"), (("first", "--from", "z"), "from: first has no step z"),
        (("first", "--to", "z"), "to: first has no step z"), (("first", "--from", "b", "--to", "a"), "from: b comes after a"),
    ],
)  # fmt: skip
def test_bad_input_names_its_field(dashboard: Dashboard, told: Any, words: tuple[str, ...], field: str) -> None:
    code, _, beside = told("run", *words)
    assert code == 2 and beside.startswith(field)
    assert not [one for one in dashboard.asked if one.endswith("/do")]


def test_a_part_is_taken(dashboard: Dashboard, told: Any) -> None:
    _, rows, _ = told("run", "first", "--from", "b", "--to", "b")
    assert [one["step"] for one in rows] == ["b"]


def test_what_is_not_ready_is_told_with_its_fix(dashboard: Dashboard, told: Any) -> None:
    assert told("check")[0] == 0
    dashboard.findings.append({"what": "Room", "state": "failed", "found": "No servers left.", "fix": "Ask for more."})
    code, rows, _ = told("check", "first")
    assert code == 1 and rows[1]["fix"] == "Ask for more."
    dashboard.findings[1]["state"] = "warning"
    assert told("check")[0] == 0


def test_a_reset_is_looked_at_until_nothing_is_left(dashboard: Dashboard, told: Any) -> None:
    code, rows, beside = told("reset")
    assert (code, rows[0]["passed"], rows[0]["evidence"]) == (0, True, "Nothing of it is left.")
    assert "The volume is there." in beside
    assert [one for one in dashboard.asked if "reset" in one] == ["/reset", "/reset/look", "/reset/look"]


def test_a_reset_that_stands_still_is_begun_anew(dashboard: Dashboard, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody launched as it began is in no look of it; a second one takes that away."""
    monkeypatch.setattr(rehearse, "STILL", 0.0)
    assert told("reset")[0] == 0
    assert [one for one in dashboard.asked if "reset" in one] == ["/reset", "/reset", "/reset"]


def test_a_reset_that_does_not_end_is_told(dashboard: Dashboard, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearse, "RESET_PATIENCE", 0.0)
    code, rows, _ = told("reset", "first")
    assert (code, rows[0]["passed"]) == (1, False)
    assert "The environment is there." in rows[0]["evidence"]


def test_a_rehearsal_takes_all_and_takes_it_away(dashboard: Dashboard, told: Any) -> None:
    code, rows, _ = told("rehearse")
    assert code == 0
    assert [(one["scenario"], one["step"]) for one in rows] == [
        ("reset", "before"), ("first", "a"), ("first", "b"), ("second", "c"), ("reset", "after"),
    ]  # fmt: skip


def test_a_rehearsal_that_fails_takes_it_away_all_the_same(dashboard: Dashboard, told: Any) -> None:
    dashboard.fails = {"b"}
    code, rows, _ = told("rehearse")
    assert code == 1
    assert [one["step"] for one in rows] == ["before", "a", "b", "after"]


@pytest.mark.parametrize(("status", "code"), [(403, 3), (404, 2), (409, 1), (422, 2)])
def test_what_the_dashboard_refuses_is_said_as_it_says_it(
    dashboard: Dashboard, told: Any, status: int, code: int
) -> None:
    dashboard.refuses["/reset"] = (status, "It says why.")
    found, _, beside = told("reset")
    assert found == code
    assert "It says why." in beside


def test_a_scenario_without_a_name_is_not_all_of_them(dashboard: Dashboard, told: Any) -> None:
    code, _, beside = told("reset", "")
    assert code == 2 and beside.startswith("scenario: ")
    assert not [one for one in dashboard.asked if "reset" in one]


@pytest.mark.parametrize("status", [400, 404, 422, 502])
def test_whatever_a_step_is_refused_for_a_rehearsal_is_told_and_taken_away(
    dashboard: Dashboard, told: Any, status: int
) -> None:
    dashboard.refuses["/first/b/do"] = (status, "The environment is gone.")
    code, rows, _ = told("rehearse")
    assert (code, [one["step"] for one in rows]) == (1, ["before", "a", "b", "after"])
    assert "The environment is gone." in rows[2]["evidence"]


def test_a_look_of_a_reset_that_goes_wrong_is_not_the_last_one(dashboard: Dashboard, told: Any) -> None:
    dashboard.refuses["/reset/look"] = (409, "Heat is at work.")
    dashboard.forgives["/reset/look"] = 2
    code, rows, beside = told("reset")
    assert (code, rows[0]["passed"]) == (0, True)
    assert "Heat is at work." in beside


def test_a_cloud_without_the_dashboard_is_told(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = World().cloud("member")
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: cloud)
    code, _, beside = told("list")
    assert code == 3 and "no service 'tenant-ops'" in beside


def test_a_row_is_what_the_contract_says() -> None:
    assert {"step", "said", "did", "check", "passed", "evidence", "seconds"} <= set(
        asdict(rehearse.Row("s", "a", "", "", "", True, "", 1.0))
    )
