"""`tenant-ops audit list`, and what a command tells the dashboard of its own changes, both through the API itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from django.test import Client

from tenant_ops_dashboard import audit
from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.audit import relay
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.records import audit as kept
from tests.unit.fake_openstack import server
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.panels import sessions

pytestmark = pytest.mark.django_db
Out = pytest.CaptureFixture[str]
API = "http://fake/tenant_ops/api"


@pytest.fixture
def octavia(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Octavia:
    """A project with a load balancer; the API is Horizon's own, which asks the same Keystone."""
    settings.MIDDLEWARE = sessions.middleware()
    settings.OPENSTACK_KEYSTONE_URL = "http://fake/identity/v3"
    settings.ALLOWED_HOSTS = ["fake"]
    made = Octavia()
    monkeypatch.setitem(server.SERVICES, "tenant-ops", API)
    monkeypatch.setattr(requests.Session, "get_adapter", lambda session, url: made.wire)
    monkeypatch.setattr(requests.sessions, "get_environ_proxies", lambda url, no_proxy=None: {})
    browser = Client()

    def serve(method: str) -> Callable[..., Any]:
        def answer(query: server.Query, body: server.Json) -> Any:
            told = browser.generic(
                method, "/tenant_ops/api/v1/audit", json.dumps(body), "application/json", QUERY_STRING=urlencode(query, doseq=True),
                headers={"X-Auth-Token": "token-1", "Host": "fake"},
            )  # fmt: skip
            return told.status_code, told.json(), dict(told.headers)

        return answer

    for method in ("GET", "POST"):
        made.wire.on(method, "/tenant_ops/api/v1/audit")(serve(method))
    made.wire.on("GET", "/identity/v3/auth/tokens")(lambda query, body: {"token": token()})
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: login(made, **options))
    return made


def login(octavia: Octavia, **options: Any) -> clouds.Cloud:
    """With a catalogue as it is now."""
    return server.connect(octavia.wire, "member", services=tuple(server.SERVICES), **options)


def token() -> server.Json:
    return {
        "user": {"id": "user-1", "name": "owner", "domain": {"id": "default", "name": "Default"}},
        "project": {"id": "project", "name": "production", "domain": {"id": "default", "name": "Default"}},
        "roles": [{"id": "member", "name": "member"}], "catalog": server.catalogue(), "methods": ["token"],
        "issued_at": "2026-11-21T06:00:00.000000Z", "expires_at": "2036-11-21T06:00:00.000000Z",
    }  # fmt: skip


def run(*words: str) -> int:
    return main.main(list(words))


def told(out: Out, *words: str) -> Any:
    assert run("audit", "list", "-f", "json", *words) == 0
    return json.loads(out.readouterr().out)


def test_a_change_by_the_command_line_is_in_the_trail(octavia: Octavia, capsys: Out) -> None:
    shop = octavia.build()
    assert run("loadbalancer", "drain", shop, "10.0.1.11") == 0
    capsys.readouterr()
    (event,) = told(capsys, "--since", "1h", "--action", "drain", "--user", "owner")
    assert (event["action"], event["observer"]["id"]) == ("update/pool-member", "tenant-ops cli")
    assert event["initiator"]["project_id"] == event["target"]["project_id"] == "project"
    assert event["attachments"][0]["content"]["after"] == {"weight": 0}
    assert told(capsys, "--outcome", event["outcome"], "--target", event["target"]["id"]) == [event]
    assert told(capsys, "--target", "nothing") == []
    assert run("audit", "list") == 0
    assert "update/pool-member" in capsys.readouterr().out


def test_nobody_hears_of_what_another_command_does_afterwards(octavia: Octavia) -> None:
    assert run("loadbalancer", "list") == 0
    sent = len(octavia.wire.calls)
    audit.record(login(octavia), "delete", "environment", "id", "shop", "success")
    assert len(octavia.wire.calls) == sent


