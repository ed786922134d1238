"""The audit trail on the sandbox: what a command changes is read by a command, by another person, and on the page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import openstack
import pytest
import requests

from bench.served import Served
from sandbox.settings import PORTS, settings, url

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(600)]
PATIENCE = 240.0


def until(test: Callable[[], Any], what: str) -> Any:
    """Wait for a state; a slow machine only takes longer."""
    end = time.monotonic() + PATIENCE
    while not (found := test()):
        assert time.monotonic() < end, f"{what} did not happen within {PATIENCE:.0f} s"
        time.sleep(0.3)
    return found


def tenant_ops(*words: str, cloud: str = "owner") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tenant_ops_dashboard.cli.main", "--os-cloud", cloud, *words]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def events(*words: str, cloud: str = "owner") -> list[dict[str, Any]]:
    done = tenant_ops("audit", "list", "-f", "json", *words, cloud=cloud)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def member() -> Iterator[tuple[str, str]]:
    """A load balancer and its one member, at an address that nobody has."""
    os.environ.setdefault("OS_CLIENT_CONFIG_FILE", str(settings().clouds_yaml))
    cloud, name = openstack.connect(cloud="owner", api_timeout=60), f"audit-{uuid.uuid4().hex[:6]}"
    net, lb = cloud.network, cloud.load_balancer
    network = net.create_network(name=name)
    made = None

    def settled() -> bool:
        return bool(lb.get_load_balancer(made.id).provisioning_status == "ACTIVE")

    try:
        subnet = net.create_subnet(name=name, network_id=network.id, cidr="10.78.9.0/24", ip_version=4)
        made = lb.create_load_balancer(name=name, vip_subnet_id=subnet.id)
        until(settled, "the load balancer")
        pool = lb.create_pool(name=name, loadbalancer_id=made.id, protocol="HTTP", lb_algorithm="ROUND_ROBIN")
        until(settled, "the pool")
        one = lb.create_member(pool, name="nobody", address="10.78.9.200", protocol_port=80, subnet_id=subnet.id)
        until(settled, "the member")
        yield made.id, one.id
    finally:
        if made is not None:
            until(settled, "the load balancer's rest")
            lb.delete_load_balancer(made.id, cascade=True)
            until(lambda: lb.find_load_balancer(made.id) is None, "the load balancer's end")
        net.delete_network(network.id)


@pytest.fixture(scope="module")
def changed(member: tuple[str, str]) -> tuple[str, str]:
    done = tenant_ops("loadbalancer", "weigh", *member, "7", "-f", "json")
    assert done.returncode in (0, 1), done.stderr
    assert "audit trail lacks" not in done.stderr
    return member


def test_what_a_command_changed_is_in_the_trail(changed: tuple[str, str]) -> None:
    found = events("--since", "1h", "--target", changed[1], "--action", "weigh", "--user", "owner")
    assert found, "the command told the dashboard"
    event = found[-1]
    assert (event["action"], event["observer"]["id"]) == ("update/pool-member", "tenant-ops cli")
    assert event["attachments"][0]["content"]["after"]["weight"] == 7
    assert event["initiator"]["name"] == "owner"
    assert event["requestId"].startswith("req-")
    assert events("--target", changed[1], "--outcome", "failure") == []


def test_an_auditor_of_the_project_reads_it_and_another_project_does_not(changed: tuple[str, str]) -> None:
    assert events("--target", changed[1], cloud="auditor")
    assert events("--target", changed[1], cloud="developer") == []


def test_the_page_of_either_process_shows_it(changed: tuple[str, str]) -> None:
    owner = Served(settings().state, PORTS["horizon"]).log_in("owner")
    for _ in range(6):
        page = owner.get(url("horizon", "/tenant_ops/audit/"), params={"target": changed[1]}, timeout=60)
        assert page.status_code == 200
        assert "by command" in page.text
    sent = owner.get(url("horizon", "/tenant_ops/audit/export/json/"), params={"target": changed[1]}, timeout=60)
    assert {one["target"]["id"] for one in sent.json()} == {changed[1]}


def test_the_rate_is_counted_by_both_processes_together(changed: tuple[str, str]) -> None:
    token = openstack.connect(cloud="developer", api_timeout=60).auth_token
    headers, statuses = {"X-Auth-Token": token}, []
    # A minute may begin anew in the middle.
    for _ in range(300):
        answer = requests.get(url("horizon", "/tenant_ops/api/v1/audit?limit=1"), headers=headers, timeout=60)
        statuses.append(answer.status_code)
        if answer.status_code == 429:
            assert 1 <= int(answer.headers["Retry-After"]) <= 61
            break
    assert statuses[-1] == 429, statuses


@pytest.mark.parametrize("token", ["", "gAAAAABinvented"])
def test_without_a_login_nothing_is_told(token: str) -> None:
    answer = requests.get(url("horizon", "/tenant_ops/api/v1/audit"), headers={"X-Auth-Token": token}, timeout=60)
    assert answer.status_code == 401
    assert set(answer.json()["error"]) == {"sentence", "todo", "request_id", "field"}
    assert not answer.cookies
