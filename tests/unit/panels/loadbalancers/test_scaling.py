"""The scaling card, its form, and 'scale now'."""

from __future__ import annotations

import datetime

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone, translation

from tenant_ops_dashboard.care import scaling
from tenant_ops_dashboard.loadbalancers import stats
from tenant_ops_dashboard.records import samples
from tests.unit.loadbalancers.scaling.server_group import ID, Tier
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
INDEX = "/tenant_ops/loadbalancers/"
WHOLE = f"{INDEX}?whole=1"


@pytest.fixture
def tier(octavia):
    octavia.build(description=f"Environment {ID}")
    return Tier(octavia)


def forget_group():
    """The group is read again with the next look: it is looked at now and then only."""
    for key in [key.partition(":1:")[2] for key in cache._cache if ".scaling." in key and "soon" not in key]:
        cache.delete(key)


def where(verb):
    return f"{INDEX}balancer/lb-1/{verb}/"


def test_the_card_tells_how_many_and_why(client, owner, octavia, tier):
    told = read(client.get(WHOLE)).text("#lb-lb-1")
    assert "2 servers 2 to 4, 1 at once" in told
    assert "only by hand" in told
    assert "Not enough is known" in told


def test_heat_is_asked_now_and_then_and_not_with_every_poll(client, owner, octavia, tier, fresh):
    for _ in range(4):
        client.get(f"{INDEX}state/")
    assert sum("/template" in call for call in octavia.calls()) == 1


def test_a_load_balancer_of_somebody_else_has_no_card(client, owner, octavia, shop):
    assert "Scaling" not in read(client.get(WHOLE)).text(f"#lb-{shop}")


@pytest.mark.parametrize("direction", ["out", "in"])
def test_scale_now_asks_and_then_does(client, owner, octavia, tier, direction):
    tier.size = 3
    page = read(client.get(where(f"scale/{direction}")))
    assert f"From 3 to {4 if direction == 'out' else 2} servers" in page.text("#tenant-ops")
    assert tier.signals == []
    assert client.post(where(f"scale/{direction}")).status_code == 302
    assert tier.signals == [f"scale_{direction}"]


def test_a_second_click_is_told_and_not_doubled(client, owner, octavia, tier):
    tier.size = 2
    page = read(client.get(where("scale/out")))
    (seen,) = [node["value"] for node in page.one("#scale-form").everything() if node.get("name") == "servers"]
    assert client.post(where("scale/out"), {"servers": seen}).status_code == 302
    tier.size = 3
    answer = client.post(where("scale/out"), {"servers": seen})
    assert answer.status_code == 422
    assert "had 2 servers when this was asked and has 3 now" in read(answer).root.words()
    assert tier.signals == ["scale_out"]


def test_what_heat_accepted_is_not_said_to_be_done(client, owner, octavia, tier):
    client.post(where("scale/out"))
    told = read(client.get(WHOLE)).root.words()
    assert "is given one step of servers more: Heat accepted it (request req-" in told
    assert "Asked for: shop is given one step of servers more" in told


def test_what_the_care_job_did_and_why_it_stopped_is_told_in_the_readers_language(client, owner, octavia, tier):
    now = timezone.now()
    tier.rules(on=True, threshold=10.0, window=120.0, calm=120.0, ahead=60.0, cooldown=60.0)
    octavia.stats["total_connections"] = 40 * 300
    for ago in range(300, 0, -15):
        at = now - datetime.timedelta(seconds=ago)
        samples.keep("project", "lb-1", stats.Sample(at, 0, 40 * (300 - ago), 0, 0, 0))
    assert scaling.round_(octavia.cloud(), ID, "a", now).action == "out"
    tier.failed = {"abc9": ""}
    assert scaling.round_(octavia.cloud(), ID, "a", now + datetime.timedelta(seconds=10)).action == "stopped"
    english = read(client.get(WHOLE)).text("#lb-lb-1")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    with translation.override(translation.get_language()):
        french = read(client.get(WHOLE)).text("#lb-lb-1")
    assert "Asked for: one step of servers more, 20.0 a server is above 10." in english
    assert "Demandé : un pas de serveurs de plus, 20.0 par serveur dépasse 10." in french
    assert "Scaling stopped: Heat could not change the number of servers." in english
    assert "Mise à l'échelle arrêtée : Heat n'a pas pu changer le nombre de serveurs." in french
    assert "La mise à l'échelle automatique s'est arrêtée : Heat n'a pas pu changer le nombre de serveurs." in french


def test_what_heat_did_is_seen_done(client, owner, octavia, tier, fresh):
    client.post(where("scale/out"))
    client.get(WHOLE)
    tier.size = 3
    forget_group()
    client.get(WHOLE)
    told = read(client.get(WHOLE)).root.words()
    assert "Asked for: shop is given one step of servers more · seen done after" in told


def test_what_heat_could_not_do_is_told_as_failed(client, owner, octavia, tier, fresh):
    client.post(where("scale/out"))
    client.get(WHOLE)
    tier.failed = {"abc9": "Quota exceeded for instances"}
    forget_group()
    client.get(WHOLE)
    told = read(client.get(WHOLE)).root.words()
    assert "Asked for: shop is given one step of servers more · seen to have failed after" in told


