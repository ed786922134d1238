"""`tenant-ops firewall security-group` on the fake cloud: what it prints, its exit codes, and the way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import audit, main
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.standing import shop

Out = pytest.CaptureFixture[str]
GROUP = "shop-database_group"
NEW = {"direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22, "remote_ip_prefix": "10.20.1.0/24"}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: made.cloud(**options))
    shop(made, made.cloud())
    return made


def run(*words: str | Path) -> int:
    return main.main(["firewall", "security-group", *map(str, words)])


def told(capsys: Out, *words: str | Path, code: int = 0) -> Any:
    assert run(*words, "-f", "json") == code
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def draft(world: World, capsys: Out, tmp_path: Path) -> Path:
    """The database's group with ssh from the DMZ as well, and one rule less."""
    found = told(capsys, "show", GROUP)
    found["rules"] = [*found["rules"][1:], NEW]
    file = tmp_path / "draft.json"
    file.write_text(json.dumps(found))
    world.calls()
    return file


def test_a_list_says_what_each_lets_in_and_who_is_in_it(world: World, capsys: Out) -> None:
    rows = {one["name"]: one for one in told(capsys, "list")}
    assert rows[GROUP]["members"] == ["shop-database"]
    assert rows[GROUP]["says"].startswith("Lets in tcp 1521 from members of shop-application")


def test_what_is_shown_changes_nothing(world: World, capsys: Out, tmp_path: Path) -> None:
    (tmp_path / "same.json").write_text(json.dumps(told(capsys, "show", GROUP)))
    found = told(capsys, "preview", GROUP, "--draft", tmp_path / "same.json")
    assert (found["gained"], found["lost"], found["calls"]) == ([], [], 0)
    world.calls()
    assert told(capsys, "apply", GROUP, "--draft", tmp_path / "same.json")["verified"] is True
    assert not [call for call in world.calls() if not call.startswith("GET")]


def test_a_preview_says_what_opens_and_what_closes(world: World, capsys: Out, draft: Path) -> None:
    found = told(capsys, "preview", GROUP, "--draft", draft)
    assert found["gained"] == [], "the firewall group lets no ssh through, whatever the security group says"
    assert {one["dst_port"] for one in found["lost"]} == {"1521-1521"}
    assert found["calls"] == 2
    assert set(found) == {
        "gained", "lost", "breaks_replies", "findings", "intents", "touches", "calls", "unknown",
    }  # fmt: skip
    assert len(found["touches"]["ports"]) >= 1
    assert not [call for call in world.calls() if not call.startswith("GET")]
    assert run("preview", GROUP, "--draft", draft, "-f", "table") == 0
    assert "now closed" in capsys.readouterr().out


def test_apply_and_the_way_back(world: World, capsys: Out, draft: Path, tmp_path: Path) -> None:
    before = told(capsys, "show", GROUP)
    # Without its first rule the application does not reach its database.
    made = told(capsys, "apply", GROUP, "--draft", draft, "--override", "a test")
    assert set(made) == {"applied", "before", "calls", "seconds", "verified"}
    assert made["verified"] is True
    assert [call.split()[0] for call in world.calls() if not call.startswith("GET")] == ["POST", "DELETE"]
    (tmp_path / "made.json").write_text(json.dumps(made))
    assert told(capsys, "undo", GROUP, "--draft", tmp_path / "made.json")["verified"] is True
    after = told(capsys, "show", GROUP)

    def bare(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted(({**one, "id": ""} for one in rules), key=str)

    assert bare(after["rules"]) == bare(before["rules"])


def test_undo_without_a_draft_asks_the_audit_trail(
    world: World, capsys: Out, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = told(capsys, "show", GROUP)
    events: list[dict[str, Any]] = []
    from tenant_ops_dashboard import audit as trail

    stop = trail.also(lambda cloud, event: events.insert(0, event))
    try:
        assert told(capsys, "apply", GROUP, "--draft", draft, "--override", "a test")["verified"] is True
    finally:
        stop()
    asked: list[Any] = []
    monkeypatch.setattr(audit, "events", lambda cloud, query, limit: asked.append(query) or json.loads(json.dumps(events)))
    assert "undone" in told(capsys, "undo", GROUP)
    assert asked == [{"target": before["security_group"]["id"], "verb": "apply"}]
    assert {one["protocol"] for one in told(capsys, "show", GROUP)["rules"]} == {one["protocol"] for one in before["rules"]}
    events.clear()
    assert run("undo", GROUP) == 2
    assert "no apply" in capsys.readouterr().err


def test_what_breaks_an_intent_takes_an_override(world: World, capsys: Out, draft: Path) -> None:
    world.expose_database(floating_network_id=next(iter(world.things.kept["networks"])))
    for row in world.things.kept["firewall_groups"].values():
        row["ports"] = []
    found = json.loads(draft.read_text())
    found["rules"][-1] |= {"port_range_min": 1521, "port_range_max": 1521, "remote_ip_prefix": None}
    draft.write_text(json.dumps(found))
    world.calls()
    told_ = told(capsys, "apply", GROUP, "--draft", draft, code=1)
    assert told_["intents"][0]["holds"] is False
    assert not [call for call in world.calls() if not call.startswith("GET")]
    assert told(capsys, "apply", GROUP, "--draft", draft, "--override", "a test")["verified"] is True


def test_an_undo_tells_what_it_breaks(world: World, capsys: Out, draft: Path, tmp_path: Path) -> None:
    file = tmp_path / "made.json"
    file.write_text(json.dumps(told(capsys, "apply", GROUP, "--draft", draft, "--override", "a test")))
    for breaks in (False, True):
        assert run("undo", GROUP, "--draft", file) == 0
        shown = capsys.readouterr()
        assert ("tcp 1521" in shown.err) is breaks
        file.write_text(shown.out)


def test_a_conflict_is_an_answer_and_changes_nothing(world: World, capsys: Out, draft: Path) -> None:
    row = next(one for one in world.things.kept["security-groups"].values() if one["name"] == GROUP)
    row["security_group_rules"] = row["security_group_rules"][1:]
    found = told(capsys, "apply", GROUP, "--draft", draft, code=1)
    assert found["conflict"]["changed"][0]["how"] == "was taken out"
    assert not [call for call in world.calls() if not call.startswith("GET")]


def test_bad_input_is_one_line_that_begins_with_the_field(world: World, capsys: Out, draft: Path) -> None:
    found = json.loads(draft.read_text())
    last = len(found["rules"]) - 1
    for place, key, value in (
        (last, "port_range_min", 90), (last, "port_range_min", 0), (last, "remote_group_id", "secu-12"), (0, "description", "x"),
    ):  # fmt: skip
        rules = [{**one, key: value} if at == place else one for at, one in enumerate(found["rules"])]
        draft.write_text(json.dumps({**found, "rules": rules}))
        for verb in ("preview", "apply"):
            assert run(verb, GROUP, "--draft", draft) == 2
            assert f"rules[{place}].{key}" in capsys.readouterr().err
    assert run("show", "nobody") == 2
    draft.write_text("{")
    assert run("apply", GROUP, "--draft", draft) == 2
