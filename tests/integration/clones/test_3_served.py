"""An owner serves: a developer's server reads masked rows over a shared network, and the owner alone ends it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openstack
import pytest

from tests.integration.clones.conftest import HIDE, MARK, ROWS, end, join, rows, tenant_ops, told, until

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]


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
        runner = join(developer, port.id)
        found = until(lambda: rows(runner.name, clone["address"]), "rows over the shared network")
        assert found == [f"order {number:06d}, customer ####" for number in range(1, ROWS + 1)]
        assert not any("####" in row for row in rows(database.name))
        told("release", clone["id"], cloud="owner")
        held = until(lambda: (one := told("show", clone["id"]))["state"] == "parked" and one, "the ports being named")
        assert "The data is gone" in held["says"] and f"{MARK}-runner" in held["says"]
        assert owner.block_storage.find_volume(mine["volume_id"]) is None
        assert owner.compute.find_server(mine["server_id"]) is None
        assert rows(runner.name, clone["address"]) == []
        end(developer, runner)
    finally:
        developer.network.delete_port(port)
    until(lambda: told("show", clone["id"])["state"] == "released", "the network's end")
