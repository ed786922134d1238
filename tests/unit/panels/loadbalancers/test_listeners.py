"""What a card says of a listener's protocol, its layer 7 policies, and pools that these alone lead to."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.loadbalancers import watch
from tenant_ops_dashboard.panels import poll
from tests.unit.fake_openstack.barbican import WITH_KEY_MANAGER, Barbican
from tests.unit.panels.loadbalancers.test_actions import BASE
from tests.unit.panels.loadbalancers.test_page import STATE, WHOLE
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def listener(octavia, shop):
    return next(iter(octavia.listeners))


@pytest.fixture
def page(client, owner, fresh):
    return lambda: read(client.get(WHOLE))


def test_policies_stand_in_their_order_with_rules_and_what_is_left(page, octavia, shop, listener):
    static = octavia.more_pool(shop, "static", "10.0.1.21")
    octavia.policy(listener, "REDIRECT_TO_POOL", {"value": "/static/"}, redirect_pool_id=static, name="images")
    octavia.policy(listener, "REJECT", {"value": "/admin", "admin_state_up": False}, name="closed")
    found = page()
    rows = found.find_all(attribute="data-policy")
    assert [one["data-policy"] for one in rows] == ["closed", "images"]
    closed, images = (one.words() for one in rows)
    assert "refuses the request" in closed and "takes nothing: all its rules are switched off" in closed
    assert "hands it to pool static" in images and "the path starts with /static/" in images and "position 1" in images
    (rest,), (led,) = (found.find_all(attribute=one) for one in ("data-otherwise", "data-led"))
    assert rest.words() == "What none of these policies takes goes to pool app."
    assert led.words() == "Pool static, for what policy images takes"
    assert "10.0.1.21:8080" in found.text(f"#lb-{shop}") and "no listener uses it" not in found.text(f"#lb-{shop}")


def test_a_pool_of_a_policy_that_is_off_says_why_nobody_comes(page, octavia, shop, listener):
    static = octavia.more_pool(shop, "static", "10.0.1.21")
    octavia.policy(listener, "REDIRECT_TO_POOL", {}, redirect_pool_id=static, name="images", admin_state_up=False)
    told = page().text(f"#lb-{shop}")
    assert "no listener uses it: policy images leads here, but it is switched off" in told
    assert "10.0.1.21:8080" in told


@pytest.mark.parametrize(
    ("protocol", "pool", "wire"),
    [("HTTP", "HTTP", "tcp"), ("TCP", "PROXY", "tcp"), ("HTTPS", "TCP", "tcp"), ("TERMINATED_HTTPS", "HTTP", "tcp"),
     ("UDP", "UDP", "udp"), ("SCTP", "SCTP", "sctp")],
)  # fmt: skip
def test_questions_are_asked_in_the_listener_s_own_protocol(client, page, octavia, shop, listener, protocol, pool, wire):
    octavia.listeners[listener].update(protocol=protocol, protocol_port=5300)
    octavia.pools[octavia.pool(shop)]["protocol"] = pool
    octavia.status(shop, 0, "ERROR")
    asked = [one["href"] for one in page().find_all("a") if "protocol=" in one["href"]]
    assert asked and {one.partition("protocol=")[2].partition("&")[0] for one in asked} == {wire}
    assert any(one.endswith("port=5300") for one in asked)
    why = client.get(f"{BASE}{shop}/member/{octavia.member(shop, 0)['id']}/why/")
    assert f"protocol={wire}" in read(why).one("#probe")["href"]


@pytest.mark.parametrize(
    ("listens", "pools", "words"),
    [
        ({"protocol": "HTTPS"}, {"protocol": "TCP"}, "TLS passes through, the servers end it"),
        ({"protocol": "TERMINATED_HTTPS", "default_tls_container_ref": "ref"}, {}, "TLS ends here"),
        ({"protocol": "TCP"}, {"protocol": "PROXYV2"}, "each connection begins with a PROXYV2 header"),
        ({"protocol": "UDP"}, {"protocol": "UDP"}, "A UDP-CONNECT monitor takes silence for a good answer"),
    ],
)
def test_what_a_protocol_means_is_said(page, octavia, shop, listener, listens, pools, words):
    assert words not in page().text(f"#lb-{shop}")
    octavia.listeners[listener].update(listens)
    octavia.pools[octavia.pool(shop)].update(pools)
    next(iter(octavia.monitors.values())).update(type="UDP-CONNECT" if listens["protocol"] == "UDP" else "TCP")
    octavia.balancers[shop]["updated_at"] = "2026-11-21T09:00:00"
    assert words in page().text(f"#lb-{shop}")


def test_a_certificate_is_told_at_its_listener(monkeypatch, page, octavia, shop, listener):
    ref = Barbican(octavia.wire).secret("shop.example", expiration="2099-01-31T00:00:00")
    monkeypatch.setattr(poll, "connect", lambda request: octavia.cloud(services=WITH_KEY_MANAGER))
    octavia.listeners[listener].update(protocol="TERMINATED_HTTPS", default_tls_container_ref=ref)
    assert "TLS ends here, certificate shop.example ends on 2099-01-31, in " in page().text(f"#lb-{shop}")


def test_a_listener_of_figures_needs_no_pool_and_is_no_fault(page, octavia, shop, listener):
    octavia.listeners["figures"] = octavia.listeners[listener] | {
        "id": "figures", "protocol": "PROMETHEUS", "protocol_port": 8088, "default_pool_id": None,
    }  # fmt: skip
    found = page()
    assert found.one(f"#lb-{shop}")["data-state"] == "good"
    assert "at /metrics" in found.text(f"#lb-{shop}")
    assert "nobody is served" not in found.text(f"#lb-{shop}")


@pytest.mark.parametrize(
    ("protocol", "words"),
    [("HTTP", "answered with an error (503)"), ("TCP", "turned away"), ("UDP", "gets no answer")],
)
def test_who_comes_to_a_pool_without_members_is_told_by_protocol(page, octavia, protocol, words):
    shop = octavia.build(members=0)
    octavia.pools[octavia.pool(shop)]["protocol"] = protocol
    assert words in page().text(f"#lb-{shop}")


def test_a_poll_of_a_card_with_policies_is_one_list_more(client, owner, octavia, shop, listener, fresh):
    client.get(STATE)
    octavia.calls()
    client.get(STATE)
    before = len(octavia.calls())
    octavia.policy(listener, "REJECT", {})
    client.get(STATE)
    octavia.calls()
    client.get(STATE)
    assert len(octavia.calls()) == before + 1


def test_rules_are_read_for_open_cards_and_for_no_action(client, page, octavia, shop, listener):
    ids = [shop, *(octavia.build(f"shop-{number}") for number in range(watch.OPEN + 2))]
    made = {on["loadbalancers"][0]["id"]: octavia.policy(id_, "REJECT", {}) for id_, on in list(octavia.listeners.items())}
    for id_ in ids:
        octavia.status(id_, 0, "ERROR")
    octavia.calls()
    found = page()
    opened = [id_ for id_ in ids if "the path starts with /" in found.text(f"#lb-{id_}")]
    asked = sorted(call for call in octavia.calls() if call.endswith("/rules"))
    assert (len(opened), asked) == (watch.OPEN, sorted(f"GET /l7policies/{made[id_]}/rules" for id_ in opened))
    member = octavia.member(shop, 0)["id"]
    assert client.get(f"{BASE}{shop}/member/{member}/drain/").status_code == 200
    assert client.get(f"{BASE}{shop}/member/{member}/why/").status_code == 200
    assert not [call for call in octavia.calls() if call.endswith("/rules")]


def test_rules_that_are_refused_are_not_asked_for_with_every_poll(client, owner, octavia, shop, listener, fresh):
    octavia.policy(listener, "REJECT", {})
    octavia.wire.trouble["/rules"] = [403] * 9
    assert "Its rules were not read yet, or Octavia does not tell them." in read(client.get(WHOLE)).text(f"#lb-{shop}")
    octavia.calls()
    client.get(STATE)
    assert not [call for call in octavia.calls() if call.endswith("/rules")]


def test_a_card_that_is_pending_says_what_octavia_may_be_doing(page, octavia, shop):
    assert not page().has("[data-changing]")
    octavia.balancers[shop]["provisioning_status"] = "PENDING_UPDATE"
    assert "replaces a server of its own that failed (failover)" in page().text("[data-changing]")
