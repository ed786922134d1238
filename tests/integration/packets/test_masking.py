"""A copy of a volume is masked by a server without a network, handed to another project, and read there."""

from __future__ import annotations

import base64
import hashlib
import json
import time

import openstack
import pytest

from .conftest import PATIENCE, sandbox, until

pytestmark = pytest.mark.sandbox
ROWS = 50
HIDE = "UPDATE rows SET text = substr(text, 1, instr(text, 'customer') + 8) || '####';"
SHOUT = "exec 3<>/dev/tcp/127.0.0.1/1521 && printf 'LIST\\nQUIT\\n' >&3 && cat <&3"


@pytest.fixture(scope="module")
def prefix():
    """What all names begin with; whatever has such a name goes at the end."""
    made = f"masking-{time.monotonic_ns() % 10**6}"
    yield made
    for name in ("owner", "developer"):
        cloud = openstack.connect(cloud=name, api_timeout=60)
        for server in [s for s in cloud.compute.servers() if s.name.startswith(made)]:
            end(cloud, server)
        for volume in [v for v in cloud.block_storage.volumes() if v.name.startswith(made)]:
            until(lambda c=cloud, v=volume: c.block_storage.get_volume(v.id).status != "in-use", "the volume's freedom")
            cloud.block_storage.delete_volume(volume)


@pytest.fixture(scope="module")
def developer():
    return openstack.connect(cloud="developer", api_timeout=60)


@pytest.fixture(scope="module")
def source(cloud, prefix):
    """A volume in production with sample rows, in use by its database."""
    volume = cloud.block_storage.create_volume(name=f"{prefix}-source", size=1)
    available(cloud, volume)
    server = boot(cloud, f"{prefix}-db", volume, TIER="database", SAMPLE=ROWS)
    cloud.compute.wait_for_server(server, wait=PATIENCE, interval=0.5)
    assert len(rows(server.name)) == ROWS
    return volume


@pytest.fixture
def copy(cloud, prefix, source):
    """A copy of it; its server is gone when the test ends."""
    volume = cloud.block_storage.create_volume(
        name=f"{prefix}-copy-{time.monotonic_ns() % 10**6}", size=1, source_volume_id=source.id
    )
    available(cloud, volume)
    return volume


def available(cloud, volume):
    b = cloud.block_storage
    until(lambda: b.get_volume(volume.id).status in ("available", "error"), "the volume becoming available")
    assert b.get_volume(volume.id).status == "available"


def boot(cloud, name, volume, **lines):
    """A server without a network, its volume there before it starts."""
    env = "".join(f"TENANT_OPS_{key}={value}\n" for key, value in lines.items())
    config = json.dumps({"write_files": [{"path": "/etc/tenant-ops/tier.env", "content": env}]})
    disk = {"boot_index": 0, "uuid": cloud.image.find_image("debian-12").id, "source_type": "image",
            "destination_type": "local", "delete_on_termination": True}  # fmt: skip
    data = {"boot_index": -1, "uuid": volume.id, "source_type": "volume", "destination_type": "volume"}
    return cloud.compute.create_server(
        name=name, image_id=disk["uuid"], flavor_id=cloud.compute.find_flavor("small").id, networks="none",
        user_data=base64.b64encode(f"#cloud-config\n{config}".encode()).decode(), block_device_mapping=[disk, data],
    )  # fmt: skip


def end(cloud, server):
    cloud.compute.delete_server(server)
    cloud.compute.wait_for_delete(server, interval=0.5, wait=PATIENCE)


def mask(cloud, volume, script, nonce):
    """What the console says of the mask once the server has switched itself off; the server is deleted."""
    lines = {"MASK": base64.b64encode(script.encode()).decode(), "NONCE": nonce, "TIER": "database"}
    server = boot(cloud, f"{volume.name}-mask", volume, **lines)
    until(lambda: cloud.compute.get_server(server.id).status in ("SHUTOFF", "ERROR"), "the server switching itself off")
    said = cloud.compute.get_server_console_output(server.id)["output"]
    end(cloud, server)
    available(cloud, volume)
    (line,) = [one for one in said.splitlines() if one.startswith("tenant-ops mask ")]
    assert "listening" not in said
    return line


def rows(server):
    """What a database server lists, asked from within it."""
    answers = sandbox("inside", server, "--", "timeout", "5", "bash", "-c", SHOUT).splitlines()
    return [line.removeprefix("ROW ") for line in answers if line.startswith("ROW ")]


def test_a_masked_copy_is_read_in_another_project(cloud, developer, prefix, copy):
    digest = hashlib.sha256(HIDE.encode()).hexdigest()
    assert mask(cloud, copy, HIDE, "first-1") == f"tenant-ops mask first-1 done rows={ROWS} sha256={digest}"
    transfer = cloud.block_storage.create_transfer(volume_id=copy.id, name=copy.name)
    developer.block_storage.accept_transfer(transfer.id, transfer.auth_key)
    available(developer, copy)
    server = boot(developer, f"{prefix}-reader", copy, TIER="database")
    developer.compute.wait_for_server(server, wait=PATIENCE, interval=0.5)
    found = rows(server.name)
    assert found == [f"order {number:06d}, customer ####" for number in range(1, ROWS + 1)]
    assert not any("####" in row for row in rows(f"{prefix}-db"))


def test_what_is_no_mask_fails_and_changes_nothing(cloud, prefix, copy):
    for number, (script, reason) in enumerate([
        ("DELETE FROM rows; UPDATE rows SET txt = 1;", "no such column: txt"),
        ("DELETE FROM rows; ATTACH '/tmp/other' AS other;", "ATTACH is not allowed in a mask"),
        ("DELETE FROM rows;\n.shell touch /tmp/other", 'near ".": syntax error'),
    ]):  # fmt: skip
        assert mask(cloud, copy, script, f"n{number}") == f"tenant-ops mask n{number} failed {reason}"
    server = boot(cloud, f"{prefix}-after", copy, TIER="database")
    cloud.compute.wait_for_server(server, wait=PATIENCE, interval=0.5)
    assert rows(server.name) == rows(f"{prefix}-db")


def test_a_server_that_has_masked_does_nothing_when_it_is_switched_on_again(cloud, copy):
    count = "INSERT INTO rows (text) VALUES ('once');"
    lines = {"MASK": base64.b64encode(count.encode()).decode(), "NONCE": "again"}
    c = cloud.compute
    server = boot(cloud, f"{copy.name}-mask", copy, **lines)
    until(lambda: c.get_server(server.id).status == "SHUTOFF", "the server switching itself off")
    c.start_server(server.id)
    until(lambda: c.get_server_console_output(server.id)["output"].count("power off") == 2, "it going off again")
    until(lambda: c.get_server(server.id).status == "SHUTOFF", "Nova knowing that")
    assert c.get_server_console_output(server.id)["output"].count(f"done rows={ROWS + 1}") == 1
    end(cloud, server)
