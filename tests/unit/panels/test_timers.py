"""The commands for timers: each project has a login and a deadline of its own, and costs nobody else his turn."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from tenant_ops_dashboard.management import rounds

pytestmark = pytest.mark.django_db


@pytest.fixture
def clouds(world, tmp_path, monkeypatch):
    """Two logins, of which the first is not accepted."""
    file = world.keystone.clouds_yaml(tmp_path, "care")
    bad = file.read_text().partition("clouds:\n")[2].replace("care:", "bad:", 1).replace("not-a-secret", "mistyped")
    file.write_text(file.read_text() + bad)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))


@pytest.mark.parametrize("command", ["tenant_ops_collect", "tenant_ops_scale"])
def test_a_login_that_fails_costs_its_own_row(world, clouds, command):
    world.calls()
    with pytest.raises(CommandError, match=r"^bad: Keystone does not accept this login") as told:
        call_command(command, "--os-cloud", "bad", "--os-cloud", "care", stdout=io.StringIO())
    assert str(told.value).count("\n") == 0
    looked = "/lbaas/loadbalancers" if command == "tenant_ops_collect" else "/stacks"
    assert any(looked in call for call in world.calls()), "the other project had its turn"


def test_a_project_that_cannot_be_asked_costs_its_own_row(world, clouds):
    world.wire.trouble["GET /orchestration/"] = [503, 503]
    with pytest.raises(CommandError, match="production: Heat"):
        call_command("tenant_ops_scale", "--os-cloud", "care", "--os-cloud", "care", stdout=io.StringIO())
    assert sum("/stacks" in call for call in world.calls()) == 3


def test_each_project_has_a_minute_of_its_own(world, clouds, settings):
    settings.TENANT_OPS_BUDGET = 1
    found = list(rounds.named(["care", "care"], []))
    assert [one.options.budget for one in found] == [60, 60]
    assert found[0].deadline is not found[1].deadline
