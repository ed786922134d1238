"""`manage.py tenant_ops_reconcile`: what people entrusted is finished, with the service user's own login and their trusts."""

from __future__ import annotations

import io

import pytest
import requests
from django.core.management import CommandError, call_command

from tenant_ops_dashboard.environments import unattended
from tests.unit.fake_openstack.keystone import id_of


@pytest.fixture
def entrusted(world, begun, settings, tmp_path, monkeypatch):
    """An environment that its owner entrusted to the service user, whose login stands in clouds.yaml."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(world.keystone.clouds_yaml(tmp_path, "care")))
    settings.TENANT_OPS_SERVICE_CLOUD = "care"
    unattended.give(world.cloud(service_user=id_of("care")), begun)
    world.heat.finish(begun.id)
    return begun


def run(*arguments):
    """What the command says."""
    said = io.StringIO()
    call_command("tenant_ops_reconcile", *arguments, stdout=said)
    return said.getvalue()


def test_what_was_entrusted_is_finished_as_its_owner(world, entrusted):
    assert "as it should be" in run()
    assert [login["user"]["id"] for login in world.keystone.logins] == [id_of("care"), "user-1"]
    (group,) = world.things.kept["firewall_groups"].values()
    assert group["description"] == f"Environment {entrusted.id}"


def test_a_second_run_changes_nothing(world, entrusted):
    run("--os-cloud", "care")
    world.calls()
    run()
    assert {call for call in world.calls() if not call.startswith("GET")} == {"POST /identity/v3/auth/tokens"}


def test_nobody_waits_for_it_as_for_a_page(world, entrusted, settings, monkeypatch):
    settings.TENANT_OPS_BUDGET = 1
    budgets = []
    monkeypatch.setattr(unattended, "_care", lambda cloud, _id: budgets.append(cloud.options.budget))
    run()
    assert budgets == [60]


def test_what_was_taken_back_is_left_alone(world, entrusted):
    world.things.kept["trusts"].clear()
    assert "as it should be" in run()
    assert world.things.kept["firewall_groups"] == {}


def test_it_tells_what_it_could_not_mend(world, entrusted):
    world.wire.trouble["/network/"] = [requests.ConnectionError("no route")] * 20
    with pytest.raises(CommandError, match="shop: Neutron cannot be reached"):
        run()


def test_without_a_cloud_it_says_which_setting(world, settings):
    settings.TENANT_OPS_SERVICE_CLOUD = ""
    with pytest.raises(CommandError, match="TENANT_OPS_SERVICE_CLOUD"):
        run()


def test_a_login_that_is_not_accepted_is_a_sentence(world, entrusted):
    world.keystone.passwords["care"] = "changed"
    with pytest.raises(CommandError, match="does not accept this login"):
        run()
