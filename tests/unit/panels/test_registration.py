"""The plugin inside Horizon: switched off file by file, its policy in force by itself, its settings, its command."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from oslo_config import cfg
from oslo_policy import generator

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.panels import settings as ours
from tests.unit.panels.walk import SHOW

ROOT = Path(__file__).parents[3]
SNIPPET = ROOT / "tenant_ops_dashboard/conf/local_settings.d/_9000_tenant_ops.py"
LOOK = """
import django, horizon
django.setup()
from django.urls import reverse
reverse("login")
print([panel.slug for panel in horizon.get_dashboard("tenant_ops").get_panels()])
"""


def look(change):
    """What Horizon has of the plugin in a process of its own, with `change` made to its settings first."""
    code = f"import tests.settings as s\n{change}\nimport sys\nsys.modules['changed'] = s\n{LOOK}"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "changed", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=environment, capture_output=True, text=True)
    return done.stdout.strip().splitlines()[-1] if done.stdout else done.stderr


def test_the_dashboard_and_its_panel_are_there():
    assert "'environments'" in look("")


def test_a_panel_can_be_switched_off():
    configs = "s.HORIZON_CONFIG['panel_customization']"
    assert "'environments'" not in look(f"{configs} = [c for c in {configs} if c.get('PANEL') != 'environments']")


def test_horizon_starts_with_no_panel_of_ours_at_all():
    configs = "s.HORIZON_CONFIG['panel_customization']"
    assert look(f"{configs} = [c for c in {configs} if c.get('PANEL_DASHBOARD') != 'tenant_ops']") == "[]"


@pytest.mark.parametrize("file", sorted((ROOT / "enabled").glob("_9*.py")), ids=lambda file: file.name)
def test_every_enabled_file_can_be_switched_off(file):
    assert runpy.run_path(str(file))["DISABLED"] is False


def test_the_policy_is_registered_without_any_setting(settings):
    assert Path(settings.POLICY_FILES["tenant_ops"]) == policy.FILE
    assert Path(os.environ[policy.VARIABLE]) == policy.FILE


def test_horizon_s_own_check_denies_an_auditor_as_well(rf, auditor):
    from openstack_auth import policy as horizon_policy
    from openstack_auth import utils

    horizon_policy.reset()
    request = rf.get("/")
    request.user = utils.get_user(request)
    request.session = {}
    assert horizon_policy.check((("tenant_ops", "environments:read"),), request)
    assert not horizon_policy.check((("tenant_ops", "environments:launch"),), request)
    horizon_policy.reset()


def test_an_operator_s_policy_file_is_obeyed(client, owner, world, tmp_path, monkeypatch):
    file = tmp_path / "policy.yaml"
    file.write_text('"environments:read": "role:member"\n"environments:launch": "role:nobody"\n')
    monkeypatch.setenv(policy.VARIABLE, str(file))
    assert client.get("/tenant_ops/").status_code == 200
    assert client.post("/tenant_ops/launch/", {"name": "shop"}).status_code == 403
    assert client.post(f"{SHOW}delete/").status_code == 403


def generated(tool, file, **options):
    """What one of oslo.policy's own tools writes of the plugin's rules."""
    cfg.CONF.clear()
    tool(["--namespace", "tenant_ops", "--output-file", str(file)], **options)
    cfg.CONF.clear()
    return file.read_text()


def test_oslo_policy_s_tools_know_the_rules(tmp_path, monkeypatch):
    sample = generated(generator.generate_sample, tmp_path / "sample.yaml", conf=cfg.ConfigOpts())
    assert '# Restart a server of an environment.\n#"environments:restart": "rule:member"' in sample
    monkeypatch.delenv(policy.VARIABLE)
    shipped = yaml.safe_load(generated(generator.generate_policy, tmp_path / "shipped.yaml"))
    assert shipped == yaml.safe_load(policy.FILE.read_text())
    changed = tmp_path / "changed.yaml"
    changed.write_text('"environments:launch": "role:nobody"\n')
    monkeypatch.setenv(policy.VARIABLE, str(changed))
    in_force = yaml.safe_load(generated(generator.generate_policy, tmp_path / "in-force.yaml"))
    assert in_force == {**shipped, "environments:launch": "role:nobody"}


def test_the_snippet_documents_every_setting_with_its_default():
    shown = {name: value for name, value in runpy.run_path(str(SNIPPET)).items() if name.startswith("TENANT_OPS_")}
    defaults = ours.Settings()
    expected = {f"TENANT_OPS_{one.name.upper()}": getattr(defaults, one.name) for one in fields(ours.Settings)}
    assert {name: tuple(value) if isinstance(value, list) else value for name, value in shown.items()} == expected


def test_settings_reach_the_cloud(settings):
    settings.TENANT_OPS_TIMEOUT = 3
    settings.OPENSTACK_SSL_CACERT = "/etc/ssl/own.pem"
    options = ours.read().options()
    assert (options.timeout, options.cacert) == (3, "/etc/ssl/own.pem")
