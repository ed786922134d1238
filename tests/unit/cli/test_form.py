"""The form that every command has: its formats, and what is wrong with a call in one line on standard error."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.firewall import commit
from tests.unit.firewall.conftest import Scene

Out = pytest.CaptureFixture[str]
#: What writes a file of its own, or never ends.
OTHERWISE = {"complete", "help", "loadbalancer watch", "posture export", "reachability snapshot"}


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene()
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: made.world.cloud("member", **options))
    monkeypatch.setattr(commit, "WAIT", 0.0)
    return made


def parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    app = main.TenantOps()
    for name, found in sorted(app.command_manager.commands.items()):
        if name not in OTHERWISE:
            yield name, found.load()(app, None).get_parser(f"tenant-ops {name}")


def ended(capsys: Out, *words: str) -> tuple[int, str, str]:
    """The exit code, and both streams."""
    try:
        code = main.main(list(words))
    except SystemExit as left:
        code = int(str(left.code))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_every_command_writes_json_a_table_yaml_and_csv() -> None:
    lacking = []
    for name, parser in parsers():
        formats = {one for action in parser._actions if action.dest in ("format", "formatter") for one in action.choices or ()}
        if not {"json", "table", "yaml", "csv"} <= formats:
            lacking.append(name)
    assert lacking == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("firewall preview edge", "--draft"),
        ("firewall probe --from internet --to internet --protocol tcp --port x", "--port"),
        ("firewall matrix --layer middle", "--layer"),
        ("audit list --outcome lost", "--outcome"),
        ("firewall list --os-cloud", "--os-cloud"),
        ("posture show --all-projects --project p", "--project"),
        ("firewall create new --copy edge --start open", "--start"),
        ("firewall frob", "firewall frob"),
        ("frob", "frob"),
    ],
)
def test_what_is_wrong_with_a_call_is_one_line_on_standard_error(words: str, named: str, capsys: Out) -> None:
    code, out, err = ended(capsys, *words.split())
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert named in line


def test_a_bad_draft_is_one_line_though_something_in_it_surprises(scene: Scene, capsys: Out, tmp_path: Path) -> None:
    _code, out, _err = ended(capsys, "firewall", "show", "edge", "-f", "json")
    draft = json.loads(out)
    file = tmp_path / "draft.json"

    def apply() -> tuple[int, str, str]:
        file.write_text(json.dumps(draft))
        return ended(capsys, "firewall", "apply", "edge", "--draft", str(file))

    draft["ingress"]["rules"][0]["destination_port"] = "0"
    assert apply()[:2] == (2, "")
    draft["ingress"]["rules"][0]["destination_port"] = "0:10"
    (line,) = apply()[2].splitlines()
    assert line.startswith("ingress.rules[0].destination_port: ")
    draft["ingress"]["rules"] = []
    code, out, err = apply()
    assert (code, json.loads(out)["verified"]) == (0, True)
    assert "ingress: There is no rule that allows anything" in err


@pytest.mark.parametrize("verb", ["undo edgy", "delete edgy --yes", "apply edgy --draft {}", "rebase edgy --draft {}"])
def test_the_group_that_is_not_there_is_named_as_the_field(verb: str, scene: Scene, capsys: Out, tmp_path: Path) -> None:
    file = tmp_path / "draft.json"
    file.write_text(ended(capsys, "firewall", "show", "edge", "-f", "json")[1])
    code, out, err = ended(capsys, "firewall", *verb.format(file).split())
    assert (code, out) == (2, "")
    assert err.startswith("group: ")


@pytest.mark.parametrize(("text", "said"), [(None, "draft: "), ("{", "draft: is no JSON")])
@pytest.mark.parametrize("verb", ["preview", "apply", "rebase", "security-group preview", "security-group apply"])
def test_a_draft_that_cannot_be_read_is_named_as_the_field(
    verb: str, text: str | None, said: str, scene: Scene, capsys: Out, tmp_path: Path
) -> None:
    file = tmp_path / "draft.json"
    if text is not None:
        file.write_text(text)
    code, out, err = ended(capsys, "firewall", *verb.split(), "edge", "--draft", str(file))
    assert (code, out) == (2, "")
    assert err.startswith(said)


def test_a_change_and_a_conflict_come_in_the_format_that_was_asked_for(
    scene: Scene, capsys: Out, tmp_path: Path
) -> None:
    file = tmp_path / "draft.json"
    draft = json.loads(ended(capsys, "firewall", "show", "edge", "-f", "json")[1])
    draft["ingress"]["rules"].pop()
    file.write_text(json.dumps(draft))
    words = ("firewall", "apply", "edge", "--draft", str(file), "-f")
    code, out, _err = ended(capsys, *words, "yaml")
    assert (code, yaml.safe_load(out)["verified"]) == (0, True)
    draft["ingress"]["rules"].pop()
    file.write_text(json.dumps(draft))
    code, out, err = ended(capsys, *words, "yaml")
    assert (code, list(yaml.safe_load(out))) == (1, ["conflict"])
    assert "changed since" in err


def test_cells_of_csv_that_hold_more_than_a_word_are_json(scene: Scene, capsys: Out) -> None:
    (row,) = csv.DictReader(io.StringIO(ended(capsys, "firewall", "list", "-f", "csv")[1]))
    assert json.loads(row["ports"]) == scene.ports[:2]


def test_answers_of_a_snapshot_come_in_the_format_that_was_asked_for(capsys: Out) -> None:
    case = Path(__file__).parent.parent / "reachability/cases/05-world-in-other-words"
    asked = ("reachability", "lint", "--snapshot", str(case / "snapshot.json"), "-f")
    exact = json.loads(ended(capsys, *asked, "json")[1])
    assert yaml.safe_load(ended(capsys, *asked, "yaml")[1]) == exact
    rows = list(csv.DictReader(io.StringIO(ended(capsys, *asked, "csv")[1])))
    assert [one["kind"] for one in rows] == [one["kind"] for one in exact]
    probe = ("reachability", "probe", *asked[2:4], "--packets", str(case / "packets.jsonl"), "-f")
    exact = [json.loads(line) for line in ended(capsys, *probe, "json")[1].splitlines()]
    assert yaml.safe_load(ended(capsys, *probe, "yaml")[1]) == exact
    rows = list(csv.DictReader(io.StringIO(ended(capsys, *probe, "csv")[1])))
    assert [one["verdict"] for one in rows] == [one["verdict"] for one in exact]
