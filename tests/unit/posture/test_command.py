"""`tenant-ops posture` on the fake cloud: what it prints, its exit codes, and what it asks of the dashboard."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.cli import posture as command
from tenant_ops_dashboard.posture.look import Look
from tests.unit.fake_openstack import server
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.standing import expose_database, shop

Out = pytest.CaptureFixture[str]
Json = dict[str, Any]
API = "http://fake/tenant_ops/api"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """An environment whose database's security group lets everybody come in, and nothing else does."""
    made = World()
    offered = [*server.SERVICES]

    def login(name: str | None, **options: Any) -> clouds.Cloud:
        roles = {"operator": ("member", "admin"), "guest": ("guest",)}.get(name or "", ("reader",))
        return made.cloud(*roles, services=(*offered, *(["tenant-ops"] if "tenant-ops" in server.SERVICES else [])))

    monkeypatch.setattr(clouds, "from_clouds_yaml", login)
    shop(made, made.cloud())
    expose_database(made)
    made.calls()
    return made


def dashboard(world: World, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setitem(server.SERVICES, "tenant-ops", API)
    world.wire.on("GET", "/tenant_ops/api/v1/posture/acknowledgements")(lambda query, body: answer)


def run(*words: str | Path) -> int:
    return main.main(["posture", *map(str, words)])


def told(capsys: Out, *words: str, code: int = 0) -> Json:
    capsys.readouterr()
    assert run("show", *words, "-f", "json") == code
    found: Json = json.loads(capsys.readouterr().out)
    return found


def test_json_has_the_findings_worst_first_and_reads_alone(world: World, capsys: Out) -> None:
    found = told(capsys)
    assert found["projects"] == {"project": "production"}
    assert found["ports"] > 0
    levels = ["critical", "high", "medium", "low", "info"]
    ranks = [levels.index(one["severity"]) for one in found["findings"]]
    assert ranks == sorted(ranks)
    assert {one["project"] for one in found["findings"]} == {"project"}
    assert {one.partition(" ")[0] for one in world.calls() if "/identity/" not in one} == {"GET"}
    assert [one["id"] for one in told(capsys)["findings"]] == [one["id"] for one in found["findings"]]


def test_without_the_dashboard_it_works_and_says_so(world: World, capsys: Out) -> None:
    assert run("show", "-f", "json") == 0
    assert "What was acknowledged is not known" in capsys.readouterr().err


@pytest.mark.parametrize("answer", [(503, {}), {"acknowledgements": [7, {"id": "x", "until": "soon"}]}, {}, []])
def test_a_dashboard_that_answers_oddly_costs_its_words_alone(
    world: World, capsys: Out, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    dashboard(world, monkeypatch, answer)
    assert told(capsys)["findings"]


def test_a_pipeline_fails_until_somebody_acknowledges(
    world: World, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    worst = told(capsys)["findings"][0]
    level = worst["severity"]
    assert run("show", "--fail-on", level, "-f", "json") == 1
    assert run("show", "-f", "json") == 0
    bad = [one["id"] for one in told(capsys)["findings"] if one["severity"] == level]

    def words(until: str) -> Json:
        return {"acknowledgements": [{"id": one, "by": "ann", "reason": "known", "until": until} for one in bad]}

    answer = words("2036-01-01T00:00:00Z")
    dashboard(world, monkeypatch, answer)
    found = told(capsys, "--fail-on", level)
    assert found["findings"][0]["acknowledged"] == {
        "by": "ann", "reason": "known", "until": "2036-01-01T00:00:00Z"
    }  # fmt: skip
    answer |= words("2026-11-20T00:00:00Z")
    found = told(capsys, "--fail-on", level, code=1)
    assert found["findings"][0]["acknowledged"] is None, "it has ended"


def test_a_gate_that_could_not_look_everywhere_is_not_passed(
    world: World, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = command.look

    def partly(*asked: Any) -> Look:
        found = real(*asked)
        meta = {**found.raw["meta"], "problems": ["Project other could not be read: it is away."]}
        return replace(found, raw={**found.raw, "meta": meta})

    worst = told(capsys)["findings"][0]["severity"]
    above = "critical" if worst != "critical" else None
    monkeypatch.setattr(command, "look", partly)
    assert run("show", "-f", "json") == 0
    assert "Project other could not be read" in capsys.readouterr().err
    assert run("show", "-f", "json", "--fail-on", worst) == 1
    assert above
    assert run("show", "-f", "json", "--fail-on", above) == 3

    def oddly(*asked: Any) -> Look:
        found = real(*asked)
        return replace(found, raw={**found.raw, "ports": [*found.raw["ports"], {"id": "odd", "network_id": 7}]})

    monkeypatch.setattr(command, "look", oddly)
    assert run("show", "-f", "json", "--fail-on", above) == 3, "a port that nobody looked at may be the worst"


def intent(**more: Any) -> Json:
    stands: Json = {"expect": "deny", "from": "internet", "to": "tier:shop/database", "protocol": "tcp", "dst_port": None}
    kept: Json = {"id": "mine", "intent": stands, "environment": None, "origin": "person", "off": None}
    return {**kept, **more}


def test_intents_that_people_added_are_looked_at_and_those_switched_off_are_not(
    world: World, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashboard(world, monkeypatch, {"acknowledgements": []})
    answer: Json = {"intents": []}
    world.wire.on("GET", "/tenant_ops/api/v1/intents")(lambda query, body: answer)
    for group in world.things.kept["firewall_groups"].values():
        group["ports"] = []
    assert not [one for one in told(capsys)["findings"] if one["kind"] == "broken-intent"]
    answer["intents"] = [intent()]
    (one,) = [one for one in told(capsys, "--fail-on", "high", code=1)["findings"] if one["kind"] == "broken-intent"]
    assert "tier:shop/database" in one["why"]
    answer["intents"] = [intent(off={"who": "ann", "reason": "known", "at": "2026-11-29T08:00:00+00:00"})]
    assert not [one for one in told(capsys)["findings"] if one["kind"] == "broken-intent"]


def test_a_dashboard_that_does_not_tell_of_intents_is_said(
    world: World, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashboard(world, monkeypatch, {"acknowledgements": []})
    world.wire.on("GET", "/tenant_ops/api/v1/intents")(lambda query, body: (503, {}))
    for group in world.things.kept["firewall_groups"].values():
        group["ports"] = []
    assert run("show", "-f", "json") == 0
    shown = capsys.readouterr()
    assert "people added or switched off" in shown.err
    assert "broken-intent" in shown.out, "what the blueprint brings"


def test_every_format_is_there(world: World, capsys: Out, tmp_path: Path) -> None:
    for form in ("table", "yaml", "csv"):
        assert run("show", "-f", form) == 0
        assert "shop" in capsys.readouterr().out
    assert run("export", "-f", "csv") == 0
    assert list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert run("export", "-f", "html", "--output", tmp_path / "report.html") == 0
    assert (tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert run("export", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out)["findings"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("show", "--project", "nowhere"), 2, "--project"),
        (("show", "--project", "x", "--all-projects"), 2, "not allowed with"),
        (("show", "--fail-on", "worst"), 2, "--fail-on"),
        (("export", "-f", "pdf"), 2, "-f"),
        (("export", "--output", "/nowhere/report"), 2, "--output"),
        (("--os-cloud", "guest", "show"), 3, "posture:read"),
    ],
)
def test_what_is_wrong_is_one_line_and_an_exit_code(
    world: World, capsys: Out, words: tuple[str, ...], code: int, says: str
) -> None:
    # argparse ends the process itself.
    words = (*words[2:], *words[:2]) if words[0] == "--os-cloud" else words
    try:
        found = run(*words)
    except SystemExit as error:
        found = int(error.code or 0)
    assert found == code
    assert says in capsys.readouterr().err
