"""`tenant-ops environment` without a cloud: what it prints where, and its exit codes."""

from __future__ import annotations

import datetime
import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.environments import follow
from tenant_ops_dashboard.environments import launch as launching
from tenant_ops_dashboard.environments.proofs import prove, sending
from tests.unit.fake_openstack.server import MORNING
from tests.unit.fake_openstack.world import World

Out = pytest.CaptureFixture[str]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()

    def login(name: str | None, **options: object) -> clouds.Cloud:
        if name == "nowhere":
            raise clouds.BadRequest("No usable cloud nowhere.")
        return made.cloud("reader" if name == "auditor" else "member", **options)

    monkeypatch.setattr(clouds, "from_clouds_yaml", login)
    monkeypatch.setattr(follow, "EVERY", 0.0)
    monkeypatch.setattr(launching, "SETTLE_SECONDS", 0.0)
    return made


def run(*words: str) -> int:
    return main.main(list(words))


def launch(world: World, out: Out, *more: str) -> dict[str, object]:
    assert run("--os-cloud", "owner", "environment", "launch", "shop", "-f", "json", *more) == 0
    told: dict[str, object] = json.loads(out.readouterr().out)
    return told


def test_launch_prints_json_alone(world: World, capsys: Out) -> None:
    told = launch(world, capsys)
    assert told["status"] == "building"
    assert told["id"] in world.heat.stacks


