"""The care beside Horizon: the plugin's command with Horizon's settings, anew with each change of the code."""

import json
import sys

import pytest

from sandbox import catalogue, clouds, process, status, up
from sandbox.process import Process
from sandbox.services import care, door, horizon, memcached
from sandbox.services.base import Service


def test_it_is_the_plugin_s_command_every_two_seconds(s):
    (one,) = care.processes(s)
    assert one.command[-3:] == ["tenant_ops_care", "--every", "2"]
    assert one.command[0] == str(s.horizon_venv / "bin/python")
    assert one.port is None


def test_it_reads_horizon_s_settings_and_the_sandbox_s_clouds_file(s):
    (one,) = care.processes(s)
    there = {**s.environment, **one.environment}
    assert there["DJANGO_SETTINGS_MODULE"] == "openstack_dashboard.settings"
    assert there["PYTHONPATH"] == str(s.conf / "horizon")
    assert there["OS_CLIENT_CONFIG_FILE"] == str(s.clouds_yaml)


def test_the_service_user_s_cloud_is_in_the_clouds_file(s, monkeypatch, tmp_path):
    monkeypatch.setattr(type(s), "clouds_yaml", tmp_path / "clouds.yaml")
    clouds.configure(s)
    known = json.loads(s.clouds_yaml.read_text())["clouds"]
    assert 'TENANT_OPS_SERVICE_CLOUD = "tenant-ops"' in horizon._settings(s)
    assert known["tenant-ops"]["auth"]["username"] == "tenant-ops"


def test_trusts_carry_the_roles_that_volumes_servers_and_stacks_need(s):
    (line,) = [x for x in horizon._settings(s).splitlines() if x.startswith("TENANT_OPS_TRUST_ROLES")]
    found: dict = {}
    exec(line, found)
    assert {*found["TENANT_OPS_TRUST_ROLES"]} == {"member", "load-balancer_member", "heat_stack_owner"}


def test_it_comes_after_horizon_and_status_shows_it(s, monkeypatch):
    front = list(catalogue.FRONT)
    assert front.index(care.SERVICE) > front.index(horizon.SERVICE)
    monkeypatch.setattr(catalogue, "services", lambda s: (care.SERVICE,))
    (row,) = status.rows(s)
    assert (row.service, row.process, row.state) == ("care", "care", "down")


def test_it_is_ended_where_horizon_s_code_has_changed(s, monkeypatch):
    monkeypatch.setattr(up, "begin", lambda s, services: None)
    monkeypatch.setattr(horizon, "configure", lambda s: None)
    monkeypatch.setattr(horizon, "prepare", lambda s: None)
    monkeypatch.setattr(horizon, "served", lambda s: ["old"])
    up._prepare_horizon(s)
    process.start(s, Process("care", [sys.executable, "-c", "import time; time.sleep(60)"]))
    first = process.pid_of(s, "care")
    up._prepare_horizon(s)
    assert process.pid_of(s, "care") == first, "nothing changed: it is left alone"
    monkeypatch.setattr(horizon, "served", lambda s: ["new"])
    up._prepare_horizon(s)
    assert process.pid_of(s, "care") is None


@pytest.fixture
def launched(monkeypatch):
    """Names in the order in which a start asks for them."""
    names: list[str] = []

    def launch(s, services):
        names.extend(service.name for service in services)
        return []

    monkeypatch.setattr(up, "launch", launch)
    monkeypatch.setattr(up, "_prepare_horizon", lambda s: None)
    monkeypatch.setattr(up.ready, "wait", lambda s: names.append("ready"))
    keystone = Service("keystone", lambda s: None, lambda s: [])
    monkeypatch.setattr(up, "_above", lambda s: [keystone])
    return names


def test_a_later_start_begins_it_when_the_cloud_reports_for_work(s, launched):
    assert {memcached.SERVICE, horizon.SERVICE, care.SERVICE, door.SERVICE} == {*catalogue.FRONT}
    up.again(s, {})
    assert launched.index("care") > launched.index("ready")
    assert launched.index("horizon") < launched.index("ready")
