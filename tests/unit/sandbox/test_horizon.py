"""Horizon in the sandbox: its settings are those of a Horizon that nobody changed, and it serves what is there now."""

import sys

import pytest

from sandbox import process, up
from sandbox.install import debian, python
from sandbox.process import Process
from sandbox.services import horizon, memcached
from sandbox.settings import HOST, PORTS


@pytest.fixture
def written(s, monkeypatch):
    """Horizon's settings as the sandbox writes them, without the plugin's snippet after them."""
    monkeypatch.setattr(horizon, "PROJECT", s.state)
    text = horizon._settings(s).split("SNIPPET =")[0]
    found: dict = {}
    lines = [line for line in text.splitlines() if "tenant_ops_dashboard" not in line and "_enabled" not in line]
    exec("\n".join(lines).replace("PLUGIN =", "#"), found)
    return found


def test_cache_and_sessions_are_horizon_s_own_defaults(written):
    from openstack_dashboard import settings as horizons

    assert written["CACHES"]["default"]["BACKEND"] == horizons.CACHES["default"]["BACKEND"]
    assert written["CACHES"]["default"]["LOCATION"] == f"{HOST}:{PORTS['memcached']}"
    assert written["SESSION_ENGINE"] == horizons.SESSION_ENGINE


def test_compiled_styles_outlive_memcached(written):
    kept = written["CACHES"][written["COMPRESS_CACHE_BACKEND"]]
    assert "filebased" in kept["BACKEND"]
    assert kept["TIMEOUT"] is None


def test_two_workers_share_it(s):
    command = horizon.processes(s)[0].command
    assert command[command.index("--workers") + 1] == "2"


def test_memcached_is_small_and_on_loopback_alone(s):
    command = memcached.processes(s)[0].command
    assert command[command.index("-l") + 1] == HOST
    assert command[command.index("-U") + 1] == "0"
    assert int(command[command.index("-m") + 1]) <= 64


def test_a_running_horizon_is_ended_where_what_it_read_has_changed(s, monkeypatch):
    prepared = []
    monkeypatch.setattr(up, "begin", lambda s, services: None)
    monkeypatch.setattr(horizon, "configure", lambda s: None)
    monkeypatch.setattr(horizon, "prepare", prepared.append)
    monkeypatch.setattr(horizon, "served", lambda s: ["old"])
    up._prepare_horizon(s)
    process.start(s, Process("horizon", [sys.executable, "-c", "import time; time.sleep(60)"]))
    first = process.pid_of(s, "horizon")
    up._prepare_horizon(s)
    assert process.pid_of(s, "horizon") == first, "nothing changed: it is left alone"
    monkeypatch.setattr(horizon, "served", lambda s: ["new"])
    up._prepare_horizon(s)
    assert process.pid_of(s, "horizon") is None
    assert len(prepared) == 2


def test_what_horizon_reads_changes_with_the_plugin_s_code(s, monkeypatch):
    project = s.state / "project"
    code = project / "tenant_ops_dashboard" / "panels" / "one.py"
    code.parent.mkdir(parents=True)
    code.write_text("")
    monkeypatch.setattr(horizon, "PROJECT", project)
    before = horizon.served(s)
    assert horizon.served(s) == before
    (code.parent / "two.py").write_text("")
    assert horizon.served(s) != before


def test_a_sandbox_of_before_gets_only_the_package_it_lacks(s, monkeypatch):
    for file in (file for package, file in debian.UNPACKED.items() if package != "memcached"):
        (s.unpacked / file).parent.mkdir(parents=True, exist_ok=True)
        (s.unpacked / file).touch()
    unpacked = []
    monkeypatch.setattr(debian, "_missing", lambda packages: [])
    monkeypatch.setattr(debian, "_apt", lambda *words: None)
    monkeypatch.setattr(debian.process, "run", lambda *words: "Inst memcached (1.6)\nInst libevent-2.1-7 (2.1)\n")
    monkeypatch.setattr(debian, "unpack", lambda s, packages, root: unpacked.extend(packages))
    debian.install(s)
    assert unpacked == ["memcached"]


def test_an_environment_with_the_test_tools_keeps_them_and_gets_what_is_new(s, monkeypatch):
    installed = []
    monkeypatch.setattr(python, "_environment", lambda s, venv, requirements: installed.append(requirements.name))
    monkeypatch.setattr(python, "_install", lambda *words: None)
    (s.state / "stamps").mkdir()
    python.horizon(s)
    (s.state / "stamps" / "horizon-test").touch()
    python.horizon(s)
    assert installed == ["horizon.txt", "test.txt"]
