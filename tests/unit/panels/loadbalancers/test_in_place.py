"""Acts in place: a script sends what can be taken back, and the row says what goes on, what came of it, and the way back."""

from __future__ import annotations

import datetime
import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone, translation

from tenant_ops_dashboard.loadbalancers import member_actions, settle
from tenant_ops_dashboard.records import models
from tests.unit.panels.loadbalancers.test_actions import BASE, address
from tests.unit.panels.reading import Page, read

pytestmark = pytest.mark.django_db
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}
REQUEST = "req-11111111-2222-3333-4444-555555555555"


def act(client, where, **sent):
    return client.post(where, sent, headers=SCRIPT)


def words(answer):
    """What a script writes into the row."""
    assert answer.status_code == 200, answer.content
    assert not list(answer.wsgi_request._messages), "nothing lies over the page"
    return Page(json.loads(answer.content)["html"])


def row(client, octavia, shop, index=0):
    """The row of a member on the page, as everybody sees it."""
    page = read(client.get(f"/tenant_ops/loadbalancers/?whole=1&open={shop}"))
    id_ = octavia.member(shop, index)["id"]
    return next(node for node in page.find_all("tr", "data-key") if node["data-key"] == id_)


def said(node):
    return next(one for one in node.everything() if one.get("data-to-said") is not None)


def acts(node):
    """What can be pressed there and is done at once: the words before and the address."""
    return {one.words(): one["href"] for one in node.everything() if one.name == "a" and one.get("data-to-act")}


def press(client, node, label):
    """As the script does: the link's address, its query as what is sent."""
    found = urlsplit(acts(node)[label])
    return client.post(found.path, dict(parse_qsl(found.query, keep_blank_values=True)), headers=SCRIPT)


def test_drain_and_back_by_two_clicks_in_the_row(client, owner, octavia, shop, fresh):
    octavia.member(shop, 0)["weight"] = 5
    told = words(press(client, row(client, octavia, shop), "Drain"))
    assert told.root.words().endswith(f"is being drained: Octavia accepted it (request {REQUEST}). Undo")
    assert octavia.member(shop, 0)["weight"] == 0
    here = row(client, octavia, shop)
    assert said(here).words().startswith("Drained by owner at")
    words(press(client, here, "Undo"))
    assert octavia.member(shop, 0)["weight"] == 5
    assert said(row(client, octavia, shop)).words().startswith("Put back as it was by owner at")
    assert "Undo" not in acts(row(client, octavia, shop)), "the button beside it is there again"


@pytest.mark.parametrize(
    ("label", "before", "after"),
    [
        ("Enable", {"weight": 0}, {"weight": 1}),
        ("Disable", {"admin_state_up": True}, {"admin_state_up": False}),
    ],
)
def test_each_change_is_there_and_back(client, owner, octavia, shop, fresh, label, before, after):
    octavia.member(shop, 0).update(before)
    had = dict(octavia.member(shop, 0))
    told = words(press(client, row(client, octavia, shop), label))
    assert octavia.member(shop, 0).items() >= after.items()
    words(press(client, told.root, "Undo"))
    assert octavia.member(shop, 0).items() >= {key: had[key] for key in ("weight", "admin_state_up")}.items()


def test_a_weight_is_typed_in_the_row(client, owner, octavia, shop, fresh):
    form = next(one for one in row(client, octavia, shop).everything() if one.name == "form")
    assert form["data-to-act"]
    assert (form["method"], form["action"]) == ("get", address(octavia, shop, "weigh"))
    words(act(client, form["action"], weight="7"))
    assert octavia.member(shop, 0)["weight"] == 7
    assert said(row(client, octavia, shop)).words().startswith("Weight set to 7 by owner")
    without = read(client.get(form["action"], {"weight": "9"}))
    assert without.one("#weight")["value"] == "9", "without a script the page that asks has it"
    assert octavia.member(shop, 0)["weight"] == 7
    refused = act(client, form["action"], weight="999")
    assert refused.status_code == 422
    assert json.loads(refused.content)["sentence"] == "A weight is a whole number from 0 to 256."


def test_a_second_click_changes_nothing_and_has_no_way_back(client, owner, octavia, shop):
    act(client, address(octavia, shop, "drain"))
    again = words(act(client, address(octavia, shop, "drain")))
    assert again.root.words() == "Nothing was changed: it is so already, or on its way."
    assert acts(again.root) == {}


