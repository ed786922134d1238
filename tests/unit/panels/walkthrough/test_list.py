"""The list: what is shown next, did it work, and what pre-flight found, each problem with its fix."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from tenant_ops_dashboard.cloud import Unreachable
from tenant_ops_dashboard.panels.walkthrough import state
from tenant_ops_dashboard.records import heartbeats
from tenant_ops_dashboard.walkthrough import preflight
from tenant_ops_dashboard.walkthrough.model import Checked, Problem
from tests.unit.panels.reading import read
from tests.unit.panels.walkthrough.conftest import PAGE, step
from tests.unit.panels.walkthrough.test_steps import SCRIPT, press

pytestmark = pytest.mark.django_db
ROOM = Problem("Room", "failed", "The quota of servers has no room.", "Delete a server, or ask for more.")
TIME = Problem("Time", "warning", "It was never shown here.", "Rehearse once.")
MARK = Problem("Mark", "good", "The project is marked.")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Problem]]:
    """What pre-flight finds by scenario; 'asked' holds those that it was asked of."""
    told: dict[str, list[Any]] = {"orchestration": [MARK], "second": [MARK, TIME, ROOM], "asked": []}

    def look(cloud: Any, store: Any, id_: str) -> list[Problem]:
        told["asked"].append(id_)
        return told[id_]

    monkeypatch.setattr(preflight, "preflight", look)
    return told


@pytest.fixture
def cared(story: Any) -> None:
    """Somebody looks after all that goes on by itself."""
    for job in ("reconcile", "scale", "clones"):
        heartbeats.beat(job, "RegionOne", timezone.now())


def news(client: Any) -> Any:
    """What the page's poller is told."""
    return read(client.get(f"{PAGE}state/", headers=SCRIPT))


def lights(page: Any) -> dict[str, str]:
    return {one["data-scenario"]: one["data-light"] for one in page.find_all("li", "data-light")}


def test_the_page_does_not_wait_for_the_pre_flight(client, owner, story, found):
    page = read(client.get(PAGE))
    assert found["asked"] == []
    assert lights(page) == {"orchestration": "building", "second": "building"}
    assert page.has("#preflight-runs")
    assert float(page.one("#walkthrough")["data-to-every"]) < 1, "its poller asks at once"
    assert lights(news(client)) == {"orchestration": "good", "second": "failed"}
    assert lights(read(client.get(PAGE))) == {"orchestration": "good", "second": "failed"}
    client.get(f"{PAGE}state/", headers=SCRIPT)
    assert found["asked"] == ["orchestration", "second"], "one look serves for a while"
    assert client.post(f"{PAGE}look/")["Location"] == PAGE
    assert found["asked"] == ["orchestration", "second"] * 2


def test_each_problem_has_its_fix_the_worst_first_and_words_beside_colours(client, owner, story, found):
    page = news(client)
    rows = [one.words() for one in page.find_all("tr", "data-state")]
    assert rows == [
        "Room (Second story) problem The quota of servers has no room. Delete a server, or ask for more.",
        "Time (Second story) warning It was never shown here. Rehearse once.",
        "Mark good The project is marked.",
    ]
    cards = {one["data-scenario"]: one.words() for one in page.find_all("li", "data-light")}
    assert "ready" in cards["orchestration"]
    assert "1 problem" in cards["second"]
    found["orchestration"] = [replace(ROOM, found="2 servers.")]
    found["second"] = [replace(ROOM, found="3 servers."), TIME]
    client.post(f"{PAGE}look/")
    (row, _time) = [one.words() for one in read(client.get(PAGE)).find_all("tr", "data-state")]
    assert row == "Room problem 2 servers. Delete a server, or ask for more.", "it is about all of them"
    found["second"] = [MARK, TIME]
    client.post(f"{PAGE}look/")
    assert "ready, with 1 warning" in read(client.get(PAGE)).text("#scenarios")


def test_what_helps_has_a_column_where_something_has_to(client, owner, story, found):
    assert "What helps" in news(client).text("#preflight-table")
    found["second"] = [MARK]
    client.post(f"{PAGE}look/")
    assert "What helps" not in read(client.get(PAGE)).text("#preflight-table")


def test_the_first_line_says_what_is_next_and_whether_it_worked(client, owner, story, found):
    def answer() -> str:
        return read(client.get(PAGE)).text("#walkthrough-answer")

    assert answer() == "Nothing was shown yet. Begin with 'First story'."
    press(client, "do")
    assert answer() == "First story: Step 1 of 2, 'Title of launch', is under way."
    story.finds = Checked(True, "There.")
    press(client, "check")
    assert answer().endswith("First story: Next is step 2 of 2, 'Title of answers'.")
    press(client, "skip", step("answers"))
    assert answer() == "1 of 2 scenarios is through. Second story: Next is step 1 of 1, 'Title of only'."
    press(client, "skip", step("only", "second"))
    assert answer() == "All scenarios are through. Reset all of them before the next time."


