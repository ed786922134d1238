"""What holds for every operation of the API, from its own document: login, project, policy, rate, JSON whatever happens."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
from django.urls import URLPattern

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.api import limits, operation, urls, versions
from tenant_ops_dashboard.panels import belonging, store
from tests.unit.api.conftest import Api
from tests.unit.panels import sessions

pytestmark = pytest.mark.django_db
DOCUMENT = versions.document()
# What an address has for each of its parts; nothing is called so.
PARTS = {"intent": "0123456789abcdef", "id": "none", "offer": "none", "clone": "none", "trust": "none", "scenario": "orchestration", "step": "answers"}
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [(method, path) for path, known in DOCUMENT["paths"].items() for method in METHODS if method in known]
OPEN = [one for one in OPERATIONS if DOCUMENT["paths"][one[1]][one[0]].get("security") == []]
GUARDED = [one for one in OPERATIONS if one not in OPEN]
WRONG = [
    ("", 401, "The header X-Auth-Token is missing."),
    ("invented", 401, "Keystone does not accept this token."),
    ("nowhere", 403, "This token is for no project: ask Keystone for one that is."),
    ("outsider", 403, policy.why_not("audit:")[:60]),
]


def ask(api: Api, method: str, path: str, who: str = "owner", **query: Any) -> Any:
    return api.ask(method.upper(), f"v1{path.format(**PARTS)}", who, {} if method != "get" else None, **query)


def schema(method: str, path: str, status: int) -> dict[str, Any]:
    """What the document says of the body of this answer."""
    said = DOCUMENT["paths"][path][method]["responses"][str(status)]
    if "$ref" in said:
        said = DOCUMENT["components"]["responses"][said["$ref"].rpartition("/")[2]]
    found: dict[str, Any] = said["content"]["application/json"]["schema"]
    return found


def conforms(answer: Any, method: str, path: str) -> Any:
    """The answer's body, which is as the document says."""
    body = answer.json()
    shape = {**schema(method, path, answer.status_code), "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(shape).validate(body)
    assert answer["X-Openstack-Request-Id"].startswith("req-")
    assert "Set-Cookie" not in answer
    assert not answer.cookies
    return body


def served() -> set[tuple[str, str]]:
    """Every operation there is an address for, asked of the views themselves."""
    found = set()
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        route = str(pattern.pattern)
        if route.startswith("v1/"):
            path = re.sub(r"<\w+:(\w+)>", r"{\1}", route.removeprefix("v1/"))
            found |= {(method, f"/{path}") for method in METHODS if takes(f"v1/{path}", method)}
    return found


def takes(route: str, method: str) -> bool:
    from django.test import RequestFactory
    from django.urls import resolve

    address = f"/tenant_ops/api/{route.format(**PARTS)}"
    request = RequestFactory().generic(method.upper(), address)
    request.session = type("Session", (dict,), {})()
    return bool(resolve(address).func(request).status_code != 405)


def test_every_operation_of_the_document_is_served_and_no_other() -> None:
    assert served() == set(OPERATIONS)


def test_the_document_is_valid_and_served(api: Api) -> None:
    found = conforms(api.get("v1/openapi.json", ""), "get", "/openapi.json")
    assert found["paths"] == DOCUMENT["paths"]
    assert found["servers"] == [{"url": "http://testserver/tenant_ops/api/v1"}]
    for name, shape in DOCUMENT["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(shape), name
    references = set(json.dumps(DOCUMENT).split('"$ref": "')[1:])
    for one in references:
        place = one.partition('"')[0].removeprefix("#/").split("/")
        node: Any = DOCUMENT
        for name in place:
            node = node[name]


def test_parameters_of_the_document_are_those_that_are_read() -> None:
    from tenant_ops_dashboard.api import audit, clones, intents

    for path, read in (
        ("/audit", audit.PARAMETERS), ("/intents", intents.PARAMETERS), ("/clones", clones.CLONES),
        ("/clones/offers", clones.OFFERS),
    ):  # fmt: skip
        assert {one["name"] for one in DOCUMENT["paths"][path]["get"]["parameters"]} == read


def test_versions_take_no_login(api: Api) -> None:
    for path in ("", "v1/"):
        answer = api.get(path, "")
        found = conforms(answer, "get", "/")
        assert found["versions"][0]["links"][0]["href"] == "http://testserver/tenant_ops/api/v1/"
    assert api.world.calls() == []


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize(("who", "status", "sentence"), WRONG)
def test_who_may_not_is_told_and_nothing_else(
    api: Api, method: str, path: str, who: str, status: int, sentence: str
) -> None:
    answer = ask(api, method, path, who)
    assert answer.status_code == status
    error = conforms(answer, method, path)["error"]
    assert error["sentence"].startswith(sentence[:40])
    assert error["todo"] or status == 403
    assert error["request_id"].startswith("req-")
    assert ("WWW-Authenticate" in answer) == (status == 401)
    assert all(call.startswith("GET /identity/") for call in api.world.calls())


@pytest.mark.parametrize("token", ["x" * 8193, "a b", "ä", "a\tb"])
def test_what_no_token_can_be_is_not_asked_of_keystone(api: Api, token: str) -> None:
    answer = api.client.get("/tenant_ops/api/v1/audit", headers={"X-Auth-Token": token})
    assert answer.status_code == 401
    assert api.world.calls() == []


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_login_is_one_call(api: Api, method: str, path: str) -> None:
    ask(api, method, path)
    calls = api.world.calls()
    assert (calls[0], calls.count(calls[0])) == ("GET /identity/v3/auth/tokens", 1)


def test_horizon_s_keystone_may_be_named_without_its_version(api: Api, settings: Any) -> None:
    settings.OPENSTACK_KEYSTONE_URL = "http://fake/identity"
    assert api.get("v1/audit").status_code == 200


@pytest.mark.parametrize("status", [500, 503])
def test_a_keystone_that_is_away_is_told(api: Api, status: int) -> None:
    api.world.wire.trouble["auth/tokens"] = [status] * 4
    answer = api.get("v1/audit")
    assert answer.status_code in (502, 504)
    assert "Keystone" in answer.json()["error"]["sentence"]


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_session_is_no_login_and_is_left_alone(api: Api, settings: Any, method: str, path: str) -> None:
    settings.SESSION_SAVE_EVERY_REQUEST = True
    sessions.log_in(api.client, sessions.token())
    before = {**sessions.store(api.client).load(), "token": ""}
    answer = api.client.generic(
        method.upper(), f"/tenant_ops/api/v1{path.format(**PARTS)}", headers={belonging.HEADER: "project@RegionOne"}
    )
    assert answer.status_code == 401
    assert not answer.cookies
    assert {**sessions.store(api.client).load(), "token": ""} == before


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_project_is_slowed_down_and_no_other(
    api: Api, settings: Any, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_010.0)
    settings.TENANT_OPS_API_RATE = 2
    assert [ask(api, method, path).status_code == 429 for _ in range(3)] == [False, False, True]
    answer = ask(api, method, path)
    assert "more than 2 times within a minute" in conforms(answer, method, path)["error"]["sentence"]
    assert answer["Retry-After"] == "51"
    assert ask(api, method, path, "developer").status_code != 429
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_062.0)
    assert ask(api, method, path).status_code != 429


def test_a_cache_that_is_down_lets_all_through(api: Api, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TENANT_OPS_API_RATE = 1

    class Down:
        def __getattr__(self, name: str) -> Any:
            raise ConnectionRefusedError("memcached")

    monkeypatch.setattr(store, "cache", Down())
    assert [api.get("v1/audit").status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("path", ["v1/nothing", "v2/audit", "v1/audit/", "x"])
def test_another_address_is_json_too(api: Api, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["sentence"] == "There is nothing at this address."


@pytest.mark.parametrize("path", list(DOCUMENT["paths"]))
def test_another_method_is_told_which_there_are(api: Api, path: str) -> None:
    answer = api.ask("PATCH", f"v1{path.format(**PARTS)}")
    assert answer.status_code == 405
    assert answer.json()["error"]["request_id"] == answer["X-Openstack-Request-Id"]
    assert answer["Allow"].lower().split(", ") == [one for one in sorted(METHODS) if one in DOCUMENT["paths"][path]]
    jsonschema.validate(answer.json(), {**DOCUMENT["components"]["schemas"]["Failure"]})


def test_a_mistake_of_ours_is_json_with_a_request_id(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation.limits, "spend", lambda project: 1 / 0)
    answer = api.get("v1/audit")
    assert (answer.status_code, answer.json()["error"]["sentence"][:15]) == (500, "This broke off;")


def test_an_unknown_parameter_is_told(api: Api) -> None:
    error = api.get("v1/audit", sinc="1h").json()["error"]
    assert (error["field"], error["sentence"][:32]) == ("sinc", "sinc: this is no parameter here;")
    answer = api.client.get("/tenant_ops/api/v1/audit?limit=1&limit=2", headers={"X-Auth-Token": "token-of-owner"})
    assert answer.json()["error"]["sentence"] == "limit: this stands here more than once."


def test_an_operator_s_policy_counts(api: Api, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text('"audit:see": "role:nobody"\n')
    monkeypatch.setenv(policy.VARIABLE, str(file))
    assert api.get("v1/audit").status_code == 403
