"""Restarts of each daemon below the servers: every server stays as it is, and its packets find their way again.

Three of each; `RESTARTS=10` for the long run.
"""

from __future__ import annotations

import os
import signal

import pytest

from sandbox import catalogue, process
from sandbox.settings import settings

from .conftest import get, inside, sandbox, until

pytestmark = pytest.mark.sandbox
TIMES = int(os.environ.get("RESTARTS", "3"))


@pytest.fixture(scope="module")
def s():
    return settings()


def again(s, name, sig=signal.SIGTERM):
    """Ends one process of the sandbox and starts it anew, as `up` does with one that died."""
    process.stop(s, name, sig)
    process.start(s, next(p for _, p in catalogue.processes(s) if p.name == name))


def guests(lab):
    """Namespace and process count of each server of the lab."""
    return sorted(line.split()[:3] for line in sandbox("servers").splitlines() if line.startswith(lab.prefix))


def answers(lab):
    return lab.name("app-1") in get(inside(lab.name("app-2")), f"http://{lab.address['app-1']}:8080/")


@pytest.mark.parametrize(
    "name", ["ovn-northd", "ovn-southbound", "ovn-northbound", "ovn-controller", "ovs-vswitchd", "ovs-database"]
)
def test_restarts(lab, s, name):
    until(lambda: answers(lab), "the answer before")
    before = guests(lab)
    for _ in range(TIMES):
        again(s, name)
        until(lambda: answers(lab), f"the answer after a restart of {name}")
    assert guests(lab) == before
    assert process.pid_of(s, name)


def test_nova_compute_finds_its_servers_and_leaves_them_alone(lab, s):
    before = guests(lab)
    again(s, "nova-compute")
    shown = lab.cloud.compute.get_server_console_output(lab.server["app-1"].id)["output"]
    assert shown.count("power on") == 1
    assert guests(lab) == before
    assert answers(lab)


def test_what_a_killed_worker_left_half_done_can_be_deleted(lab, s):
    o = lab.cloud.load_balancer
    balancer = o.create_load_balancer(name=lab.name("orphan"), vip_subnet_id=lab.subnet["dmz"].id)
    until(lambda: list(lab.cloud.network.ports(device_id=f"lb-{balancer.id}")), "the work on it beginning")
    again(s, "octavia-worker", signal.SIGKILL)
    until(lambda: o.get_load_balancer(balancer.id).provisioning_status in ("ERROR", "ACTIVE"), "the end of PENDING")
    o.delete_load_balancer(balancer.id, cascade=True)
    until(lambda: o.find_load_balancer(balancer.id) is None, "its deletion")