def test_a_card_tells_progress_usual_time_and_leads_to_its_step(client, owner, story, found):
    story.finds = Checked(True, "There.")
    for id_ in ("launch", "answers"):
        press(client, "do", step(id_))
        press(client, "check", step(id_))
    page = read(client.get(PAGE))
    cards = {one["data-scenario"]: one for one in page.find_all("li", "data-light")}
    assert re.search(r"2 of 2 steps done, usually \d+ s", cards["orchestration"].words())
    assert "0 of 1 steps done" in cards["second"].words()
    assert "usually" not in cards["second"].words()
    led = {one["href"] for one in cards["second"].everything() if one.name == "a"}
    assert led == {f"{PAGE}scenario/second/", step("only", "second", "present/")}


def test_a_care_job_that_is_away_is_told_in_words(client, owner, story, found):
    told = read(client.get(PAGE)).text("#preflight")
    assert "Nobody makes or takes away clones now: the care job has never run." in told
    assert "manage.py tenant_ops_care" in told


def test_where_it_runs_nothing_is_said_of_it(client, owner, found, cared):
    assert not read(client.get(PAGE)).has("[data-cared]")


def test_a_cloud_that_is_silent_leaves_the_scenarios_there(client, owner, story, monkeypatch):
    def silent(*asked: Any) -> Any:
        raise Unreachable("Nova does not answer.", "nova")

    monkeypatch.setattr(preflight, "preflight", silent)
    page = news(client)
    assert "Nova does not answer." in page.text("#preflight")
    assert lights(page) == {"orchestration": "building", "second": "building"}
    assert page.links("#scenarios")


def test_the_poll_is_304_until_something_changed(client, owner, cared, found, story):
    news(client)
    tag = read(client.get(PAGE)).one("#walkthrough")["data-to-etag"]
    asked = {"If-None-Match": tag, **SCRIPT}
    assert client.get(f"{PAGE}state/", headers=asked).status_code == 304
    press(client, "do")
    assert client.get(f"{PAGE}state/", headers=asked).status_code == 200


def test_a_reader_has_no_reset_and_who_may_not_look_is_told(client, log_in, auditor, story, found):
    page = read(client.get(PAGE))
    assert not page.has("#reset-all")
    log_in("load-balancer_observer")
    answer = client.get(PAGE)
    assert answer.status_code == 403
    assert b"walkthrough:get" in answer.content


def test_the_four_real_scenarios_have_a_card_and_pages_for_each_step(client, owner, world, found, settings):
    from tenant_ops_dashboard.walkthrough import scenarios

    settings.TENANT_OPS_CACHE_SECONDS = 0
    page = read(client.get(PAGE))
    assert [one["data-scenario"] for one in page.find_all("li", "data-light")] == [
        "orchestration", "balancing", "firewall", "cloning",
    ]  # fmt: skip
    for scenario in scenarios.scenarios():
        for one in scenario.steps:
            assert one.say in read(client.get(step(one.id, scenario.id, "present/"))).text("#step-say")


def test_a_card_says_how_a_scenario_stands_that_was_begun(client, owner, story, found):
    def card() -> str:
        news(client)  # what was found before a step is looked at anew
        page = read(client.get(PAGE))
        (said,) = [one for one in page.find_all("p", "class", within="#scenarios") if one["class"] == "wt-card__light"][:1]
        return f"{lights(page)['orchestration']}: {said.words()}"

    assert card() == "good: ready"
    press(client, "do")
    assert card() == "building: step 1 is under way"
    story.finds = Checked(False, "Nobody answers.")
    press(client, "check")
    assert card() == "failed: step 1 did not work"
    story.finds = Checked(True, "There.")
    press(client, "check")
    assert card() == "good: ready"
    press(client, "skip", step("answers"))
    found["orchestration"] = [ROOM]
    client.post(f"{PAGE}look/")
    assert card() == "good: all steps are through"


def test_what_was_found_before_a_step_was_taken_is_looked_at_anew(client, owner, story, found):
    news(client)
    assert lights(read(client.get(PAGE)))["orchestration"] == "good"
    press(client, "do")
    page = read(client.get(PAGE))
    assert lights(page)["orchestration"] == "building"
    assert float(page.one("#walkthrough")["data-to-every"]) < 1, "its poller asks at once"
    news(client)
    assert len(found["asked"]) == 4
    press(client, "check")
    news(client)
    assert len(found["asked"]) == 4, "a look that changes nothing is no reason"


def test_what_was_found_a_while_ago_is_asked_for_at_once(client, owner, story, found, cared, monkeypatch):
    news(client)
    assert float(read(client.get(PAGE)).one("#walkthrough")["data-to-every"]) > 1
    monkeypatch.setattr(state, "SERVES", 0)
    page = read(client.get(PAGE))
    assert lights(page)["orchestration"] == "good"
    assert float(page.one("#walkthrough")["data-to-every"]) < 1


def test_what_was_shown_on_an_environment_that_is_gone_is_not_counted(client, owner, story, found, world):
    story.finds = Checked(True, "There.")
    for id_ in ("launch", "answers"):
        press(client, "do", step(id_))
        press(client, "check", step(id_))
    news(client)
    assert "2 of 2 steps done" in read(client.get(PAGE)).text("#scenarios")
    world.heat.gone(story.facts["environment_id"])
    client.post(f"{PAGE}look/")
    page = read(client.get(PAGE))
    assert "2 of 2 steps done" not in page.text("#scenarios")
    assert page.text("#walkthrough-answer") == "Nothing was shown yet. Begin with 'First story'."
    assert read(client.get(step("answers"))).one("#step")["data-state"] == "open"
