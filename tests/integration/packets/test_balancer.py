"""Load balancing in turn, a member's death and its return, with real packets and measured states."""

from __future__ import annotations

import itertools
import time

import pytest

from .conftest import OUTSIDE, get, sandbox, until

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def balanced(lab):
    """A load balancer before both servers, with a floating IP: (floating address, pool id)."""
    n, o = lab.cloud.network, lab.cloud.load_balancer
    members = [
        {"name": lab.name(word), "address": lab.address[word], "protocol_port": 8080, "subnet_id": lab.subnet["dmz"].id}
        for word in ("app-1", "app-2")
    ]
    check = {"type": "HTTP", "url_path": "/", "delay": 3, "timeout": 3, "max_retries": 3, "max_retries_down": 3}
    pool = {
        "name": "app", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", "members": members, "healthmonitor": check,
    }  # fmt: skip
    listener = {"name": "http", "protocol": "HTTP", "protocol_port": 80, "default_pool": pool}
    balancer = o.create_load_balancer(name=lab.name("lb"), vip_subnet_id=lab.subnet["dmz"].id, listeners=[listener])
    until(lambda: o.get_load_balancer(balancer.id).provisioning_status in ("ACTIVE", "ERROR"), "the load balancer")
    assert o.get_load_balancer(balancer.id).provisioning_status == "ACTIVE"
    ip = n.create_ip(
        floating_network_id=n.find_network("EXT-NET").id, port_id=balancer.vip_port_id, description=lab.prefix
    )
    return ip.floating_ip_address, next(iter(o.pools(loadbalancer_id=balancer.id))).id


def states(lab, pool):
    return {m.name: m.operating_status for m in lab.cloud.load_balancer.members(pool)}


def answers(lab, address, times):
    bodies = [get(OUTSIDE, f"http://{address}/") for _ in range(times)]
    return [next((w for w in ("app-1", "app-2") if lab.name(w) in body), body) for body in bodies]


def test_both_servers_answer_in_turn(lab, balanced):
    address, pool = balanced
    until(lambda: set(states(lab, pool).values()) == {"ONLINE"}, "both members becoming ONLINE")
    until(lambda: answers(lab, address, 1) != ["nothing"], "the first answer")
    seen = answers(lab, address, 6)
    assert sorted(seen) == ["app-1"] * 3 + ["app-2"] * 3
    assert all(a != b for a, b in itertools.pairwise(seen)), "in turn"


def test_a_dead_member_is_seen_left_out_and_taken_back(lab, balanced, record_property):
    address, pool = balanced
    name = lab.name("app-1")
    until(lambda: states(lab, pool)[name] == "ONLINE", "the member being ONLINE")
    sandbox("tell", name, "die")
    died = time.monotonic()
    until(lambda: states(lab, pool)[name] == "ERROR", "the member becoming ERROR")
    record_property("seconds to ERROR", round(time.monotonic() - died, 1))
    assert set(answers(lab, address, 6)) == {"app-2"}
    sandbox("tell", name, "heal")
    until(lambda: states(lab, pool)[name] == "ONLINE", "the member coming back")
    assert set(answers(lab, address, 6)) == {"app-1", "app-2"}
