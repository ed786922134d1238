"""`tenant-ops posture acknowledge|withdraw|review|drift`: what is asked of the API, what is said, and exit codes."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tests.unit.fake_openstack import server
from tests.unit.fake_openstack.world import World

API = "/tenant_ops/api/v1/posture"
WORD = {"id": "f1", "by": "owner", "reason": "why", "until": "2026-12-24T08:30:00Z"}
QUIET = {"since": "a", "taken_at": "b", "review": {}, "gained": [], "lost": [], "new": [], "gone": [], "unknown": []}
BOX = {"port": "p", "name": "app", "src": ["0.0.0.0/0"], "protocol": "tcp", "dst_port": "22-22"}
FINDING = {"id": "f1", "severity": "high", "name": "app", "object": "p", "why": "open"}
Out = pytest.CaptureFixture[str]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the API was asked; `answers` says what it answers."""
    world, found = World(), []
    monkeypatch.setitem(server.SERVICES, "tenant-ops", "http://fake/tenant_ops/api")

    def serve(method: str, path: str) -> None:
        def answer(query: Any, body: Any) -> Any:
            found.append((method, path, dict(query), body))
            return ANSWERS[method, path]

        world.wire.on(method, f"{API}{path}")(answer)

    for method, path in ANSWERS:
        serve(method, path)
    monkeypatch.setattr(requests.Session, "get_adapter", lambda session, url: world.wire)
    monkeypatch.setattr(requests.sessions, "get_environ_proxies", lambda url, no_proxy=None: {})
    services = tuple(server.SERVICES)
    login = lambda name, **options: server.connect(world.wire, "member", services=services, **options)  # noqa: E731
    monkeypatch.setattr(clouds, "from_clouds_yaml", login)
    return found


def refusal(status: int, sentence: str) -> Any:
    return status, {"error": {"sentence": sentence, "todo": "", "request_id": "", "field": sentence.partition(":")[0]}}


ANSWERS: dict[tuple[str, str], Any] = {
    ("POST", "/acknowledgements"): (201, WORD), ("DELETE", "/acknowledgements/f1"): (200, WORD),
    ("POST", "/reviews"): (201, {"id": "1", "by": "owner", "at": "a", "taken_at": "b", "findings": {"high": 1},
                                 "ports": 1, "unfiltered": 0, "existing": False}),
    ("GET", "/drift"): (200, QUIET),
}  # fmt: skip


def run(*words: str) -> int:
    return main.main(["posture", *words])


def test_what_is_asked_and_printed(asked: list[Any], capsys: Out) -> None:
    assert run("acknowledge", "f1", "--reason", "why", "--until", "30d", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out) == WORD
    assert asked[-1][3] == {"id": "f1", "reason": "why", "until": "30d"}
    assert run("withdraw", "f1", "--all-projects") == 0
    assert asked[-1][2] == {"all_projects": "true"}
    assert run("review", "--project", "development", "-f", "json") == 0
    assert asked[-1][2] == {"project": "development"}
    with pytest.raises(SystemExit) as ended:
        run("acknowledge", "f1", "--until", "30d")
    assert ended.value.code == 2, "a reason is required"


@pytest.mark.parametrize(
    ("more", "code"),
    [({}, 0), ({"lost": [BOX], "gone": [FINDING]}, 0), ({"gained": [BOX]}, 1), ({"new": [FINDING]}, 1)],
)
def test_drift_ends_with_1_for_what_came(
    asked: list[Any], capsys: Out, monkeypatch: pytest.MonkeyPatch, more: Any, code: int
) -> None:
    monkeypatch.setitem(ANSWERS, ("GET", "/drift"), (200, {**QUIET, **more}))
    assert run("drift", "-f", "json") == code
    assert json.loads(capsys.readouterr().out) == {**QUIET, **more}
    assert run("drift") == code
    told = capsys.readouterr().out
    assert ("anywhere -> app tcp 22" in told) == ("gained" in more or "lost" in more)


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (refusal(422, "until: this is past."), 2, "--until: this is past."),
        (refusal(404, "No finding has the id 'f1'."), 2, "No finding has the id 'f1'."),
        (refusal(403, "Your roles do not allow this."), 3, "Your roles do not allow this."),
    ],
)
def test_what_the_api_refuses(
    asked: list[Any], capsys: Out, monkeypatch: pytest.MonkeyPatch, answer: Any, code: int, says: str
) -> None:
    monkeypatch.setitem(ANSWERS, ("POST", "/acknowledgements"), answer)
    assert run("acknowledge", "f1", "--reason", "why", "--until", "30d") == code
    told = capsys.readouterr().err.strip()
    assert says in told
    assert "\n" not in told


def test_nothing_to_compare_with_is_a_failure(
    asked: list[Any], capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setitem(ANSWERS, ("GET", "/drift"), refusal(409, "Nobody has reviewed this posture yet."))
    assert run("drift") == 1
    assert "Nobody has reviewed" in capsys.readouterr().err


def test_a_cloud_without_the_dashboard_s_api_says_what_to_install(capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: World().cloud())
    assert run("drift") == 3
    assert "docs/install.md" in capsys.readouterr().err
