"""The way to OpenStack: one token, no needless calls, timeouts, one retry of reads, errors in words with a request id."""

from __future__ import annotations

import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from tenant_ops_dashboard import cloud as clouds
from tests.unit.fake_openstack.server import Wire, connect, horizon_request


def test_a_request_of_horizon_costs_no_call_and_keeps_its_token(wire: Wire) -> None:
    cloud = connect(wire)
    assert wire.calls == []
    assert (cloud.user_id, cloud.project_id, cloud.roles) == ("user-1", "project", frozenset({"member"}))
    cloud.get("network", "/ports")
    assert wire.calls == ["GET /network/v2.0/ports"]
    assert cloud.session.get_token() == "token-1"


def test_an_expiry_time_of_horizon_is_understood(wire: Wire) -> None:
    request = horizon_request("member")
    request.user.token.expires = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
    made = clouds.from_request(request)
    made.session.session.mount("http://", wire)
    assert made.get("network", "/ports")["ports"]


def test_the_region_of_the_user_is_used(wire: Wire) -> None:
    other = clouds.from_request(horizon_request("member", region="RegionTwo"))
    assert other.endpoint("network") == "http://elsewhere/network/v2.0"
    assert (
        clouds.from_request(horizon_request("member"), region="RegionTwo")
        .endpoint("network")
        .startswith("http://elsewhere")
    )


@pytest.mark.parametrize(
    ("service", "catalogued", "expected"),
    [
        ("network", "http://n:9696", "http://n:9696/v2.0"),
        ("network", "http://n:9696/v2.0/", "http://n:9696/v2.0"),
        ("load-balancer", "http://lb/load-balancer", "http://lb/load-balancer/v2.0"),
        ("image", "http://i/v2", "http://i/v2"),
        ("compute", "http://c/v2.1", "http://c/v2.1"),
        ("identity", "http://k/identity", "http://k/identity/v3"),
    ],
)
def test_addresses_need_no_discovery(service: str, catalogued: str, expected: str) -> None:
    request = horizon_request("member", services=(service,))
    request.user.service_catalog[0]["endpoints"][-1]["url"] = catalogued
    assert clouds.from_request(request).endpoint(service) == expected


def test_what_the_catalogue_lacks(wire: Wire) -> None:
    cloud = connect(wire, services=("network",))
    assert cloud.has("network")
    assert not cloud.has("load-balancer")
    with pytest.raises(clouds.ServiceMissing, match="no Octavia"):
        cloud.get("load-balancer", "/lbaas/loadbalancers")
    with pytest.raises(clouds.ServiceMissing):
        cloud.balancers("load_balancer_list")


@pytest.mark.parametrize(("fields", "said"), [
    ({"roles": []}, "Keystone knows no role of owner in the project production, so its catalogue for this login is empty"),
    ({}, "Keystone's catalogue for owner in the project production is empty, so no service can be asked."),
    ({"roles": [], "username": "", "project_name": ""}, "Keystone knows no role of this user in the project project, so"),
])  # fmt: skip
def test_a_login_without_a_catalogue_is_told_so_and_no_service_is_blamed(fields: dict[str, Any], said: str) -> None:
    request = horizon_request("member", services=())
    vars(request.user).update(fields)
    cloud = clouds.from_request(request)
    assert not cloud.has("block-storage")
    with pytest.raises(clouds.NoCatalogue) as caught:
        cloud.get("block-storage", "/limits")
    assert caught.value.sentence.startswith(said)
    assert (caught.value.service, caught.value.answer, caught.value.exit_code) == ("Keystone", 403, 3)
    assert "Ask for a role in this project" in caught.value.todo


def test_settings_of_horizon_are_honoured() -> None:
    request = horizon_request("member")
    assert clouds.from_request(request, insecure=True).session.verify is False
    assert clouds.from_request(request, cacert="/ca.pem").session.verify == "/ca.pem"
    assert clouds.from_request(request).session.verify is True
    assert clouds.from_request(request, interface="publicURL").options.interface == "public"
    assert clouds.from_request(request, clouds.Options(timeout=3)).session.timeout == 3


@pytest.mark.parametrize("trouble", [503, 502, requests.ConnectionError("Connection refused")])
def test_a_read_is_tried_twice(wire: Wire, trouble: Exception | int) -> None:
    wire.trouble["ports"] = [trouble]
    assert connect(wire).get("network", "/ports")["ports"]
    wire.trouble["ports"] = [trouble, trouble]
    with pytest.raises(clouds.Unreachable):
        connect(wire).get("network", "/ports")


def test_a_slow_read_is_not_repeated(wire: Wire) -> None:
    wire.trouble["ports"] = [requests.ReadTimeout("slow")]
    with pytest.raises(clouds.Unreachable, match="Neutron did not answer within 20 seconds"):
        connect(wire).get("network", "/ports")
    assert len(wire.calls) == 1


@pytest.mark.parametrize("trouble", [500, 503, requests.ReadTimeout("slow"), requests.ConnectionError("reset by peer")])
def test_a_change_is_never_repeated_and_its_loss_is_uncertain(wire: Wire, trouble: Exception | int) -> None:
    wire.trouble["POST"] = [trouble]
    with pytest.raises(clouds.Uncertain):
        connect(wire).post("network", "/ports", {"port": {}})
    assert len(wire.calls) == 1


