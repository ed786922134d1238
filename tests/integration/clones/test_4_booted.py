"""A system disk: what is cloned of it boots in another project, and goes with the clone, server and volume."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.clones.conftest import MARK, PATIENCE, tenant_ops, told, until

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]
SYSTEM = f"{MARK}-system"


@pytest.fixture
def offer(before: Any, owner: Any) -> Iterator[dict[str, Any]]:
    """A volume that Cinder made of the image, offered; both are gone at the end."""
    image = owner.image.find_image("debian-12")
    volume = owner.block_storage.create_volume(name=SYSTEM, size=1, image_id=image.id)
    try:
        owner.block_storage.wait_for_status(volume, "available", interval=0.5, wait=PATIENCE)
        made = told("offer", volume.id, "--to", "development", "--approve", "auto", cloud="owner")
        yield made
        for one in told("list", cloud="owner"):
            if one["offer"] == made["id"]:
                tenant_ops("release", one["id"], cloud="owner")
        tenant_ops("withdraw", made["id"], cloud="owner")
    finally:
        owner.block_storage.delete_volume(volume)
        until(lambda: owner.block_storage.find_volume(volume.id) is None, "the source's end")


def test_a_server_boots_from_the_copy_and_both_go_with_the_clone(developer: Any, offer: dict[str, Any]) -> None:
    assert offer["source"]["bootable"] is True
    (seen,) = [one for one in told("offers") if one["id"] == offer["id"]]
    assert (seen["source"]["bootable"], seen["source"]["volume_id"]) == (True, None)
    refused = tenant_ops("offer", SYSTEM, "--to", "development", "--deliver", "served", cloud="owner")
    assert (refused.returncode, refused.stderr.startswith("--deliver: ")) == (2, True), refused.stderr
    asked = ("request", offer["id"], "--name", f"{MARK}-booted", "--get", "server")
    refused = tenant_ops(*asked, "--revertible")
    assert (refused.returncode, refused.stderr.startswith("--revertible: ")) == (2, True), refused.stderr
    refused = tenant_ops(*asked, "--set", "colour=red")
    assert (refused.returncode, refused.stderr.startswith("--set: ")) == (2, True), refused.stderr
    done = tenant_ops(*asked, "--set", "flavor=small", "--wait")
    assert done.returncode == 0, done.stderr
    assert "delete on termination is off" in done.stderr
    clone = told("show", f"{MARK}-booted")
    assert (clone["state"], clone["blueprint"]) == ("ready", "booted-server")

    server = developer.compute.get_server(clone["server_id"])
    assert (server.status, bool(server.image and server.image.id)) == ("ACTIVE", False)
    assert server.flavor.original_name == "small", "what was answered with the request"
    (disk,) = developer.compute.volume_attachments(server)
    assert (disk.volume_id, disk.device, disk.delete_on_termination) == (clone["volume_id"], "/dev/vda", False)
    (address,) = [one["addr"] for entries in server.addresses.values() for one in entries]
    assert address == clone["address"]
    refused = tenant_ops("refresh", clone["id"])
    assert refused.returncode == 1
    assert "Nova takes no such disk off a server" in refused.stderr
    assert told("show", clone["id"])["state"] == "ready"

    told("release", clone["id"])
    until(lambda: told("show", clone["id"])["state"] == "released", "the clone's end")
    assert developer.compute.find_server(server.id) is None
    assert developer.block_storage.find_volume(clone["volume_id"]) is None