def test_the_row_says_accepted_until_a_look_saw_it_done_or_failed(client, owner, octavia, shop, fresh):
    octavia.slow = 10**6
    words(act(client, address(octavia, shop, "drain")))
    assert said(row(client, octavia, shop)).words() == "Draining: Octavia accepted it. Undo"
    octavia.settle()
    octavia.member(shop, 0)["provisioning_status"] = "ERROR"
    assert said(row(client, octavia, shop)).words().startswith("Octavia could not do what owner asked for at")


def test_the_row_forgets_what_is_long_ago_or_was_changed_since(client, owner, octavia, shop, fresh):
    words(act(client, address(octavia, shop, "drain")))
    assert acts(said(row(client, octavia, shop))).keys() == {"Undo"}
    ids = (shop, octavia.pool(shop), octavia.member(shop, 0)["id"])
    member_actions.weigh(octavia.cloud("member"), *ids, weight=9)
    assert said(row(client, octavia, shop)).words() == ""
    member_actions.drain(octavia.cloud("member"), *ids)
    assert acts(said(row(client, octavia, shop))).keys() == {"Undo"}
    models.Note.objects.update(at=timezone.now() - datetime.timedelta(minutes=11))
    assert said(row(client, octavia, shop)).words() == ""


def test_what_another_release_noted_is_no_row_s_words(client, owner, octavia, shop, fresh):
    words(act(client, address(octavia, shop, "drain")))
    models.Note.objects.update(wanted='{"way": 7, "what": "set", "wei', seen=None)
    assert said(row(client, octavia, shop)).words() == ""


def test_undo_of_what_somebody_changed_since_is_a_sentence(client, owner, octavia, shop):
    told = words(act(client, address(octavia, shop, "drain")))
    octavia.member(shop, 0)["weight"] = 9
    answer = press(client, told.root, "Undo")
    assert answer.status_code == 422
    assert "Somebody changed its weight since" in json.loads(answer.content)["sentence"]
    assert octavia.member(shop, 0)["weight"] == 9


def test_a_busy_octavia_is_a_sentence_for_the_row(client, owner, octavia, shop, monkeypatch):
    monkeypatch.setattr(settle.time, "monotonic", iter(range(0, 10**6, 15)).__next__)
    octavia.pending = 10**6
    answer = act(client, address(octavia, shop, "drain"))
    assert answer.status_code == 409
    told = json.loads(answer.content)
    assert "still at work" in told["sentence"]
    assert not told["belongs"], "the page goes on"


def test_who_would_leave_nobody_to_serve_is_asked(client, owner, octavia, shop, fresh):
    octavia.status(shop, 1, "ERROR")
    here = row(client, octavia, shop)
    labels = {one.words() for one in here.everything() if one.name == "a"}
    assert {"Drain…", "Disable…"} <= labels
    assert not {"Drain", "Disable"} & labels
    assert not [label for label in acts(here) if "Mute" not in label]
    assert "Drain" in acts(row(client, octavia, shop, 1)), "who serves nobody is drained at once"


@pytest.mark.parametrize(("verb", "sent"), [("drain", {}), ("disable", {}), ("weigh", {"weight": "0"})])
def test_two_quick_clicks_in_two_rows_leave_somebody_to_serve(client, owner, octavia, shop, verb, sent):
    words(act(client, address(octavia, shop, "drain", 1), **sent))
    had = dict(octavia.member(shop, 0))
    answer = act(client, address(octavia, shop, verb), **sent)
    assert answer.status_code == 409
    told = json.loads(answer.content)
    assert told["sentence"] == "Nobody else serves: after this the load balancer answers nobody."
    assert not told["belongs"], "the page goes on"
    assert octavia.member(shop, 0) == had
    assert client.post(address(octavia, shop, verb), sent).status_code == 302, "the page that asks does it"
    assert octavia.member(shop, 0) != had


def test_a_drain_that_waited_for_another_one_looks_again_who_serves(client, owner, octavia, shop, monkeypatch):
    octavia.pending = 1
    monkeypatch.setattr(settle.time, "sleep", lambda _seconds: octavia.member(shop, 1).update(weight=0))
    assert act(client, address(octavia, shop, "drain")).status_code == 409
    assert octavia.member(shop, 0)["weight"] == 1


def test_undo_leaves_somebody_to_serve_too(client, owner, octavia, shop):
    octavia.member(shop, 0)["weight"] = 0
    told = words(act(client, address(octavia, shop, "enable")))
    words(act(client, address(octavia, shop, "drain", 1)))
    answer = press(client, told.root, "Undo")
    assert (answer.status_code, octavia.member(shop, 0)["weight"]) == (409, 1)


