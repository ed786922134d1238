"""An owner offers, a developer asks: rows cross from production, at one moment and masked, and go at the lease's end."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openstack
import pytest

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]
PROJECT = Path(__file__).resolve().parents[3]
PATIENCE, ROWS = 120.0, 50
HIDE = "UPDATE rows SET text = substr(text, 1, instr(text, 'customer') + 8) || '####';"
SHOUT = "exec 3<>/dev/tcp/127.0.0.1/1521 && printf 'LIST\\nQUIT\\n' >&3 && cat <&3"
MARK = f"clones-{secrets.token_hex(3)}"


def tenant_ops(*words: str, cloud: str = "developer") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tenant_ops_dashboard.cli.main", "--os-cloud", cloud, "clone", *words]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600)


def told(*words: str, cloud: str = "developer") -> Any:
    done = tenant_ops(*words, "-f", "json", cloud=cloud)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def until(test: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + PATIENCE
    while not (found := test()):
        assert time.monotonic() < end, f"{what} did not happen within {PATIENCE:.0f} s"
        time.sleep(0.5)
    return found


def held(cloud: Any) -> dict[str, set[str]]:
    """What a project has of all kinds that a clone may leave, and what Cinder counts."""
    trusts = cloud.identity.get(f"/OS-TRUST/trusts?trustor_user_id={cloud.current_user_id}").json()["trusts"]
    limits = cloud.block_storage.get("/limits").json()["limits"]["absolute"]
    return {
        "volumes": {one.id for one in cloud.block_storage.volumes()},
        "snapshots": {one.id for one in cloud.block_storage.snapshots()},
        "transfers": {one.id for one in cloud.block_storage.transfers()},
        "servers": {one.id for one in cloud.compute.servers()},
        "trusts": {one["id"] for one in trusts},
        "used": {f"{name} {limits[name]}" for name in ("totalVolumesUsed", "totalGigabytesUsed", "totalSnapshotsUsed")},
    }


def boot(cloud: Any, name: str, volume: str, **lines: Any) -> Any:
    """A database server without a network, its volume there before it starts."""
    env = "".join(f"TENANT_OPS_{key}={value}\n" for key, value in lines.items())
    config = json.dumps({"write_files": [{"path": "/etc/tenant-ops/tier.env", "content": env}]})
    image = cloud.image.find_image("debian-12").id
    disk = {"boot_index": 0, "uuid": image, "source_type": "image", "destination_type": "local",
            "delete_on_termination": True}  # fmt: skip
    data = {"boot_index": -1, "uuid": volume, "source_type": "volume", "destination_type": "volume"}
    made = cloud.compute.create_server(
        name=name, image_id=image, flavor_id=cloud.compute.find_flavor("small").id, networks="none",
        user_data=base64.b64encode(f"#cloud-config\n{config}".encode()).decode(), block_device_mapping=[disk, data],
    )  # fmt: skip
    return cloud.compute.wait_for_server(made, wait=PATIENCE, interval=0.5)


def rows(server: str) -> list[str]:
    """What a database server lists, asked from within it."""
    words = [sys.executable, "-m", "sandbox", "inside", server, "--", "timeout", "5", "bash", "-c", SHOUT]
    said = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, timeout=60).stdout
    return [line.removeprefix("ROW ") for line in said.splitlines() if line.startswith("ROW ")]


def end(cloud: Any, server: Any) -> None:
    cloud.compute.delete_server(server)
    cloud.compute.wait_for_delete(server, interval=0.5, wait=PATIENCE)


@pytest.fixture(scope="module")
def owner() -> Any:
    return openstack.connect(cloud="owner", api_timeout=60)


@pytest.fixture(scope="module")
def developer() -> Any:
    return openstack.connect(cloud="developer", api_timeout=60)


@pytest.fixture(scope="module")
def database(owner: Any) -> Iterator[Any]:
    """A database in production with its rows on the volume called MARK."""
    volume = owner.block_storage.create_volume(name=MARK, size=1)
    owner.block_storage.wait_for_status(volume, "available", interval=0.5)
    server = boot(owner, f"{MARK}-db", volume.id, TIER="database", SAMPLE=ROWS)
    try:
        until(lambda: len(rows(server.name)) == ROWS, "the database's first rows")
        yield server
    finally:
        end(owner, server)
        owner.block_storage.wait_for_status(volume, "available", interval=0.5)
        owner.block_storage.delete_volume(volume)


@pytest.fixture
def before(owner: Any, developer: Any, database: Any) -> Iterator[list[dict[str, set[str]]]]:
    """Afterwards both projects hold what they held."""
    found = [held(owner), held(developer)]
    yield found
    until(lambda: [held(owner), held(developer)] == found, "everything being as before")
    for cloud in ("owner", "developer"):
        done = tenant_ops("orphans", cloud=cloud)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def offered(before: Any, tmp_path: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    """Offers MARK on terms; it is withdrawn, and what was cloned of it released, at the end."""
    made: list[str] = []

    def offer(*terms: str) -> dict[str, Any]:
        found: dict[str, Any] = told("offer", MARK, "--to", "development", *terms, cloud="owner")
        made.append(found["id"])
        return found

    yield offer
    for one in told("list", cloud="owner"):
        if one["offer"] in made:
            tenant_ops("release", one["id"], cloud="owner")
    for id_ in made:
        tenant_ops("withdraw", id_, cloud="owner")


def test_rows_of_one_moment_cross_masked_and_go_with_the_lease(
    owner: Any, developer: Any, database: Any, offered: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    script = tmp_path / "hide.sql"
    script.write_text(HIDE)
    offer = offered("--consistency", "paused", "--mask", str(script), "--max-lease", "2h")
    name = f"{MARK}-masked"
    asked = told("request", offer["id"], "--name", name, "--lease", "40s", "--purpose", "a test of the release")
    assert asked["state"] == "requested" and asked["volume_id"] is None
    assert tenant_ops("approve", name).returncode == 3
    told("approve", name, cloud="owner")
    clone = told("request", offer["id"], "--name", name, "--wait")
    assert clone["existing"] and clone["id"] == asked["id"]
    assert clone["state"] == "ready", clone
    assert {"check", "freeze", "copy", "mask", "hand-over"} <= set(clone["seconds"])
    assert clone["lineage"]["masked"] and clone["lineage"]["source"]["name"] == MARK
    source = owner.compute.get_server(database.id)
    assert source.status == "ACTIVE" and "tenant_ops_paused" not in source.metadata
    assert not [one for one in owner.block_storage.snapshots() if one.name == name]
    assert owner.block_storage.find_volume(clone["volume_id"]) is None

    reader = boot(developer, f"{MARK}-reader", clone["volume_id"], TIER="database")
    try:
        found = until(lambda: rows(reader.name), "the copied rows")
        assert found == [f"order {number:06d}, customer ####" for number in range(1, ROWS + 1)]
        assert not any("####" in row for row in rows(database.name))
        # The lease ends while the volume is attached.
        until(lambda: told("show", clone["id"])["state"] == "released", "the lease's end")
        assert developer.block_storage.find_volume(clone["volume_id"]) is None
        assert not list(developer.compute.volume_attachments(reader.id))
    finally:
        end(developer, reader)


def test_what_was_not_masked_is_destroyed(
    developer: Any, offered: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:  # fmt: skip
    script = tmp_path / "wrong.sql"
    script.write_text("DELETE FROM rows; UPDATE rows SET txt = 1;")
    offer = offered("--approve", "auto", "--mask", str(script))
    done = tenant_ops("request", offer["id"], "--name", f"{MARK}-wrong", "--wait", "-f", "json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["state"] == "failed" and "no such column" in found["reason"]
    assert not [one for one in developer.block_storage.volumes() if one.name == f"{MARK}-wrong"]
