"""The page: the answer first, everything on one level, live through one endpoint, grey when Octavia is silent."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from tenant_ops_dashboard.panels.loadbalancers import state
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
INDEX = "/tenant_ops/loadbalancers/"
WHOLE = f"{INDEX}?whole=1"
STATE = "/tenant_ops/loadbalancers/state/"


def cards(page):
    return [(node["data-name"], node["data-state"]) for node in page.find_all("details", "data-name")]


def members(page):
    return [node["data-state"] for node in page.find_all("tr", "data-member")]


def test_everything_is_on_one_level(client, owner, octavia, shop):
    page = read(client.get(WHOLE))
    assert page.text("#loadbalancers-answer") == "1 good"
    assert cards(page) == [("shop-lb", "good")]
    assert members(page) == ["good", "good"]
    told = page.text(f"#lb-{shop}")
    assert "10.0.1.11:8080" in told
    assert "ROUND_ROBIN" in told
    assert "HTTP GET / every 3 s, 3 failures" in told


def test_who_is_down_stands_in_the_first_line(client, owner, octavia, shop, fresh):
    octavia.status(shop, 1, "ERROR")
    page = read(client.get(WHOLE))
    assert page.text("#loadbalancers-answer") == "1 warning shop-lb: 1 of 2 members down"
    assert members(page) == ["good", "failed"]
    assert any("/why/" in link for link in page.links(f"#lb-{shop}"))


def test_a_new_member_comes_up_and_its_row_says_since_when(client, owner, octavia, shop, fresh):
    octavia.status(shop, 1, "ERROR")
    octavia.member(shop, 1)["created_at"] = "2026-11-21T06:00:25"
    page = read(client.get(WHOLE))
    assert cards(page) == [("shop-lb", "building")]
    assert members(page) == ["good", "building"]
    assert "coming up: waiting for its first check since" in page.text(f"#lb-{shop}")
    assert "down" not in page.text("#loadbalancers-answer")


def test_a_change_is_told_with_its_history(client, owner, octavia, shop, fresh):
    first = client.get(STATE)
    octavia.status(shop, 1, "ERROR")
    answer = client.get(STATE, headers={"If-None-Match": first["ETag"]})
    assert answer.status_code == 200
    assert "10.0.1.12:8080 is down" in read(answer).text(f"#lb-{shop}")
    octavia.status(shop, 1, "ONLINE")
    assert "10.0.1.12:8080 is up" in read(client.get(STATE)).text(f"#lb-{shop}")


def test_a_strip_says_in_how_many_half_hours_a_member_was_seen_and_not_for_how_long(client, owner, octavia, shop, fresh):
    client.get(STATE)
    (strip, _other) = [one for one in read(client.get(WHOLE)).find_all("svg") if one.get("class") == "lb-strip"]
    assert strip["aria-label"] == "Half hours of the last 24 hours: up 1, not looked at 47"


def test_the_same_state_is_not_told_twice(client, owner, octavia, shop, fresh):
    client.get(STATE)
    first = client.get(STATE)
    again = client.get(STATE, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again["X-Tenant-Ops-As-Of"].startswith("as%20of")


def test_fifty_pages_ask_octavia_as_often_as_one(client, owner, octavia, shop, settings, monkeypatch):
    # However long a busy machine takes for fifty.
    settings.TENANT_OPS_CACHE_SECONDS = 3600
    monkeypatch.setattr(state, "KEEP", 3600)
    client.get(STATE)
    octavia.calls()
    for _ in range(50):
        assert client.get(STATE).status_code == 200
    assert octavia.calls() == []


def test_an_idle_poll_is_four_lists_where_nothing_is_open(client, owner, octavia, fresh):
    ids = [octavia.build(f"app-{n}") for n in range(9)]
    for _ in range(15):
        client.get(STATE)
    octavia.calls()
    client.get(STATE)
    calls = octavia.calls()
    assert calls[:4] == ["GET /loadbalancers", "GET /listeners", "GET /pools", "GET /healthmonitors"]
    assert len([call for call in calls if call.endswith("/status")]) == 3
    assert len(ids) == 9


def test_who_refreshes_is_one(client, owner, octavia, shop, fresh, monkeypatch):

    client.get(STATE)
    octavia.calls()
    monkeypatch.setattr(cache, "add", lambda *more, **named: False)
    assert client.get(STATE).status_code == 200
    assert octavia.calls() == []


def test_what_somebody_opens_is_read_at_once_and_what_he_closes_stays_closed(client, owner, octavia):
    ids = [octavia.build(f"app-{n}") for n in range(6)]
    page = read(client.get(WHOLE))
    assert sum("open" in node.attributes for node in page.find_all("details", "data-name")) == 3
    page = read(client.get(f"{STATE}?open={ids[5]}&closed={ids[0]}"))
    opened = {node["data-name"] for node in page.find_all("details", "data-name") if "open" in node.attributes}
    assert opened == {"app-1-lb", "app-2-lb", "app-5-lb"}
    assert octavia.member(ids[5], 0)["address"] in page.text(f"#lb-{ids[5]}")
    assert "open=" in page.one("#loadbalancers")["data-to-live"]


def test_ids_that_somebody_invents_are_nothing_and_not_kept(client, owner, octavia, settings, monkeypatch):

    settings.TENANT_OPS_CACHE_SECONDS = 600
    monkeypatch.setattr(state, "KEEP", 600)
    ids = [octavia.build(f"app-{n}") for n in range(4)]
    client.get(f"{STATE}?open={ids[3]}")
    octavia.calls()
    before = len(cache._cache)
    for number in range(40):
        invented = f"?open=id-{number},x{number}&closed=y{number}&q=word{number}&status=s{number}&other={number}"
        page = read(client.get(STATE + invented))
        assert "id-" not in page.one("#loadbalancers")["data-to-live"]
    assert octavia.calls() == []
    assert len(cache._cache) - before <= 1
    # What is there may be opened in any order and number.
    for number in range(0, 2**4, 3):
        opened = ",".join(id_ for place, id_ in enumerate(ids) if number & 2**place)
        for twist in ("", "&closed=" + ids[0], f"&status=good&q=&{number}"):
            assert client.get(f"{STATE}?open={opened}{twist}").status_code == 200
    assert len(cache._cache) - before <= 40


def test_a_calm_page_asks_less_and_both_pauses_are_settings(client, owner, octavia, shop, settings, monkeypatch):

    def every():
        cache.clear()
        return float(read(client.get(WHOLE)).one("#loadbalancers")["data-to-every"])

    assert every() == 1.5
    settings.TENANT_OPS_BALANCERS_BUSY_SECONDS, settings.TENANT_OPS_BALANCERS_CALM_SECONDS = 3, 20
    assert every() == 3
    monkeypatch.setattr(state, "CALM", -1.0)
    assert every() == 20
    octavia.balancers[shop]["provisioning_status"] = "PENDING_UPDATE"
    assert every() == 3


def test_one_that_is_new_is_read_with_the_page_that_opens_it(client, owner, octavia, shop, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    for _ in range(3):
        octavia.build("a")
    client.get(WHOLE)
    made = octavia.build("new")
    page = read(client.get(f"{WHOLE}&open={made}"))
    assert octavia.member(made, 0)["address"] in page.text(f"#lb-{made}")


def test_what_happened_is_told_in_the_language_of_who_reads(client, owner, octavia, shop, monkeypatch, settings):
    from tenant_ops_dashboard.panels.loadbalancers import history

    settings.TENANT_OPS_CACHE_SECONDS = 0
    client.get(STATE)
    octavia.status(shop, 1, "ERROR")
    settings.TENANT_OPS_CACHE_SECONDS = 60
    assert "10.0.1.12:8080 is down" in read(client.get(WHOLE)).text(f"#lb-{shop}")
    octavia.calls()
    monkeypatch.setitem(history.CHANGES, "failed", "%s est en panne")
    assert "10.0.1.12:8080 est en panne" in read(client.get(WHOLE)).text(f"#lb-{shop}")
    assert octavia.calls() == []


def test_the_last_good_picture_stays_grey(client, owner, octavia, shop, fresh):
    client.get(STATE)
    octavia.wire.trouble["load-balancer"] = [503] * 20
    answer = client.get(STATE)
    page = read(answer)
    assert answer["X-Tenant-Ops-Stale"] == "1"
    assert page.one("#loadbalancers")["class"] == "is-stale"
    assert "Octavia" in page.text("[data-to-stale]")
    assert members(page) == ["good", "good"]


def test_without_an_older_picture_it_is_a_sentence(client, owner, octavia, shop):
    octavia.wire.trouble["load-balancer"] = [503] * 20
    answer = client.get(WHOLE)
    assert answer.status_code == 504
    assert "Octavia" in read(answer).text("#tenant-ops")


def test_a_silent_neighbour_leaves_its_part_out(client, owner, octavia, shop):
    octavia.wire.trouble["network|compute|/stats"] = [503] * 20
    assert cards(read(client.get(WHOLE))) == [("shop-lb", "good")]


def test_no_load_balancer_says_what_this_is_for(client, owner, octavia):
    page = read(client.get(WHOLE))
    assert page.has("#loadbalancers-empty")
    assert page.text("#loadbalancers-answer") == "This project has no load balancer yet."


@pytest.mark.parametrize(("query", "found"), [("?status=warning", ["b-lb"]), ("?q=A-L", ["a-lb"]), ("?q=zzz", [])])
def test_a_filtered_view_can_be_sent_to_somebody(client, owner, octavia, query, found):
    octavia.build("a")
    octavia.status(octavia.build("b"), 0, "ERROR")
    assert [name for name, _ in cards(read(client.get(WHOLE + query.replace("?", "&"))))] == found


def test_a_name_is_text_and_never_markup(client, owner, octavia, shop):
    octavia.balancers[shop]["name"] = "<script>alert(1)</script>"
    octavia.member(shop, 0)["name"] = '"><img src=x onerror=alert(2)>'
    html = client.get(WHOLE).content
    assert b"<script>alert(1)" not in html
    assert b"<img src=x" not in html


def test_a_database_that_is_missing_costs_the_history_alone(client, owner, octavia, shop, monkeypatch):
    from django.db import OperationalError

    from tenant_ops_dashboard.records import members as kept

    def broken(*more: object) -> None:
        raise OperationalError("no such table")

    monkeypatch.setattr(kept, "observe", broken)
    page = read(client.get(WHOLE))
    assert members(page) == ["good", "good"]
    assert "migrate" in page.text("#history-problem")


@pytest.mark.parametrize("wanted", ['{"what": "se', "[]", '{"what": "painted"}', "{}", '{"what": "scaled"}'])
def test_a_note_that_another_release_wrote_costs_nobody_the_page(client, owner, octavia, shop, wanted):
    from django.utils import timezone

    from tenant_ops_dashboard.records.models import Note

    Note.objects.create(
        project_id="project", balancer_id=shop, at=timezone.now(), kind="edit", state="planned", who="owner",
        sentence="Asked for: a thing", target_id="member", wanted=wanted,
    )  # fmt: skip
    answer = client.get(WHOLE)
    assert answer.status_code == 200
    assert b"Asked for: a thing" in answer.content


def test_a_database_that_is_missing_is_told_to_who_mutes(client, owner, octavia, shop, monkeypatch):
    from django.db import OperationalError

    from tenant_ops_dashboard.records import notes

    def broken(*more: object) -> None:
        raise OperationalError("no such table")

    for name in ("mute", "mutes"):
        monkeypatch.setattr(notes, name, broken)
    answer = client.post(f"{INDEX}balancer/{shop}/mute/{shop}/", {"hours": "1"})
    assert answer.status_code == 503
    assert "migrate" in read(answer).text("#tenant-ops")


def test_samples_are_taken_once_a_slot_of_time(client, owner, octavia, shop, fresh):
    for _ in range(4):
        client.get(STATE)
    assert sum("/stats" in call for call in octavia.calls()) <= 2


def test_nothing_is_inline(client, owner, octavia, shop):
    octavia.status(shop, 1, "ERROR")
    member = octavia.member(shop, 1)["id"]
    base = f"{INDEX}balancer/{shop}/"
    pages = [INDEX, f"{base}member/{member}/why/", f"{base}member/{member}/drain/", f"{base}member/{member}/weigh/",
             f"{base}mute/{shop}/", f"{base}pool/{octavia.pool(shop)}/add/"]  # fmt: skip
    for address in pages:
        nodes = read(client.get(address)).one("#tenant-ops").everything()
        ids = [node["id"] for node in nodes if "id" in node.attributes]
        assert len(ids) == len(set(ids))
        for node in nodes:
            assert node.name not in ("script", "style", "iframe", "link")
            assert not [name for name in node.attributes if name == "style" or name.startswith("on")]
