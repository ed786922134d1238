"""`tenant-ops clone approve|deny|extend|pin|release|trust|orphans`: what is asked of the API, and exit codes."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from tenant_ops_dashboard import clones
from tests.unit.cli.clone_api import CLONE, READY, TRUST, Dashboard, refusal, run

Out = pytest.CaptureFixture[str]


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    return Dashboard(monkeypatch)


@pytest.mark.parametrize(
    ("words", "verb", "body"),
    [
        (("approve", "c1"), "approve", {}), (("deny", "c1", "--reason", "no"), "deny", {"reason": "no"}),
        (("extend", "c1", "--by", "1h"), "extend", {"by": "1h"}), (("pin", "c1"), "pin", {"on": True}),
        (("pin", "c1", "--off"), "pin", {"on": False}), (("release", "c1"), "release", {}),
    ],
)  # fmt: skip
def test_what_is_done_to_one_is_asked_and_it_is_printed(
    dashboard: Dashboard, capsys: Out, words: tuple[str, ...], verb: str, body: Any
) -> None:
    dashboard.answers["POST", f"/c1/{verb}"] = READY
    assert run(*words, "-f", "json") == 0
    assert json.loads(capsys.readouterr().out) == READY
    assert dashboard.asked == [("POST", f"/c1/{verb}", {}, body)]


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (refusal(422, "by: write a span as 30m, 8h or 2d."), 2, "--by: write a span as 30m, 8h or 2d."),
        (refusal(404, "clone: this project sees no clone called 'c1'."), 2, "CLONE: this project sees no clone"),
        (refusal(409, "It ends at 12:00 UTC at the latest."), 1, "It ends at 12:00 UTC at the latest."),
        (refusal(403, "Your roles do not allow this."), 3, "Your roles do not allow this."),
    ],
)
def test_what_the_api_refuses(dashboard: Dashboard, capsys: Out, answer: Any, code: int, says: str) -> None:
    dashboard.answers["POST", "/c1/extend"] = answer
    assert run("extend", "c1", "--by", "1h") == code
    said = capsys.readouterr().err.strip()
    assert said.startswith(says)
    assert "\n" not in said


def test_authority_is_given_listed_and_taken_back(dashboard: Dashboard, capsys: Out) -> None:
    assert run("trust", "give", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out) == TRUST
    assert run("trust", "list", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out) == [TRUST]
    assert run("trust", "list") == 0
    assert "member" in capsys.readouterr().out
    assert run("trust", "revoke", "t1", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out) == {"id": "t1", "revoked": True}
    asked = len(dashboard.asked)
    for wrong in ("../c1", "..", ""):
        assert run("trust", "revoke", wrong) == 2
        assert capsys.readouterr().err.startswith("TRUST: ")
    assert len(dashboard.asked) == asked


def test_orphans_end_with_1(dashboard: Dashboard, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[Any] = []
    known: list[Any] = []

    def find(cloud: Any, rows: Any) -> tuple[Any, ...]:
        known.extend(rows)
        return tuple(left)

    monkeypatch.setattr(clones, "orphans", SimpleNamespace(find=find), raising=False)
    assert run("orphans", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out) == []
    assert known == [CLONE]
    one = {"kind": "volume", "id": "v9", "name": "ci-0", "clone": "c0", "says": "No clone needs it."}
    left.append(SimpleNamespace(**one))
    assert run("orphans", "-f", "json") == 1
    assert json.loads(capsys.readouterr().out) == [one]
    assert run("orphans") == 1
    assert "No clone needs it." in capsys.readouterr().out
