"""The Python environments: the cloud's services, Horizon with the plugin, for tests the tools, and older Horizons."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from sandbox import process
from sandbox.errors import SandboxError
from sandbox.install import stamps
from sandbox.settings import PROJECT, UV, Settings

REQUIREMENTS = PROJECT / "sandbox" / "requirements"
# What the XStatic-* of older Horizons are built with.
BUILD = REQUIREMENTS / "build.txt"
DRIVERS = PROJECT / "sandbox" / "drivers"


def cloud(s: Settings) -> None:
    """keystone, nova, neutron and the others, with the sandbox's own drivers."""
    _environment(s, s.cloud_venv, REQUIREMENTS / "cloud.txt")
    with stamps.needed(s, "drivers", (DRIVERS / "pyproject.toml").read_text()) as due:
        if due:
            _install(s, s.cloud_venv, "--no-deps", "-e", str(DRIVERS))


def horizon(s: Settings, tests: bool = False) -> None:
    """Horizon, its server and the plugin from this checkout; with `tests` also what the tests import."""
    tests = tests or (s.state / "stamps" / "horizon-test").exists()
    _environment(s, s.horizon_venv, REQUIREMENTS / ("test.txt" if tests else "horizon.txt"))
    with stamps.needed(s, "plugin", str(PROJECT), (PROJECT / "setup.cfg").read_text()) as due:
        if due:
            _install(s, s.horizon_venv, "--no-deps", "-e", str(PROJECT))


def docs(s: Settings) -> None:
    """Sphinx beside Horizon and the plugin, whose settings, rules and commands it reads."""
    horizon(s)
    _environment(s, s.horizon_venv, REQUIREMENTS / "docs.txt")


def releases() -> dict[str, dict[str, str]]:
    """The releases of OpenStack whose Horizon the plugin is tested with, oldest first, as releases.toml has them."""
    return tomllib.loads((REQUIREMENTS / "releases.toml").read_text())


def release(s: Settings, name: str, interpreter: str = "") -> None:
    """One of them with the plugin and what unit tests import, in `release_venv`; the newest one is `horizon` itself.

    Raises SandboxError for a release that is not in the list.
    """
    listed = releases()
    if name not in listed:
        raise SandboxError(f"There is no release {name}.", f"There are: {', '.join(listed)}.")
    venv = release_venv(s, name, interpreter)
    if venv == s.horizon_venv:
        horizon(s, tests=True)
        return
    _environment(s, venv, REQUIREMENTS / listed[name]["pins"], interpreter, "--build-constraints", str(BUILD))
    with stamps.needed(s, f"plugin-{venv.name}", str(PROJECT), (PROJECT / "setup.cfg").read_text()) as due:
        if due:
            _install(s, venv, "--no-deps", "-e", str(PROJECT))


def release_venv(s: Settings, name: str, interpreter: str = "") -> Path:
    """Where a release's environment is, one for each interpreter that was asked for."""
    if not interpreter and releases()[name]["pins"] == "test.txt":
        return s.horizon_venv
    return s.state / "venv" / "-".join(["horizon", name, *([Path(interpreter).name] if interpreter else [])])


def _environment(s: Settings, venv: Path, requirements: Path, interpreter: str = "", *options: str) -> None:
    step = f"{venv.name}-{requirements.stem}".replace("horizon-horizon", "horizon").replace("cloud-cloud", "cloud")
    with stamps.needed(s, step, requirements.read_text(), sys.version) as due:
        if not due and (venv / "bin" / "python").exists():
            return
        if not (venv / "bin" / "python").exists():
            process.run(s, "install-python", [uv(s), "venv", "--python", interpreter or _python(), str(venv)])
        _install(s, venv, "-r", str(requirements), *options)


def _install(s: Settings, venv: Path, *arguments: str) -> None:
    process.run(s, "install-python", [
        uv(s), "pip", "install", "--compile-bytecode", "--python", str(venv / "bin" / "python"), *arguments,
    ])  # fmt: skip


def _python() -> str:
    """Debian's own interpreter: the one every Debian machine has."""
    return "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable


def uv(s: Settings) -> str:
    """uv, from its own small environment: it resolves and installs ten times as fast as pip."""
    own = s.tools / "uv" / "bin" / "uv"
    if not own.exists() or UV not in subprocess.run([own, "--version"], capture_output=True, text=True).stdout:
        process.run(s, "install-python", [_python(), "-m", "venv", str(s.tools / "uv")])
        process.run(s, "install-python", [str(s.tools / "uv" / "bin" / "pip"), "install", "-q", f"uv=={UV}"])
    return str(own)
