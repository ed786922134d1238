"""Ten thousand requests through floating IP and load balancer, also while the load balancer is being changed."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from .conftest import OUTSIDE, get, sandbox, until

pytestmark = pytest.mark.sandbox
LOAD = Path(__file__).with_name("load.py")


@pytest.fixture(scope="module")
def web(lab):
    """A load balancer over both application servers, without a monitor: (floating address, pool, balancer)."""
    n, o = lab.cloud.network, lab.cloud.load_balancer
    members = [
        {"name": lab.name(w), "address": lab.address[w], "protocol_port": 8080, "subnet_id": lab.subnet["dmz"].id}
        for w in ("app-1", "app-2")
    ]
    pool = {"name": "load", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", "members": members}
    listener = {"name": "load", "protocol": "HTTP", "protocol_port": 80, "default_pool": pool}
    balancer = o.create_load_balancer(name=lab.name("load"), vip_subnet_id=lab.subnet["dmz"].id, listeners=[listener])
    until(lambda: o.get_load_balancer(balancer.id).provisioning_status in ("ACTIVE", "ERROR"), "the load balancer")
    assert o.get_load_balancer(balancer.id).provisioning_status == "ACTIVE"
    ip = n.create_ip(
        floating_network_id=n.find_network("EXT-NET").id, port_id=balancer.vip_port_id, description=lab.prefix
    )
    until(lambda: get(OUTSIDE, f"http://{ip.floating_ip_address}/") != "nothing", "the first answer")
    return ip.floating_ip_address, next(iter(o.pools(loadbalancer_id=balancer.id))), balancer


def load(address: str, requests: int) -> dict:
    return json.loads(sandbox("outside", "--", "/usr/bin/python3", str(LOAD), address, str(requests), "8", timeout=500))


def test_ten_thousand_requests(lab, web, record_property):
    address, _, _ = web
    found = load(address, 10000)
    record_property("requests per second", round(10000 / found["seconds"]))
    assert found["failed"] < 10
    assert set(found["answered"]) == {lab.name("app-1"), lab.name("app-2")}
    one, two = found["answered"].values()
    assert abs(one - two) < 200, "in turn"


def test_no_request_is_lost_while_the_load_balancer_is_changed(lab, web):
    address, pool, balancer = web
    o = lab.cloud.load_balancer
    found: dict = {}
    worker = threading.Thread(target=lambda: found.update(load(address, 10000)))
    worker.start()
    member = next(iter(o.members(pool)))
    for weight in (2, 3, 1):
        o.update_member(member, pool, weight=weight)
        until(lambda: o.get_load_balancer(balancer.id).provisioning_status == "ACTIVE", "the change")
    worker.join()
    assert found["failed"] < 10
