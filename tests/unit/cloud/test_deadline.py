"""One deadline for all calls of a request: octaviaclient's, logins and redirects too, and whatever a server trickles."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud import Cloud, handle
from tests.unit.cloud.sockets_that_break import HEAD, Server, served, whole
from tests.unit.cloud.sockets_that_break import connect as at
from tests.unit.fake_openstack.server import Wire, connect

READS: dict[str, Callable[[Cloud], object]] = {
    "get": lambda cloud: cloud.get("network", "/ports"),
    "pages": lambda cloud: cloud.pages("compute", "/servers/detail", "servers"),
    "octaviaclient": lambda cloud: cloud.balancers("load_balancer_status_show", "1"),
}


def silence(found: socket.socket, over: threading.Event) -> None:
    over.wait(20)


def trickling_head(found: socket.socket, over: threading.Event) -> None:
    found.sendall(HEAD + b"X-Slow: ")
    while not over.wait(0.05):
        found.sendall(b"a")


def trickling_body(found: socket.socket, over: threading.Event) -> None:
    found.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
    while not over.wait(0.05):
        found.sendall(b" ")


def trickling_chunks(found: socket.socket, over: threading.Event) -> None:
    found.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while not over.wait(0.05):
        found.sendall(b"1\r\n \r\n")


def slow_redirects(found: socket.socket, over: threading.Event) -> None:
    over.wait(0.1)
    head = (
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    found.sendall(head % found.getsockname()[1])


def test_every_call_has_a_time_of_its_own_and_all_have_one_together(wire: Wire) -> None:
    cloud = connect(wire, timeout=7, write_timeout=11)
    cloud.get("network", "/ports")
    cloud.post("network", "/ports", {"port": {}})
    with pytest.raises(clouds.NotFound):
        cloud.balancers("load_balancer_status_show", "1")
    assert wire.timeouts == [7, 11, 7]
    tight = connect(wire, timeout=7, budget=5)
    tight.deadline.began -= 3
    for read in READS.values():
        with pytest.raises(clouds.NotFound):
            read(tight)
            raise clouds.NotFound("It was there.")
        assert 0 < wire.timeouts[-1] <= 2


@pytest.mark.parametrize("read", READS)
def test_a_spent_deadline_sends_nothing_and_blames_who_was_slow(wire: Wire, read: str) -> None:
    cloud = connect(wire, budget=5)
    cloud.get("network", "/ports")
    cloud.deadline.used["Heat"] = 4.75
    cloud.deadline.began -= 5
    wire.calls.clear()
    for _ in range(3):
        with pytest.raises(clouds.TimedOut, match=r"The 5 seconds that this page has are over: Heat took 4\.8 of them"):
            READS[read](cloud)
    assert wire.calls == []


@pytest.mark.parametrize("read", READS)
def test_the_first_who_was_slow_is_told_whoever_is_asked_after(wire: Wire, read: str) -> None:
    wire.trouble["GET"] = [requests.ReadTimeout("slow")]
    cloud = connect(wire, budget=5)
    with pytest.raises(clouds.TimedOut, match="Heat did not answer within 5 seconds"):
        cloud.get("orchestration", "/stacks")
    cloud.deadline.began -= 5
    with pytest.raises(clouds.TimedOut, match="Heat did not answer within 5 seconds") as caught:
        READS[read](cloud)
    assert caught.value.service == "Heat"
    assert len(wire.calls) == 1


def test_a_change_that_was_begun_has_a_little_time_and_later_none_begins(wire: Wire) -> None:
    cloud = connect(wire, budget=5)
    cloud.deadline.began -= 6
    cloud.post("network", "/ports", {"port": {}})
    assert wire.timeouts == [10]
    cloud.deadline.began -= 10
    with pytest.raises(clouds.TimedOut) as caught:
        cloud.post("network", "/ports", {"port": {}})
    assert not isinstance(caught.value, clouds.Uncertain)
    assert len(wire.calls) == 1


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("script", [silence, trickling_head, trickling_body, trickling_chunks, slow_redirects])
def test_no_server_holds_a_request_longer(read: str, script: Callable[[socket.socket, threading.Event], None]) -> None:
    with served(script, budget=0.5) as (server, cloud):
        with pytest.raises(
            clouds.TimedOut, match=r"did not answer within a second|seconds that this page has are over"
        ):
            READS[read](cloud)
        sent = len(server.requests)
        for other in READS.values():
            with pytest.raises(clouds.TimedOut):
                other(cloud)
        assert len(server.requests) == sent < 20


@pytest.mark.parametrize("script", [trickling_head, trickling_body, trickling_chunks])
def test_without_a_deadline_the_time_of_one_call_holds(
    script: Callable[[socket.socket, threading.Event], None],
) -> None:
    with served(script, timeout=0.3, write_timeout=0.3) as (_, cloud):
        with pytest.raises(clouds.TimedOut):
            cloud.get("network", "/ports")
        with pytest.raises(clouds.Uncertain, match="did not answer within"):
            cloud.post("network", "/ports", {})


@pytest.mark.parametrize("script", [silence, trickling_head, trickling_body])
def test_a_login_is_bounded_too(
    script: Callable[[socket.socket, threading.Event], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(script)
    file = tmp_path / "clouds.yaml"
    file.write_text(
        f"clouds: {{slow: {{auth_type: v3password, auth: {{auth_url: 'http://127.0.0.1:{server.port}/v3', "
        "username: a, password: b, project_name: c, user_domain_name: d, project_domain_name: d}}}"
    )
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    try:
        with pytest.raises(clouds.Unreachable, match="Keystone cannot be reached"):
            clouds.from_clouds_yaml("slow", budget=0.5)
        assert len(server.requests) == 1
    finally:
        server.close()


def test_the_addresses_of_a_name_share_the_time_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(lambda found, over: whole(found, b'{"ports": []}')) as (server, _):
        cloud = at(f"http://many.invalid:{server.port}", timeout=8)
        asked: list[tuple[str, float]] = []
        create = urllib3.util.connection.create_connection

        def connected(address: tuple[str, int], timeout: float, **options: Any) -> socket.socket:
            asked.append((address[0], timeout))
            if address[0] != "127.0.0.1":
                raise TimeoutError("timed out")
            return create(address, timeout, **options)

        names = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "127.0.0.1"]
        known = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (name, server.port)) for name in names]
        monkeypatch.setattr(urllib3.util.connection, "create_connection", connected)
        look = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *a, **k: known if host == "many.invalid" else look(host, *a, **k)
        )
        assert cloud.get("network", "/ports") == {"ports": []}
        assert [name for name, _ in asked] == names
        assert 1.5 < asked[0][1] <= 2
        # Who fails at once leaves his time to the others.
        assert [seconds for _, seconds in asked] == sorted(seconds for _, seconds in asked)
        assert asked[-1][1] <= 8


@pytest.mark.parametrize("status", [429, 413])
def test_a_read_that_is_told_when_to_come_comes_then(wire: Wire, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    slept: list[float] = []
    monkeypatch.setattr(handle.time, "sleep", slept.append)
    answers = [(status, {}, {"Retry-After": "2"}), (200, {"routers": []})]
    wire.on("GET", "/network/v2.0/routers")(lambda query, body: answers.pop(0))
    assert connect(wire, budget=5).get("network", "/routers") == {"routers": []}
    assert slept == [2.0]


@pytest.mark.parametrize("status", [429, 413])
@pytest.mark.parametrize("after", ["6", "Wed, 21 Oct 2115 07:28:00 GMT"])
def test_a_read_that_is_told_to_come_after_the_deadline_does_not_wait(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, status: int, after: str
) -> None:
    monkeypatch.setattr(handle.time, "sleep", lambda seconds: pytest.fail("It waits."))
    wire.on("GET", "/network/v2.0/routers")(lambda query, body: (status, {}, {"Retry-After": after}))
    with pytest.raises(clouds.SlowDown, match="Neutron asked to slow down: try again in") as caught:
        connect(wire, budget=5).get("network", "/routers")
    assert caught.value.wait is not None and caught.value.wait >= 6
    assert len(wire.calls) == 1


def test_a_change_that_is_told_when_to_come_did_not_happen_and_comes_then_once(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(handle.time, "sleep", slept.append)
    answers = [(429, {}, {"Retry-After": "2"}), (201, {"router": {}})]
    wire.on("POST", "/network/v2.0/routers")(lambda query, body: answers.pop(0))
    assert connect(wire, budget=5).post("network", "/routers", {}) == {"router": {}}
    assert slept == [2.0]
    answers[:] = [(429, {}, {"Retry-After": "2"})] * 2
    with pytest.raises(clouds.SlowDown) as caught:
        connect(wire).post("network", "/routers", {})
    assert not isinstance(caught.value, clouds.Uncertain)
    assert len(wire.calls) == 4


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "6"}])
def test_a_change_that_is_not_told_when_to_come_or_too_late_is_not_repeated(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(handle.time, "sleep", lambda seconds: pytest.fail("It waits."))
    wire.on("POST", "/network/v2.0/routers")(lambda query, body: (429, {}, headers))
    with pytest.raises(clouds.SlowDown):
        connect(wire, budget=5).post("network", "/routers", {})
    assert len(wire.calls) == 1


def test_the_clock_of_a_deadline_begins_with_its_handle() -> None:
    made = connect(Wire(), budget=5)
    left = made.deadline.left()
    assert left is not None
    assert 0 < left <= 5
    assert made.deadline.began <= time.monotonic()
    assert connect(Wire()).deadline.left() is None
