"""`tenant-ops firewall` on the fake cloud: what it prints, its exit codes, and that it only ever reads."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.standing import expose_database, shop

Out = pytest.CaptureFixture[str]
CLOSED = {"expect": "deny", "from": "internet", "to": "tier:shop/database", "says": "the database is closed"}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()

    def login(name: str | None, **options: Any) -> clouds.Cloud:
        return made.cloud(*(("member", "admin") if name == "operator" else ("reader",)), **options)

    monkeypatch.setattr(clouds, "from_clouds_yaml", login)
    shop(made, made.cloud())
    return made


def run(*words: str | Path) -> int:
    return main.main(["firewall", *map(str, words)])


def told(capsys: Out, *words: str | Path, code: int = 0) -> Any:
    assert run(*words, "-f", "json") == code
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def opened(world: World, capsys: Out, tmp_path: Path) -> Path:
    """A draft that lets the internet reach the database, which has a floating address."""
    expose_database(world)
    draft = told(capsys, "show", "shop-fw")
    there = {"action": "allow", "protocol": "tcp", "destination_ip_address": "10.20.2.5", "destination_port": "1521"}
    back = {"action": "allow", "protocol": "tcp", "source_ip_address": "10.20.2.5", "source_port": "1521"}
    draft["ingress"]["rules"].insert(0, {"name": "anyone", **there})
    draft["egress"]["rules"].append({"name": "anyone back", **back})
    (tmp_path / "draft.json").write_text(json.dumps(draft))
    (tmp_path / "intents.json").write_text(json.dumps([CLOSED]))
    return tmp_path


def test_a_list_tells_each_group_in_a_line(world: World, capsys: Out) -> None:
    (row,) = told(capsys, "list")
    named = ("name", "status", "ingress_rules", "egress_rules", "environment")
    assert [row[one] for one in named] == ["shop-fw", "ACTIVE", 9, 9, "shop"]
    assert len(row["ports"]) == 2
    assert row["says"] == "The internet reaches nothing behind it."
    assert {"kind", "severity", "why"} <= set(row["findings"][0])


def test_calls_do_not_grow_with_groups_and_none_writes(world: World, capsys: Out) -> None:
    told(capsys, "list")
    few = world.calls()
    for number in range(5):
        world.things.add("firewall_groups", name=f"more-{number}", ports=[], description="")
    assert len(told(capsys, "list")) == 6
    many = world.calls()
    assert len(many) == len(few) <= 16
    assert all(one.startswith("GET ") for one in (*few, *many))


def test_what_show_prints_is_a_draft_that_changes_nothing(world: World, capsys: Out, tmp_path: Path) -> None:
    draft = told(capsys, "show", "shop-fw")
    assert [len(draft[one]["rules"]) for one in ("ingress", "egress")] == [9, 9]
    assert draft["base"]["was"] == {one: draft[one] for one in ("group", "ingress", "egress")}
    assert set(draft["base"]["rules"]) == {rule["id"] for one in ("ingress", "egress") for rule in draft[one]["rules"]}
    (tmp_path / "draft.json").write_text(json.dumps(draft))
    found = told(capsys, "preview", draft["group"]["id"], "--draft", tmp_path / "draft.json")
    assert found == {
        "gained": [], "lost": [], "breaks_replies": [], "findings": {"new": [], "gone": []}, "intents": [],
        "touches": {"ports": [], "groups": [], "environments": []}, "calls": 0, "unknown": [],
    }  # fmt: skip


def test_a_preview_says_what_opens_whom_it_touches_and_what_it_costs(world: World, capsys: Out, opened: Path) -> None:
    found = told(capsys, "preview", "shop-fw", "--draft", opened / "draft.json")
    (box,) = [one for one in found["gained"] if one["from"] is None]
    assert (box["name"], box["protocol"], box["dst_port"], box["reply"]) == (
        "shop-database",
        "tcp",
        "1521-1521",
        "allow",
    )
    assert {"layer": "firewall-group", "rule_id": "ingress.rules[0]"} in box["rules"]
    assert found["lost"] == found["breaks_replies"] == []
    assert box["port"] in found["touches"]["ports"]
    assert len(found["touches"]["environments"]) == 1
    assert found["calls"] == 5  # two rules, two versions of a policy, the group
    assert run("preview", "shop-fw", "--draft", opened / "draft.json") == 0
    assert "internet -> shop-database tcp 1521: now open" in capsys.readouterr().out
    assert all(one.startswith("GET ") for one in world.calls())


def test_a_preview_names_what_an_apply_would_refuse(world: World, capsys: Out, opened: Path) -> None:
    draft = json.loads((opened / "draft.json").read_text())
    draft["ingress"]["rules"][:0] = [{"name": f"r{port}", "protocol": "icmp", "destination_port": "8"} for port in "12345"]
    (opened / "draft.json").write_text(json.dumps(draft))
    assert run("preview", "shop-fw", "--draft", opened / "draft.json", "-f", "json") == 0
    err = capsys.readouterr().err.splitlines()
    assert err[0].startswith("An apply refuses this: ingress.rules[0].destination_port: goes with tcp or udp only")
    assert (len(err), err[3]) == (4, "It refuses 2 more.")


def test_a_broken_intent_is_one_with_a_packet_that_shows_it(world: World, capsys: Out, opened: Path) -> None:
    words = ("preview", "shop-fw", "--draft", opened / "draft.json", "--intents", opened / "intents.json")
    (judged,) = told(capsys, *words, code=1)["intents"]
    assert judged["holds"] is False
    assert judged["intent"]["says"] == "the database is closed"
    assert (judged["witness"]["dst"]["ip"], judged["witness"]["dst_port"]) == ("203.0.113.77", 1521)
    assert {"layer": "firewall-group", "rule_id": "ingress.rules[0]"} in judged["rules"]
    assert run(*words) == 1
    assert "BROKEN   the database is closed: tcp 1521 from " in capsys.readouterr().out
    assert told(capsys, "intent", "check", "--intents", opened / "intents.json")[0]["holds"] is True


def test_probing_answers_one_pair_as_an_object_and_several_as_a_list(world: World, capsys: Out) -> None:
    ask = ("probe", "--protocol", "tcp", "--port", "1521", "--to", "server:shop-database", "--from")
    one = told(capsys, *ask, "server:shop-application-1")
    assert (one["verdict"], one["profile"]) == ("allow", "ovn")
    assert told(capsys, *ask, "internet")["verdict"] == "no-route"
    many = told(capsys, *ask, "tier:shop/dmz")
    assert [one["verdict"] for one in many] == ["allow", "allow"]
    for form in ("table", "yaml", "csv"):
        assert run(*ask, "tier:shop/dmz", "-f", form) == 0
        assert capsys.readouterr().out.count("tracked connection") >= 2


def test_the_matrix_shows_each_layer_alone(world: World, capsys: Out) -> None:
    def cell(layer: str) -> list[dict[str, Any]]:
        cells = told(capsys, "matrix", "--environment", "shop", "--layer", layer)
        (found,) = [one for one in cells if (one["from"], one["to"]) == ("dmz", "database")]
        return [box for box in found["boxes"] if box["protocol"] == "tcp" and box["dst_port"] != "1521-1521"]

    both, groups, firewall = (cell(one) for one in ("both", "groups", "firewall"))
    assert both == groups == []
    assert firewall == []
    for form in ("table", "yaml", "csv"):
        assert run("matrix", "-f", form) == 0
        assert "shop-application-1 -> shop-database tcp 1521" in capsys.readouterr().out or form != "table"


def table(capsys: Out, *words: str | Path, code: int = 0) -> str:
    assert run(*words, "-f", "table") == code
    out = capsys.readouterr().out
    ids = re.findall(r"\b(?:port|secu|netw|rout)-\d+\b|00000000-0000", out)
    assert (ids, "{" in out, max(map(len, out.splitlines())) <= 240) == ([], False, True), out
    return out


def test_tables_have_names_and_sentences_in_the_place_of_ids_and_objects(
    world: World, capsys: Out, opened: Path
) -> None:
    shown = table(capsys, "show", "shop-fw")
    assert "on router shop-router into network dmz_network 10.20.1.0/24" in shown
    assert re.search(r"3  allow  tcp   any -> 10.20.1.5 port 80 +shop-fw-web-in", shown)
    words = ("preview", "shop-fw", "--draft", opened / "draft.json", "--intents", opened / "intents.json")
    previewed = table(capsys, *words, code=1)
    assert "let through by firewall-group rule anyone, security-group" in previewed
    assert "rule anyone of firewall policy shop-fw-ingress lets every address" in previewed
    assert "environments: shop " in previewed
    ask = ("probe", "--protocol", "tcp", "--port", "22", "--to", "server:shop-database", "--from")
    probed = table(capsys, *ask, "server:shop-application-1")
    assert "no rule of the egress policy of firewall group shop-fw matches" in probed
    assert "src_port 49152" in probed
    assert "tcp 198.51.100.1 -> 203.0.113.50 80" in table(capsys, "intent", "check", code=1)


def test_the_matrix_says_the_internet_once_for_each_sender_and_service(world: World, capsys: Out) -> None:
    lines = table(capsys, "matrix", "--environment", "shop").splitlines()
    there = [one for one in lines if "shop-application-1 -> internet" in one]
    assert [one.split(" -> internet ")[1].split(":")[0] for one in there] == [
        "icmp", "tcp 53", "tcp 80", "tcp 443", "udp 53", "udp 123",
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["table", "yaml", "csv"])
def test_every_format_is_there(world: World, capsys: Out, form: str) -> None:
    for words in (("list",), ("show", "shop-fw")):
        assert run(*words, "-f", form) == 0
        assert "shop-fw" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "nope"), "group: This project has no firewall group called nope"),
        (("probe", "--protocol", "tcp", "--port", "1", "--from", "moon", "--to", "internet"), "from: 'moon' is none of"),
        (("probe", "--protocol", "tcp", "--port", "1", "--from", "internet", "--to", "server:x"), "to: This project has"),
        (("probe", "--protocol", "tcp", "--from", "internet", "--to", "tier:shop/database"), "port: dst_port is missing"),
        (("probe", "--protocol", "qp", "--from", "internet", "--to", "tier:shop/database"), "protocol: "),
        (("probe", "--protocol", "tcp", "--port", "70000", "--from", "internet", "--to", "tier:shop/db"), "port: dst_port"),
        (("probe", "--protocol", "tcp", "--port", "1", "--from", "internet", "--to", "tier:shop/cellar"), "to: shop has"),
        (("matrix", "--environment", "nope"), "This project has no environment called nope"),
        (("preview", "shop-fw", "--draft", "/nowhere"), "draft: /nowhere: cannot be read"),
        (("intent", "check", "--intents", "/nowhere"), "intents: /nowhere: cannot be read"),
        (("probe", "--protocol", "icmp", "--port", "8", "--from", "internet", "--to", "tier:shop/db"), "port: icmp has no"),
    ],
)  # fmt: skip
def test_bad_input_is_two_and_one_line(world: World, capsys: Out, words: tuple[str, ...], said: str) -> None:
    assert run(*words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(said)
    assert err.count("\n") == 1


def test_a_mistake_in_a_draft_is_named_by_its_place(world: World, capsys: Out, tmp_path: Path) -> None:
    draft = told(capsys, "show", "shop-fw")
    file = tmp_path / "draft.json"
    for change, said in (
        ({"group": {**draft["group"], "ports": ["nope"]}}, "group.ports[0]: This project has no port nope"),
        ({"group": {**draft["group"], "id": "other"}}, "group.id: is of another group"),
        (
            {"egress": {"rules": [{"protocol": "tcp", "destination_port": "99999"}]}},
            "egress.rules[0].destination_port: ",
        ),
        ({"egress": {"rules": [{"source_ip_address": "fe80::1"}]}}, "egress.rules[0].source_ip_address: is IPv6"),
        ({"egress": {"rules": [{"colour": 1}]}}, "egress.rules[0].colour: is unknown"),
    ):
        file.write_text(json.dumps({**draft, **change}))
        assert run("preview", "shop-fw", "--draft", file) == 2
        out, err = capsys.readouterr()
        assert (out, err.startswith(said)) == ("", True), err


def test_an_ambiguous_name_is_two_and_lists_the_ids(world: World, capsys: Out) -> None:
    other = world.things.add("firewall_groups", name="shop-fw", ports=[])
    assert run("show", "shop-fw") == 2
    err = capsys.readouterr().err
    assert err.startswith("group: 2 firewall groups are called shop-fw; use an id: ")
    assert other["id"] in err
    assert told(capsys, "show", other["id"])["ingress"] is None


def test_another_projects_group_is_not_found(world: World, capsys: Out) -> None:
    other = world.things.add("firewall_groups", name="theirs", ports=[], project_id="victim", shared=True)
    for login in ("owner", "operator"):
        for name in ("theirs", other["id"]):
            assert main.main(["--os-cloud", login, "firewall", "show", name]) == 2
            assert "no firewall group called" in capsys.readouterr().err


def test_a_policy_that_is_not_shown_is_not_taken_for_empty(world: World, capsys: Out) -> None:
    group = next(iter(world.things.kept["firewall_groups"].values()))
    world.things.kept["firewall_policies"][group["ingress_firewall_policy_id"]]["project_id"] = "victim"
    assert run("show", "shop-fw") == 3
    assert "is not shown to this project" in capsys.readouterr().err


def test_a_cloud_out_of_reach_is_three(world: World, capsys: Out) -> None:
    world.wire.trouble["firewall_groups"] = [503] * 4
    assert run("list") == 3
    assert "Neutron" in capsys.readouterr().err


def test_posture_calls_things_by_their_names_in_a_table_alone(world: World, capsys: Out) -> None:
    expose_database(world)
    assert main.main(["posture", "show", "-f", "table"]) == 0
    out = capsys.readouterr().out
    assert "of firewall group shop-fw" in out and "of security group shop-database_group" in out
    assert max(map(len, out.splitlines())) < 260
    assert main.main(["posture", "show", "-f", "yaml"]) == 0
    assert "firewall group shop-fw" not in capsys.readouterr().out
