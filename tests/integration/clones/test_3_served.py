"""An owner serves: a developer's server reads masked rows over a shared network, and the owner alone ends it."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openstack
import pytest

from tests.integration.clones.conftest import HIDE, MARK, PATIENCE, PROJECT, ROWS, end, rows, tenant_ops, told, until

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]
TIER = b"#cloud-config\nwrite_files:\n  - {path: /etc/tenant-ops/tier.env, content: 'TENANT_OPS_TIER=jump'}\n"


def joined(developer: Any, port: str) -> Any:
    """A server of the developer's at this port."""
    made = developer.compute.create_server(
        name=f"{MARK}-runner", image_id=developer.image.find_image("debian-12").id,
        flavor_id=developer.compute.find_flavor("small").id, networks=[{"port": port}],
        user_data=base64.b64encode(TIER).decode(),
    )  # fmt: skip
    return developer.compute.wait_for_server(made, wait=PATIENCE, interval=0.5)


def asked(server: str, address: str) -> list[str]:
    """What the database at this address lists, asked from within a server."""
    shout = f"exec 3<>/dev/tcp/{address}/1521 && printf 'LIST\\nQUIT\\n' >&3 && cat <&3"
    words = [sys.executable, "-m", "sandbox", "inside", server, "--", "timeout", "5", "bash", "-c", shout]
    said = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, timeout=60).stdout
    return [line.removeprefix("ROW ") for line in said.splitlines() if line.startswith("ROW ")]


def test_masked_rows_are_read_over_a_shared_network_until_the_owner_ends_it(
    owner: Any, developer: Any, database: Any, offered: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    script = tmp_path / "hide.sql"
    script.write_text(HIDE)
    offer = offered("--approve", "auto", "--deliver", "served", "--mask", str(script), "--consistency", "paused")
    assert offer["deliver"] == "served"
    refused = tenant_ops("request", offer["id"], "--name", f"{MARK}-served", "--get", "volume")
    assert refused.returncode == 2 and refused.stderr.startswith("--get: ")
    clone = told("request", offer["id"], "--name", f"{MARK}-served", "--wait")
    assert clone["state"] == "ready", clone
    assert "serve" in clone["seconds"] and "hand-over" not in clone["seconds"]
    assert (clone["volume_id"], clone["server_id"]) == (None, None)
    mine = told("show", clone["id"], cloud="owner")
    assert owner.block_storage.get_volume(mine["volume_id"]).status == "in-use"
    assert developer.block_storage.find_volume(mine["volume_id"]) is None
    assert developer.compute.find_server(mine["server_id"]) is None
    assert developer.network.find_network(clone["network"]).id == clone["network_id"]
    with pytest.raises(openstack.exceptions.HttpException):
        developer.network.delete_network(clone["network_id"], ignore_missing=False)

    port = developer.network.create_port(network_id=clone["network_id"], name=f"{MARK}-runner")
    try:
        runner = joined(developer, port.id)
        found = until(lambda: asked(runner.name, clone["address"]), "rows over the shared network")
        assert found == [f"order {number:06d}, customer ####" for number in range(1, ROWS + 1)]
        assert not any("####" in row for row in rows(database.name))
        told("release", clone["id"], cloud="owner")
        held = until(lambda: (one := told("show", clone["id"]))["state"] == "parked" and one, "the ports being named")
        assert "The data is gone" in held["says"] and f"{MARK}-runner" in held["says"]
        assert owner.block_storage.find_volume(mine["volume_id"]) is None
        assert owner.compute.find_server(mine["server_id"]) is None
        assert asked(runner.name, clone["address"]) == []
        end(developer, runner)
    finally:
        developer.network.delete_port(port)
    until(lambda: told("show", clone["id"])["state"] == "released", "the network's end")