def test_who_serves_nobody_is_taken_out_whoever_serves(client, owner, octavia, shop):
    octavia.status(shop, 0, "ERROR")
    octavia.status(shop, 1, "ERROR")
    words(act(client, address(octavia, shop, "drain")))
    assert octavia.member(shop, 0)["weight"] == 0


def test_the_time_line_tells_each_reader_in_his_own_language(client, owner, octavia, shop, fresh, settings):
    def page(language):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        return read(client.get(f"/tenant_ops/loadbalancers/?whole=1&open={shop}")).text(f"#lb-{shop}")

    with translation.override(translation.get_language()):
        page("fr")
        done = words(act(client, address(octavia, shop, "drain")))
        assert done.root.words().startswith("10.0.1.11:8080 est en train d'être vidé : Octavia l'a accepté")
        act(client, f"{BASE}{shop}/mute/{shop}/", hours="4")
        english, french = page("en"), page("fr")
    assert "Asked for: 10.0.1.11:8080 is being drained" in english
    assert "Warnings of shop-lb are muted for 4 h." in english
    assert "Demandé : 10.0.1.11:8080 est en train d'être vidé" in french
    assert "Les alertes de shop-lb sont en sourdine pour 4 h." in french


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_name_is_a_name_whatever_stands_in_it(client, owner, octavia, shop, fresh, settings, language):
    name = """<script>"x"</script> '&' {0.__class__} {name} %s %(who)s %"""
    octavia.member(shop, 0)["name"] = name
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    with translation.override(translation.get_language()):
        answer = act(client, address(octavia, shop, "drain"))
        html = json.loads(answer.content)["html"]
        assert name in words(answer).root.words()
        assert "<script" not in html
        page = client.get(f"/tenant_ops/loadbalancers/?whole=1&open={shop}")
        here = row(client, octavia, shop)
        assert here["data-member"] == name
        assert name in here.words()
        assert b'<script>"x"' not in page.content
        undone = press(client, here, "Undo" if language == "en" else "Annuler")
        assert name in words(undone).root.words()
        muted = press(client, here, "Mute for 4 h" if language == "en" else "En sourdine pour 4 h")
        assert name in words(muted).root.words()


def test_destroying_asks(client, owner, octavia, shop):
    assert "Remove…" not in acts(row(client, octavia, shop))


def test_mute_and_back(client, owner, octavia, shop, fresh):
    octavia.status(shop, 0, "ERROR")
    told = words(press(client, row(client, octavia, shop), "Mute for 4 h"))
    assert told.root.words() == "Warnings of 10.0.1.11:8080 are muted for 4 h. Undo"
    here = row(client, octavia, shop)
    assert "muted until" in here.words()
    assert "Show warnings again" in acts(here)
    words(press(client, told.root, "Undo"))
    assert "muted until" not in row(client, octavia, shop).words()
    assert act(client, f"{BASE}{shop}/mute/{shop}/", hours="x").status_code == 422


def test_a_load_balancer_is_muted_in_its_card(client, owner, octavia, shop, fresh):
    def card():
        return read(client.get(f"/tenant_ops/loadbalancers/?whole=1&open={shop}")).one(f"#lb-{shop}")

    foot = [one for one in card().everything() if one.get("data-to-row") is not None][-1]
    words(press(client, foot, "Mute warnings for 1 h"))
    assert "Show warnings again" in acts(card())


def test_an_auditor_acts_nowhere(client, auditor, octavia, shop):
    answer = act(client, address(octavia, shop, "drain"))
    assert answer.status_code == 403
    assert "role 'member'" in json.loads(answer.content)["todo"]
    assert octavia.member(shop, 0)["weight"] == 1
    assert acts(row(client, octavia, shop)) == {}


def test_an_auditor_sees_what_was_done_and_no_way_back(client, log_in, octavia, shop, fresh):
    log_in("member", "reader")
    words(act(client, address(octavia, shop, "drain")))
    log_in("reader")
    line = said(row(client, octavia, shop))
    assert line.words().startswith("Drained by")
    assert acts(line) == {}


def test_the_page_has_what_its_script_needs(client, owner, octavia, shop):
    page = read(client.get("/tenant_ops/loadbalancers/?whole=1"))
    assert page.one("[data-to-token]")["hidden"] == ""
    assert "csrfmiddlewaretoken" in {one.get("name") for one in page.one("[data-to-token]").everything()}
    live = read(client.get("/tenant_ops/loadbalancers/state/"))
    assert "csrfmiddlewaretoken" not in {one.get("name") for one in live.root.everything()}, "one answer is told to all"
