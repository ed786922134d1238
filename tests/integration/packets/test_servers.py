"""What becomes of a server's network when the server is stopped, paused, resized, given interfaces, deleted."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .conftest import PATIENCE, get, inside, sandbox, until

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def server(lab):
    """A server of this module's own, beside the others in the DMZ."""
    n, c = lab.cloud.network, lab.cloud.compute
    port = n.create_port(
        name=lab.name("mortal"), network_id=lab.subnet["dmz"].network_id, security_group_ids=[lab.group["app"].id]
    )
    lab.port["mortal"], lab.address["mortal"] = port, port.fixed_ips[0]["ip_address"]
    made = c.create_server(
        name=lab.name("mortal"), image_id=lab.cloud.image.find_image("debian-12").id,
        flavor_id=c.find_flavor("small").id, networks=[{"port": port.id}], metadata={"sandbox:listen": "http:8080"},
    )  # fmt: skip
    lab.server["mortal"] = made
    return c.wait_for_server(made, wait=PATIENCE, interval=0.5)


def answers(lab):
    return lab.name("mortal") in get(inside(lab.name("app-1")), f"http://{lab.address['mortal']}:8080/")


def becomes(lab, server, status):
    def there():
        found = lab.cloud.compute.get_server(server.id)
        assert found.status != "ERROR", found.fault
        return found.status == status and not found.task_state

    until(there, f"the server becoming {status}")


@pytest.mark.parametrize(
    ("away", "status", "back"),
    [
        ("stop_server", "SHUTOFF", "start_server"),
        ("pause_server", "PAUSED", "unpause_server"),
        ("suspend_server", "SUSPENDED", "resume_server"),
        ("shelve_server", "SHELVED_OFFLOADED", "unshelve_server"),
    ],
)
def test_it_is_silent_while_it_is_away_and_answers_when_it_is_back(lab, server, away, status, back):
    c = lab.cloud.compute
    until(lambda: answers(lab), "the answer before")
    getattr(c, away)(server.id)
    becomes(lab, server, status)
    assert not answers(lab)
    getattr(c, back)(server.id)
    becomes(lab, server, "ACTIVE")
    until(lambda: answers(lab), "the answer after")


def test_it_answers_after_a_reboot_and_after_a_resize(lab, server):
    c = lab.cloud.compute
    c.reboot_server(server.id, "HARD")
    becomes(lab, server, "ACTIVE")
    until(lambda: answers(lab), "the answer after the reboot")
    c.resize_server(server.id, c.find_flavor("medium").id)
    becomes(lab, server, "VERIFY_RESIZE")
    c.confirm_server_resize(server.id)
    becomes(lab, server, "ACTIVE")
    until(lambda: answers(lab), "the answer after the resize")


def addresses(lab):
    return sandbox(*inside(lab.name("mortal")), "--", "ip", "-br", "address")


def test_an_interface_comes_and_goes(lab, server):
    n, c = lab.cloud.network, lab.cloud.compute
    port = n.create_port(name=lab.name("second"), network_id=lab.subnet["db"].network_id)
    address = port.fixed_ips[0]["ip_address"]
    attached = c.create_server_interface(server.id, port_id=port.id)
    until(lambda: address in addresses(lab) and n.get_port(port.id).status == "ACTIVE", "the interface coming")
    c.delete_server_interface(attached, server=server.id)
    until(lambda: address not in addresses(lab), "the interface going")
    until(lambda: n.get_port(port.id).status == "DOWN" and not n.get_port(port.id).device_id, "its port going free")
    n.delete_port(port.id)


def test_its_console_is_its_own_log(lab, server):
    shown = lab.cloud.compute.get_server_console_output(server.id)["output"]
    assert f"power on: {lab.name('mortal')} {lab.address['mortal']}/24" in shown


def test_nothing_is_left_of_a_deleted_server(lab, server):
    name = next(line.split()[1] for line in sandbox("servers").splitlines() if line.startswith(lab.name("mortal")))
    tap = "tap" + lab.port["mortal"].id[:11]
    namespace = Path("/run/netns") / name
    assert namespace.exists()
    assert tap in links()
    lab.cloud.compute.delete_server(lab.server.pop("mortal").id)
    until(lambda: not namespace.exists(), "the namespace going")
    until(lambda: tap not in links(), "its link going")
    assert lab.name("mortal") not in sandbox("servers")


def links():
    return subprocess.run(["ip", "-n", "tos-chassis", "link"], capture_output=True, text=True).stdout
