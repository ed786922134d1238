"""`tenant-ops firewall apply|undo|rebase` without a cloud: JSON alone on standard output, and the exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.firewall import commit, draft
from tests.unit.firewall.conftest import Scene

Out = pytest.CaptureFixture[str]
Json = dict[str, Any]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene()

    def login(name: str | None, **options: object) -> clouds.Cloud:
        return made.world.cloud("reader" if name == "auditor" else "member", name=name or "owner", **options)

    monkeypatch.setattr(clouds, "from_clouds_yaml", login)
    monkeypatch.setattr(commit, "WAIT", 0.0)
    return made


def run(*words: str) -> int:
    return main.main(["--os-cloud", "owner", "firewall", *words])


def written(tmp_path: Path, made: Any) -> str:
    file = tmp_path / "draft.json"
    file.write_text(json.dumps(made if isinstance(made, dict) else draft.written(made)))
    return str(file)


def told(capsys: Out) -> Json:
    found: Json = json.loads(capsys.readouterr().out)
    return found


def test_apply_gives_what_it_did_and_undo_takes_it_back(scene: Scene, tmp_path: Path, capsys: Out) -> None:
    file = written(tmp_path, scene.with_ssh())
    assert run("apply", "edge", "--draft", file, "--reason", "the web must be reached") == 0
    made = told(capsys)
    assert set(made) == {"applied", "before", "calls", "seconds", "verified"}
    assert (made["verified"], made["calls"] > 5) == (True, True)
    assert draft.parse(made["before"]).state.ingress is not None, "'before' is a draft"
    assert scene.names() == ["ssh", "web", "app"]
    assert run("apply", "edge", "--draft", file) == 0
    assert told(capsys)["applied"] == made["applied"]
    assert run("undo", scene.group["id"], "--apply", made["applied"]) == 0
    assert told(capsys)["undone"] == made["applied"]
    assert scene.names() == ["web", "app"]
    assert run("undo", "edge") == 2
    assert "kept" in capsys.readouterr().err


def test_a_draft_comes_from_standard_input_too(
    scene: Scene, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(draft.written(scene.with_ssh()))))
    assert run("apply", "edge", "--draft", "-") == 0
    assert told(capsys)["verified"] is True


def test_a_conflict_is_an_answer_and_changes_nothing(scene: Scene, tmp_path: Path, capsys: Out) -> None:
    mine, theirs = scene.with_ssh("mine"), scene.with_ssh("theirs")
    scene.apply(theirs)
    scene.world.calls()
    assert run("apply", "edge", "--draft", written(tmp_path, mine)) == 1
    found = capsys.readouterr()
    conflict = json.loads(found.out)["conflict"]
    assert [one["rule"] for one in conflict["changed"]] == ["theirs"]
    assert conflict["by"]["name"].startswith("edge-ingress-")
    assert "theirs" in found.err
    assert scene.written() == []
    assert run("rebase", "edge", "--draft", written(tmp_path, mine)) == 0
    moved = told(capsys)
    assert [one["name"] for one in moved["ingress"]["rules"]][2:] == ["web", "app"]
    assert run("apply", "edge", "--draft", written(tmp_path, moved)) == 0
    assert sorted(scene.names()) == ["app", "mine", "theirs", "web"]


def test_rules_in_conflict_are_named(scene: Scene, tmp_path: Path, capsys: Out) -> None:
    mine = draft.written(scene.draft())
    mine["ingress"]["rules"][0]["destination_port"] = "443"
    web = next(one for one in scene.rules.values() if one["name"] == "web")
    web["destination_port"] = "81"
    assert run("rebase", "edge", "--draft", written(tmp_path, mine)) == 1
    (one,) = told(capsys)["conflict"]["changed"]
    assert (one["where"], one["what"]) == ("ingress.rules", "web")
    ports = [one[who]["destination_port"] for who in ("was", "mine", "theirs")]
    assert ports == ["80", "443", "81"]


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("ingress", "rules", 0, "destination_port"), "0:10", "ingress.rules[0].destination_port"),
        (("ingress", "rules", 1, "protocol"), "dccp", "ingress.rules[1].protocol"),
        (("group", "colour"), "red", "group.colour"),
    ],
)
def test_bad_input_is_one_line_that_names_the_field(
    path: tuple[Any, ...], value: Any, field: str, scene: Scene, tmp_path: Path, capsys: Out
) -> None:
    mine = draft.written(scene.draft())
    place: Any = mine
    for one in path[:-1]:
        place = place[one]
    place[path[-1]] = value
    assert run("apply", "edge", "--draft", written(tmp_path, mine)) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert field in found.err.splitlines()[-1]
    assert scene.written() == []


def test_what_cannot_be_read_or_is_ambiguous_is_bad_input(scene: Scene, tmp_path: Path, capsys: Out) -> None:
    assert run("apply", "edge", "--draft", str(tmp_path / "none.json")) == 2
    assert "cannot be read" in capsys.readouterr().err
    (tmp_path / "odd.json").write_bytes(b"\xff\xfe\x00")
    assert run("rebase", "edge", "--draft", str(tmp_path / "odd.json")) == 2
    file = written(tmp_path, scene.with_ssh())
    assert run("rebase", "nothing", "--draft", file) == 2
    other = scene.things.add("firewall_groups", name="edge", ports=[])
    assert run("undo", "edge") == 2
    assert other["id"] in capsys.readouterr().err


def test_who_may_not_is_told_so(scene: Scene, tmp_path: Path, capsys: Out) -> None:
    file = written(tmp_path, scene.with_ssh())
    assert main.main(["--os-cloud", "auditor", "firewall", "apply", "edge", "--draft", file]) == 3
    assert "firewall:edit" in capsys.readouterr().err
    assert scene.written() == []


def test_what_people_should_know_is_said_beside_the_answer(scene: Scene, tmp_path: Path, capsys: Out) -> None:
    mine = draft.written(scene.draft())
    mine["ingress"]["rules"] = []
    assert run("apply", "edge", "--draft", written(tmp_path, mine)) == 0
    assert "all ingress traffic of its ports is blocked" in capsys.readouterr().err


def test_what_is_not_verified_ends_with_one(scene: Scene, tmp_path: Path, capsys: Out) -> None:
    file = written(tmp_path, scene.with_ssh())
    scene.group_row["status"] = "ERROR"
    assert run("apply", "edge", "--draft", file) == 1
    found = capsys.readouterr()
    assert json.loads(found.out)["verified"] is False
    assert "does not filter" in found.err


def test_a_long_name_or_description_is_refused_before_anything_is_sent(scene: Scene, capsys: Out) -> None:
    for words, field in (((("n" * 300),), "group.name"), (("new", "--description", "d" * 300), "group.description")):
        assert run("create", *words, "--yes") == 2
        out, err = capsys.readouterr()
        assert (out, err.startswith(f"{field}: has 300 characters"), err.count("\n")) == ("", True, 1)
    assert scene.written() == []


def test_bad_input_is_one_line_although_the_draft_may_surprise(scene: Scene, tmp_path: Path, capsys: Out) -> None:
    mine = draft.written(scene.with_ssh())
    mine["egress"]["rules"] = []
    mine["ingress"]["rules"][0]["destination_port"] = "0:10"
    assert run("apply", "edge", "--draft", written(tmp_path, mine)) == 2
    err = capsys.readouterr().err
    assert (err.startswith("ingress.rules[0].destination_port: "), err.count("\n")) == (True, 1)
    mine["ingress"]["rules"][0]["destination_port"] = "22"
    assert run("apply", "edge", "--draft", written(tmp_path, mine)) == 0
    assert "egress: There is no rule that allows anything" in capsys.readouterr().err


def test_a_file_of_windows_is_read_and_a_slip_is_told_with_its_line(
    scene: Scene, tmp_path: Path, capsys: Out
) -> None:
    file = tmp_path / "draft.json"
    text = json.dumps(draft.written(scene.with_ssh()), indent=1)
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert run("apply", "edge", "--draft", str(file)) == 0
    capsys.readouterr()
    file.write_text(text.replace('"ports": [', '"ports": [,', 1))
    assert run("apply", "edge", "--draft", str(file)) == 2
    assert capsys.readouterr().err.startswith("draft: is no JSON: Expecting value at line 6, column ")
    file.write_text(text.replace('"ssh"', '"\\ud800"'))
    assert run("apply", "edge", "--draft", str(file)) == 2
    assert "ingress.rules[0].name: has half of a character" in capsys.readouterr().err
