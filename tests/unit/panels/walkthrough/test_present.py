"""The presenter's view: one step, none of Horizon's frame, and a key for all that is pressed on the way."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.walkthrough.model import Checked
from tests.unit.panels.reading import read
from tests.unit.panels.walkthrough.conftest import PAGE, step
from tests.unit.panels.walkthrough.test_steps import press

pytestmark = pytest.mark.django_db


def keys(page):
    """What each key presses, by the ids of buttons and links."""
    found = {}
    for one in page.find_all(attribute="data-to-keys", within="[data-to-stage]"):
        for key in one["data-to-keys"].split():
            assert key not in found, f"{key} presses two things"
            found[key] = one.get("id") or one.words()
    return found


def test_all_of_it_is_pressed_by_keys(client, owner, story):
    there = step("answers", view="present/")
    press(client, "skip")
    known = keys(read(client.get(there)))
    assert {known[key] for key in ("n", "ArrowRight", "PageDown")} == {"next"}
    assert {known[key] for key in ("b", "ArrowLeft", "PageUp")} == {"back"}
    assert known["d"] == known["Enter"] == "do"
    assert known["s"].startswith("Notes")
    assert known["?"].startswith("Keys")
    assert known["Escape"] == "leave"
    assert known["k"] == "skip"
    assert "skip it" in read(client.get(there)).root.words(), "the keys that are told"
    press(client, "do", there)
    assert keys(read(client.get(there)))["c"] == "check"
    story.finds = Checked(False, "Nobody answers.")
    press(client, "check", there)
    known = keys(read(client.get(there)))
    assert (known["d"], known["Enter"], known["a"], known["c"]) == ("again", "again", "again", "check")


def test_there_is_nothing_beside_the_step(client, owner, story):
    page = read(client.get(step(view="present/")))
    names = {one.get("id") for one in page.root.everything()} | {one.get("class") for one in page.root.everything()}
    assert not names & {"sidebar", "topbar", "content_body", "page-breadcrumb"}
    assert page.one("#notes").get("open") is None, "what the room is not to read is hidden at first"
    assert "Note of launch." in page.text("#notes")


def test_next_goes_on_with_the_next_scenario_and_back_comes_back(client, owner, story):
    last = step("answers", view="present/")
    page = read(client.get(last))
    assert page.one("#next")["href"] == step("only", "second", "present/")
    assert page.text("#next").startswith("Next: Second story")
    page = read(client.get(step("only", "second", "present/")))
    assert page.one("#next")["href"] == PAGE
    assert page.one("#back")["href"] == last
    assert not read(client.get(step(view="present/"))).has("#back")
    assert not read(client.get(step("only", "second"))).has("#back"), "a scenario's own page stays in it"
    assert page.one("#leave")["href"] == step("only", "second")


def test_its_last_step_says_that_all_are_through(client, owner, story):
    press(client, "skip")
    last = step("answers", view="present/")
    assert "through" not in read(client.get(last)).text("#step")
    press(client, "skip", last)
    assert "Step 2 of 2. All steps are through." in read(client.get(last)).text("#step")
    assert "through" not in read(client.get(step(view="present/"))).text("#step")


def test_its_buttons_come_back_to_it(client, owner, story):
    there = step(view="present/")
    for button in ("do", "check", "skip"):
        assert press(client, button, there)["Location"] == there
