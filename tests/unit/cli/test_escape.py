"""What tenants wrote, on its way to a terminal, a spreadsheet and a shell."""

from __future__ import annotations

import csv
import io
import json
import subprocess

import pytest
import yaml

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import base, escape, main
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.model import Request
from tests.unit.fake_openstack.world import World

Out = pytest.CaptureFixture[str]
NASTY = "\x1b]0;owned\x07\x1b[2J\r=cmd|' /C calc'!A1"
FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(launch, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: made.cloud(**options))
    stack = launch.launch(made.cloud(), Request("shop", "tomcat-oracle", {}), (), "token")
    made.heat.finish(stack.id)
    return made


def output(world: World, value: str) -> None:
    (stack,) = world.heat.stacks.values()
    stack["row"]["outputs"].append({"output_key": "motd", "output_value": value})
    next(one for one in stack["row"]["outputs"] if one["output_key"] == "address")["output_value"] = value


def told(out: Out, *words: str) -> str:
    assert main.main(["environment", *words]) == 0
    captured = out.readouterr()
    assert "\x1b" not in captured.err
    return captured.out


@pytest.mark.parametrize("form", ["table", "csv", "yaml", "json", "value", "shell"])
def test_no_control_sequence_reaches_a_terminal(world: World, capsys: Out, form: str) -> None:
    output(world, NASTY)
    next(iter(world.things.kept["servers"].values()))["name"] = NASTY
    (stack,) = world.heat.stacks.values()
    stack["row"]["tags"] = ["tenant-ops", f"blueprint={NASTY}"]
    said = told(capsys, "show", "shop", "--no-packets", "-f", form)
    assert not [letter for letter in said if not letter.isprintable() and letter != "\n"]
    assert "owned" in said


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_programs_get_it_exactly(world: World, capsys: Out, form: str) -> None:
    text = "=cmd|' /C calc'!A1 $(echo ü) \"x\""
    output(world, text)
    said = told(capsys, "show", "shop", "--no-packets", "-f", form)
    found = json.loads(said) if form == "json" else yaml.safe_load(said)
    assert found["outputs"]["motd"] == text


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_holds_no_formula(world: World, capsys: Out, text: str) -> None:
    (stack,) = world.heat.stacks.values()
    stack["row"]["tags"] = ["tenant-ops", f"blueprint={text}"]
    for words in (("list",), ("show", "shop", "--no-packets")):
        rows = list(csv.reader(io.StringIO(told(capsys, *words, "-f", "csv"), newline="")))
        cells = [cell for row in rows for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]
        assert [cell for cell in cells if text.strip() in cell]


def test_a_shell_runs_nothing_of_it(world: World, capsys: Out) -> None:
    (stack,) = world.heat.stacks.values()
    text = '$(echo "owned")`echo owned`\\$HOME'
    stack["row"]["tags"] = ["tenant-ops", f"blueprint={text}"]
    said = told(capsys, "show", "shop", "--no-packets", "-f", "shell", "-c", "blueprint")
    done = subprocess.run(
        ["sh", "-c", said + "printf %s \"$blueprint\""], capture_output=True, text=True, check=True, env={"HOME": "/h"}
    )  # fmt: skip
    assert done.stdout == text


def test_the_table_counts_the_promises(world: World, capsys: Out) -> None:
    assert "of 8 promises kept" in told(capsys, "show", "shop", "--no-packets")


def test_errors_act_nowhere_either(world: World, capsys: Out) -> None:
    assert main.main(["environment", "show", NASTY]) == 2
    said = capsys.readouterr().err
    assert "owned" in said
    assert not [letter for letter in said if not letter.isprintable() and letter != "\n"]


@pytest.mark.parametrize("form", ["table", "csv", "value", "shell"])
def test_whatever_a_capability_hands_on_is_written_out(form: str) -> None:
    words = base.Words({"said": NASTY}, lambda all_: f"first\n{all_['said']}")
    plain, told = escape.row((NASTY, words), form)
    assert plain.isprintable()
    for text in (told.human_readable(), told.machine_readable()):
        assert all(line.isprintable() for line in text.split("\n"))
        assert "owned" in text
    assert told.human_readable().count("\n") == 1
