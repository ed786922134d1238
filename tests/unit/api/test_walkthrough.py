"""The walkthrough by HTTP: what a program is told, and that its buttons are the presenter's."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.heat import deletion
from tenant_ops_dashboard.walkthrough import marked
from tests.unit.api.conftest import Api
from tests.unit.api.test_frame import conforms

pytestmark = pytest.mark.django_db
HOME = "/walkthrough"
STEP = f"{HOME}/{{scenario}}/{{step}}"


@pytest.fixture
def api(api: Api, monkeypatch: pytest.MonkeyPatch) -> Api:
    for module, name in ((launch, "SETTLE_SECONDS"), (deletion, "BEGINS"), (deletion, "PAUSE")):
        monkeypatch.setattr(module, name, 0.0)
    api.world.keystone.tags = {"project": [marked.TAG]}
    return api


def press(api: Api, deed: str, step: str = "launch", scenario: str = "orchestration") -> dict[str, Any]:
    answer = api.post(f"v1{HOME}/{scenario}/{step}/{deed}", {})
    assert answer.status_code == 200, answer.json()
    found = conforms(answer, "post", f"{STEP}/{deed}")
    return {one["step"]: one for one in found["steps"]}


def test_all_scenarios_are_listed_with_their_steps_and_how_far_they_are(api: Api) -> None:
    found = conforms(api.get(f"v1{HOME}", "auditor"), "get", HOME)["scenarios"]
    assert [one["id"] for one in found] == ["orchestration", "balancing", "firewall", "cloning"]
    for one in found:
        assert [step["id"] for step in one["steps"]] == [step["step"] for step in one["progress"]["steps"]]
        assert {step["state"] for step in one["progress"]["steps"]} == {"open"}
        assert all(step["say"] and step["button"] and step["notes"] for step in one["steps"])


def test_buttons_are_pressed_and_what_they_did_is_there_for_the_next_one(api: Api) -> None:
    assert press(api, "do")["launch"]["state"] == "waiting"
    assert press(api, "check")["launch"]["evidence"]
    (id_,) = api.world.heat.stacks
    api.world.heat.finish(id_)
    assert press(api, "check")["launch"]["state"] == "passed"
    found = conforms(api.get(f"v1{HOME}/orchestration", "auditor"), "get", f"{HOME}/{{scenario}}")
    assert found["facts"]["environment_id"] == id_
    assert press(api, "skip", "closed")["closed"]["state"] == "skipped"
    assert press(api, "again")["launch"]["tries"] == 2


def test_what_a_step_needs_is_told(api: Api) -> None:
    answer = api.post(f"v1{HOME}/orchestration/answers/do", {})
    assert answer.status_code == 409
    assert "needs 'One button, a whole application'" in conforms(answer, "post", f"{STEP}/do")["error"]["sentence"]


def test_a_project_that_is_not_marked_is_told_how(api: Api) -> None:
    api.world.keystone.tags = {}
    for path, told in ((f"{HOME}/orchestration/launch/do", f"{STEP}/do"), (f"{HOME}/reset", f"{HOME}/reset")):
        answer = api.post(f"v1{path}", {})
        assert answer.status_code == 409
        assert "--tag tenant-ops-demo" in conforms(answer, "post", told)["error"]["sentence"]


def test_a_reset_goes_on_until_nothing_is_left(api: Api) -> None:
    press(api, "do")
    (id_,) = api.world.heat.stacks
    api.world.heat.finish(id_)
    first = conforms(api.post(f"v1{HOME}/reset", {"scenario": "orchestration"}), "post", f"{HOME}/reset")
    assert not first["done"] and first["left"]
    api.world.heat.gone(id_)
    looks = [conforms(api.post(f"v1{HOME}/reset/look", {}), "post", f"{HOME}/reset/look") for _ in range(3)]
    assert looks[-1] == {"done": True, "left": []}


def test_what_is_looked_over_is_told_with_its_fix(api: Api) -> None:
    api.world.keystone.tags = {}
    found = conforms(api.get(f"v1{HOME}/findings", scenario="firewall"), "get", f"{HOME}/findings")["findings"]
    told = {one["what"]: one for one in found}
    assert told["Mark"]["state"] == "failed" and "--tag tenant-ops-demo" in told["Mark"]["fix"]
    assert all(one["fix"] for one in found if one["state"] != "good")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"{HOME}/nothing", None), ("POST", f"{HOME}/orchestration/nothing/do", {}),
        ("GET", f"{HOME}/findings?scenario=nothing", None), ("POST", f"{HOME}/reset", {"scenario": "nothing"}),
    ],
)  # fmt: skip
def test_what_there_is_not_is_told(api: Api, method: str, path: str, body: Any) -> None:
    path, _, query = path.partition("?")
    words = dict([query.split("=")]) if query else {}
    answer = api.ask(method, f"v1{path}", "owner", body, **words)
    assert answer.status_code == 404
    assert "there are" in answer.json()["error"]["sentence"] or "it has" in answer.json()["error"]["sentence"]


@pytest.mark.parametrize(("path", "body"), [("reset", {"all": True}), ("orchestration/launch/do", {"x": 1}), ("reset", {"scenario": 3}), ("reset", {"scenario": ""}), ("reset/look", {"scenario": ""})])
def test_a_body_that_is_not_understood_is_told(api: Api, path: str, body: Any) -> None:
    assert api.post(f"v1{HOME}/{path}", body).status_code == 422
    assert api.world.heat.stacks == {}


def test_a_scenario_without_a_name_is_not_all_of_them(api: Api) -> None:
    press(api, "do")
    answer = api.post(f"v1{HOME}/reset", {"scenario": ""})
    assert "leave it out" in conforms(answer, "post", f"{HOME}/reset")["error"]["sentence"]
    assert [one["row"]["stack_status"] for one in api.world.heat.stacks.values()] == ["CREATE_IN_PROGRESS"]