def test_launch_and_wait_ends_with_the_proofs(world: World, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = itertools.cycle([sending.Answer(200, f"shop-app-{number}", 7, "") for number in (1, 2)])
    monkeypatch.setattr(sending.Way, "get", lambda way, address, path, seconds: next(turns))
    monkeypatch.setattr(sending.Way, "opens", lambda way, address, port, seconds: False)
    create = world.heat.create
    monkeypatch.setattr(world.heat, "create", None)
    for number, (method, path, handler) in enumerate(world.wire.handlers):
        if handler == create:

            def at_once(query: object, body: dict[str, object]) -> object:
                answer = create(query, body)  # type: ignore[arg-type]
                world.heat.finish(next(iter(world.heat.stacks)))
                return answer

            world.wire.handlers[number] = (method, path, at_once)  # type: ignore[assignment]
    told = launch(world, capsys, "--wait", "--set", "database_size=3")
    assert told["status"] == "good"
    assert told["address"] == "http://203.0.113.50"
    assert {one["state"] for one in told["proofs"]} == {"good"}  # type: ignore[union-attr,attr-defined]
    assert len(told["proofs"]) == 8  # type: ignore[arg-type]
    assert told["tiers"] == {"DMZ": "2 servers", "DB": "1 server, 3 GB"}


def test_bad_input_is_two_and_nothing_on_standard_output(world: World, capsys: Out) -> None:
    assert run("environment", "launch", "<script>", "--set", "image=nope", "-f", "json") == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "name: Use letters" in told.err
    assert "image: This project sees no image" in told.err
    assert run("environment", "launch", "shop", "--set", "novalue") == 2
    assert run("environment", "show", "nope") == 2
    assert run("--os-cloud", "nowhere", "environment", "list") == 2


def test_quota_is_one(world: World, capsys: Out) -> None:
    world.things.quota["instances"] = 2
    assert run("environment", "launch", "shop") == 1
    assert run("environment", "plan", "shop", "-f", "json") == 1
    told = capsys.readouterr()
    assert "Quota: Servers" in told.err
    assert json.loads(told.out)["problems"][""].startswith("Quota: Servers")


def test_not_allowed_and_out_of_reach_are_three(world: World, capsys: Out) -> None:
    assert run("--os-cloud", "auditor", "environment", "launch", "shop") == 3
    assert "role 'member'" in capsys.readouterr().err
    world.wire.trouble["stacks"] = [503] * 4
    assert run("environment", "list") == 3
    assert "Heat" in capsys.readouterr().err


def test_ram_is_in_gb_for_people_and_in_novas_mb_for_programs(world: World, capsys: Out) -> None:
    assert run("environment", "plan", "shop") == 0
    assert "RAM (GB): 4 used, 8 more, 38 of 50 left" in capsys.readouterr().out
    assert run("environment", "plan", "shop", "-f", "json") == 0
    (ram,) = [one for one in json.loads(capsys.readouterr().out)["quotas"] if one["resource"] == "ram"]
    assert (ram["label"], ram["used"], ram["adds"], ram["limit"]) == ("RAM (MB)", 4096, 8192, 51200)


def test_plan_has_what_the_page_has(world: World, capsys: Out) -> None:
    assert run("environment", "plan", "shop", "-f", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is True
    assert len(told["resources"]) == 30
    assert {line["resource"]: line["left"] for line in told["quotas"]}["instances"] == 6
    assert told["picture"]["arrows"]
    assert told["command"].startswith("openstack stack create")
    assert "application.yaml" in told["files"]


def test_a_plan_says_what_it_takes_why_and_what_else_there_is(world: World, capsys: Out) -> None:
    world.things.images.insert(0, {**world.things.images[0], "id": "image-0", "name": "a-windows", "os_type": "windows"})
    lab = ("environment", "plan", "lab", "--blueprint", "web-jump", "--set", "boot_from_volume=true")
    assert run(*lab, "-f", "json") == 0
    told = json.loads(capsys.readouterr().out)
    made = {one["name"]: one for one in told["choices"]}
    reason = "debian-12 is the newest Debian of this project's images."
    assert (made["image"]["value"], made["image"]["reason"]) == ("debian-12", reason)
    assert [one["value"] for one in made["flavor"]["offered"]] == ["tiny", "small", "medium"]
    # Nobody's own address is known here, so nothing is opened.
    assert made["ssh_from"]["value"] == ""
    assert any("deleted with its server" in said for said in told["notes"])
    assert any(said.startswith("Nobody reaches the jump host by SSH") for said in told["notes"])
    assert run(*lab) == 0
    table = " ".join(word for word in capsys.readouterr().out.split() if word != "|")
    assert f"image=debian-12 {reason}" in table
    assert "server_group=soft-anti-affinity Or anti-affinity." in table


CASES = Path(__file__).parents[1] / "environments" / "blueprint_cases"
YAQL = ("environment", "plan", "shop", "--blueprint", "yaql", "--folder", str(CASES / "108-yaql" / "blueprint"))


def test_what_a_plan_cannot_tell_is_said_and_nothing_is_said_to_fit(world: World, capsys: Out) -> None:
    assert run(*YAQL, "-f", "json") == 1
    out = capsys.readouterr()
    told = json.loads(out.out)
    assert (told["ok"], told["problems"]) == (False, {})
    assert {line["fits"] for line in told["quotas"]} == {None}
    assert all(f"not known: {said}" in out.err for said in told["unknown"])
    world.things.quota["instances"] = 1
    assert run(*YAQL, "-f", "json") == 1
    told = json.loads(capsys.readouterr().out)
    assert {line["resource"]: line["fits"] for line in told["quotas"]}["instances"] is False
    assert run(*YAQL) == 1
    words = capsys.readouterr().out
    assert "! Servers: 1 used, 1 more, " in words
    assert "Volumes: 0 used, 1 more at least" in words


@pytest.mark.parametrize("form", ["table", "yaml", "csv", "json"])
def test_list_and_show_in_every_format(world: World, capsys: Out, form: str) -> None:
    launch(world, capsys)
    world.heat.finish(next(iter(world.heat.stacks)))
    assert run("environment", "list", "-f", form) == 0
    assert "shop" in capsys.readouterr().out
    assert run("environment", "show", "shop", "--no-packets", "-f", form) == 0
    told = capsys.readouterr().out
    assert "shop" in told
    assert "load-balancer" in told or "Load balancer is ACTIVE" in told


def test_delete_asks_and_waits(world: World, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    launch(world, capsys)
    id_ = next(iter(world.heat.stacks))
    world.heat.finish(id_)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert run("environment", "delete", "shop") == 2
    told = capsys.readouterr().err
    assert "Lost: 3 servers" in told
    assert "Kept: Volume shop-data" in told
    assert "--yes" in told
    monkeypatch.setattr(follow.time, "sleep", lambda seconds: world.heat.gone(id_))
    assert run("environment", "delete", "shop", "--yes", "--wait", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out)["status"] == "deleted"


def test_launch_takes_a_volume_by_name_or_id_and_refuses_it_in_one_line(world: World, capsys: Out) -> None:
    golden = "0c7f9a52-6f53-4a44-9d3e-6a7b1c2d3e4f"
    world.things.add("volumes", id=golden, name="golden", size=30, status="available", attachments=[], metadata={})
    assert run("environment", "launch", "shop", "--set", "data_volume=gold") == 2
    assert capsys.readouterr().err.strip() == "data_volume: This project has no volume called 'gold'."
    told = launch(world, capsys, "--set", "data_volume=golden")
    assert f"volume={golden}" in world.heat.stacks[str(told["id"])]["row"]["tags"]
    assert run("environment", "plan", "next", "--set", f"data_volume={golden}") == 2
    assert "data_volume: golden belongs to the environment shop" in capsys.readouterr().err


def test_delete_names_the_snapshots_in_the_way_of_the_data(
    world: World, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch(world, capsys)
    world.heat.finish(next(iter(world.heat.stacks)))
    (volume,) = world.things.kept["volumes"]
    world.things.add("snapshots", name="nightly", volume_id=volume, status="available")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert run("environment", "delete", "shop", "--data") == 2
    assert "In the way: Snapshot nightly stands on volume shop-data." in capsys.readouterr().err
    assert run("environment", "delete", "shop", "--data", "--yes", "--wait") == 1
    assert "delete those first, or shop without its data. Nothing was changed." in capsys.readouterr().err


def test_what_is_deleted_is_what_was_asked_about(world: World, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    told = launch(world, capsys)

    def typed() -> str:
        """Meanwhile a colleague deletes it, and launches another one of that name."""
        world.heat.gone(str(told["id"]))
        launch(world, capsys)
        return "shop\n"

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdin, "readline", typed, raising=False)
    run("--os-cloud", "owner", "environment", "delete", "shop")
    states = {one["row"]["stack_status"] for one in world.heat.stacks.values() if one["row"]["id"] != told["id"]}
    assert states == {"CREATE_IN_PROGRESS"}


def test_commands_are_found_without_loading_openstack() -> None:
    code = "import sys; from tenant_ops_dashboard.cli import main; main.TenantOps(); print('openstack' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_waiting_says_that_heat_stands_still_and_makes_it_go_on(
    world: World, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prove, "prove", lambda cloud, details: details.proofs)
    id_ = str(launch(world, capsys)["id"])
    world.wire.now = MORNING + datetime.timedelta(seconds=1200)

    def go_on(stack: str, query: object, body: dict[str, object]) -> object:
        answer = world.heat.update(stack, query, body)  # type: ignore[arg-type]
        world.heat.finish(stack)
        return answer

    pattern = next(path for method, path, _ in world.wire.handlers if method == "PATCH")
    world.wire.handlers.insert(0, ("PATCH", pattern, go_on))  # type: ignore[arg-type]
    assert run("--os-cloud", "owner", "environment", "launch", "shop", "-f", "json", "--wait") == 0
    told = capsys.readouterr()
    assert "Nothing has moved since 06:00 UTC" in told.err
    assert told.err.count("It is asked to go on.") == 1
    assert (json.loads(told.out)["id"], json.loads(told.out)["stalls"]) == (id_, [])
