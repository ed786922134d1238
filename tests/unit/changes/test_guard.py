"""A change that is neither checked nor audited cannot be written: nothing is sent outside of a Change."""

from __future__ import annotations

import ast
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tenant_ops_dashboard.cloud import Cloud, CloudError, OutsideChange
from tenant_ops_dashboard.cloud.session import READS, writes
from tests.unit.fake_openstack import server
from tests.unit.fake_openstack.world import World

PACKAGE = Path(__file__).parents[3] / "tenant_ops_dashboard"
BALANCER = {"loadbalancer": {"name": "x", "vip_subnet_id": "y"}}
# By the handle's own methods, by the client libraries on it, and by its bare session.
WRITES: dict[str, Callable[[Cloud], object]] = {
    "post": lambda cloud: cloud.post("network", "/ports", {"port": {}}),
    "put": lambda cloud: cloud.put("network", "/ports/1", {"port": {}}),
    "patch": lambda cloud: cloud.patch("orchestration", "/stacks/shop/1", {}),
    "delete": lambda cloud: cloud.delete("network", "/ports/1"),
    "octaviaclient create": lambda cloud: cloud.balancers("load_balancer_create", json=BALANCER),
    "octaviaclient set": lambda cloud: cloud.balancers("member_set", "pool", "member", json={"member": {}}),
    "octaviaclient delete": lambda cloud: cloud.balancers("load_balancer_delete", "1", cascade=True),
    "octaviaclient failover": lambda cloud: cloud.balancers("load_balancer_failover", "1"),
    "octaviaclient itself": lambda cloud: cloud.octavia.load_balancer_delete("1"),
    "openstacksdk": lambda cloud: cloud.connection.session.delete("http://fake/network/v2.0/ports/1"),
    "session": lambda cloud: cloud.session.post("http://fake/network/v2.0/ports", json={}),
    "a read's words behind a question mark": lambda cloud: cloud.post("network", "/ports?to=/v3/auth/tokens", {}),
    "a read's address with another method": lambda cloud: cloud.put("orchestration", "/stacks/preview", {}),
}


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("write", WRITES)
def test_nothing_is_written_outside_of_a_change(world: World, write: str) -> None:
    with pytest.raises(OutsideChange, match=r"Write it as a Change and let changes\.perform run it"):
        WRITES[write](world.cloud())
    assert world.calls() == []


@pytest.mark.parametrize("write", WRITES)
def test_within_a_change_it_is_sent(world: World, write: str) -> None:
    cloud = world.cloud()
    with cloud.changing("tests"):
        try:
            WRITES[write](cloud)
        except OutsideChange:
            raise
        except Exception:  # noqa: BLE001 (the fake knows few of these things, and says so)
            pass
    assert len(world.calls()) == 1
    with pytest.raises(OutsideChange):
        WRITES[write](cloud)


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("orchestration", "/validate"), ("orchestration", "/stacks/preview"), ("identity", "/auth/tokens"),
        ("metric", "/v1/aggregates"), ("metric", "/v1/search/resource/generic"),
    ],
)  # fmt: skip
def test_what_is_only_asked_by_post_is_sent(
    world: World, monkeypatch: pytest.MonkeyPatch, service: str, path: str
) -> None:
    monkeypatch.setitem(server.SERVICES, "metric", "http://fake/metric")
    cloud = world.cloud(services=tuple(server.SERVICES))
    world.wire.trouble["POST"] = [404]
    with pytest.raises(CloudError):
        cloud.post(service, path, {})
    assert len(world.calls()) == 1


def test_each_read_by_post_is_looked_at_above() -> None:
    assert len(READS) == 5


def test_a_console_is_read_and_nothing_is_done_beside_it() -> None:
    console = {"os-getConsoleOutput": {"length": None}}
    action = "http://cloud/compute/v2.1/servers/1/action"
    assert not writes("POST", action, console)
    assert writes("POST", action, {**console, "reboot": {"type": "HARD"}})
    assert writes("POST", action, {"os-stop": None}) and writes("POST", action, {}) and writes("POST", action)
    assert writes("PUT", action, console) and writes("POST", action.replace("/action", ""), console)


def test_a_change_is_one_of_its_own_thread_and_handle(world: World) -> None:
    cloud, other = world.cloud(), world.cloud()
    caught: list[BaseException] = []

    def elsewhere() -> None:
        try:
            WRITES["delete"](cloud)
        except OutsideChange as error:
            caught.append(error)

    with cloud.changing("one"):
        with pytest.raises(OutsideChange):
            WRITES["delete"](other)
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        with cloud.changing("within one"):
            WRITES["delete"](cloud)
        WRITES["delete"](cloud)
    assert len(caught) == 1
    assert len(world.calls()) == 2


def test_only_the_runner_of_changes_says_that_something_is_changed() -> None:
    said = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "changing":
                said.add(str(file.relative_to(PACKAGE)))
    # An event that the dashboard is told of changes nothing of OpenStack's, and is itself what the trail has of a change.
    # Intents, words on findings, clones and how far a walkthrough is are the dashboard's: it runs the change that a command asks it for.
    clones = ("clones", "clone_base", "clone_changes", "clone_refresh")
    own = {f"cli/{name}.py" for name in ("intents", "posture_records", "walkthrough", *clones)}
    assert said == {"changes/run.py", "cloud/handle.py", "audit/relay.py", *own}
