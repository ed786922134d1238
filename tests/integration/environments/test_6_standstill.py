"""A Heat whose engine is killed in the middle of a launch: known, told, and made to go on; the engine runs again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from sandbox import catalogue, process
from sandbox.settings import settings
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import follow, launch, watch
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Details, Environment, Request
from tenant_ops_dashboard.environments.standstill import stall
from tests.integration.by_hand import Hand
from tests.integration.environments.conftest import take_away

NAME = "it-standstill"
ENGINE = "heat-engine"
# Heat names so what a template gives no name.
LOST = f"{NAME}-jump_port-abcdefgh2345"
PATIENCE = 240.0


def until(seconds: float, look: Callable[[], object]) -> None:
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, f"not so after {seconds:.0f} s"
        time.sleep(1.0)


def at_work(*people: Cloud) -> list[str]:
    return [one.name for cloud in people for one in stack.environments(cloud) if one.meaning.moving]


def stands_still(cloud: Cloud, made: Environment) -> bool:
    try:
        return watch.details(cloud, made.id).stands_still
    except CloudError:
        # Heat's API answers 500 as long as no engine takes its questions.
        return False


def start_engine() -> None:
    found = settings()
    wanted = next(one for _, one in catalogue.processes(found) if one.name == ENGINE)
    process.clear(found)
    process.start(found, wanted)
    until(30, lambda: process.pid_of(found, ENGINE))


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the sandbox takes long."""
    monkeypatch.setattr(stall, "SUSPECT", 5.0)
    monkeypatch.setattr(stall, "SETTLED", 15.0)


@pytest.fixture(scope="module")
def stopped(log_in: Callable[..., Cloud], owner: Cloud) -> Iterator[Environment]:
    """A launch whose engine was killed (kill -9) when a third of it was up, and is there again."""
    # Nobody else's launch is to be stopped by this.
    until(600, lambda: not at_work(owner, log_in("developer")))
    made = launch.launch(owner, Request(NAME, "web-jump", {}))
    try:
        until(60, lambda: watch.details(owner, made.id).progress.done >= 6)
        pid = process.pid_of(settings(), ENGINE)
        assert pid, "the engine runs"
        os.killpg(pid, signal.SIGKILL)
        # Until it is dead it would be taken for the one that is to be started.
        until(30, lambda: process.pid_of(settings(), ENGINE) is None)
        # As if it had died between Neutron's answer and its own note of it.
        networks = owner.pages("network", "/networks", "networks", name=f"{NAME}-dmz")
        Hand(owner).post("network", "/ports", {"port": {"network_id": networks[0]["id"], "name": LOST}})
        yield made
    finally:
        start_engine()
        take_away(owner, NAME)


def test_it_is_known_told_and_goes_on_by_itself_where_somebody_waits(owner: Cloud, stopped: Environment) -> None:
    start_engine()
    until(PATIENCE, lambda: stands_still(owner, stopped))
    told: list[Details] = []
    details, proofs = follow.up(owner, stopped, PATIENCE, told.append)
    assert told[0].stands_still
    assert told[0].retry
    assert told[0].environment.status_reason.startswith("Nothing has moved since ")
    assert details.environment.status == "good", details.environment.status_reason
    assert {one.name: one.evidence for one in proofs if one.state != "good"} == {}
    assert not owner.pages("network", "/ports", "ports", name=LOST)


def test_the_engine_runs_again(stopped: Environment) -> None:
    assert process.pid_of(settings(), ENGINE)
