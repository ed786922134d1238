"""A step at a time: its button, its check, its evidence, its way on; pressed twice, by who may not, and when it fails."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import translation

from tenant_ops_dashboard.records import unkept
from tenant_ops_dashboard.records.walkthrough_models import Walkthrough
from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough import marked
from tenant_ops_dashboard.walkthrough.model import Checked
from tests.unit.panels.reading import Page, read
from tests.unit.panels.walkthrough.conftest import PAGE, step

pytestmark = pytest.mark.django_db
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


def press(client: Any, button: str, on: str = step(), **more: Any) -> Any:
    """Press a button of the page as it is now."""
    page = read(client.get(on))
    form = next(one for one in page.find_all("form") if any(it.get("id") == button for it in one.everything()))
    sent = {one["name"]: one.get("value") or "" for one in form.everything() if one.name == "input"}
    return client.post(form["action"], sent, **more)


def ids(page: Page) -> set[str]:
    return {one["id"] for one in page.find_all(attribute="id")}


def test_what_a_check_saw_is_told_in_the_readers_language(client, owner, story):
    press(client, "do")
    story.finds = Checked(True, say("Heat rests after the last change of {environment}, for {left} s more.", environment="shop", left=9))
    press(client, "check")
    assert read(client.get(step())).text("#evidence") == "Heat rests after the last change of shop, for 9 s more."
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    with translation.override(translation.get_language()):
        assert read(client.get(step())).text("#evidence") == "Heat se repose après le dernier changement de shop, encore 9 s."


def test_a_step_is_done_looked_at_and_seen(client, owner, story):
    page = read(client.get(step()))
    assert page.text("#step-say") == "Say launch."
    assert page.text("#do").startswith("Do launch")
    assert page.text("#scenario-answer") == "Next is step 1 of 2, 'Title of launch'."
    assert "Whether launch is there." in page.text("#check-line")
    assert "Note of launch." in page.text("#notes")
    assert not page.has("[data-to-auto]")

    answer = press(client, "do")
    assert (answer.status_code, answer["Location"]) == (302, step())
    page = read(client.get(step()))
    assert (story.done, page.one("#step")["data-state"]) == (["launch"], "waiting")
    assert page.one("[data-to-auto]")["data-to-auto"] == "again"
    assert page.one("#scenario")["data-to-every"] == "2"
    assert page.has("[data-to-tick]")
    assert "Asked for launch." in page.text("#check-line")

    assert press(client, "check", headers=SCRIPT).status_code == 204
    page = read(client.get(step()))
    assert page.text("#evidence") == story.finds.waits_for
    drawn = {one["class"] for one in page.find_all("svg", "class", within="#step")}
    assert drawn == {"to-mark to-mark--building"}, "nothing is amber that comes up"

    story.finds = Checked(True, "Answered by app-1, then app-2.")
    press(client, "check", headers=SCRIPT)
    page = read(client.get(step()))
    assert page.one("#step")["data-state"] == "passed"
    assert page.text("#evidence") == "Answered by app-1, then app-2."
    assert "passed" in page.text("#check-line")
    assert re.search(r"passed in [\d.]+ s", page.text("#check-line"))
    assert not page.has("[data-to-auto]")
    assert "btn-primary" in page.one("#next")["class"]
    assert page.links("#check-line") == []
    assert page.one("#step-link")["href"] == f"/tenant_ops/environment/{story.facts['environment_id']}/"
    assert re.search(r"passed, [\d.]+ s", page.text("#steps"))


def test_how_far_it_came_stays_when_the_caches_are_lost(client, owner, story):
    press(client, "do")
    cache.clear()
    assert read(client.get(step())).one("#step")["data-state"] == "waiting"
    assert client.get(f"{PAGE}scenario/orchestration/")["Location"] == step()


def test_a_button_pressed_twice_does_its_work_once(client, owner, story):
    sent = {"seen": "open 0"}
    for _ in range(2):
        assert client.post(f"{step()}do/", sent).status_code == 302
    assert story.done == ["launch"]
    again = {"seen": "waiting 1"}
    for _ in range(2):
        assert client.post(f"{step()}again/", again).status_code == 302
    assert story.done == ["launch", "launch"]


def test_a_step_is_done_again_and_left_out(client, owner, story):
    press(client, "skip")
    page = read(client.get(step()))
    assert page.one("#step")["data-state"] == "skipped"
    assert not page.has("#skip")
    assert page.text("#scenario-answer") == "Next is step 2 of 2, 'Title of answers'."
    story.finds = Checked(True, "There.")
    press(client, "do")
    press(client, "check")
    press(client, "again")
    assert story.done == ["launch", "launch"]
    assert read(client.get(step())).one("#step")["data-state"] == "waiting"


def test_a_later_step_says_what_it_needs(client, owner, story):
    page = read(client.get(step("answers")))
    assert page.text("#step-needs") == "First: Title of launch"
    assert page.links("#step-needs") == [step()]
    assert not page.has("#do")
    answer = client.post(f"{step('answers')}do/", {"seen": "open 0"})
    assert answer.status_code == 409
    assert "needs 'Title of launch'" in read(answer).text("#step-refused")
    assert story.done == []


def test_what_goes_wrong_is_told_in_place_and_can_be_done_again(client, owner, story):
    story.refuses = "Heat does not answer now."
    answer = press(client, "do", step(view="present/"))
    assert answer.status_code == 409
    page = read(answer)
    assert page.one("#step")["data-state"] == "failed"
    assert page.text("#evidence") == "Heat does not answer now."
    assert page.one("#evidence")["role"] == "alert"
    assert not page.has("#step-refused"), "it is told once"
    assert {"again", "check"} <= ids(page)
    assert "did not work" in read(client.get(step())).text("#scenario-answer")
    story.refuses = ""
    press(client, "again")
    assert read(client.get(step())).one("#step")["data-state"] == "waiting"


def test_a_project_that_is_not_marked_is_left_alone(client, owner, story, monkeypatch):
    monkeypatch.setattr(marked, "marked", lambda cloud: False)
    answer = press(client, "do")
    assert answer.status_code == 409
    assert "openstack project set --tag tenant-ops-demo" in read(answer).text("#step-refused")
    assert story.done == []


def test_a_reader_sees_it_all_and_has_no_button(client, auditor, story):
    for view in ("", "present/"):
        page = read(client.get(step(view=view)))
        assert page.text("#step-say") == "Say launch."
        assert "walkthrough:run" in page.text("#step-forbidden")
        assert page.find_all("form", within="#tenant-ops") == []
    for button in ("do", "check", "skip", "again"):
        for view in ("", "present/"):
            assert client.post(f"{step(view=view)}{button}/", {"seen": "open 0"}).status_code == 403
    assert (story.done, story.seen) == ([], [])


def test_a_browser_without_scripts_comes_back_to_the_page(client, owner, story):
    press(client, "do")
    assert press(client, "check")["Location"] == step()
    assert press(client, "check", step(view="present/"))["Location"] == step(view="present/")


@pytest.mark.parametrize("view", ["", "present/"])
def test_the_poll_is_304_until_something_changed(client, owner, story, view):
    press(client, "do")
    root = read(client.get(step(view=view))).one("#scenario")
    asked = {"If-None-Match": root["data-to-etag"], **SCRIPT}
    assert client.get(root["data-to-live"], headers=asked).status_code == 304
    press(client, "check")
    answer = client.get(root["data-to-live"], headers=asked)
    assert answer.status_code == 200
    assert story.finds.waits_for in answer.content.decode()


@pytest.mark.parametrize("path", ["scenario/none/", "scenario/none/step/launch/", "scenario/orchestration/step/none/"])
def test_what_is_not_there_is_told(client, owner, story, path):
    answer = client.get(PAGE + path)
    assert answer.status_code == 404
    assert "there are: orchestration, second" in answer.content.decode() or "it has: launch" in answer.content.decode()
    assert client.post(f"{step()}explode/").status_code == 404


def test_evidence_is_only_words(client, owner, story):
    story.finds = Checked(False, "<script>alert(1)</script>")
    press(client, "do")
    press(client, "check")
    for path in (step(), step(view="present/"), PAGE):
        assert b"<script>alert" not in client.get(path).content


def test_without_a_database_there_is_a_sentence(client, owner, story, monkeypatch):
    def away(*arguments: Any, **more: Any) -> None:
        raise DatabaseError("away")

    monkeypatch.setattr(Walkthrough.objects, "filter", away)
    for path in (PAGE, step(), step(view="present/")):
        answer = client.get(path)
        assert answer.status_code == unkept.NotKept.answer
        assert "database does not answer" in answer.content.decode()
