"""The page opens at once: with what was seen a moment ago, else with nothing, and asks for the rest by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from openstack_auth import utils as auth_utils

from tenant_ops_dashboard.panels.store import shared
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
INDEX = "/tenant_ops/loadbalancers/"
STATE = f"{INDEX}state/"


def live(page):
    """The part that is kept up to date."""
    return page.one("#loadbalancers")


@pytest.fixture
def kept(monkeypatch):
    """What the cache was given, by the end of its key; `kept(seconds)` makes the last good state so much older."""
    places = []
    put = shared.set

    def remember(key, value, timeout):
        if key.endswith(".last"):
            places.append(key)
        put(key, value, timeout)

    monkeypatch.setattr(shared, "set", remember)

    def older(seconds):
        found = shared.get(places[-1])
        put(places[-1], replace(found, as_of=found.as_of - timedelta(seconds=seconds)), 900)

    return older


def test_who_comes_first_gets_a_page_before_openstack_is_asked(client, owner, octavia, shop):
    page = read(client.get(f"{INDEX}?open={shop}&q=sh&status=good"))
    assert octavia.calls() == []
    assert page.text("#loadbalancers-answer") == "Load balancers are being read …"
    assert not page.has(f"#lb-{shop}")
    first = live(page)
    assert first.get("data-to-first") == ""
    assert first["data-to-live"] == f"{STATE}?open={shop}&q=sh&status=good"
    assert read(client.get(first["data-to-live"])).has(f"#lb-{shop}")


def test_without_scripts_it_is_read_before_the_answer(client, owner, octavia, shop):
    page = read(client.get(f"{INDEX}?open={shop}"))
    (way,) = [node["content"] for node in page.find_all("meta", "content") if node.get("http-equiv") == "refresh"]
    seconds, _, where = way.partition("; url=")
    assert seconds == "0"
    whole = read(client.get(f"{INDEX}{where}"))
    assert "10.0.1.11" in whole.text(f"#lb-{shop}")
    assert not [node for node in whole.find_all("meta", "content") if node.get("http-equiv") == "refresh"]
    assert live(whole).get("data-to-first") is None


def test_who_comes_a_moment_later_sees_them_at_once_as_of_then(client, owner, octavia, shop, fresh, kept):
    client.get(STATE)
    kept(20)
    octavia.calls()
    page = read(client.get(INDEX))
    assert octavia.calls() == []
    assert "10.0.1.11" in page.text(f"#lb-{shop}")
    assert "as of" in live(page).words()
    assert live(page).get("data-to-first") == "", "and asks for what is newer"
    assert live(page)["data-to-etag"]
    kept(40)
    assert not read(client.get(INDEX)).has(f"#lb-{shop}"), "older than that nobody is shown it unasked"


def test_after_a_change_made_here_nothing_older_is_shown(client, owner, octavia, shop):
    client.get(STATE)
    member = octavia.member(shop, 0)["id"]
    answer = client.post(f"{INDEX}balancer/{shop}/member/{member}/drain/")
    page = read(client.get(answer["Location"].partition("#")[0]))
    assert "drained" in page.text(f"#lb-{shop}")


def test_a_silent_octavia_is_a_sentence_on_the_open_page(client, owner, octavia, shop):
    octavia.wire.trouble["load-balancer"] = [503] * 20
    page = read(client.get(INDEX))
    assert page.has("[data-to-stale]")
    answer = client.get(live(page)["data-to-live"], headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.status_code == 504
    assert "Octavia" in json.loads(answer.content)["sentence"]


@pytest.mark.parametrize("who", [{"project": "development"}, {"roles": ("reader",)}, {"region": "RegionTwo"}])
def test_what_was_seen_opens_no_page_of_another_project_role_or_region(
    client, log_in, octavia, shop, monkeypatch, who
):  # fmt: skip
    log_in("member", "reader")
    client.get(STATE)
    log_in(*who.get("roles", ("member", "reader")), project=who.get("project", "project"))
    if "region" in who:
        seen = auth_utils.get_user

        def elsewhere(request):
            found = seen(request)
            found._services_region = who["region"]
            for service in found.service_catalog:
                service["endpoints"] += [{**one, "region": who["region"]} for one in service["endpoints"]]
            return found

        monkeypatch.setattr(auth_utils, "get_user", elsewhere)
    client.defaults["HTTP_X_TENANT_OPS_PAGE"] = ""
    octavia.calls()
    page = read(client.get(INDEX))
    assert page.text("#loadbalancers-answer") == "Load balancers are being read …"
    assert not page.has(f"#lb-{shop}")
    assert octavia.calls() == []


@pytest.mark.parametrize(
    "said", ["fr", "fr-CA, en;q=0.1", "*", "xx-invalid-;;;q=abc", "en;q=0, " + "a" * 2000, "../fr"]
)
def test_whatever_a_browser_says_of_its_language_the_page_opens(client, owner, octavia, shop, said):
    english = client.get(STATE)
    answer = client.get(STATE, headers={"Accept-Language": said, "If-None-Match": english["ETag"]})
    french = said.startswith("fr")
    assert answer.status_code == (200 if french else 304), "an English page is none to a French reader"
    assert ("Poids" in answer.content.decode()) is french
    assert client.get(INDEX, headers={"Accept-Language": said}).status_code == 200
