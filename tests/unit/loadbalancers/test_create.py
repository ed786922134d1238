"""A load balancer in one request; TLS with a certificate of the key manager, where there is one."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import pytest
import requests

from tenant_ops_dashboard.certificates import stored
from tenant_ops_dashboard.cloud import Cloud, OverQuota, Uncertain, Unreachable
from tenant_ops_dashboard.loadbalancers import create, duplicates
from tenant_ops_dashboard.loadbalancers.errors import BadInput, NotAllowed
from tests.unit.fake_openstack.barbican import WITH_KEY_MANAGER, Barbican
from tests.unit.loadbalancers.octavia import ROOT, Octavia

WEB = create.Wanted("web", "subnet", "HTTP", 80, 8080, (("10.0.1.11", "subnet"), ("10.0.1.12", "")))
POSTS = f"POST {ROOT}/loadbalancers"


@pytest.fixture
def sent(octavia: Octavia) -> list[dict[str, Any]]:
    """What Octavia was asked to create."""
    return octavia.asked


@pytest.fixture
def barbican(octavia: Octavia) -> Barbican:
    return Barbican(octavia.wire)


@pytest.fixture
def secure(octavia: Octavia, barbican: Barbican) -> Cloud:
    """A login to a cloud with a key manager."""
    return octavia.cloud(services=WITH_KEY_MANAGER)


def test_one_request_has_everything(octavia: Octavia, cloud: Cloud, sent: list[dict[str, Any]]) -> None:
    made = create.create(cloud, WEB)
    assert (made.row["name"], made.request_id[:4]) == ("web", "req-")
    (asked,) = sent
    assert (asked["name"], asked["vip_subnet_id"], asked["project_id"]) == ("web", "subnet", "project")
    (listener,) = asked["listeners"]
    assert (listener["protocol"], listener["protocol_port"]) == ("HTTP", 80)
    assert "default_tls_container_ref" not in listener
    pool = listener["default_pool"]
    assert pool["members"] == [
        {"address": "10.0.1.11", "protocol_port": 8080, "subnet_id": "subnet"},
        {"address": "10.0.1.12", "protocol_port": 8080},
    ]
    assert (pool["healthmonitor"]["type"], pool["healthmonitor"]["url_path"]) == ("HTTP", "/")


@pytest.mark.parametrize(
    ("protocol", "kinds"), [("PROXY", ("TCP", "PROXY", "TCP")), ("UDP", ("UDP", "UDP", "UDP-CONNECT"))]
)
def test_each_protocol_has_a_pool_and_a_monitor_that_octavia_takes_with_it(
    cloud: Cloud, sent: list[dict[str, Any]], protocol: create.Protocol, kinds: tuple[str, ...]
) -> None:
    create.create(cloud, replace(WEB, protocol=protocol, port=53))
    (listener,) = sent[0]["listeners"]
    pool = listener["default_pool"]
    assert (listener["protocol"], pool["protocol"], pool["healthmonitor"]["type"]) == kinds
    # Octavia refuses headers and paths where nothing reads HTTP.
    assert "insert_headers" not in listener and "url_path" not in pool["healthmonitor"]


def test_tcp_is_checked_by_connecting(cloud: Cloud, sent: list[dict[str, Any]]) -> None:
    create.create(cloud, replace(WEB, protocol="TCP", port=5432))
    listener = sent[0]["listeners"][0]
    assert (listener["protocol"], listener["default_pool"]["protocol"]) == ("TCP", "TCP")
    assert listener["default_pool"]["healthmonitor"]["type"] == "TCP"
    assert "insert_headers" not in listener


def test_tls_ends_at_the_listener_with_the_chosen_certificate(
    secure: Cloud, barbican: Barbican, sent: list[dict[str, Any]]
) -> None:
    ref = barbican.container("shop.example")
    create.create(secure, replace(WEB, protocol="HTTPS", port=443, certificate=ref))
    listener = sent[0]["listeners"][0]
    assert (listener["protocol"], listener["protocol_port"]) == ("TERMINATED_HTTPS", 443)
    assert listener["default_tls_container_ref"] == ref
    assert listener["default_pool"]["protocol"] == "HTTP"
    assert listener["insert_headers"]["X-Forwarded-Proto"] == "true"


def test_only_what_can_be_a_certificate_is_offered(secure: Cloud, barbican: Barbican) -> None:
    container = barbican.container("b-site")
    barbican.container("keys", kind="rsa")
    barbican.container("half", status="PENDING")
    bundle = barbican.secret("a-bundle", expiration="2027-01-31T00:00:00")
    nameless = barbican.secret(None, secret_type="certificate")
    barbican.secret("password", content="text/plain")
    barbican.secret("key", secret_type="symmetric")
    barbican.secret("gone", status="ERROR")
    found = stored.read(secure)
    assert [(one.ref, one.kind, one.expires) for one in found] == [
        (container, "container", ""), (nameless, "bundle", ""), (bundle, "bundle", "2027-01-31"),
    ]  # fmt: skip
    assert found[1].name == nameless.rpartition("/")[2]


def test_every_page_of_the_key_manager_is_read(secure: Cloud, barbican: Barbican) -> None:
    refs = {barbican.container(f"site-{index}") for index in range(250)}
    assert {one.ref for one in stored.read(secure)} == refs


def test_a_cloud_without_a_key_manager_offers_no_tls(
    octavia: Octavia, cloud: Cloud, sent: list[dict[str, Any]]
) -> None:
    assert not stored.offered(cloud)
    with pytest.raises(BadInput, match="no key manager"):
        create.create(cloud, replace(WEB, protocol="HTTPS", certificate="http://fake/key-manager/v1/containers/c0"))
    assert (sent, [call for call in octavia.wire.calls if "key-manager" in call]) == ([], [])


@pytest.mark.parametrize("ref", ["", "http://fake/key-manager/v1/containers/other", "file:///etc/passwd"])
def test_a_certificate_of_somebody_else_is_refused(
    secure: Cloud, barbican: Barbican, sent: list[dict[str, Any]], ref: str
) -> None:
    barbican.container("ours")
    with pytest.raises(BadInput, match="Choose a certificate"):
        create.create(secure, replace(WEB, protocol="HTTPS", certificate=ref))
    assert sent == []


def test_a_silent_key_manager_is_no_empty_one(octavia: Octavia, secure: Cloud, sent: list[dict[str, Any]]) -> None:
    octavia.wire.trouble["key-manager"] = [503, 503]
    with pytest.raises(Unreachable, match="Barbican"):
        create.create(secure, replace(WEB, protocol="HTTPS", certificate="x"))
    assert sent == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "Give a name"), ({"name": "x" * 256}, "at most 255"), ({"subnet_id": ""}, "subnet"),
        ({"port": 0}, "1 to 65535"), ({"server_port": 70000}, "1 to 65535"), ({"path": "health"}, "begins with /"),
        ({"servers": (("10.0.0.300", ""),)}, "no IP address"), ({"protocol": "SCTP"}, "HTTP, HTTPS, TCP, PROXY, UDP"),
        ({"certificate": "x"}, "Only HTTPS"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_made(
    cloud: Cloud, sent: list[dict[str, Any]], changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        create.create(cloud, replace(WEB, **changes))
    assert sent == []


def test_a_name_is_taken_once(octavia: Octavia, cloud: Cloud, sent: list[dict[str, Any]]) -> None:
    octavia.build("web")
    with pytest.raises(BadInput, match="called web-lb already"):
        create.create(cloud, replace(WEB, name="web-lb"))
    assert sent == []


def losing(octavia: Octavia, monkeypatch: pytest.MonkeyPatch) -> None:
    """Octavia does what it is told, and its answer gets lost."""
    send = octavia.wire.send

    def lose(request: requests.PreparedRequest, **options: object) -> requests.Response:
        answer = send(request, **options)  # type: ignore[arg-type]
        if request.method == "POST":
            raise requests.exceptions.ReadTimeout("lost on the way back")
        return answer

    monkeypatch.setattr(octavia.wire, "send", lose)


def test_a_lost_answer_is_looked_up_and_never_sent_again(
    octavia: Octavia, cloud: Cloud, sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    losing(octavia, monkeypatch)
    assert create.create(cloud, WEB).row["name"] == "web"
    octavia.slow = 10**6
    assert create.create(cloud, replace(WEB, name="slow")).row["name"] == "slow"
    assert len(sent) == 2


def test_the_same_form_sent_again_is_the_same_load_balancer(
    octavia: Octavia, cloud: Cloud, sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = create.create(cloud, WEB, "form-1")
    again = create.create(cloud, WEB, "form-1")
    assert (again.row["id"], again.repeated, len(sent)) == (first.row["id"], True, 1)
    losing(octavia, monkeypatch)
    other = replace(WEB, name="other")
    ids = {create.create(cloud, other, "form-2").row["id"] for _ in range(2)}
    assert (len(ids), len(sent)) == (1, 2)


def test_two_tabs_that_ask_for_the_same_make_one_while_it_is_built(
    octavia: Octavia, cloud: Cloud, sent: list[dict[str, Any]]
) -> None:
    octavia.slow = 10**6
    ids = {create.create(cloud, WEB, f"form-{tab}").row["id"] for tab in range(3)}
    assert (len(ids), len(sent)) == (1, 1)
    with pytest.raises(BadInput, match="already"):
        create.create(cloud, replace(WEB, port=81), "form-1")
    octavia.settle()
    with pytest.raises(BadInput, match="already"):
        create.create(cloud, WEB, "form-9")


def test_who_changes_his_mind_gets_another_one(octavia: Octavia, cloud: Cloud, sent: list[dict[str, Any]]) -> None:
    create.create(cloud, WEB, "form-1")
    made = create.create(cloud, replace(WEB, name="web-2"), "form-1")
    assert (made.row["name"], len(octavia.balancers)) == ("web-2", 2)


def at_once(octavia: Octavia, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one request is on its way to Octavia, the same one of another tab gets there first."""
    make, inside = octavia.wire.send, []

    def send(request: requests.PreparedRequest, **options: object) -> requests.Response:
        if request.method == "POST" and not inside:
            inside.append(True)
            create.create(octavia.cloud(), WEB, "form-1")
        return make(request, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(octavia.wire, "send", send)


def test_of_two_made_at_the_same_instant_the_elder_stays_and_nothing_is_left_over(
    octavia: Octavia, cloud: Cloud, sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    at_once(octavia, monkeypatch)
    made = create.create(cloud, WEB, "form-1")
    assert len(sent) == 2
    assert list(octavia.balancers) == [made.row["id"]] == ["lb-1"]
    assert len(octavia.listeners) == len(octavia.pools) == 1
    told = [json.loads(one.message) for one in caplog.records]
    assert [(one["action"], one["target"]["id"]) for one in told][-1] == ("delete/load-balancer", "lb-4")


def test_a_double_that_is_still_built_goes_with_a_later_look(
    octavia: Octavia, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    octavia.slow = 10**6
    at_once(octavia, monkeypatch)
    assert create.create(cloud, WEB, "form-1").row["id"] == "lb-1"
    assert len(octavia.balancers) == 2
    octavia.settle()
    assert duplicates.withdraw(octavia.cloud("reader"), octavia.balancers.values()) == 0
    assert duplicates.withdraw(cloud, octavia.balancers.values()) == 1
    octavia.settle()
    assert list(octavia.balancers) == ["lb-1"]


@pytest.mark.parametrize(
    "changes",
    [{"name": "another"}, {"tags": []}, {"created_at": "2026-11-21T09:00:00"}, {"project_id": "elsewhere"}],
)
def test_what_only_looks_alike_is_never_taken_away(octavia: Octavia, cloud: Cloud, changes: dict[str, Any]) -> None:
    create.create(cloud, WEB, "form-1")
    copy = {**octavia.balancers["lb-1"], "id": "lb-9", **changes}
    octavia.balancers["lb-9"] = copy
    assert duplicates.withdraw(cloud, octavia.balancers.values()) == 0
    assert "lb-9" in octavia.balancers


def test_an_answer_lost_before_anything_was_made_is_told(octavia: Octavia, cloud: Cloud) -> None:
    octavia.wire.trouble[POSTS] = [504]
    with pytest.raises(Uncertain):
        create.create(cloud, WEB)
    assert sum(call.startswith(POSTS) for call in octavia.wire.calls) == 1


def test_a_full_quota_is_said(octavia: Octavia, cloud: Cloud) -> None:
    octavia.wire.on("POST", f"{ROOT}/loadbalancers")(
        lambda query, body: (403, {"faultstring": "Quota has been met for resources: Load Balancer"})
    )
    octavia.wire.handlers.insert(0, octavia.wire.handlers.pop())
    with pytest.raises(OverQuota, match="Load Balancer"):
        create.create(cloud, WEB)


def test_who_may_not_does_not(octavia: Octavia, sent: list[dict[str, Any]]) -> None:
    with pytest.raises(NotAllowed):
        create.create(octavia.cloud("reader"), WEB)
    assert (sent, octavia.wire.calls) == ([], [])
