"""A real browser, logged in to the sandbox's Horizon as one of its people."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import openstack
import pytest

from .person import opened

PROJECT = Path(__file__).resolve().parents[2]
#: Tests of intents begin with a jump host that answers SSH from everywhere.
OPEN = ("--set", "ssh_from=0.0.0.0/0")


@pytest.fixture(scope="session")
def sandbox():
    """What `python -m sandbox status -f json` tells; fails where the sandbox is not up."""
    shown = subprocess.run(
        [sys.executable, "-m", "sandbox", "status", "-f", "json"], cwd=PROJECT, capture_output=True, text=True
    )
    found = json.loads(shown.stdout)
    assert found["up"], "the sandbox is not up: run 'make demo'"
    os.environ["OS_CLIENT_CONFIG_FILE"] = found["clouds"]
    return found


class Web:
    """A small environment that modules share one after the other, launched for the first one that asks."""

    def __init__(self, door: str) -> None:
        self.more, self.name, self.told = {**os.environ, "TENANT_OPS_PROOF_PROXY": door}, "", {}

    def run(self, *words: str) -> subprocess.CompletedProcess:
        command = [str(Path(sys.executable).with_name("tenant-ops")), "--os-cloud", "owner", "environment", *words]
        return subprocess.run(command, capture_output=True, text=True, env=self.more)

    def standing(self) -> dict:
        """What its launch told: id, name, address; its proofs have run."""
        if not self.told:
            self.end()
            self.name = f"web-{secrets.token_hex(3)}"
            done = self.run("launch", self.name, "--blueprint", "web-jump", *OPEN, "--wait", "-f", "json")
            assert done.returncode == 0, done.stderr
            self.told = json.loads(done.stdout)
        return self.told

    def end(self) -> None:
        """Take it away: whoever does not leave it as it was does so, the next one gets a new one."""
        if self.name:
            self.run("delete", self.name, "--yes", "--wait")
        self.name, self.told = "", {}


@pytest.fixture(scope="session")
def web(sandbox):
    made = Web(sandbox["door"])
    yield made
    made.end()


@pytest.fixture
def browser(sandbox):
    with opened(sandbox["horizon"]) as made:
        yield made


@pytest.fixture(scope="session")
def remembered() -> list:
    """The owner's cookies from the first login on: each browser is new, the session is one."""
    return []


@pytest.fixture
def owner(browser, sandbox, remembered):
    if not remembered:
        browser.log_in("owner", sandbox["logins"]["owner"])
        known = [one for one in browser.driver.get_cookies() if one["name"] != "messages"]
        remembered.extend({key: one[key] for key in ("name", "value", "path")} for one in known)
        return browser
    browser.open("/static/")
    for cookie in remembered:
        browser.driver.add_cookie(cookie)
    return browser


@pytest.fixture
def cloud(sandbox):
    return openstack.connect(cloud="owner", api_timeout=60)


@pytest.fixture
def left_behind(cloud):
    """Names of environments a test launched: whatever is left of them goes, also when the test broke off."""
    names: list[str] = []
    yield names
    command = [str(Path(sys.executable).with_name("tenant-ops")), "--os-cloud", "owner", "environment", "delete"]
    for name in names:
        if cloud.orchestration.find_stack(name):
            subprocess.run([*command, name, "--yes", "--wait"], capture_output=True, timeout=300)
        for volume in [v for v in cloud.block_storage.volumes() if v.name == f"{name}-data"]:
            with contextlib.suppress(openstack.exceptions.SDKException):
                cloud.block_storage.delete_volume(volume)


@pytest.fixture
def volume(sandbox):
    """An empty volume of production, by its name."""
    storage = openstack.connect(cloud="owner", api_timeout=60).block_storage
    made = storage.create_volume(name=f"clones-{secrets.token_hex(3)}", size=1)
    try:
        storage.wait_for_status(made, "available", wait=120)
        yield made.name
    finally:
        with contextlib.suppress(openstack.exceptions.SDKException):
            storage.delete_volume(made)
