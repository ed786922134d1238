"""The database of a fresh environment has something to show, and a copy of its volume carries what was written since."""

from __future__ import annotations

import base64
import http.client
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import resources, stack
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.proofs import sending
from tests.integration.by_hand import Hand
from tests.integration.environments.conftest import ROOT

SAMPLE = 1000
PATIENCE = 180.0
USER_DATA = """#cloud-config
write_files:
  - path: /etc/tenant-ops/tier.env
    content: |
      TENANT_OPS_TIER=database
      TENANT_OPS_SAMPLE={rows}
"""


def until(look: Callable[[], Any], what: str) -> Any:
    """The first true answer; fails when patience ends."""
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < end, f"{what} did not happen within {PATIENCE:.0f} s"
        time.sleep(0.5)
    return found


def read(cloud: Cloud, address: str) -> int | None:
    """How many rows the server at a floating IP reads; None where nothing answers or it reads none."""
    try:
        return sending.Way(cloud.options.proof_proxy).get(address, "/", 5.0).rows
    except (OSError, http.client.HTTPException):
        return None


def add_row(cloud: Cloud, address: str) -> None:
    door = urlsplit(cloud.options.proof_proxy or "")
    connection = http.client.HTTPConnection(str(door.hostname), door.port, timeout=10)
    connection.request("POST", f"http://{address}/rows", b"order of a test")
    assert connection.getresponse().status == 201
    connection.close()


@pytest.fixture
def address(environment: Environment) -> str:
    return environment.address.removeprefix("http://")


@pytest.fixture
def clone(owner: Cloud, environment: Environment) -> Iterator[dict[str, Any]]:
    """A copy of the environment's volume, made from a snapshot of it in use; gone at the end."""
    (volume,) = data_volumes.of(data_volumes.volumes(owner), environment.id)
    body = {"volume_id": volume["id"], "name": f"{environment.name}-sample", "force": True}
    snapshot = Hand(owner).post("block-storage", "/snapshots", {"snapshot": body})["snapshot"]["id"]
    until(lambda: status(owner, "snapshot", snapshot) == "available", "the snapshot")
    wanted = {"snapshot_id": snapshot, "size": volume["size"], "name": f"{environment.name}-clone"}
    made = Hand(owner).post("block-storage", "/volumes", {"volume": wanted})["volume"]
    until(lambda: status(owner, "volume", made["id"]) == "available", "the clone")
    yield made
    until(lambda: status(owner, "volume", made["id"]) in ("available", "error"), "the clone being detached")
    Hand(owner).delete("block-storage", f"/volumes/{made['id']}")
    until(lambda: made["id"] not in {one["id"] for one in data_volumes.volumes(owner)}, "the clone's end")
    Hand(owner).delete("block-storage", f"/snapshots/{snapshot}")


def status(cloud: Cloud, kind: str, id_: str) -> str:
    return str(cloud.get("block-storage", f"/{kind}s/{id_}")[kind]["status"])


@pytest.fixture
def database(owner: Cloud, environment: Environment) -> Iterator[dict[str, Any]]:
    """Another database server beside the environment's own, which asks for sample rows as that one does."""
    known = {row.key: row.resource_id for row in resources.read(owner, stack.find(owner, environment.id))}
    twin = owner.get("compute", f"/servers/{known['database']}", microversion="2.47")["server"]
    told = USER_DATA.format(rows=SAMPLE)
    asked = {
        "name": f"{environment.name}-twin",
        "imageRef": twin["image"]["id"],
        "flavorRef": next(one["id"] for one in owner.get("compute", "/flavors")["flavors"] if one["name"] == "small"),
        "networks": [{"uuid": known["database_network"]}],
        "security_groups": [{"name": known["database_group"]}],
        "user_data": base64.b64encode(told.encode()).decode(),
    }
    made = Hand(owner).post("compute", "/servers", {"server": asked})["server"]["id"]

    def active() -> Any:
        found = owner.get("compute", f"/servers/{made}")["server"]
        return found if found["status"] in ("ACTIVE", "ERROR") else None

    yield until(active, "the second database server")
    Hand(owner).delete("compute", f"/servers/{made}")
    until(lambda: made not in {one["id"] for one in owner.get("compute", "/servers")["servers"]}, "its end")


def greeting(server: str, address: str) -> str:
    """What a database says to a server of the application, such as 'db-1 database, 7 rows'."""
    script = f"exec 3<>/dev/tcp/{address}/1521 && head -1 <&3"
    command = [sys.executable, "-m", "sandbox", "inside", server, "--", "timeout", "5", "bash", "-c", script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def test_a_fresh_database_has_sample_rows_and_its_clone_what_was_added(
    owner: Cloud, environment: Environment, address: str, database: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    assert until(lambda: read(owner, address), "the application reading rows") == SAMPLE
    add_row(owner, address)
    assert read(owner, address) == SAMPLE + 1
    clone = request.getfixturevalue("clone")
    attached = {"volumeAttachment": {"volumeId": clone["id"]}}
    Hand(owner).post("compute", f"/servers/{database['id']}/os-volume_attachments", attached)
    until(lambda: status(owner, "volume", clone["id"]) == "in-use", "the clone being attached")
    servers = owner.get("compute", "/servers")["servers"]
    application = next(one["name"] for one in servers if one["name"].startswith(f"{environment.name}-app-"))
    (where,) = [entry["addr"] for entries in database["addresses"].values() for entry in entries]
    said = until(lambda: greeting(application, where), "the second database's greeting")
    assert said == f"{database['name']} database, {SAMPLE + 1} rows"
    Hand(owner).delete("compute", f"/servers/{database['id']}/os-volume_attachments/{clone['id']}")
