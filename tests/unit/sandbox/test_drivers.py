"""Services that run the sandbox's own drivers are started again where the drivers changed, and only there."""

import sys

from sandbox import catalogue, process, up
from sandbox.process import Process
from sandbox.services import cinder, nova, octavia


def test_whoever_was_started_with_other_drivers_is_ended(s, monkeypatch, tmp_path):
    code = tmp_path / "sandbox/drivers/sandbox_drivers/tier.py"
    code.parent.mkdir(parents=True)
    code.write_text("old = True\n")
    monkeypatch.setattr(up, "PROJECT", tmp_path)
    up._end_old_drivers(s)
    for name in ("nova-compute", "heat-engine"):
        process.start(s, Process(name, [sys.executable, "-c", "import time; time.sleep(60)"]))
    try:
        up._end_old_drivers(s)
        assert process.pid_of(s, "nova-compute"), "nothing changed: it is left alone"
        code.write_text("old = False\n")
        up._end_old_drivers(s)
        assert process.pid_of(s, "nova-compute") is None
        assert process.pid_of(s, "heat-engine")
    finally:
        process.stop_all(s, ["nova-compute", "heat-engine"])


def test_the_drivers_processes_are_known_by_name(s):
    found = [p for service in (nova, cinder, octavia) for p in service.processes(s)]
    assert {p.name for p in found if any("sandbox_drivers" in word for word in p.command)} <= {*catalogue.DRIVEN}
    assert {*catalogue.DRIVEN} - {"octavia-heartbeat"} <= {p.name for p in found}
