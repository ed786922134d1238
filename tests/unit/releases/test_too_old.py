"""A Horizon, Django or Python that the plugin cannot run on is told so at start, and Horizon goes on without it."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import django
import pytest
from django.apps import apps
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from tenant_ops_dashboard import releases
from tenant_ops_dashboard.apps import TenantOpsConfig

ROOT = Path(__file__).parents[3]
OLD = {
    "an old Horizon": ("Horizon 23.0.0", "23.0.0", (4, 2, 19, "final", 0), (3, 11, 2)),
    "an old Django": ("Django 3.2.19", "25.3.2", (3, 2, 19, "final", 0), (3, 11, 2)),
    "both": ("Horizon 24.0.1 and Django 3.2.19", "24.0.1", (3, 2, 19, "final", 0), (3, 11, 2)),
    "an old Python": (f"Python {sys.version.split()[0]}", "25.3.2", (4, 2, 19, "final", 0), (3, 9, 18)),
}
TOO_OLD = """
from importlib import metadata
told = metadata.version
metadata.version = lambda name: "23.0.0" if name == "horizon" else told(name)
"""
#: As an operator writes it into the file, which nobody's test may change.
BY_HAND = """
import tenant_ops_dashboard.releases as releases
releases.off = lambda: True
"""
START = """
import sys
import tests.settings as settings
sys.modules["changed"] = settings
import django, horizon
django.setup()
from django.urls import reverse
ours = [one for one in settings.HORIZON_CONFIG["scss_files"] if "tenant_ops" in one]
print(reverse("login"), "tenant_ops_dashboard" in settings.INSTALLED_APPS, len(ours))
"""


@pytest.fixture
def here(monkeypatch):
    """Pretend to run on these versions."""

    def run(horizon: str | None, of_django: tuple, of_python: tuple = (3, 11, 2)) -> None:
        def version(_name: str) -> str:
            if horizon is None:
                raise metadata.PackageNotFoundError
            return horizon

        monkeypatch.setattr(metadata, "version", version)
        monkeypatch.setattr(django, "VERSION", of_django)
        monkeypatch.setattr(sys, "version_info", of_python)

    return run


@pytest.mark.parametrize("case", OLD, ids=str)
def test_what_is_too_old_is_named_with_what_is_needed(here, case):
    names, *versions = OLD[case]
    here(*versions)
    assert releases.unfit().endswith(f"Too old here: {names}.")
    assert "needs Python 3.11, Horizon 25.3 (2025.1) and Django 4.2 or newer" in releases.unfit()
    with pytest.raises(ImproperlyConfigured, match=f"cannot run here.*{names}"):
        TenantOpsConfig("tenant_ops_dashboard", apps.get_app_config("tenant_ops_dashboard").module)


@pytest.mark.parametrize("horizon", [None, "0.0.0", "0.0.1.dev42", "25.3.0", "25.7.3", "27.0.0", "27.1.2"])
def test_what_is_new_enough_or_tells_no_version_is_fit(here, horizon):
    here(horizon, (4, 2, 19, "final", 0))
    assert (releases.unfit(), releases.untried(), releases.off()) == ("", "", False)


def start(before: str) -> subprocess.CompletedProcess[str]:
    """Horizon from its settings on; tells its login page, whether it has our app, and how many of our styles."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "changed", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", before + START], env=environment, capture_output=True, text=True, timeout=60
    )


def test_horizon_stands_without_the_plugin_and_the_log_has_one_sentence_why():
    done = start(TOO_OLD)
    assert done.stdout.split() == ["/auth/login/", "False", "0"]
    assert "Traceback" not in done.stderr
    assert done.stderr.count("Tenant Ops is switched off") == 1
    assert "Too old here: Horizon 23.0.0." in done.stderr


def test_switched_off_by_hand_it_leaves_no_styles_behind_that_nobody_finds():
    assert start("").stdout.split() == ["/auth/login/", "True", "7"]
    done = start(BY_HAND)
    assert done.stdout.split() == ["/auth/login/", "False", "0"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("horizon", "of_django", "named"),
    [
        ("28.0.0", (5, 2, 1, "final", 0), "Horizon 28.0.0 (up to 27)"),
        ("27.0.0", (6, 2, 0, "final", 0), "Django 6.2 (up to 6.1)"),
    ],
)
def test_what_is_newer_than_tested_is_a_warning_of_the_check(here, horizon, of_django, named):
    here(horizon, of_django)
    warned = [one for one in checks.run_checks() if one.id == "tenant_ops.W001"]
    assert [named in one.msg for one in warned] == [True]
    assert releases.unfit() == ""


def test_the_oldest_and_the_newest_are_those_of_the_list():
    listed = tomllib.loads((ROOT / "sandbox/requirements/releases.toml").read_text())
    assert (min(listed), max(listed)) == releases.SERIES
    for release, (number, of_django) in zip(
        releases.SERIES, zip(releases.HORIZON, (releases.DJANGO[0], None), strict=True), strict=True
    ):
        assert listed[release]["horizon"].startswith(".".join(map(str, number)))
        assert of_django is None or listed[release]["django"].startswith(".".join(map(str, of_django)))
