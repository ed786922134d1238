"""`tenant-ops clone approve|deny|extend|pin|release|trust|orphans`: what is asked of the API, and exit codes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tenant_ops_dashboard.cli import clones
from tenant_ops_dashboard.clones.markers import CLONE as MARK
from tests.unit.cli.clone_api import CLONE, OFFER, READY, TRUST, Dashboard, refusal, run

SEEN = {"name": "ci", "project_id": "project", "attachments": [], "status": "available", "size": 1}
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
        (("reclaim", "c1"), "reclaim", {}),
    ],
)  # fmt: skip
def test_what_is_done_to_one_is_asked_and_it_is_printed(
    dashboard: Dashboard, capsys: Out, words: tuple[str, ...], verb: str, body: Any
) -> None:
    dashboard.answers["POST", f"/c1/{verb}"] = READY
    assert run(*words, "-f", "json") == 0
    assert json.loads(capsys.readouterr().out) == READY
    assert dashboard.asked == [("POST", f"/c1/{verb}", {}, body)]


def test_newer_data_is_waited_for(dashboard: Dashboard, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it was not copied the clone is ready all the same: the code says it."""
    monkeypatch.setattr(clones, "EVERY", 0.0)
    coming, newer = {**READY, "state": "refreshing"}, {**READY, "refreshed_at": "2026-11-29T09:00:00Z"}
    dashboard.answers["POST", "/c1/refresh"] = coming
    assert run("refresh", "c1", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out) == coming
    for last, code in ((newer, 0), ({**READY, "says": "It was not refreshed"}, 1)):
        dashboard.answers["GET", "/c1"] = [READY, coming, last]
        assert run("refresh", "c1", "--wait", "-f", "json") == code
        told = capsys.readouterr()
        assert json.loads(told.out) == last
        assert told.err.splitlines()[0] == "refreshing"


def test_the_way_back_is_waited_for(dashboard: Dashboard, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clones, "EVERY", 0.0)
    coming = {**READY, "state": "refreshing"}
    dashboard.answers["POST", "/c1/revert"] = coming
    assert run("revert", "c1", "-f", "json") == 0
    for last, code in ((READY, 0), ({**READY, "says": "It was not brought back: no"}, 1)):
        dashboard.answers["GET", "/c1"] = [coming, last]
        assert run("revert", "c1", "--wait", "-f", "json") == code
    capsys.readouterr()
    dashboard.answers["POST", ""] = (201, {**CLONE, "existing": False})
    assert run("request", "shop-data", "--name", "ci-1", "--revertible") == 0
    assert dashboard.asked[-1][3]["revertible"] is True
    assert run("request", "shop-data", "--name", "ci-1", "--set", "flavor=small", "--set", "key_name=a=b") == 0
    assert dashboard.asked[-1][3]["set"] == {"flavor": "small", "key_name": "a=b"}
    assert run("request", "shop-data", "--name", "ci-1", "--set", "flavor") == 2


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


def test_orphans_end_with_1(dashboard: Dashboard, capsys: Out) -> None:
    """The login's own Cinder is asked; of clones of its own data the volume stands in another project."""
    theirs = {**READY, "id": "c2", "lineage": {**READY["lineage"], "source": {**OFFER["source"], "project": "p"}}}
    dashboard.answers["GET", ""] = {"clones": [READY, theirs, {**CLONE, "id": "c3"}], "cared_at": None}
    kept = dashboard.world.things.kept["volumes"]
    volume = {**SEEN, "id": "v2", "metadata": {MARK: "c1"}}
    kept["v2"] = volume
    assert run("orphans", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out) == []
    kept["v9"] = {**volume, "id": "v9", "name": "ci-0", "metadata": {MARK: "c0"}}
    del kept["v2"]
    assert run("orphans", "-f", "json") == 1
    rows = json.loads(capsys.readouterr().out)
    assert [(one["kind"], one["id"], one["clone"]) for one in rows] == [("volume", "v9", "c0"), ("clone", "c1", "c1")]
    assert run("orphans") == 1
    assert "is gone" in capsys.readouterr().out


def test_orphans_of_what_is_served(dashboard: Dashboard, capsys: Out) -> None:
    """Of these the volume is in the owner's project."""
    ours = {**READY, "deliver": "served", "lineage": {**READY["lineage"], "source": {**OFFER["source"], "project": "p"}}}
    theirs = {**READY, "id": "c2", "deliver": "served", "volume_id": None}
    dashboard.answers["GET", ""] = {"clones": [ours, theirs], "cared_at": None}
    add = dashboard.world.things.add
    dashboard.world.things.kept["volumes"]["v2"] = {**SEEN, "id": "v2", "metadata": {MARK: "c1"}}
    add("networks", name="ci-1-db", description="Serves a clone: tenant-ops-clone-c1")
    add("servers", name="ci-1-db", tags=["tenant-ops-clone-c1"])
    add("networks", name="trap", description="Serves a clone: tenant-ops-clone-c9", project_id="elsewhere")
    assert run("orphans", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out) == []
    network = add("networks", name="ci-0-db", description="Serves a clone: tenant-ops-clone-c0")
    group = add("security-groups", name="ci-0-db", tags=["another", "tenant-ops-clone-c0"])
    server = add("servers", name="ci-0-db", tags=["tenant-ops-clone-c0"])
    del dashboard.world.things.kept["volumes"]["v2"]
    assert run("orphans", "-f", "json") == 1
    rows = json.loads(capsys.readouterr().out)
    assert [(one["kind"], one["id"], one["clone"]) for one in rows] == [
        ("network", network["id"], "c0"), ("security-group", group["id"], "c0"), ("server", server["id"], "c0"),
        ("clone", "c1", "c1"),
    ]  # fmt: skip
