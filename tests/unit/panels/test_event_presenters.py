"""Events on the page: asked for only while somebody looks at them, filtered by the address, with words where none are."""

from __future__ import annotations

import pytest
import requests
from django.core.cache import cache

from tests.unit.panels.reading import read
from tests.unit.panels.walk import SHOW

EVENTS = SHOW + "?events=all"


def told(page):
    """Each event as its resource and its words."""
    return [(node["data-event"], node.words()) for node in page.find_all("li", "data-event")]


def asked(world):
    return [call for call in world.calls() if "/events" in call and "sort_dir=desc" in call]


def test_a_closed_section_asks_nothing_and_says_how_to_open_it(client, owner, world, shop):
    page = read(client.get(SHOW))
    assert "open" not in page.one("#events-fold").attributes
    assert page.one("#events-open")["href"] == "?events=all#events"
    assert told(page) == []
    assert asked(world) == []


def test_an_open_one_costs_one_call_and_is_live(client, owner, world, shop):
    world.things.cap = 500
    page = read(client.get(EVENTS))
    assert "open" in page.one("#events-fold").attributes
    assert page.one("#environment")["data-to-live"] == SHOW + "state/?events=all"
    assert len(asked(world)) == 1
    first = told(page)[0]
    assert first[0] == "shop"
    assert first[1].endswith("The environment was created")
    times = [node["datetime"] for node in page.find_all("time", "datetime")]
    assert times == sorted(times, reverse=True)
    assert len(times) == 50
    assert "Older events are left out" in page.text("#events")


def test_the_poller_is_told_of_new_events_and_of_nothing_else(client, owner, world, begun, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    world.heat.build(begun.id, 3)
    state = SHOW + "state/?events=all"
    first = client.get(state)
    assert client.get(state, headers={"If-None-Match": first["ETag"]}).status_code == 304
    world.heat.build(begun.id, 4)
    again = client.get(state, headers={"If-None-Match": first["ETag"]})
    assert len(told(read(again))) > len(told(read(first)))


@pytest.mark.parametrize(("query", "names"), [("load balancer", {"balancer"}), ("FLOATING", {"address"})])
def test_it_finds_by_name(client, owner, shop, query, names):
    page = read(client.get(EVENTS, {"events": "all", "q": query}))
    assert {name for name, _ in told(page)} == names
    assert page.one("#events-query")["value"] == query


def test_words_that_somebody_invents_are_not_kept(client, owner, world, shop, settings):
    settings.TENANT_OPS_CACHE_SECONDS = settings.TENANT_OPS_POLL_IDLE_SECONDS = 6000
    client.get(f"{SHOW}?events=all&q=first")
    before = len(cache._cache)
    world.calls()
    for number in range(30):
        assert client.get(f"{SHOW}state/?events=all&q=word-{number}&open={number}&{number}=1").status_code == 200
    assert len(cache._cache) == before
    assert world.calls() == []


def test_only_what_went_wrong_with_its_reason(client, owner, world, begun):
    reason = "ResourceInError: resources.database: No valid host <b>was</b> found."
    world.heat.fail(begun.id, "database", reason)
    answer = client.get(SHOW + "?events=failed")
    _itself, (name, words) = told(read(answer))
    assert name == "database"
    assert words.endswith("Database server could not be created No valid host <b>was</b> found.")
    assert b"<b>was" not in answer.content


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?events=failed", "Nothing went wrong."),
        ("?events=all&q=zebra", "No event is about zebra."),
    ],
)
def test_an_empty_list_says_so(client, owner, shop, query, words):
    assert read(client.get(SHOW + query)).text("#events-none") == words


def test_searches_are_told_and_not_kept(client, owner, world, shop, monkeypatch):
    client.get(EVENTS)
    kept = []
    monkeypatch.setattr(cache, "set", lambda key, *more, **named: kept.append(key))
    for number in range(5):
        assert read(client.get(EVENTS, {"events": "all", "q": f"words {number}"})).has("#events-none")
    kept = [key for key in kept if not key.startswith("tenant_ops.in.")]
    assert len(set(kept)) <= 2, "of the environment itself"


def test_what_nobody_offers_is_a_closed_section(client, owner, world, shop):
    assert told(read(client.get(SHOW + "?events=everything"))) == []
    assert asked(world) == []


def test_a_silent_heat_leaves_the_rest_of_the_page(client, owner, world, shop):
    world.wire.trouble["GET .*/events"] = []
    client.get(SHOW)
    world.wire.trouble["GET .*/events"] = [requests.ConnectionError("no route")] * 2
    page = read(client.get(EVENTS))
    assert "Heat cannot be reached." in page.text("#events-problem")
    assert page.text("#environment-status") == "good"
