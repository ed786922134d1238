"""The doctor's page: for administrators, the worst first, each with what helps; it waits for no look."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import timezone, translation

from tenant_ops_dashboard.records import heartbeats
from tenant_ops_dashboard.sentences import about, say
from tests.unit.fake_openstack.server import as_here
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
PAGE = "/tenant_ops/doctor/"
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def operator(log_in, world):
    """An administrator, in a cloud that has the time of this host."""
    world.wire.now = as_here()
    log_in("admin", "member")


def news(client):
    """What the page's poller is told."""
    return read(client.get(f"{PAGE}state/", headers=SCRIPT))


def states(page):
    return [one["data-state"] for one in page.find_all("tr", "data-state")]


def test_the_page_does_not_wait_for_a_look_and_one_look_serves_for_a_while(client, operator, world):
    page = read(client.get(PAGE))
    assert page.has("#doctor-runs") and not page.has("#doctor-table")
    assert float(page.one("#doctor")["data-to-every"]) < 1, "its poller asks at once"
    assert not [call for call in world.calls() if "/compute/" in call]
    news(client)
    assert [call for call in world.calls() if "/compute/" in call]
    assert news(client).has("#doctor-table") and read(client.get(PAGE)).has("#doctor-table")
    assert not [call for call in world.calls() if "/compute/" in call]
    assert client.post(f"{PAGE}look/")["Location"] == PAGE
    assert [call for call in world.calls() if "/compute/" in call]


def test_what_was_found_stands_there_the_worst_first_with_words_beside_marks(client, operator, world):
    world.things.providers.clear()
    page = news(client)
    order = ("failed", "warning", "skipped", "good")
    assert states(page) == sorted(states(page), key=order.index)
    assert set(states(page)) == set(order)
    rows = [one.words() for one in page.find_all("tr", "data-state")]
    assert any(one.startswith("Load balancers problem Octavia has no provider") for one in rows)
    assert any(one.startswith("Services not looked at This cloud's catalogue has no Barbican") for one in rows)
    assert any(one.startswith("Database good The database") for one in rows)
    assert "1 thing is in the way" in page.text("#doctor-answer")
    world.things.providers.append("amphora")
    client.post(f"{PAGE}look/")
    assert "Everything works, with" in read(client.get(PAGE)).text("#doctor-answer")


def test_what_a_job_met_is_told_in_the_readers_language(client, operator, world):
    now = timezone.now()
    heartbeats.beat("scale", "", now)
    problem = about("scale", about("shop", say("it cannot be looked at; the log says why.")))
    heartbeats.ended("scale", [""], now, now, 1.0, [problem])
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    with translation.override(translation.get_language()):
        rows = [one.words() for one in news(client).find_all("tr", "data-state")]
    said = "rencontre un problème : scale : shop : on ne peut pas le regarder ; le journal dit pourquoi."
    assert [one for one in rows if said in one] != [], rows


def test_a_silent_cloud_is_told_line_by_line_and_the_dashboard_is_looked_at_all_the_same(client, operator, world):
    world.wire.trouble["GET /(compute|network)"] = [503] * 99
    rows = [one.words() for one in news(client).find_all("tr", "data-state")]
    assert any(one.startswith("Service Nova problem") for one in rows)
    assert any(one.startswith("Database good") for one in rows)


def test_the_poll_is_304_until_somebody_looks_anew(client, operator):
    tag = news(client).one("#doctor")["data-to-etag"]
    asked = {"If-None-Match": tag, **SCRIPT}
    assert client.get(f"{PAGE}state/", headers=asked).status_code == 304


def test_it_is_for_administrators(client, owner):
    for answer in (client.get(PAGE), client.get(f"{PAGE}state/", headers=SCRIPT), client.post(f"{PAGE}look/")):
        assert answer.status_code == 403
        assert b"doctor:get" in answer.content
