"""One amphora of two (ACTIVE_STANDBY) is lost while requests come in: the other goes on, and Octavia makes a new one."""

from __future__ import annotations

import json
import os
import threading
import time

import openstack
import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.loadbalancers import own_servers, watch

from .conftest import OUTSIDE, get, inside, sandbox, until
from .test_endurance import LOAD

pytestmark = pytest.mark.sandbox
THREADS = 4
PAUSE = 0.1  # seconds between two requests of a thread


@pytest.fixture(scope="module")
def operator():
    return openstack.connect(cloud="operator", api_timeout=60)


@pytest.fixture(scope="module")
def flavor(lab, operator):
    """Octavia's flavor with two amphorae, which an operator offers."""
    o = operator.load_balancer
    data = json.dumps({"loadbalancer_topology": "ACTIVE_STANDBY"})
    profile = o.create_flavor_profile(name=lab.name("pair"), provider_name="amphora", flavor_data=data)
    made = o.create_flavor(name=lab.name("pair"), flavor_profile_id=profile.id, enabled=True)
    yield made
    o.delete_flavor(made)
    o.delete_flavor_profile(profile)


@pytest.fixture(scope="module")
def standby(lab, flavor):
    """A load balancer of two amphorae before both servers: (floating address, load balancer)."""
    n, o = lab.cloud.network, lab.cloud.load_balancer
    members = [
        {"name": lab.name(w), "address": lab.address[w], "protocol_port": 8080, "subnet_id": lab.subnet["dmz"].id}
        for w in ("app-1", "app-2")
    ]
    pool = {"name": "pair", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", "members": members}
    listener = {"name": "pair", "protocol": "HTTP", "protocol_port": 80, "default_pool": pool}
    balancer = o.create_load_balancer(
        name=lab.name("pair"), vip_subnet_id=lab.subnet["dmz"].id, listeners=[listener], flavor_id=flavor.id
    )
    until(lambda: o.get_load_balancer(balancer.id).provisioning_status in ("ACTIVE", "ERROR"), "the load balancer")
    assert o.get_load_balancer(balancer.id).provisioning_status == "ACTIVE"
    ip = n.create_ip(
        floating_network_id=n.find_network("EXT-NET").id, port_id=balancer.vip_port_id, description=lab.prefix
    )
    until(lambda: get(OUTSIDE, f"http://{ip.floating_ip_address}/") != "nothing", "the first answer")
    yield ip.floating_ip_address, balancer
    o.delete_load_balancer(balancer.id, cascade=True)
    until(lambda: o.find_load_balancer(balancer.id) is None, "the load balancer's end")


class Load(threading.Thread):
    """Requests from outside, until it is told to stop."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.answered, self.failed, self.enough = address, 0, 0, threading.Event()

    def run(self):
        words = ("outside", "--", "/usr/bin/python3", str(LOAD), self.address, "80", str(THREADS), str(PAUSE))
        while not self.enough.is_set():
            found = json.loads(sandbox(*words, timeout=300))
            self.answered += sum(found["answered"].values())
            self.failed += found["failed"]


def holds(amphora, vip):
    return f" {vip}/" in sandbox(*inside(f"amphora-{amphora}"), "--", "ip", "-o", "addr")


def test_requests_go_on_and_the_page_tells_what_octavia_does(lab, operator, standby, record_property):
    address, balancer = standby
    proxy = os.environ["TENANT_OPS_PROOF_PROXY"]
    owner, admin = (clouds.from_clouds_yaml(one, proof_proxy=proxy, timeout=60) for one in ("owner", "operator"))

    def seen():
        return watch.find(owner, balancer.id)

    def servers():
        return own_servers.read(admin, seen())

    first = servers()
    assert [(one.role, one.status) for one in first] == [("MASTER", "ALLOCATED"), ("BACKUP", "ALLOCATED")]
    assert own_servers.told(owner, seen())[1].startswith("2 servers of its own are seen"), "its owner knows, too"
    (lost,) = [one for one in first if holds(one.id, balancer.vip_address)]
    (other,) = [one for one in first if one is not lost]

    load = Load(address)
    load.start()
    until(lambda: load.answered, "the first answers")
    operator.compute.stop_server(operator.load_balancer.get_amphora(lost.id).compute_id)
    began = time.monotonic()
    until(lambda: holds(other.id, balancer.vip_address), "the other one taking the virtual IP")
    record_property("seconds until the other had the virtual IP", round(time.monotonic() - began, 1))
    until(lambda: own_servers.at_work(seen()), "Octavia's replacing it")
    assert "replaces a server of its own that failed" in own_servers.at_work(seen())
    until(lambda: seen().provisioning == "ACTIVE", "the end of the failover")
    record_property("seconds until there were two again", round(time.monotonic() - began, 1))
    load.enough.set()
    load.join()

    after = servers()
    assert sorted(one.role for one in after) == ["BACKUP", "MASTER"]
    assert {one.status for one in after} == {"ALLOCATED"}
    assert other.id in {one.id for one in after} and lost.id not in {one.id for one in after}
    record_property("requests answered, failed", (load.answered, load.failed))
    assert load.answered > 500
    # What was under way when the plug was pulled gets no answer; a new connection is tried again by TCP.
    assert load.failed <= 2 * THREADS