def test_new_rules_and_a_repair_are_seen_done_too(client, owner, octavia, tier, fresh):
    sent = {"minimum": "2", "maximum": "5", "step": "1", "threshold": "20", "window": "300", "ahead": "180",
            "calm": "600", "cooldown": "120", "metric": "active"}  # fmt: skip
    assert client.post(where("scaling"), sent).status_code == 302
    client.get(WHOLE)
    assert "Asked for: Scaling of shop is being changed · seen done after" in read(client.get(WHOLE)).root.words()
    tier.gone = {"abc1"}
    octavia.wire.now += datetime.timedelta(seconds=30)
    forget_group()
    assert client.post(where("repair")).status_code == 302
    client.get(WHOLE)
    assert "The servers of shop are being repaired · seen done after" in read(client.get(WHOLE)).root.words()


def test_what_heat_would_not_take_is_told_before_it_is_asked(client, owner, octavia, tier):
    tier.live = {"cooldown_end": {"2999-01-01T00:00:00.000000": "change_in_capacity : 1"}}
    page = read(client.get(where("scale/out")))
    assert "Heat rests" in page.text("#not-now")
    assert not page.has("#confirm")


def test_the_form_says_what_it_takes(client, owner, octavia, tier):
    page = read(client.get(where("scaling")))
    assert "there are 2 servers more than now" in page.text("#rules-form")
    # Two servers of two cores and 2 GB each.
    told = page.text("#rules-form")
    assert "Servers 2 2 6" in told
    assert "Cores 2 4 14" in told
    assert "RAM (GB) 4 4 42" in told


def test_the_form_is_kept_and_checked(client, owner, octavia, tier):
    page = read(client.get(where("scaling")))
    sent = {name: page.one(f"#{name}")["value"] for name in (
        "minimum", "maximum", "step", "threshold", "window", "ahead", "calm", "cooldown")}  # fmt: skip
    answer = client.post(where("scaling"), {**sent, "metric": "active", "on": "1", "threshold": "20"})
    assert answer.status_code == 302
    rules = tier.template["resources"]["application"]["metadata"]["tenant_ops"]["scaling"]
    assert (rules["on"], rules["metric"], rules["threshold"]) == (True, "active", 20.0)
    for wrong in ({"threshold": "much"}, {"threshold": "0"}, {"maximum": "1"}, {"metric": "weather"}):
        tier.body = {}
        answer = client.post(where("scaling"), {**sent, "metric": "active", **wrong})
        assert answer.status_code == 422
        assert tier.body == {}


NUMBERS = ("nan", "inf", "-inf", "9" * 5000, "1e999", "²", "1_0" * 20, "0x10", "1e300")


@pytest.mark.parametrize("typed", NUMBERS)
@pytest.mark.parametrize("field", ["minimum", "maximum", "step", "threshold", "window", "calm"])
def test_what_is_no_number_is_told_at_its_field(client, owner, octavia, tier, field, typed):
    sent = {"minimum": "2", "maximum": "4", "step": "1", "threshold": "20", "window": "300", "ahead": "180",
            "calm": "600", "cooldown": "120", "metric": "active"}  # fmt: skip
    answer = client.post(where("scaling"), {**sent, field: typed})
    assert answer.status_code == 422
    assert read(answer).has(f"#{field}-problem")
    assert tier.body == {}


def test_half_a_server_is_told(client, owner, octavia, tier):
    sent = {"minimum": "2", "maximum": "3.5", "step": "1", "threshold": "20", "window": "300", "ahead": "180",
            "calm": "600", "cooldown": "120", "metric": "active"}  # fmt: skip
    answer = client.post(where("scaling"), sent)
    assert read(answer).text("#maximum-problem").endswith("This is a whole number.")


def test_a_failed_scaling_stands_on_the_card(client, owner, octavia, tier):
    tier.failed = {"abc9": "Quota exceeded for instances"}
    assert "It could not be made. Quota exceeded for instances" in read(client.get(WHOLE)).text("#lb-lb-1")


def test_repair_asks_says_what_it_takes_and_does_it(client, owner, octavia, tier):
    tier.gone = {"abc1"}
    page = read(client.get(WHOLE))
    assert "Its server was deleted, and not by Heat" in page.text("#lb-lb-1")
    assert where("repair") in page.links("#lb-lb-1")
    page = read(client.get(where("repair")))
    assert "Those that run stay" in page.text("#tenant-ops")
    assert "Servers 2 1 7" in page.text("#scale-form"), "one server more of the quota's ten"
    assert tier.marked == []
    assert client.post(where("repair")).status_code == 302
    assert tier.body["template"]["resources"]["application"]["properties"]["desired_capacity"] == 2
    assert tier.gone == set()


def test_nothing_is_repaired_where_nothing_is_broken(client, owner, octavia, tier):
    assert client.post(where("repair")).status_code == 422
    assert tier.body == {}


def test_an_auditor_scales_nothing(client, auditor, octavia, tier):
    assert client.post(where("scale/out")).status_code == 403
    assert client.post(where("scaling"), {}).status_code == 403
    assert client.post(where("repair")).status_code == 403
    assert (tier.signals, tier.body) == ([], {})
    assert not [link for link in read(client.get(WHOLE)).links("#lb-lb-1") if "scal" in link]
