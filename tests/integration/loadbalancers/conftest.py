"""One environment whose tier is scaled, in a project of its own, so that a quota can be lowered without harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openstack
import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud import Cloud
from tests.integration.environments.conftest import PATIENCE, ROOT, take_away
from tests.integration.environments.test_5_command import tenant_ops

PERSON = "developer"
PROJECT = "development"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.sandbox)
            item.add_marker(pytest.mark.timeout(PATIENCE))


@dataclass
class Tier:
    """The environment under test: the command line for it, its group's members, and who answers at its address."""

    cloud: Cloud
    name: str
    address: str
    database: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def scaling(self, verb: str, *words: str, code: int = 0) -> dict[str, Any]:
        """`tenant-ops scaling VERB NAME ...`, which ends with this exit code; what it prints."""
        done = tenant_ops("scaling", verb, self.name, *words, "-f", "json", cloud=PERSON)
        assert done.returncode == code, done.stderr
        found: dict[str, Any] = json.loads(done.stdout) if done.stdout else {}
        return found

    def shown(self) -> dict[str, Any]:
        """`tenant-ops scaling show NAME`, whatever its exit code."""
        found: dict[str, Any] = json.loads(tenant_ops("scaling", "show", self.name, "-f", "json", cloud=PERSON).stdout)
        return found

    def members(self) -> dict[str, str]:
        """The state of every member by its name."""
        done = tenant_ops("loadbalancer", "show", f"{self.name}-lb", "-f", "json", cloud=PERSON)
        tree = json.loads(done.stdout)["tree"]
        pools = [pool for listener in tree["listeners"] for pool in listener["pools"]]
        return {one["name"]: one["state"] for pool in pools for one in pool["members"]}

    def answering(self, requests: int = 30) -> dict[str, int]:
        """How often each server answered so many requests from outside."""
        script = str(ROOT / "tests/integration/packets/load.py")
        command = ["outside", "--", "/usr/bin/python3", script, self.address, str(requests), "2"]
        done = subprocess.run([sys.executable, "-m", "sandbox", *command], cwd=ROOT, capture_output=True, text=True)
        found: dict[str, int] = json.loads(done.stdout)["answered"]
        return found

    def load(self, rate: int) -> subprocess.Popen[str]:
        """So many requests a second from outside, until it is ended."""
        script = str(Path(__file__).parent / "pace.py")
        command = ["outside", "--", "/usr/bin/python3", script, self.address, str(rate), str(os.getpid())]
        return self._begin([sys.executable, "-m", "sandbox", *command], {})

    def rounds(self, *words: str) -> subprocess.Popen[str]:
        """`manage.py tenant_ops_scale` again and again, with a database in a file that several hosts share."""
        command = [sys.executable, "-W", "ignore", "-m", "django", "tenant_ops_scale", "--os-cloud", PERSON]
        return self._begin([*command, "--every", "2", *words], self.environment())

    def environment(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "tests.integration.loadbalancers.on_file", "PYTHONPATH": str(ROOT),
            "SCALING_DATABASE": str(self.database), "PYTHONUNBUFFERED": "1",
        }  # fmt: skip

    def end(self) -> None:
        """End whatever still runs."""
        for one in self.running:
            one.terminate()
        for one in self.running:
            one.communicate()
        self.running.clear()

    def _begin(self, command: list[str], more: dict[str, str]) -> subprocess.Popen[str]:
        made = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **more}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.running.append(made)
        return made


def happens(look: Callable[[], bool]) -> bool:
    """Whether it comes true while there is patience left, which is long: a slow machine only takes longer."""
    deadline = time.monotonic() + PATIENCE / 3
    while not look():
        if time.monotonic() > deadline:
            return False
        time.sleep(1)
    return True


def until(process: subprocess.Popen[str], *words: str) -> list[str]:
    """What a command printed up to the first line with one of these words; fails where it ended before."""
    told = []
    for line in process.stdout or ():
        told.append(line.strip())
        if any(word in line for word in words):
            return told
    raise AssertionError(f"{words} was not said:\n" + "\n".join(told))


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tier]:
    name = f"it-scale-{uuid.uuid4().hex[:6]}"
    cloud = clouds.from_clouds_yaml(PERSON, proof_proxy=os.environ["TENANT_OPS_PROOF_PROXY"], timeout=60)
    try:
        done = tenant_ops(
            "environment", "launch", name, "--blueprint", "web-jump", "--wait", "-f", "json", cloud=PERSON
        )
        assert done.returncode == 0, done.stderr
        address = json.loads(done.stdout)["address"].removeprefix("http://")
        made = Tier(cloud, name, address, tmp_path_factory.mktemp("scaling") / "history.sqlite3")
        migrate = [sys.executable, "-W", "ignore", "-m", "django", "migrate", "-v", "0", "tenant_ops_dashboard"]
        subprocess.run(migrate, cwd=ROOT, env={**os.environ, **made.environment()}, check=True)
        yield made
        made.end()
    finally:
        take_away(cloud, name)


@pytest.fixture
def tier(stage: Tier) -> Iterator[Tier]:
    """The environment, with everything that a test began ended after it."""
    yield stage
    stage.end()


@pytest.fixture
def servers_allowed() -> Iterator[Callable[[int | None], int]]:
    """Sets how many servers the project may have, None for as many as it has; afterwards it is as before."""
    operator = openstack.connect(cloud="operator", api_timeout=60)
    project = operator.identity.find_project(PROJECT).id

    def now(key: str) -> int:
        found = operator.compute.get(f"/os-quota-sets/{project}/detail").json()["quota_set"]["instances"]
        return int(found[key])

    def change(wanted: int | None) -> int:
        limit = now("in_use") if wanted is None else wanted
        operator.compute.update_quota_set(project, instances=limit)
        return limit

    before = now("limit")
    try:
        yield change
    finally:
        change(before)
