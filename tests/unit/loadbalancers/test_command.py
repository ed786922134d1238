"""`tenant-ops loadbalancer` without a cloud: what it prints where, and its exit codes."""

from __future__ import annotations

import json

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tests.unit.loadbalancers.octavia import Octavia

Out = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def login(octavia: Octavia, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(name: str | None, **options: object) -> clouds.Cloud:
        return octavia.cloud("reader" if name == "auditor" else "member", **options)

    monkeypatch.setattr(clouds, "from_clouds_yaml", run)


def run(*words: str) -> int:
    return main.main(["loadbalancer", *words])


def told(out: Out) -> object:
    return json.loads(out.readouterr().out)


def test_list_is_one_where_one_failed(octavia: Octavia, shop: str, capsys: Out) -> None:
    assert run("list", "-f", "json") == 0
    capsys.readouterr()
    octavia.status(shop, 0, "ERROR")
    assert run("list", "-f", "json") == 0
    found = told(capsys)
    assert [(one["name"], one["status"], one["members"]) for one in found] == [("shop-lb", "warning", "1 of 2 up")]  # type: ignore[attr-defined]
    octavia.status(shop, 1, "ERROR")
    assert run("list") == 1


@pytest.mark.parametrize("form", ["json", "table", "yaml", "csv"])
def test_show_in_every_format(shop: str, capsys: Out, form: str) -> None:
    assert run("show", "shop-lb", "-f", form) == 0
    assert "10.0.1.11" in capsys.readouterr().out


def test_show_has_the_tree(octavia: Octavia, shop: str, capsys: Out) -> None:
    octavia.status(shop, 0, "ERROR")
    octavia.status(shop, 1, "ERROR")
    assert run("show", shop, "-f", "json") == 1
    found = told(capsys)
    members = found["tree"]["listeners"][0]["pools"][0]["members"]  # type: ignore[index]
    assert [one["state"] for one in members] == ["failed", "failed"]


def test_drain_and_enable_say_what_was(octavia: Octavia, shop: str, capsys: Out) -> None:
    octavia.busy = 1
    assert run("drain", "shop-lb", "10.0.1.11", "-f", "json") == 0
    answer = capsys.readouterr()
    assert "weight was 1" in answer.err
    assert json.loads(answer.out)["status"] == "good"
    assert octavia.member(shop, 0)["weight"] == 0
    assert run("enable", "shop-lb", "10.0.1.11:8080") == 0
    assert octavia.member(shop, 0)["weight"] == 1
    assert run("weigh", "shop-lb", "10.0.1.11", "9") == 0
    assert run("disable", "shop-lb", "10.0.1.11") == 0
    assert octavia.member(shop, 0)["weight"] == 9
    assert run("remove", "shop-lb", "10.0.1.11") == 0
    assert len(octavia.members[octavia.pool(shop)]) == 1


def test_why_is_one_where_it_is_down(octavia: Octavia, shop: str, capsys: Out) -> None:
    octavia.networked()
    assert run("why", "shop-lb", "-f", "json") == 0
    capsys.readouterr()
    octavia.status(shop, 1, "ERROR")
    assert run("why", "shop-lb", "-f", "json") == 1
    found = told(capsys)
    assert found["member"] == "10.0.1.12:8080"  # type: ignore[index,call-overload]
    assert "was deleted" in found["answer"]  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    "words",
    [("show", "nope"), ("why", "nope"), ("drain", "shop-lb", "nope"), ("watch", "nope"), ("show", "twin-lb"),
     ("weigh", "shop-lb", "10.0.1.11", "999")],
)  # fmt: skip
def test_bad_input_is_two_and_nothing_on_standard_output(
    octavia: Octavia, shop: str, capsys: Out, words: tuple[str, ...]
) -> None:
    octavia.build("twin")
    octavia.build("twin")
    assert run(*words) == 2
    answer = capsys.readouterr()
    assert answer.out == ""
    assert answer.err.strip()


def test_not_allowed_and_out_of_reach_are_three(octavia: Octavia, shop: str, capsys: Out) -> None:
    assert main.main(["--os-cloud", "auditor", "loadbalancer", "drain", "shop-lb", "10.0.1.11"]) == 3
    assert "role 'member'" in capsys.readouterr().err
    octavia.wire.trouble["loadbalancers"] = [503, 503]
    assert run("list") == 3


def test_watch_tells_changes_alone_and_ends_when_it_is_so(octavia: Octavia, shop: str, capsys: Out) -> None:
    assert run("watch", "shop-lb", "--until", "good") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one.get("member"), one["status"], one["was"]) for one in lines] == [
        (None, "good", ""), ("10.0.1.11:8080", "good", ""), ("10.0.1.12:8080", "good", ""),
    ]  # fmt: skip
    assert run("watch", "--until", "failed", "--every", "0.01", "--seconds", "0.1") == 1
    assert len(capsys.readouterr().out.splitlines()) == 3
