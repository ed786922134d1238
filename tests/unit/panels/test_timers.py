"""The commands for timers: each project has a login and a deadline of its own, and costs nobody else his turn."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from tenant_ops_dashboard import cloud
from tenant_ops_dashboard.care import collect
from tenant_ops_dashboard.environments import unattended
from tenant_ops_dashboard.errors import NotAllowed
from tenant_ops_dashboard.loadbalancers.refresh import Seen
from tenant_ops_dashboard.management import rounds
from tests.unit.fake_openstack.keystone import id_of

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


@pytest.mark.parametrize("error", [KeyError("id"), NotAllowed("Not here.")])
def test_a_project_that_breaks_off_costs_its_own_row(world, clouds, monkeypatch, error):
    done = []

    def observe(*asked):
        done.append(asked)
        if len(done) == 1:
            raise error
        return Seen()

    monkeypatch.setattr(collect, "observe", observe)
    with pytest.raises(CommandError, match=r"^production: (it cannot be looked at; the log says why|Not here)\.$"):
        call_command("tenant_ops_collect", "--os-cloud", "care", "--os-cloud", "care")
    assert len(done) == 2


def test_a_project_whose_trusts_are_refused_is_told(world, clouds, settings, begun, monkeypatch):
    def refused(*_):
        raise cloud.NotAllowed("Keystone does not accept this login: no more.")

    settings.TENANT_OPS_SERVICE_CLOUD = "care"
    unattended.give(world.cloud(service_user=id_of("care")), begun)
    monkeypatch.setattr(collect, "through_trust", refused)
    with pytest.raises(CommandError, match=r"^shop: Keystone does not accept this login"):
        call_command("tenant_ops_collect")


def test_each_project_has_a_minute_of_its_own(world, clouds, settings):
    settings.TENANT_OPS_BUDGET = 1
    found = list(rounds.named(["care", "care"], []))
    assert [one.options.budget for one in found] == [60, 60]
    assert found[0].deadline is not found[1].deadline
