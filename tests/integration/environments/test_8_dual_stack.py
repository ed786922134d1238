"""A flagship with both IP versions: its promises, and packets of IPv6 that pass or do not."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tests.integration.environments.conftest import take_away
from tests.integration.environments.test_5_command import tenant_ops
from tests.integration.packets.conftest import inside, tcp

PREFIX = "fd12:3456:789a"
NAME = f"it-dual-{uuid.uuid4().hex[:6]}"
ASKED = (
    "--set", "ip_version=dual-stack", "--set", f"ula_prefix={PREFIX}::/48", "--set", "jump_host=true",
    "--set", "database_size=1",
)  # fmt: skip


@pytest.fixture(scope="module")
def proofs(owner: Cloud) -> Iterator[dict[str, str]]:
    """What was proven of it, by name."""
    done = tenant_ops("environment", "launch", NAME, *ASKED, "--wait", "-f", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    yield {one["name"]: one["state"] for one in json.loads(done.stdout)["proofs"]}
    take_away(owner, NAME)
    assert not [one for one in owner.pages("network", "/subnets", "subnets") if one["name"].startswith(NAME)]


@pytest.fixture(scope="module")
def addresses(owner: Cloud, proofs: dict[str, str]) -> dict[str, dict[int, str]]:
    """Of each server by its name, without the environment's: its address of either version."""
    found = owner.pages("compute", "/servers/detail", "servers")
    told = {one["name"]: [at for net in one["addresses"].values() for at in net] for one in found}
    return {
        name.removeprefix(f"{NAME}-"): {at["version"]: at["addr"] for at in all_ if at["OS-EXT-IPS:type"] == "fixed"}
        for name, all_ in told.items() if name.startswith(f"{NAME}-")
    }  # fmt: skip


def test_its_promises_hold(proofs: dict[str, str]) -> None:
    assert set(proofs.values()) == {"good"} and "firewall" in proofs, proofs
    checked = tenant_ops("firewall", "intent", "check", "--environment", NAME, "-f", "json")
    told = {one["intent"]["says"]: one["holds"] for one in json.loads(checked.stdout)}
    # Of the load balancer's own servers a project sees no ports: that one is not known, by IPv4 alone as well.
    assert told.pop("The application answers on port 80.") is None
    assert list(told.values()) == [True, True], checked.stdout


def test_servers_alone_have_ipv6(owner: Cloud, addresses: dict[str, dict[int, str]]) -> None:
    assert len(addresses) == 4
    assert all(set(one) == {4, 6} and one[6].startswith(PREFIX) for one in addresses.values()), addresses
    ports = owner.pages("network", "/ports", "ports", project_id=owner.project_id)
    balancer = next(one for one in owner.pages("load-balancer", "/lbaas/loadbalancers", "loadbalancers")
                    if one["name"] == f"{NAME}-lb")  # fmt: skip
    vip = next(one for one in ports if one["id"] == balancer["vip_port_id"])
    assert [":" in at["ip_address"] for at in vip["fixed_ips"]] == [False]


def test_what_passes_between_the_tiers_by_ipv6(addresses: dict[str, dict[int, str]]) -> None:
    app, other = (name for name in addresses if name.startswith("app-"))
    database, jump = addresses["db"][6], addresses["jump"][6]
    assert tcp(inside(f"{NAME}-{app}"), database, 1521), "the application reaches the database"
    assert tcp(inside(f"{NAME}-{app}"), addresses["db"][4], 1521)
    # Each of these listens: by IPv4 it is closed as well. The load balancer asks the application by IPv4.
    closed = [
        ("jump", database, 1521),
        ("db", addresses[app][6], 8080),
        (other, addresses[app][6], 8080),
        (app, jump, 22),
    ]
    with ThreadPoolExecutor(len(closed)) as pool:
        taken = list(pool.map(lambda one: tcp(inside(f"{NAME}-{one[0]}"), *one[1:]), closed))
    assert taken == [False] * len(closed)
