"""`manage.py tenant_ops_collect` on the real cloud: what happens while nobody looks lands in the history."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openstack
import pytest

from bench import served
from sandbox.settings import settings

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]
PATIENCE = 240.0


def until(test: Callable[[], Any], what: str) -> Any:
    """Wait for a state; a slow machine only takes longer."""
    end = time.monotonic() + PATIENCE
    while not (found := test()):
        assert time.monotonic() < end, f"{what} did not happen within {PATIENCE:.0f} s"
        time.sleep(0.3)
    return found


@dataclass
class Lab:
    """A load balancer with a health monitor, in a network where no server is."""

    cloud: Any
    name: str
    network: Any = None
    subnet: Any = None
    balancer: Any = None
    pool: Any = None

    def settled(self) -> bool:
        return bool(self.cloud.load_balancer.get_load_balancer(self.balancer.id).provisioning_status == "ACTIVE")

    def build(self) -> None:
        net, lb = self.cloud.network, self.cloud.load_balancer
        self.network = net.create_network(name=self.name)
        self.subnet = net.create_subnet(name=self.name, network_id=self.network.id, cidr="10.78.3.0/24", ip_version=4)
        self.balancer = lb.create_load_balancer(name=self.name, vip_subnet_id=self.subnet.id)
        until(self.settled, "the load balancer")
        listener = lb.create_listener(
            name=self.name, load_balancer_id=self.balancer.id, protocol="HTTP", protocol_port=80
        )
        until(self.settled, "the listener")
        self.pool = lb.create_pool(name=self.name, listener_id=listener.id, protocol="HTTP", lb_algorithm="ROUND_ROBIN")
        until(self.settled, "the pool")
        lb.create_health_monitor(pool_id=self.pool.id, type="TCP", delay=2, timeout=1, max_retries=1)
        until(self.settled, "the monitor")

    def join(self) -> Any:
        """A member at an address that nobody has."""
        made = self.cloud.load_balancer.create_member(
            self.pool, name="nobody", address="10.78.3.200", protocol_port=80, subnet_id=self.subnet.id
        )
        until(self.settled, "the member")
        return made

    def clear(self) -> None:
        if self.balancer:
            until(self.settled, "the load balancer's rest")
            self.cloud.load_balancer.delete_load_balancer(self.balancer.id, cascade=True)
            gone = self.cloud.load_balancer.find_load_balancer
            until(lambda: gone(self.balancer.id) is None, "the load balancer's end")
        if self.network:
            self.cloud.network.delete_network(self.network.id)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    os.environ.setdefault("OS_CLIENT_CONFIG_FILE", str(settings().clouds_yaml))
    made = Lab(openstack.connect(cloud="owner", api_timeout=60), f"collect-{uuid.uuid4().hex[:6]}")
    try:
        made.build()
        yield made
    finally:
        made.clear()


@dataclass
class Host:
    """Where the command runs: Horizon's settings, a database of its own."""

    environment: dict[str, str]
    database: Path

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-W", "ignore", "-m", "django", "tenant_ops_collect", "--os-cloud", "owner", *words]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), env=self.environment, cwd=self.database.parent, capture_output=True, text=True
        )

    def changes(self, member: str) -> list[tuple[str, str]]:
        """What the history has of a member: was, now; oldest first."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)
        try:
            asked = "SELECT was, now FROM tenant_ops_dashboard_memberchange WHERE member_id = ? ORDER BY at, id"
            return list(connection.execute(asked, [str(uuid.UUID(member))]))
        finally:
            connection.close()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Host:
    folder = tmp_path_factory.mktemp("collect")
    return Host(served.prepare(folder), folder / "history.sqlite3")


def test_what_happens_while_nobody_looks_is_kept(lab: Lab, host: Host) -> None:
    assert host.run().returncode == 0
    with subprocess.Popen(host.command("--every", "1"), env=host.environment, cwd=host.database.parent) as watching:
        try:
            member = lab.join().id
            until(lambda: host.changes(member), "the first sight of the member")
            until(lambda: host.changes(member)[-1][1] == "failed", "its failure in the history")
            lab.cloud.load_balancer.update_member(member, lab.pool, is_admin_state_up=False)
            until(lambda: host.changes(member)[-1] == ("failed", "other"), "its being switched off in the history")
            lab.cloud.load_balancer.delete_member(member, lab.pool)
            until(lambda: host.changes(member)[-1] == ("other", "gone"), "its end in the history")
            assert watching.poll() is None
        finally:
            watching.terminate()
    kept = host.changes(member)
    assert host.run().returncode == 0
    assert host.changes(member) == kept


def test_a_cloud_out_of_reach_is_said_and_ends_with_one(lab: Lab, host: Host) -> None:
    found = subprocess.run(
        host.command("--os-cloud", "nobody"),
        env=host.environment,
        cwd=host.database.parent,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 1
    assert "No usable cloud nobody" in found.stderr