def test_a_refused_change_did_not_happen(wire: Wire) -> None:
    wire.trouble["POST"] = [requests.ConnectionError("Connection refused")]
    with pytest.raises(clouds.Unreachable) as caught:
        connect(wire).post("network", "/ports", {"port": {}})
    assert not isinstance(caught.value, clouds.Uncertain)


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (
            404,
            {"itemNotFound": {"code": 404, "message": "Instance x could not be found."}},
            clouds.NotFound,
            "Instance x",
        ),
        (
            409,
            {"NeutronError": {"type": "Conflict", "message": "Port in use.", "detail": ""}},
            clouds.Conflict,
            "Neutron: Port in use.",
        ),
        (
            409,
            {"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['port']."}},
            clouds.OverQuota,
            "['port']",
        ),
        (403, {"forbidden": {"message": "Quota exceeded for cores", "code": 403}}, clouds.OverQuota, "cores"),
        (403, {"error": {"message": "Policy doesn't allow it"}}, clouds.NotAllowed, "Policy"),
        (
            401,
            {"error": {"message": "The request you have made requires authentication."}},
            clouds.LoginEnded,
            "does not accept this login",
        ),
        (400, {"error": {"message": "Property error"}, "explanation": "x"}, clouds.BadRequest, "Property error"),
        (400, {"faultstring": "Bad VIP"}, clouds.BadRequest, "Bad VIP"),
        (
            404,
            {"code": 404, "title": "Bad Request", "description": "Pool x not found."},
            clouds.NotFound,
            "Neutron: Pool x not found.",
        ),
        (
            400,
            {
                "message": "No image found with ID x<br /><br />\n\n\n",
                "code": "400 Bad Request",
                "title": "Bad Request",
            },
            clouds.BadRequest,
            "Neutron: No image found with ID x",
        ),
        (413, {"overLimit": {"message": "Too much"}}, clouds.OverQuota, "Too much"),
        (429, {"overLimit": {"message": "Too fast"}}, clouds.SlowDown, "Neutron asked to slow down."),
        (418, {}, clouds.CloudError, "HTTP 418"),
        (500, {"error": {"message": "boom"}}, clouds.CloudError, "Neutron failed (HTTP 500): boom"),
    ],
)
def test_errors_are_sentences_with_a_request_id(
    wire: Wire, status: int, body: dict[str, object], kind: type[Exception], words: str
) -> None:
    wire.handlers.insert(0, ("GET", wire.handlers[0][1], lambda query, body_: None))  # replaced below
    wire.handlers[0] = ("GET", wire.handlers[0][1], lambda query, **_: (status, body))
    with pytest.raises(kind) as caught:
        connect(wire).get("network", "/ports")
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert "<br" not in str(caught.value)
    assert caught.value.request_id.startswith("req-")  # type: ignore[attr-defined]
    assert caught.value.status == status  # type: ignore[attr-defined]


def test_errors_of_octaviaclient_are_the_same_kind(wire: Wire) -> None:
    wire.on("GET", "/load-balancer/v2.0/lbaas/loadbalancers")(
        lambda query, body: (404, {"faultstring": "no such thing"})
    )
    cloud = connect(wire)
    with pytest.raises(clouds.NotFound, match="Octavia: no such thing") as caught:
        cloud.balancers("load_balancer_list")
    assert caught.value.request_id.startswith("req-")
    wire.trouble["loadbalancers"] = [requests.ReadTimeout("slow")]
    with pytest.raises(clouds.Unreachable, match="Octavia"):
        cloud.balancers("load_balancer_list")


def test_deleting_what_is_gone_is_done(wire: Wire) -> None:
    cloud = connect(wire)
    cloud.delete("network", "/ports/none")
    with pytest.raises(clouds.NotFound):
        cloud.delete("network", "/ports/none", missing_ok=False)


def test_microversions_are_asked_for(wire: Wire) -> None:
    seen: list[SimpleNamespace] = []
    send = wire.send
    wire.send = lambda request, **options: (seen.append(request.headers), send(request, **options))[1]  # type: ignore[method-assign,assignment]
    connect(wire).get("network", "/ports", microversion="2.47")
    assert seen[0]["OpenStack-API-Version"] == "network 2.47"  # type: ignore[index]


def test_once_is_once(wire: Wire) -> None:
    cloud = connect(wire)
    assert cloud.once("a", object) is cloud.once("a", object)


def test_an_unknown_cloud_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", f"{tmp_path}/none.yaml")
    with pytest.raises(clouds.BadRequest, match="nowhere"):
        clouds.from_clouds_yaml("nowhere")


@pytest.mark.parametrize(
    "entry",
    [
        "{auth_type: v3applicationcredential, auth: {auth_url: 'http://fake/v3', application_credential_id: a}}",
        "{auth_type: v3token, auth: {auth_url: 'http://fake/v3'}}",
        "{auth: 5}",
        "[]",
    ],
)
def test_an_entry_that_is_not_whole_is_bad_input(entry: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "clouds.yaml"
    file.write_text(f"clouds:\n  half: {entry}\n")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    with pytest.raises(clouds.BadRequest, match="No usable cloud half") as told:
        clouds.from_clouds_yaml("half")
    assert told.value.exit_code == 2
