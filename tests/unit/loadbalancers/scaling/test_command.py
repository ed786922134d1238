"""`tenant-ops scaling` without a cloud."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.cloud.values import moment
from tests.unit.fake_openstack import server
from tests.unit.fake_openstack.keystone import Keystone
from tests.unit.fake_openstack.things import Things
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


SERVICE = "a" * 32


@pytest.fixture
def trusts(octavia: Octavia, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Those that Keystone keeps; the variable names the dashboard's service user."""
    things = Things(octavia.wire)
    Keystone(octavia.wire, things)
    monkeypatch.setenv("TENANT_OPS_SERVICE_USER", SERVICE)
    return things.kept["trusts"]


def test_set_entrusts_it_with_the_same_command(tier: Tier, trusts: dict[str, Any], capsys: Out) -> None:
    for _ in range(2):
        assert run("set", "shop", "--on", "--entrust", "-f", "json") == 0
        told = capsys.readouterr()
        assert json.loads(told.out)["rules"]["on"]
        assert "The service user may act for shop with your roles member, until " in told.err
    (given,) = trusts.values()
    assert (given["trustee_user_id"], given["tenant_ops_environment"]) == (SERVICE, tier.row()["id"])
    left = moment(given["expires_at"]) - datetime.datetime.now(datetime.UTC)
    assert 89 <= left.days <= 90


def test_the_variables_count_as_horizon_s_settings_do(
    octavia: Octavia, tier: Tier, trusts: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    roles = ("member", "heat_stack_owner")
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **more: octavia.cloud(*roles, **more))
    monkeypatch.setenv("TENANT_OPS_TRUST_ROLES", "Heat_stack_owner, admin,")
    monkeypatch.setenv("TENANT_OPS_TRUST_DAYS", "2")
    assert run("set", "shop", "--on", "--entrust") == 0
    (given,) = trusts.values()
    assert [role["name"] for role in given["roles"]] == ["heat_stack_owner"]
    assert (moment(given["expires_at"]) - datetime.datetime.now(datetime.UTC)).days <= 2


@pytest.mark.parametrize("days", ["0", "-1", "x", "1e9", "²", "99999"])
def test_days_that_are_none_are_two(tier: Tier, monkeypatch: pytest.MonkeyPatch, capsys: Out, days: str) -> None:
    monkeypatch.setenv("TENANT_OPS_TRUST_DAYS", days)
    assert run("show", "shop") == 2
    assert "TENANT_OPS_TRUST_DAYS: " in capsys.readouterr().err


def test_nothing_is_entrusted_that_scales_by_hand(tier: Tier, trusts: dict[str, Any], capsys: Out) -> None:
    assert run("set", "shop", "--off", "--entrust") == 2
    assert capsys.readouterr().err.startswith("--entrust: ")
    assert (trusts, tier.body) == ({}, {})


def test_without_a_service_user_the_rules_stay_as_they_are(
    tier: Tier, trusts: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.setenv("TENANT_OPS_SERVICE_USER", "")
    assert run("set", "shop", "--on", "--entrust") == 3
    assert "no service user" in capsys.readouterr().err
    assert (trusts, tier.body) == ({}, {})


def test_an_application_credential_gives_none_and_is_told_so(
    octavia: Octavia, tier: Tier, trusts: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **more: octavia.cloud(credential=True, **more))
    assert run("set", "shop", "--on", "--entrust") == 3
    assert "An application credential cannot give authority to the service user" in capsys.readouterr().err
    assert (trusts, tier.body) == ({}, {})


def test_set_says_that_nobody_does_it(tier: Tier, care: dict[str, object], capsys: Out) -> None:
    care.update(cared_at=None, late=True, says="Nothing scales by itself: nobody.", todo="Entrust it.")
    assert run("set", "shop", "--on") == 0
    assert "Nothing scales by itself: nobody. Entrust it." in capsys.readouterr().err
