"""Reset: it names what goes before it does anything, goes on until nothing is left, and asks those who may."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Unreachable
from tenant_ops_dashboard.panels.walkthrough import state
from tenant_ops_dashboard.walkthrough.acts import leftovers
from tests.unit.panels.reading import read
from tests.unit.panels.walkthrough.conftest import PAGE, Show, step
from tests.unit.panels.walkthrough.test_steps import SCRIPT, press

pytestmark = pytest.mark.django_db
ALL, ONE = f"{PAGE}reset/", f"{PAGE}scenario/second/reset/"
THERE = "The environment demo-shop is being taken away."


class Left:
    """What the walkthrough left; `taken` counts how often somebody began to take it away."""

    def __init__(self) -> None:
        self.there: tuple[str, ...] = (THERE,)
        self.taken = 0


@pytest.fixture
def left(story: Show, monkeypatch: pytest.MonkeyPatch) -> Left:
    made = Left()

    def take(*asked: Any) -> None:
        made.taken += 1

    monkeypatch.setattr(leftovers, "environment", lambda *asked: made.there)
    monkeypatch.setattr(leftovers, "copies", lambda *asked: ())
    monkeypatch.setattr(leftovers, "sweep", lambda *asked: None)
    monkeypatch.setattr(leftovers, "end_environment", take)
    monkeypatch.setattr(leftovers, "end_copies", lambda *asked: None)
    return made


def test_it_names_what_goes_and_does_nothing_until_it_is_meant(client, owner, left):
    page = read(client.get(ALL))
    told = page.text("#reset-means")
    assert "The environment demo-shop goes with its data" in told
    assert "Begins anew: First story, Second story." in told
    assert len(page.find_all("li", "data-lost")) == 2
    assert left.taken == 0


def test_what_others_go_on_with_stays(client, owner, left):
    press(client, "do")
    told = read(client.get(ONE)).text("#reset-means")
    assert "demo-shop stays: another scenario goes on with it" in told
    assert "goes with its data" not in told
    assert "Begins anew: Second story." in told


def test_it_goes_on_until_nothing_is_left(client, owner, left):
    press(client, "do")
    assert client.post(ALL)["Location"] == ALL
    page = read(client.get(ALL))
    assert (page.one("#reset")["data-done"], page.text("#reset-left")) == ("no", THERE)
    assert page.one("[data-to-auto]")["data-to-auto"] == "again"
    assert client.post(ALL, {"do": "look"}, headers=SCRIPT).status_code == 204
    assert left.taken == 1, "a look begins nothing"
    assert read(client.get(step())).one("#step")["data-state"] == "waiting"
    left.there = ()
    client.post(ALL, {"do": "look"}, headers=SCRIPT)
    page = read(client.get(f"{ALL}state/", headers=SCRIPT))
    assert page.one("#reset")["data-done"] == "yes"
    assert not page.has("[data-to-auto]")
    assert read(client.get(step())).one("#step")["data-state"] == "open"


def test_the_poll_is_304_until_something_changed(client, owner, left):
    client.post(ALL)
    tag = read(client.get(ALL)).one("#reset")["data-to-etag"]
    asked = {"If-None-Match": tag, **SCRIPT}
    assert client.get(f"{ALL}state/", headers=asked).status_code == 304
    left.there = ()
    client.post(ALL, {"do": "look"})
    assert client.get(f"{ALL}state/", headers=asked).status_code == 200


def test_where_no_reset_goes_on_its_poller_leaves(client, owner, left):
    assert client.get(f"{ALL}state/", headers=SCRIPT)["X-Tenant-Ops-Next"] == PAGE


def test_a_cloud_that_is_silent_is_told_and_nothing_is_forgotten(client, owner, left, monkeypatch):
    press(client, "do")

    def silent(*asked: Any) -> Any:
        raise Unreachable("Heat does not answer.", "heat")

    monkeypatch.setattr(leftovers, "environment", silent)
    answer = client.post(ALL)
    assert answer.status_code >= 500
    assert "Heat does not answer." in answer.content.decode()
    assert read(client.get(step())).one("#step")["data-state"] == "waiting"


def test_who_may_not_is_told(client, auditor, left):
    for path in (ALL, ONE):
        assert client.get(path).status_code == 403
        assert client.post(path).status_code == 403
        assert client.get(f"{path}state/").status_code == 403
    assert left.taken == 0


def test_a_scenario_that_is_not_there_is_told(client, owner, left):
    assert client.get(f"{PAGE}scenario/none/reset/").status_code == 404
    assert client.post(f"{PAGE}scenario/none/reset/").status_code == 404


@pytest.mark.parametrize("path", [ALL, f"{PAGE}scenario/orchestration/reset/"])
def test_another_tab_is_told_that_a_reset_goes_on(client, owner, left, monkeypatch, path):
    press(client, "do")
    root = read(client.get(step())).one("#scenario")
    client.post(path)
    for view in ("", "present/"):
        assert "A reset goes on: it takes away what this is shown on" in read(client.get(step(view=view))).text("#being-reset")
    asked = {"If-None-Match": root["data-to-etag"], **SCRIPT}
    assert "being-reset" in client.get(root["data-to-live"], headers=asked).content.decode()
    assert "A reset goes on" in read(client.get(PAGE)).text("#walkthrough-answer")
    monkeypatch.setattr(state, "STILL", 0)
    assert not read(client.get(step())).has("#being-reset"), "nobody goes on with it any more"


def test_once_it_is_done_nobody_is_told_of_it(client, owner, left):
    left.there = ()
    client.post(ALL)
    assert not read(client.get(step())).has("#being-reset")
    assert "reset" not in read(client.get(PAGE)).text("#walkthrough-answer")
