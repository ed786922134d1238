"""The audit trail goes somewhere, whatever Horizon's logging was told."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tenant_ops_dashboard import apps, audit
from tenant_ops_dashboard.records.models import AuditEvent
from tests.unit.fake_openstack.world import World

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[3]
BY_ITSELF = """
import django
django.setup()
from tenant_ops_dashboard import audit
from tests.unit.fake_openstack.world import World
audit.record(World().cloud(), "delete", "environment", "id", "shop", "success")
"""


@pytest.fixture
def trail(monkeypatch):
    """The logger as Horizon leaves it: nobody configured it, nor anything above it."""
    kept = list(audit.LOGGER.handlers)
    for logger in (audit.LOGGER, logging.getLogger("tenant_ops")):
        monkeypatch.setattr(logger, "propagate", True)
        monkeypatch.setattr(logger, "level", logging.NOTSET)
        monkeypatch.setattr(logger, "handlers", [])
    audit.LOGGER.manager._clear_cache()
    yield audit.LOGGER
    for handler in audit.LOGGER.handlers:
        if handler not in kept:
            handler.close()
    audit.LOGGER.manager._clear_cache()


def begin():
    apps.TenantOpsConfig.create("tenant_ops_dashboard").ready()


def record():
    audit.record(World().cloud(), "delete", "environment", "id", "shop", "success")


def events(file):
    return [json.loads(line)["action"] for line in file.read_text().splitlines()]


def test_by_itself_it_goes_to_the_web_server_s_error_log():
    code = f"import tests.settings as s\ns.LOGGING = {{}}\nimport sys\nsys.modules['changed'] = s\n{BY_ITSELF}"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "changed", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=environment, capture_output=True, text=True)
    (event,) = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert (event["action"], event["target"]["name"]) == ("delete/environment", "shop")


def test_the_setting_names_a_file(trail, settings, tmp_path):
    settings.TENANT_OPS_AUDIT_LOG = str(tmp_path / "audit.log")
    begin()
    begin()
    record()
    assert events(tmp_path / "audit.log") == ["delete/environment"]
    (tmp_path / "audit.log").rename(tmp_path / "audit.log.1")
    record()
    assert events(tmp_path / "audit.log") == ["delete/environment"], "after logrotate it goes on in the new file"


def test_a_file_that_cannot_be_written_costs_no_event(trail, settings, tmp_path, capfd):
    settings.TENANT_OPS_AUDIT_LOG = str(tmp_path / "nowhere" / "audit.log")
    begin()
    record()
    assert '"action": "delete/environment"' in capfd.readouterr().err


def test_where_there_is_a_database_events_are_kept_there_once(trail, settings):
    begin()
    begin()
    record()
    (kept,) = AuditEvent.objects.all()
    assert (kept.project_id, kept.target_name, kept.told) == ("project", "shop", True)


@pytest.mark.parametrize("databases", [{}, {"default": {}}, {"default": {"ENGINE": "django.db.backends.dummy"}}])
def test_without_a_database_the_log_is_all_there_is_and_nothing_is_missing(trail, monkeypatch, caplog, databases):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(apps.settings, "DATABASES", databases)
    begin()
    record()
    assert not AuditEvent.objects.exists()
    assert [one.name for one in caplog.records] == ["tenant_ops.audit"]


def test_what_was_configured_counts(trail, settings):
    heard = []
    handler = logging.Handler()
    handler.emit = lambda record: heard.append(record)
    trail.parent.handlers.append(handler)
    begin()
    record()
    assert len(heard) == 1
    assert trail.handlers == []


def test_who_wants_none_of_it_gets_none(trail, settings):
    trail.parent.setLevel(logging.CRITICAL)
    begin()
    assert not trail.isEnabledFor(logging.INFO)


def test_the_command_line_writes_it_to_a_file(trail, tmp_path, monkeypatch):
    from tenant_ops_dashboard.cli import main

    monkeypatch.setenv(main.AUDIT, str(tmp_path / "audit.log"))
    app = main.TenantOps()
    app.options = app.parser.parse_args([])
    root = logging.getLogger("")
    kept = list(root.handlers)
    try:
        app.configure_logging()
    finally:
        root.handlers[:] = kept
    record()
    assert events(tmp_path / "audit.log") == ["delete/environment"]
