"""`tenant-ops clone` with golden copies: asked for, told with what they cost, in the lineage, among what is left."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tenant_ops_dashboard.cli import clones
from tenant_ops_dashboard.clones.markers import CLONE as MARK
from tenant_ops_dashboard.clones.markers import GOLDEN
from tests.unit.cli.clone_api import CLONE, OFFER, READY, Dashboard, refusal, run

Out = pytest.CaptureFixture[str]
KEPT: dict[str, Any] = {
    "every_seconds": 86400, "state": "ready", "data_at": "2026-11-29T06:00:00Z", "says": "", "gigabytes": 20,
    "copies": [{"id": "g1", "volume_id": "v5", "state": "ready", "size": 20, "says": ""}],
}  # fmt: skip


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    monkeypatch.setattr(clones, "EVERY", 0.0)
    return Dashboard(monkeypatch)


def test_it_is_asked_for_by_a_span(dashboard: Dashboard, capsys: Out) -> None:
    assert run("offer", "shop-data", "--to", "development", "--golden", "24h") == 0
    assert dashboard.asked[-1][3]["golden"] == "24h"
    capsys.readouterr()
    dashboard.answers["POST", "/offers"] = refusal(422, "golden: this is shorter than 60 seconds.")
    assert run("offer", "shop-data", "--to", "development", "--golden", "59s") == 2
    assert capsys.readouterr().err.startswith("--golden: ")


def test_what_it_costs_and_how_it_is(dashboard: Dashboard, capsys: Out) -> None:
    dashboard.answers["GET", "/offers"] = {"offers": [{**OFFER, "golden": KEPT, "usually_seconds": 40.0}]}
    assert run("offers", "--max-width", "400") == 0
    shown = capsys.readouterr().out
    assert "every 1 d, data of 2026-11-29T06:00:00Z, 20 GB of the owner's quota" in shown
    assert " 40 s " in shown
    theirs = {**KEPT, "state": "failed", "data_at": None, "gigabytes": None, "copies": None, "says": "No room."}
    dashboard.answers["GET", "/offers"] = {"offers": [{**OFFER, "golden": theirs}]}
    assert run("offers", "--max-width", "400") == 0
    assert "every 1 d, failed; No room." in capsys.readouterr().out
    assert run("offers", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out)[0]["golden"] == theirs


def test_who_waits_is_told_what_is_usual(dashboard: Dashboard, capsys: Out) -> None:
    copying = {**CLONE, "state": "copying", "usually_seconds": 40.0}
    dashboard.answers["POST", ""] = (201, {**copying, "existing": False})
    assert run("request", "shop-data", "--name", "ci-1", "--wait") == 0
    assert "copying (usually ready after 40 s)" in capsys.readouterr().err


def test_lineage_goes_from_the_source_over_it_to_the_server(dashboard: Dashboard, capsys: Out) -> None:
    more = {"golden": {"volume_id": "v5", "data_at": "2026-11-29T06:00:00Z"}, "masked": "0123456789abcdef"}
    made = {**READY, "server_id": "s1", "address": "10.0.0.5", "lineage": {**READY["lineage"], **more}}
    dashboard.answers["GET", "/c1"] = made
    assert run("lineage", "c1") == 0
    assert [one.strip() for one in capsys.readouterr().out.splitlines()] == [
        "shop-data of production", "golden copy of 2026-11-29T06:00:00Z, volume v5",
        "masked by the script 0123456789ab", "ci-1 of development, volume v2: ready", "server s1 at 10.0.0.5",
    ]  # fmt: skip


def test_orphans_know_it(dashboard: Dashboard, capsys: Out) -> None:
    dashboard.answers["GET", "/offers"] = {"offers": [{**OFFER, "golden": KEPT}]}
    dashboard.answers["GET", ""] = {"clones": [], "cared_at": None}
    volume = {"name": "db-golden", "project_id": "project", "attachments": [], "status": "available", "size": 1}
    there = dashboard.world.things.kept["volumes"]
    there["v5"] = {**volume, "id": "v5", "metadata": {MARK: "g1", GOLDEN: "o1"}}
    assert run("orphans", "-f", "json") == 0
    there["v6"] = {**volume, "id": "v6", "metadata": {MARK: "g0", GOLDEN: "o1"}}
    there["v7"] = {**volume, "id": "v7", "metadata": {GOLDEN: "o1"}}
    del there["v5"]
    capsys.readouterr()
    assert run("orphans", "-f", "json") == 1
    rows = json.loads(capsys.readouterr().out)
    assert [(one["kind"], one["id"]) for one in rows] == [("volume", "v6"), ("volume", "v7"), ("golden copy", "g1")]
