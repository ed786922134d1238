"""Two projects, a database in production, and what both hold before and after."""

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
        "networks": {one.id for one in cloud.network.networks() if not one.is_router_external},
        "ports": {one.id for one in cloud.network.ports(project_id=cloud.current_project_id)},
        "groups": {one.id for one in cloud.network.security_groups(project_id=cloud.current_project_id)},
        "policies": {one.id for one in cloud.network.rbac_policies()},
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


def inside(server: str, script: str) -> str:
    """What a script prints that runs within a server."""
    words = [sys.executable, "-m", "sandbox", "inside", server, "--", "timeout", "5", "bash", "-c", script]
    return subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, timeout=60).stdout


def rows(server: str, address: str = "127.0.0.1") -> list[str]:
    """What the database at this address lists, asked from within a server; by itself its own."""
    said = inside(server, SHOUT.replace("127.0.0.1", address))
    return [line.removeprefix("ROW ") for line in said.splitlines() if line.startswith("ROW ")]


def add(server: str, text: str) -> None:
    """Write a row into the database of a server."""
    said = inside(server, f"exec 3<>/dev/tcp/127.0.0.1/1521 && printf 'ADD {text}\\nQUIT\\n' >&3 && cat <&3")
    assert "OK " in said, said


def join(cloud: Any, port: str) -> Any:
    """A server with this port alone."""
    config = json.dumps({"write_files": [{"path": "/etc/tenant-ops/tier.env", "content": "TENANT_OPS_TIER=jump"}]})
    made = cloud.compute.create_server(
        name=f"{MARK}-runner", image_id=cloud.image.find_image("debian-12").id, networks=[{"port": port}],
        flavor_id=cloud.compute.find_flavor("small").id,
        user_data=base64.b64encode(f"#cloud-config\n{config}".encode()).decode(),
    )  # fmt: skip
    return cloud.compute.wait_for_server(made, wait=PATIENCE, interval=0.5)


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
