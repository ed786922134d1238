"""The flagship for real: Debian boots, cloud-init reads the blueprint's user data, Tomcat reads from PostgreSQL."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import openstack
import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import follow, launch
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.model import Request
from tests.integration.environments.conftest import PATIENCE, ROOT, take_away

ROWS = 50
PLACE = "/srv/database"


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    """The name of an image whose servers are whole systems; what they boot from is made where it is not there yet."""
    sandbox("install", "--servers")
    cloud = openstack.connect(cloud="owner", api_timeout=60)
    made = cloud.image.create_image(
        name=f"it-system-{uuid.uuid4().hex[:6]}", data=b"SYSTEM" + b"\0" * 65536, disk_format="raw",
        container_format="bare", min_disk=1, os_distro="debian", os_version="12", sandbox_system="debian-12", wait=True,
    )  # fmt: skip
    yield made.name
    cloud.image.delete_image(made)


@pytest.fixture(scope="module")
def owner(log_in: Callable[..., Cloud], image: str) -> Cloud:
    """A login of its own: one that asked for images before keeps what it was told."""
    return log_in("owner")


@pytest.fixture
def name(owner: Cloud) -> Iterator[str]:
    made = f"it-real-{uuid.uuid4().hex[:6]}"
    yield made
    take_away(owner, made)


def sandbox(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "sandbox", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def inside(server: str, *words: str) -> str:
    return sandbox("inside", server, "--", *words)


def queried(server: str, query: str) -> str:
    return inside(server, "su", "postgres", "-c", f"psql -X -t -A -p 1521 -c '{query}' application")


def asked(cloud: Cloud, method: str, address: str, accept: str) -> tuple[int, str, str]:
    """Status, who answered, and the answer itself, as somebody outside gets it through the load balancer."""
    door = urlsplit(cloud.options.proof_proxy or "")
    line = http.client.HTTPConnection(str(door.hostname), door.port, timeout=10)
    line.request(method, address, b"order of a test" if method == "POST" else None, {"Accept": accept})
    response = line.getresponse()
    found = response.status, response.getheader("X-Served-By") or "", response.read().decode()
    line.close()
    return found


def loops(volume: dict[str, Any]) -> list[str]:
    """The loop devices that are on the volume's raw file."""
    told = subprocess.run(["/usr/sbin/losetup", "-n", "-O", "NAME,BACK-FILE"], capture_output=True, text=True).stdout
    return [one for one in told.splitlines() if volume["id"] in one]


def test_it_is_an_application_with_its_data_on_the_volume(
    owner: Cloud, image: str, name: str, record_property: Callable[[str, object], None]
) -> None:
    wanted = Request(name, "tomcat-oracle", {"image": image, "database_size": "1", "sample_rows": str(ROWS)})
    began = time.monotonic()
    details, proofs = follow.up(owner, launch.launch(owner, wanted), PATIENCE)
    record_property("seconds until its proofs had run", round(time.monotonic() - began, 1))
    assert {one.name: (one.state, one.evidence) for one in proofs if one.state != "good"} == {}
    assert {"http", "database", "members", "volume", "closed"} <= {one.name for one in proofs}
    assert details.environment.status == "good", details.environment.status_reason

    address = details.environment.address
    first, second = (asked(owner, "GET", f"{address}/", "text/html") for _ in range(2))
    assert first[1] != second[1], "the load balancer asks both in turn"
    for status, server, page in (first, second):
        assert status == 200
        assert f"<h1>{server}</h1><p>The database has {ROWS} rows.</p>" in page
        assert inside(server, "systemctl", "is-active", "tomcat10") == "active"
        assert inside(server, "cloud-init", "status", "--wait").endswith("status: done")
    assert asked(owner, "POST", f"{address}/rows", "text/plain")[0] == 201
    assert asked(owner, "GET", f"{address}/", "text/plain")[2].endswith(f" rows={ROWS + 1}\n")

    (volume,) = data_volumes.of(data_volumes.volumes(owner), details.environment.id)
    database = f"{name}-db"
    disk = inside(database, "readlink", "-f", f"/dev/disk/by-id/virtio-{volume['id'][:20]}")
    assert inside(database, "findmnt", "-n", "-o", "SOURCE,FSTYPE", PLACE).split() == [disk, "ext4"]
    assert queried(database, "SHOW data_directory").startswith(f"{PLACE}/postgresql/")
    assert queried(database, "SELECT count(*) FROM rows") == str(ROWS + 1)
    assert len(loops(volume)) == 1

    assert follow.away(owner, name, PATIENCE, data=True)[1] is None
    assert name not in sandbox("servers")
    assert loops(volume) == []
