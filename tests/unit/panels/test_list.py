"""The list: the answer in its first line, rows as links, the empty state, the poller's endpoint."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tenant_ops_dashboard.cloud import NotAllowed, Unreachable
from tests.unit.panels import cases
from tests.unit.panels.reading import read

INDEX = "/tenant_ops/"
STATE = "/tenant_ops/state/"


def rows(page):
    return [row.get("data-name") for row in page.find_all("tr", "data-name")]


def navigation(page):
    return [link["href"] for link in page.find_all("a", "href") if "openstack-panel" in (link.get("class") or "")]


def test_the_first_line_says_it_in_words(client, owner, service):
    page = read(client.get(INDEX))
    assert page.text("#environments-answer") == "1 good · 1 warning"
    assert rows(page) == ["billing", "shop"]
    assert "1 of 2 application servers is down since 13:58" in page.text("#environments-table")


def test_a_page_of_ours_has_a_title(client, owner, service):
    assert read(client.get(INDEX)).text("title").startswith("Environments - ")


def test_nothing_yet_says_what_it_is_for_and_how_to_begin(client, owner, service):
    service.listing.return_value = ()
    page = read(client.get(INDEX))
    assert "You run no environment in this project yet." in page.text("#environments-answer")
    assert reverse("horizon:tenant_ops:environments:launch") in page.links("#environments-empty")


def test_nothing_yet_for_somebody_who_may_only_look(client, auditor, service):
    service.listing.return_value = ()
    page = read(client.get(INDEX))
    assert page.links("#environments-empty") == []
    assert "role 'member'" in page.text("#environments-empty")


@pytest.mark.parametrize(
    ("query", "found"),
    [("?status=warning", ["billing"]), ("?q=SHO", ["shop"]), ("?q=203.0.113.9", ["billing"]), ("?q=nothing", [])],
)
def test_a_filtered_view_can_be_sent_to_somebody(client, owner, service, query, found):
    page = read(client.get(INDEX + query))
    assert rows(page) == found
    assert page.text("#environments-answer").startswith("1 good · 1 warning")


def test_a_name_is_text_and_never_markup(client, owner, service):
    service.listing.return_value = (cases.environment(status_reason="<script>alert(1)</script>", status="failed"),)
    assert b"<script>alert(1)" not in client.get(INDEX).content


def test_the_same_state_is_not_told_twice(client, owner, service):
    first = client.get(STATE)
    again = client.get(STATE, headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert again["X-Tenant-Ops-As-Of"].startswith("as%20of%20")


def test_the_page_itself_already_knows_its_etag(client, owner, service):
    page = read(client.get(INDEX))
    assert client.get(STATE, headers={"If-None-Match": page.one("#environments")["data-to-etag"]}).status_code == 304


def test_a_changed_state_is_told(client, owner, service, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    first = client.get(STATE)
    service.listing.return_value = (cases.failed().environment,)
    again = client.get(STATE, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert "1 failed" in again.content.decode()


def test_many_pages_ask_openstack_once(client, owner, service):
    for _ in range(5):
        client.get(STATE)
    assert service.listing.call_count == 1


def test_roles_do_not_share_what_is_cached(client, log_in, service):
    log_in("member")
    client.get(STATE)
    log_in("reader")
    client.get(STATE)
    assert service.listing.call_count == 2


def test_the_last_good_picture_stays_grey_while_heat_does_not_answer(client, owner, service, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    good = client.get(STATE)
    service.listing.side_effect = Unreachable("Heat does not answer within 20 s.", "Heat")
    answer = client.get(STATE, headers={"If-None-Match": good["ETag"]})
    page = read(answer)
    assert answer.status_code == 200
    assert answer["X-Tenant-Ops-Stale"] == "1"
    assert page.one("#environments")["class"] == "is-stale"
    assert "Heat does not answer within 20 s." in page.text("[data-to-stale]")
    assert rows(page) == ["billing", "shop"]


def test_without_an_older_picture_the_failure_is_a_sentence_with_the_request_id(client, owner, service):
    service.listing.side_effect = Unreachable("Heat does not answer.", "Heat", 0, cases.REQUEST_ID)
    answer = client.get(INDEX)
    page = read(answer)
    assert answer.status_code == 504
    assert "Heat does not answer." in page.text("#tenant-ops")
    assert page.text("#to-request") == cases.REQUEST_ID


def test_a_script_gets_the_failure_as_data(client, owner, service):
    service.listing.side_effect = NotAllowed("Your token has expired.", "Keystone", 401, cases.REQUEST_ID)
    answer = client.get(STATE, headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.status_code == 403
    assert answer.json()["sentence"] == "Your token has expired."
    assert answer.json()["request_id"] == cases.REQUEST_ID


@pytest.mark.parametrize(
    ("service_type", "name"),
    [("orchestration", "Heat"), ("compute", "Nova"), ("network", "Neutron"), ("load-balancer", "Octavia")],
)
def test_a_missing_service_is_named_and_the_panel_leaves_the_navigation(client, log_in, service, service_type, name):
    everything = ("orchestration", "compute", "network", "load-balancer", "identity")
    log_in("member", services=tuple(one for one in everything if one != service_type))
    answer = client.get(INDEX)
    assert answer.status_code == 503
    assert name in read(answer).text("#tenant-ops")
    assert INDEX not in navigation(read(answer))
    log_in("member", services=everything)
    assert INDEX in navigation(read(client.get(INDEX)))


def test_a_hundred_environments_can_be_searched(client, owner, service):
    service.listing.return_value = tuple(cases.environment(f"application-{n}") for n in range(100))
    page = read(client.get(INDEX))
    assert len(rows(page)) == 100
    assert page.one("#environments-filter")["name"] == "q"
