"""The form of a new load balancer, with a key manager in the catalogue and without."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.records import models
from tests.unit.fake_openstack.barbican import WITH_KEY_MANAGER, Barbican
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
PAGE = "/tenant_ops/loadbalancers/create/"
LIST = "/tenant_ops/loadbalancers/"
FORM = {"name": "web", "subnet": "subnet", "protocol": "HTTP", "port": "", "server_port": "8080", "path": "/"}


@pytest.fixture
def asked(octavia):
    """What Octavia was asked to create."""
    octavia.network["subnets"] = [{"id": "subnet", "name": "dmz", "cidr": "10.0.1.0/24"}]
    octavia.servers = [{"id": "s-1", "name": "app-1", "status": "ACTIVE"}]
    octavia.network["ports"] = [
        {
            "id": "p-1",
            "device_id": "s-1",
            "network_id": "net",
            "fixed_ips": [{"subnet_id": "subnet", "ip_address": "10.0.1.11"}],
        }
    ]
    return octavia.asked


@pytest.fixture
def barbican(octavia, monkeypatch):
    monkeypatch.setattr(
        poll,
        "connect",
        lambda request: octavia.cloud(*(one["name"] for one in request.user.roles), services=WITH_KEY_MANAGER),
    )
    return Barbican(octavia.wire)


def test_the_list_leads_there_who_may(client, owner, octavia):
    assert read(client.get(LIST)).one("#create-loadbalancer")["href"] == PAGE


def test_who_may_only_look_is_not_led_there_and_not_let_in(client, auditor, octavia, asked):
    assert not read(client.get(LIST)).has("#create-loadbalancer")
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, FORM).status_code == 403
    assert asked == []


def test_without_a_key_manager_there_is_no_word_of_tls(client, owner, octavia, asked):
    page = read(client.get(PAGE))
    assert page.has("#create-form")
    assert not page.has("#certificate")
    assert "HTTPS" not in page.text("#create-form")


def test_with_one_its_certificates_are_offered(client, owner, octavia, asked, barbican):
    barbican.container("shop.example")
    barbican.secret("old.example", expiration="2027-01-31T00:00:00")
    words = read(client.get(PAGE)).text("#create-form")
    assert "HTTPS" in words
    assert "shop.example · certificate and key" in words
    assert "old.example · PKCS12 bundle · until 2027-01-31" in words


def test_a_silent_key_manager_is_named_and_the_rest_works(client, owner, octavia, asked, barbican):
    octavia.wire.trouble["key-manager"] = [503, 503]
    page = read(client.get(PAGE))
    assert "Barbican" in page.text("#keys-problem")
    assert client.post(PAGE, FORM).status_code == 302
    assert asked[0]["listeners"][0]["protocol"] == "HTTP"


def test_it_is_made_and_stands_on_the_page(client, owner, octavia, asked):
    answer = client.post(PAGE, {**FORM, "servers": ["10.0.1.11 subnet"]})
    assert answer.status_code == 302
    listener = asked[0]["listeners"][0]
    assert (listener["protocol"], listener["protocol_port"]) == ("HTTP", 80)
    assert [one["address"] for one in listener["default_pool"]["members"]] == ["10.0.1.11"]
    assert "web" in read(client.get(LIST)).text("#loadbalancers")


def test_the_same_form_sent_twice_makes_one(client, owner, octavia, asked):
    token = read(client.get(PAGE)).one("#create-form").everything()
    (sent,) = [node["value"] for node in token if node.get("name") == "token"]
    answers = [client.post(PAGE, {**FORM, "token": sent}) for _ in range(2)]
    assert [one.status_code for one in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert len(asked) == len(octavia.balancers) == 1
    told = read(client.get(LIST)).root.words()
    assert "web is being created: Octavia accepted it (request req-" in told
    assert "Asked for: web is being created · seen done" in told
    assert models.Note.objects.count() == 1


def test_a_form_keeps_its_token_through_a_mistake(client, owner, octavia, asked):
    page = read(client.post(PAGE, {**FORM, "name": "", "token": "t-1"}))
    assert [node["value"] for node in page.find_all("input", "name") if node["name"] == "token"] == ["t-1"]


def test_https_takes_the_certificate_and_its_own_port(client, owner, octavia, asked, barbican):
    ref = barbican.container("shop.example")
    assert client.post(PAGE, {**FORM, "protocol": "HTTPS", "certificate": ref}).status_code == 302
    listener = asked[0]["listeners"][0]
    assert (listener["protocol_port"], listener["default_tls_container_ref"]) == (443, ref)


def test_a_certificate_is_left_behind_with_https(client, owner, octavia, asked, barbican):
    ref = barbican.container("shop.example")
    assert client.post(PAGE, {**FORM, "certificate": ref}).status_code == 302
    assert "default_tls_container_ref" not in asked[0]["listeners"][0]


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"port": "many"}, {"server_port": "0"}, {"protocol": "HTTPS"}, {"protocol": "SCTP"}]
)
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(client, owner, octavia, asked, changes):
    answer = client.post(PAGE, {**FORM, "path": "/health", **changes})
    assert answer.status_code == 422
    page = read(answer)
    assert page.has("#create-form")
    assert page.one("#path")["value"] == "/health"
    (field,) = changes
    problem = page.text(f"#{field}-problem")
    assert problem
    assert problem in page.text(f"#{page.one(f'#{field}')['aria-describedby']}")
    assert page.one(f"#{field}")["aria-invalid"] == "true"
    assert asked == []


def test_a_mistake_that_has_no_field_of_its_own_is_said_all_the_same(client, owner, octavia, asked):
    answer = client.post(PAGE, {**FORM, "token": "t-1\x00"})
    assert answer.status_code == 422
    assert "Null characters are not allowed." in read(answer).text("#create-form")
    assert asked == []
