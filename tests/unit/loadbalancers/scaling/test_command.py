"""`tenant-ops scaling` without a cloud."""

from __future__ import annotations

import json

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tests.unit.fake_openstack import server
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.loadbalancers.scaling.server_group import Tier

Out = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def login(octavia: Octavia, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: octavia.cloud(**options))


def run(*words: str) -> int:
    return main.main(["scaling", *words])


def test_show_tells_rules_and_limits(tier: Tier, capsys: Out) -> None:
    assert run("show", "shop", "-f", "json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["servers"], found["rules"]["on"], found["alarms"]) == (2, False, [])
    tier.state, tier.reason = "UPDATE_FAILED", "No valid host"
    assert run("show", "shop") == 1
    assert "No valid host" in capsys.readouterr().out


@pytest.fixture
def care(octavia: Octavia, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What the dashboard says of scaling; its other rows are there too."""
    row: dict[str, object] = {"promise": "scale", "cared_at": "2026-11-30T06:00:00Z", "late": False, "says": ""}
    monkeypatch.setitem(server.SERVICES, "tenant-ops", "http://fake/tenant_ops/api")
    services = tuple(server.SERVICES)
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **more: octavia.cloud(services=services, **more))
    octavia.wire.on("GET", "/tenant_ops/api/v1/care")(lambda query, body: {"care": [{"promise": "care"}, row]})
    return row


def test_show_tells_when_the_care_job_last_looked(tier: Tier, care: dict[str, object], capsys: Out) -> None:
    tier.rules(on=True)
    assert run("show", "shop", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out)["cared_at"] == "2026-11-30T06:00:00Z"
    care.update(cared_at=None, late=True, says="Nothing scales by itself: the care job has never run.")
    assert run("show", "shop", "-f", "json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["cared_at"] is None
    assert "Nothing scales by itself" in told.err


def test_what_scales_by_hand_waits_for_nobody(tier: Tier, care: dict[str, object], capsys: Out) -> None:
    assert run("show", "shop", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out)["cared_at"] is None


def test_a_dashboard_that_is_away_is_told_and_the_rest_is_shown(
    octavia: Octavia, tier: Tier, care: dict[str, object], capsys: Out
) -> None:
    tier.rules(on=True)
    octavia.wire.trouble["/care"] = [503] * 9
    assert run("show", "shop", "-f", "json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["rules"]["on"]
    assert "Whether it scales by itself is not known" in told.err


def test_set_changes_what_is_named_and_keeps_the_rest(tier: Tier, capsys: Out) -> None:
    tier.rules(threshold=80)
    assert run("set", "shop", "--on", "--maximum", "6", "-f", "json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["maximum"], found["minimum"], found["rules"]["threshold"], found["rules"]["on"]) == (6, 2, 80.0, True)


def test_bad_input_is_two(tier: Tier, capsys: Out) -> None:
    assert run("set", "shop", "--threshold", "-1") == 2
    assert "--threshold" in capsys.readouterr().err
    assert run("now", "shop", "in") == 2
    assert run("show", "nope") == 2


@pytest.mark.parametrize(
    ("option", "typed"),
    [("--threshold", "inf"), ("--threshold", "nan"), ("--window", "nan"), ("--calm", "inf"), ("--minimum", "0"), ("--step", "0")],
)  # fmt: skip
def test_what_is_no_rule_is_two_and_changes_nothing(tier: Tier, capsys: Out, option: str, typed: str) -> None:
    assert run("set", "shop", option, typed) == 2
    assert f"{option}: " in capsys.readouterr().err
    assert tier.body == {}


def test_what_is_broken_is_told_and_repaired(tier: Tier, capsys: Out) -> None:
    tier.gone = {"abc1"}
    assert run("show", "shop", "-f", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [(one["key"], one["lost"]) for one in found["broken"]] == [("application-2", True)]
    assert run("repair", "shop", "--wait", "-f", "json") == 0
    assert json.loads(capsys.readouterr().out)["broken"] == []
    assert run("repair", "shop") == 2


def test_now(tier: Tier, capsys: Out) -> None:
    assert run("now", "shop", "out") == 0
    assert tier.signals == ["scale_out"]
