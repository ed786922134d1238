"""`tenant-ops firewall intent`, and the gate of `apply`, with the dashboard's own API behind them, and without it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.firewall import commit
from tenant_ops_dashboard.records import models
from tests.unit.fake_openstack import server
from tests.unit.fake_openstack.server import Login
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.standing import expose_database, shop
from tests.unit.panels import sessions

pytestmark = pytest.mark.django_db
Out = pytest.CaptureFixture[str]
API = "http://fake/tenant_ops/api"
NEVER = "The database is never reachable from the internet."
ADD = ("--expect", "deny", "--from", "internet", "--to", "tier:shop/jump", "--protocol", "tcp", "--port", "22")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> World:
    """An environment whose database only the firewall keeps from the internet; no dashboard in the catalogue."""
    made = World()
    shop(made, made.cloud())
    expose_database(made)
    monkeypatch.setattr(commit, "WAIT", 0.0)
    monkeypatch.setattr(
        clouds, "from_clouds_yaml", lambda name, **options: made.cloud("member", name="owner", **options)
    )
    return made


@pytest.fixture
def world(alone: World, monkeypatch: pytest.MonkeyPatch, settings: Any) -> World:
    """The same with Horizon's own API, which asks the same cloud."""
    settings.MIDDLEWARE = sessions.middleware()
    settings.OPENSTACK_KEYSTONE_URL = "http://fake/identity/v3"
    settings.ALLOWED_HOSTS = ["fake"]
    settings.TENANT_OPS_API_RATE = 0
    alone.wire_all(monkeypatch)
    alone.wire.logins["token-of-owner"] = Login("project", frozenset({"member", "reader"}), "owner")
    browser = Client()

    def serve(method: str, path: str) -> Callable[..., Any]:
        def answer(*parts: str, query: server.Query, body: server.Json) -> Any:
            sent = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
            told = browser.generic(
                method, f"/tenant_ops/api/v1/{path}{''.join(parts)}", QUERY_STRING=urlencode(query, doseq=True),
                headers={"X-Auth-Token": "token-of-owner", "Host": "fake"}, **sent,
            )  # fmt: skip
            return told.status_code, told.json(), dict(told.headers)

        return answer

    for method, path, pattern in (
        ("GET", "intents", "intents"), ("POST", "intents", "intents"), ("DELETE", "intents/", "intents/([^/]*)"),
        ("POST", "audit", "audit"),
    ):  # fmt: skip
        alone.wire.on(method, f"/tenant_ops/api/v1/{pattern}")(serve(method, path))
    monkeypatch.setitem(server.SERVICES, "tenant-ops", API)
    services = tuple(server.SERVICES)
    monkeypatch.setattr(
        clouds, "from_clouds_yaml",
        lambda name, **options: alone.cloud("member", name="owner", services=services, **options),
    )  # fmt: skip
    return alone


def run(*words: str) -> int:
    return main.main(["firewall", *words])


def told(capsys: Out, *words: str, code: int = 0) -> Any:
    assert run(*words, "-f", "json") == code
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def opened(capsys: Out, tmp_path: Path) -> Callable[[], str]:
    """A draft that lets the internet reach the database."""

    def make() -> str:
        draft = told(capsys, "show", "shop-fw")
        there = {"action": "allow", "protocol": "tcp", "destination_ip_address": "10.20.2.5"}
        back = {"action": "allow", "protocol": "tcp", "source_ip_address": "10.20.2.5", "source_port": "1521"}
        draft["ingress"]["rules"].insert(0, {"name": "anyone", "destination_port": "1521", **there})
        draft["egress"]["rules"].append({"name": "anyone back", **back})
        (tmp_path / "draft.json").write_text(json.dumps(draft))
        return str(tmp_path / "draft.json")

    return make