@pytest.mark.parametrize("trouble", [503, 404, requests.ConnectionError("lost"), requests.ReadTimeout("slow")])
def test_a_dashboard_that_is_away_costs_no_change(octavia: Octavia, capsys: Out, trouble: Any) -> None:
    shop = octavia.build()
    octavia.wire.trouble["POST /tenant_ops"] = [trouble] * 9
    assert run("loadbalancer", "drain", shop, "10.0.1.11", "-f", "json") == 0
    answer = capsys.readouterr()
    assert json.loads(answer.out)["status"] == "good"
    assert "The dashboard's audit trail lacks this change" in answer.err


def test_a_command_waits_three_seconds_at_most(octavia: Octavia) -> None:
    cloud = login(octavia)
    began = time.monotonic()
    relay.hand_over(cloud, {"id": "x"})
    assert octavia.wire.timeouts[-2:][0] <= relay.PATIENCE
    assert time.monotonic() - began < 10
    assert cloud.accepted == ""


def test_without_the_dashboard_nothing_is_told(octavia: Octavia, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(server.SERVICES, "tenant-ops")
    shop = octavia.build()
    assert run("loadbalancer", "drain", shop, "10.0.1.11") == 0
    assert not [call for call in octavia.wire.calls if "tenant_ops" in call]


def test_a_catalogue_without_it_says_what_to_install(
    octavia: Octavia, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(server.SERVICES, "tenant-ops")
    assert run("audit", "list", "-f", "json") == 3
    answer = capsys.readouterr()
    assert answer.out == ""
    assert "tenant-ops-dashboard into Horizon" in answer.err
    assert "openstack endpoint create" in answer.err


@pytest.mark.parametrize(
    ("words", "said"), [(("--since", "yesterday"), "--since: Write a time"), (("--limit", "0"), "--limit")]
)
def test_bad_input_is_two(octavia: Octavia, capsys: Out, words: tuple[str, ...], said: str) -> None:
    assert run("audit", "list", *words) == 2
    answer = capsys.readouterr()
    assert answer.out == ""
    assert said in answer.err


def test_a_long_trail_is_read_page_by_page(octavia: Octavia, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    from tenant_ops_dashboard.cli import audit as command

    monkeypatch.setattr(command, "PAGE", 2)
    back = audit.also(kept.sink)
    for number in range(5):
        audit.record(login(octavia), "delete", "environment", f"id-{number}", f"shop-{number}", "success")
    back()
    assert [one["target"]["name"] for one in told(capsys)] == [f"shop-{number}" for number in (4, 3, 2, 1, 0)]
    assert [one["target"]["name"] for one in told(capsys, "--limit", "3")] == ["shop-4", "shop-3", "shop-2"]


def test_all_projects_are_asked_for(octavia: Octavia, capsys: Out) -> None:
    assert run("audit", "list", "--all-projects", "-f", "json") == 3, "this Keystone tells no projects"
    assert "Tenant Ops" in capsys.readouterr().err
    assert [call for call in octavia.wire.calls if "all_projects=true" in call]


@pytest.mark.parametrize("form", ["table", "yaml", "csv"])
def test_a_formula_in_a_name_is_a_text(octavia: Octavia, capsys: Out, form: str) -> None:
    back = audit.also(kept.sink)
    audit.record(login(octavia), "delete", "environment", "id", "=cmd()\x1b[2J", "failure", reason="no")
    back()
    assert run("audit", "list", "-f", form) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert form != "csv" or "'=cmd()" in out


def test_a_table_has_what_people_read_and_other_columns_where_they_are_asked_for(octavia: Octavia, capsys: Out) -> None:
    back = audit.also(kept.sink)
    audit.record(login(octavia), "delete", "environment", "id-1", "shop", "success")
    audit.record(login(octavia), "delete", "environment", "id-2", "", "success")
    back()
    assert run("audit", "list", "-f", "table") == 0
    out = capsys.readouterr().out
    assert "| shop |" in out and "| id-2 |" in out and "id-1" not in out
    assert max(map(len, out.splitlines())) < 130
    assert run("audit", "list", "-f", "table", "-c", "target", "-c", "request id") == 0
    assert "id-1" in capsys.readouterr().out
