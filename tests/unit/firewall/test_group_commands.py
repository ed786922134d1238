"""`tenant-ops firewall create|delete` on the fake cloud: what is asked before, printed after, and with which exit code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.firewall import difference
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.standing import shop

Out = pytest.CaptureFixture[str]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The environment's group is on no port, and nobody's."""
    made = World()

    def login(name: str | None, **options: Any) -> clouds.Cloud:
        return made.cloud(*(("reader",) if name == "auditor" else ("member",)), **options)

    monkeypatch.setattr(clouds, "from_clouds_yaml", login)
    shop(made, made.cloud())
    (row,) = made.things.kept["firewall_groups"].values()
    row.update(ports=[], description="", status="INACTIVE")
    return made


def run(*words: str) -> int:
    return main.main(["firewall", *words])


def interfaces(world: World) -> list[str]:
    ports = world.things.kept["ports"].values()
    found = [str(one["id"]) for one in ports if one["device_owner"].startswith("network:router_interface")]
    return [word for id_ in found for word in ("--port", id_)]


def written(world: World) -> list[str]:
    return [call for call in world.calls() if not call.startswith("GET")]


def test_a_group_is_created_and_the_same_again_is_the_first_one(world: World, capsys: Out) -> None:
    told = []
    for _ in range(2):
        assert run("create", "edge", *interfaces(world), "--start", "open", "-f", "json") == 0
        told.append(json.loads(capsys.readouterr().out))
    assert (told[0]["verified"], told[0]["existing"], told[1]["existing"]) == (True, False, True)
    assert told[0]["id"] == told[1]["id"]
    assert sorted(told[0]) == ["calls", "existing", "id", "name", "seconds", "verified"]


def test_what_nobody_can_tell_is_asked_before(world: World, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difference, "PAIRS", 0)
    world.calls()
    assert run("create", "edge", *interfaces(world), "--start", "open") == 2
    assert "Not known: too complex" in capsys.readouterr().err and written(world) == []


def test_what_would_be_dropped_is_asked_before(world: World, capsys: Out) -> None:
    world.calls()
    assert run("create", "edge", *interfaces(world)) == 2
    told = capsys.readouterr().err
    assert "Lost: " in told and "now closed" in told and "--yes" in told
    assert written(world) == []
    assert run("create", "edge", *interfaces(world), "--yes") == 0


def test_rules_are_copied(world: World, capsys: Out) -> None:
    assert run("create", "edge", "--copy", "shop-fw") == 0
    capsys.readouterr()
    assert run("show", "edge", "-f", "json") == 0
    assert len(json.loads(capsys.readouterr().out)["ingress"]["rules"]) == 9


@pytest.mark.parametrize(
    ("words", "said"),
    [(("create", "default"), "group.name"), (("create", "edge", "--port", "nobody"), "group.ports[0]"),
     (("create", "shop-fw"), "group.name"), (("create", "edge", "--copy", "nobody"), "nobody"),
     (("delete", "nobody"), "nobody"), (("delete", "nobody", "--yes"), "nobody")],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_2(world: World, capsys: Out, words: tuple[str, ...], said: str) -> None:
    world.calls()
    assert run(*words) == 2
    told = capsys.readouterr()
    assert said in told.err and not told.out
    assert written(world) == []


def test_a_group_is_deleted_after_what_opens_was_said(world: World, capsys: Out) -> None:
    run("create", "edge", *interfaces(world), "--yes")
    world.calls()
    capsys.readouterr()
    assert run("delete", "edge") == 2
    told = capsys.readouterr().err
    assert "No longer filtered: router shop-router into network" in told and "Opens: " in told
    assert written(world) == []
    assert run("delete", "edge", "--yes", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out)["policies"] == 2


def test_a_reader_is_refused(world: World, capsys: Out) -> None:
    world.calls()
    assert main.main(["--os-cloud", "auditor", "firewall", "delete", "shop-fw", "--yes"]) == 3
    assert "firewall:edit" in capsys.readouterr().err
    assert written(world) == []