def test_without_a_dashboard_blueprints_own_are_checked_and_the_rest_is_told(alone: World, capsys: Out) -> None:
    assert run("intent", "check", "-f", "json") == 1
    shown = capsys.readouterr()
    assert [one["holds"] for one in json.loads(shown.out)] == [True, False, True]
    assert "no service 'tenant-ops'" in shown.err and "Only what blueprints bring is known here" in shown.err
    for words in (("list",), ("add", *ADD), ("remove", "x")):
        assert run("intent", *words) in (1, 3)
        assert "docs/install.md" in capsys.readouterr().err


def test_what_is_added_is_listed_checked_and_removed(world: World, capsys: Out) -> None:
    made = told(capsys, "intent", "add", *ADD, "--says", "No logins.", "--environment", "shop")
    assert (made["holds"], made["origin"], made["says"]["says"]) == (True, "person", "No logins.")
    assert told(capsys, "intent", "add", *ADD, "--environment", "shop")["id"] == made["id"]
    rows = told(capsys, "intent", "list")
    assert len(rows) == 4 and rows[-1]["id"] == made["id"]
    assert len(told(capsys, "intent", "list", "--environment", "shop")) == 4
    checked = told(capsys, "intent", "check", "--environment", "shop", code=1)
    assert [one["holds"] for one in checked] == [True, False, True, True]
    assert checked[1]["witness"]
    assert run("intent", "remove", made["id"]) == 0
    assert run("intent", "remove", made["id"]) == 2
    assert "This project has no intent" in capsys.readouterr().err
    assert not models.FirewallIntent.objects.filter(origin="person").exists()


def test_intents_of_what_is_being_taken_away_are_listed_and_not_checked(world: World, capsys: Out) -> None:
    (made,) = world.heat.stacks
    world.heat.begin(made, "DELETE")
    assert len(told(capsys, "intent", "list")) == 3
    assert run("intent", "check", "-f", "json") == 0
    assert "Not checked, as their environments are being made or taken away: 3." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("--port", "0"), "--port: must be a port"),
        (("--protocol", "qp"), "--protocol: unknown protocol"),
        (("--to", "tier:shop/nowhere"), "to: shop has no tier nowhere"),
        (("--to", "nonsense"), "to: 'nonsense' is none of"),
        (("--environment", "nope"), "This project has no environment called nope"),
    ],
)
def test_bad_input_is_named_and_ends_with_two(world: World, capsys: Out, change: tuple[str, str], said: str) -> None:
    assert run("intent", "add", *ADD, *change) == 2
    assert said in capsys.readouterr().err
    assert not models.FirewallIntent.objects.exists()


@pytest.mark.parametrize("dashboard", [True, False])
def test_apply_is_refused_and_overridden(
    request: pytest.FixtureRequest, capsys: Out, opened: Callable[[], str], dashboard: bool
) -> None:
    there: World = request.getfixturevalue("world" if dashboard else "alone")
    file = opened()
    there.calls()
    assert run("apply", "shop-fw", "--draft", file) == 1
    shown = capsys.readouterr()
    (broken,) = json.loads(shown.out)["intents"]
    assert (broken["intent"]["says"], broken["holds"], broken["witness"]["dst_port"]) == (NEVER, False, 1521)
    assert NEVER.rstrip(".") in shown.err
    assert not [call for call in there.calls() if "fwaas" in call and not call.startswith("GET")]
    assert run("apply", "shop-fw", "--draft", file, "--override", "for a test") == 0
    capsys.readouterr()
    assert run("undo", "shop-fw") == 0
    assert "Broken: The application answers on port 80" in capsys.readouterr().err


def test_where_nobody_knows_which_stand_nothing_is_applied(
    world: World, capsys: Out, opened: Callable[[], str]
) -> None:
    file = opened()
    world.wire.trouble["/tenant_ops/api/"] = [503] * 20
    assert run("apply", "shop-fw", "--draft", file) == 3
    assert "Which intents stand is not known" in capsys.readouterr().err
    assert run("apply", "shop-fw", "--draft", file, "--override", "the dashboard is away") == 0
