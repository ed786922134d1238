"""Security groups, floating IPs and SNAT, with real packets."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .conftest import OUTSIDE, PROJECT, get, inside, sandbox, tcp, until

pytestmark = pytest.mark.sandbox


def test_a_port_a_group_opens_answers_and_others_do_not(lab):
    app = lab.address["app-1"]
    other = inside(lab.name("other"))
    until(lambda: lab.name("app-1") in get(other, f"http://{app}:8080/"), "the first answer")
    assert not tcp(other, app, 80), "a port no rule opens"


def test_a_remote_group_means_its_members_only(lab):
    database = lab.address["db-1"]
    until(lambda: tcp(inside(lab.name("app-1")), database, 1521), "the application reaching the database")
    assert not tcp(inside(lab.name("other")), database, 1521), "a server of another group"


def test_a_port_that_leaves_the_remote_group_is_shut_out(lab):
    n, port, database = lab.cloud.network, lab.port["app-2"], lab.address["db-1"]
    app = inside(lab.name("app-2"))
    until(lambda: tcp(app, database, 1521), "the second application reaching the database")
    n.update_port(port, security_group_ids=[lab.port["other"].security_group_ids[0]])
    until(lambda: not tcp(app, database, 1521), "the door closing")
    n.update_port(port, security_group_ids=[lab.group["app"].id])
    until(lambda: tcp(app, database, 1521), "the door opening again")


def test_a_floating_ip_leads_to_its_server_and_snat_leads_out(lab):
    n = lab.cloud.network
    external = n.find_network("EXT-NET")
    ip = n.create_ip(floating_network_id=external.id, port_id=lab.port["app-1"].id, description=lab.prefix)
    until(
        lambda: lab.name("app-1") in get(OUTSIDE, f"http://{ip.floating_ip_address}:8080/"), "the floating IP's answer"
    )
    assert get(OUTSIDE, f"http://{lab.address['app-1']}:8080/") == "nothing", "no way to the fixed address from outside"
    assert seen_outside(inside(lab.name("app-1"))) == ip.floating_ip_address
    gateway = n.get_router(lab.router).external_gateway_info["external_fixed_ips"][0]["ip_address"]
    assert seen_outside(inside(lab.name("app-2"))) == gateway


def seen_outside(place: list[str]) -> str:
    """The source address that a connection from there has on the external network."""
    listen = (
        "import socket; s = socket.create_server(('203.0.113.1', 0)); print(s.getsockname()[1], flush=True);"
        "s.settimeout(30); c, a = s.accept(); c.sendall(a[0].encode()); c.close()"
    )
    command = [sys.executable, "-m", "sandbox", "outside", "--", "/usr/bin/python3", "-c", listen]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as listener:
        port = listener.stdout.readline().strip()
        ask = f"import socket; s = socket.create_connection(('203.0.113.1', {port}), 10); print(s.recv(100).decode())"
        return sandbox(*place, "--", "/usr/bin/python3", "-c", ask)
