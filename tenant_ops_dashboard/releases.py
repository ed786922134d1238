"""Which releases the plugin runs on, asked before all else of it is loaded: what is too old is told in a sentence."""

from __future__ import annotations

import logging
import re
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import django

_LOG = logging.getLogger("tenant_ops")

PYTHON = (3, 11)
#: The oldest and the newest series that `make compat` tries; sandbox/requirements/releases.toml has them one by one.
HORIZON = ((25, 3), (27,))
DJANGO = ((4, 2), (6, 1))
_STYLES = "static/dashboard/scss/themes.scss"
_DASHBOARD = "_9000_tenant_ops"
SERIES = ("2025.1", "2026.2")


def unfit() -> str:
    """What is too old here, in sentences beginning with what is needed; empty where nothing is.

    A Horizon without a version (a checkout without its tags counts as 0.0) is not said to be too old.
    """
    horizon, names = _horizon(), []
    if sys.version_info[:2] < PYTHON:
        names.append(f"Python {sys.version.split()[0]}")
    if horizon and _number(horizon) < HORIZON[0]:
        names.append(f"Horizon {horizon}")
    if django.VERSION[:2] < DJANGO[0]:
        names.append(f"Django {django.get_version()}")
    if not names:
        return ""
    return (
        f"It needs Python {_text(PYTHON)}, Horizon {_text(HORIZON[0])} ({SERIES[0]}) and Django {_text(DJANGO[0])} or "
        f"newer, and is known to run up to Horizon {_text(HORIZON[1])} ({SERIES[1]}) and Django {_text(DJANGO[1])}. "
        f"Too old here: {' and '.join(names)}."
    )


def untried() -> str:
    """What is newer here than what the plugin is tested with, as a sentence; empty where nothing is."""
    horizon, names = _horizon(), []
    if _number(horizon)[: len(HORIZON[1])] > HORIZON[1]:
        names.append(f"Horizon {horizon} (up to {_text(HORIZON[1])})")
    if django.VERSION[:2] > DJANGO[1]:
        names.append(f"Django {django.get_version()} (up to {_text(DJANGO[1])})")
    return f"Tenant Ops is not tested with releases as new as these: {' and '.join(names)}." if names else ""


def off() -> bool:
    """Whether the plugin stays switched off; the log, standard error while settings are read, gets the reason."""
    reason = unfit()
    if reason:
        _LOG.error("Tenant Ops is switched off, and Horizon goes on without it. %s", reason)
    return bool(reason)


def styles(file: str, module: str = "") -> list[str]:
    """What ADD_SCSS_FILES takes for one of our files, a path below the static files; nothing where the plugin is off.

    It is where something is too old, and where _9000_tenant_ops.py beside the panel's `module` has DISABLED = True:
    Horizon then has no such app, so a page would import a file that nobody finds.

    From 25.7 on Horizon compiles each file by itself, so it begins with the theme's variables. Older ones import all
    of them into one, where those are known and the theme has no name (_stylesheets.html of openstack_dashboard).
    """
    # Horizon reads a folder's files in the order of their names (import_submodules of openstack_dashboard).
    dashboard = sys.modules.get(f"{module.rpartition('.')[0]}.{_DASHBOARD}")
    if getattr(dashboard, "DISABLED", False) or unfit():
        return []
    found = find_spec("openstack_dashboard")
    alone = bool(found and found.origin and (Path(found.origin).parent / _STYLES).exists())
    return [file if alone else f"{file.rpartition('/')[0]}/rules"]


def _horizon() -> str:
    """The version of Horizon; empty where it tells none."""
    try:
        found = metadata.version("horizon")
    except metadata.PackageNotFoundError:
        return ""
    return "" if _number(found) < (1,) else found


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version)[:2])


def _text(number: tuple[int, ...]) -> str:
    return ".".join(map(str, number))
