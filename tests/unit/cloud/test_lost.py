"""Answers that are lost, cut off or somebody else's: a change is uncertain unless no connection ever came to be."""

from __future__ import annotations

import http.client
import pickle
import socket
import ssl
import struct
import threading
from collections.abc import Callable

import pytest
import requests
import urllib3

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud import Cloud, transport
from tests.unit.cloud.sockets_that_break import HEAD, connect, served, whole
from tests.unit.fake_openstack.server import Wire
from tests.unit.fake_openstack.server import connect as on_wire

CHANGES: dict[str, Callable[[Cloud], object]] = {
    "POST": lambda cloud: cloud.post("network", "/ports", {"port": {}}),
    "PUT": lambda cloud: cloud.put("network", "/ports/1", {"port": {}}),
    "PATCH": lambda cloud: cloud.patch("orchestration", "/stacks/a/b", {}),
    "DELETE": lambda cloud: cloud.delete("network", "/ports/1"),
}


def reset(found: socket.socket, over: threading.Event) -> None:
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def nothing(found: socket.socket, over: threading.Event) -> None:
    """The connection ends without a word."""


def half_a_head(found: socket.socket, over: threading.Event) -> None:
    found.sendall(b"HTTP/1.1 200 OK\r\nContent-")


def half_a_body(found: socket.socket, over: threading.Event) -> None:
    found.sendall(HEAD + b'Content-Length: 500\r\n\r\n{"port": {"id": ')


def half_a_chunk(found: socket.socket, over: threading.Event) -> None:
    found.sendall(HEAD + b'Transfer-Encoding: chunked\r\n\r\nff\r\n{"port": {"id": ')


def no_http(found: socket.socket, over: threading.Event) -> None:
    found.sendall(b"\x16\x03\x01 what?\r\n\r\n")


def silence(found: socket.socket, over: threading.Event) -> None:
    over.wait(20)


def one_answer(found: socket.socket, over: threading.Event) -> None:
    """And the connection ends with the next request, as one does that the server ends at that very moment."""
    found.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
    found.recv(65536)


@pytest.mark.parametrize("method", CHANGES)
def test_a_change_is_sent_over_a_connection_of_its_own(method: str) -> None:
    with served(one_answer) as (server, cloud):
        cloud.get("network", "/ports")
        CHANGES[method](cloud)
        assert len(server.requests) == 2


@pytest.mark.parametrize("method", CHANGES)
@pytest.mark.parametrize("script", [reset, nothing, half_a_head, half_a_body, half_a_chunk, no_http])
def test_a_change_whose_answer_breaks_off_is_uncertain_and_not_repeated(
    method: str, script: Callable[[socket.socket, threading.Event], None]
) -> None:
    with served(script) as (server, cloud):
        with pytest.raises(clouds.Uncertain) as caught:
            CHANGES[method](cloud)
        assert len(server.requests) == 1
        assert caught.value.service in ("Neutron", "Heat")


@pytest.mark.parametrize("script", [reset, nothing, half_a_head, half_a_body, half_a_chunk, no_http])
def test_a_read_whose_answer_breaks_off_is_tried_twice(
    script: Callable[[socket.socket, threading.Event], None],
) -> None:
    with served(script) as (server, cloud):
        with pytest.raises(clouds.Unreachable, match="Neutron") as caught:
            cloud.get("network", "/ports")
        assert not isinstance(caught.value, clouds.Uncertain)
        assert len(server.requests) == 2


def test_a_read_that_breaks_off_once_is_whole() -> None:
    calls: list[int] = []

    def once(found: socket.socket, over: threading.Event) -> None:
        calls.append(1)
        half_a_body(found, over) if len(calls) == 1 else whole(found, b'{"ports": [{"id": "1"}]}')

    with served(once) as (_, cloud):
        assert cloud.get("network", "/ports") == {"ports": [{"id": "1"}]}


@pytest.mark.parametrize("method", CHANGES)
def test_a_change_that_is_not_answered_in_time_is_uncertain(method: str) -> None:
    with served(silence, timeout=0.2, write_timeout=0.2) as (_, cloud):
        with pytest.raises(clouds.Uncertain, match="did not answer within"):
            CHANGES[method](cloud)
        with pytest.raises(clouds.TimedOut, match="Neutron did not answer within"):
            cloud.get("network", "/ports")


@pytest.mark.parametrize("method", CHANGES)
def test_a_change_that_found_nobody_did_not_happen(method: str) -> None:
    closed = socket.create_server(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    for address in (f"http://127.0.0.1:{port}", "http://nobody.invalid"):
        with pytest.raises(clouds.Unreachable, match="cannot be reached") as caught:
            CHANGES[method](connect(address))
        assert not isinstance(caught.value, clouds.Uncertain)


def test_a_change_that_is_tried_while_another_error_is_told_is_judged_by_itself(wire: Wire) -> None:
    wire.trouble["GET"] = [requests.ConnectionError("Connection refused")] * 2
    wire.trouble["DELETE"] = [requests.ConnectionError("reset by peer")]
    cloud = on_wire(wire)
    try:
        cloud.get("network", "/ports")
    except clouds.Unreachable:
        with pytest.raises(clouds.Uncertain):
            cloud.delete("network", "/ports/1")


def test_tls_that_never_came_to_be_changed_nothing() -> None:
    with served(no_http) as (server, _):
        cloud = connect(f"https://127.0.0.1:{server.port}")
        with pytest.raises(clouds.Unreachable) as caught:
            cloud.post("network", "/ports", {})
        assert not isinstance(caught.value, clouds.Uncertain)


BROKEN = [
    requests.exceptions.SSLError("EOF occurred in violation of protocol"),
    requests.exceptions.ChunkedEncodingError("IncompleteRead(10 bytes read, 5 more expected)"),
    requests.exceptions.ContentDecodingError("incorrect header check"),
    requests.exceptions.ConnectionError("reset by peer"),
    urllib3.exceptions.ProtocolError("Connection broken"),
    urllib3.exceptions.IncompleteRead(10, 5),
    http.client.IncompleteRead(b"half", 5),
    http.client.RemoteDisconnected("without response"),
    ssl.SSLEOFError("EOF"),
    ConnectionResetError(104, "reset"),
    BrokenPipeError(32, "pipe"),
]


@pytest.mark.parametrize("trouble", BROKEN, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("method", CHANGES)
def test_every_way_to_break_is_uncertain_for_a_change_and_unreachable_for_a_read(
    wire: Wire, method: str, trouble: Exception
) -> None:
    wire.trouble[method] = [trouble]
    with pytest.raises(clouds.Uncertain):
        CHANGES[method](on_wire(wire))
    wire.trouble["GET"] = [trouble, trouble]
    with pytest.raises(clouds.Unreachable) as caught:
        on_wire(wire).get("network", "/ports")
    assert not isinstance(caught.value, clouds.Uncertain)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
@pytest.mark.parametrize("headers", [{}, {"Retry-After": "1"}])
def test_a_server_s_error_leaves_a_change_uncertain(wire: Wire, status: int, headers: dict[str, str]) -> None:
    wire.on("POST", "/network/v2.0/routers")(lambda query, body: (status, {}, headers))
    with pytest.raises(clouds.Uncertain):
        on_wire(wire).post("network", "/routers", {})


@pytest.mark.parametrize(
    "answer", [b"<html>Log in to the hotel</html>", b'{"port": {"id":', b"\xff\xfe", b'{"ports": 1} x']
)
@pytest.mark.parametrize("kind", ["application/json", "text/html; charset=UTF-8"])
def test_what_is_no_json_is_told_and_never_a_value_error(wire: Wire, answer: bytes, kind: str) -> None:
    for method, path in (("GET", "/network/.*"), ("POST", "/network/.*"), ("GET", "/load-balancer/.*")):
        wire.on(method, path)(lambda query, body: (200, answer, {"Content-Type": kind}))
    cloud = on_wire(wire)
    with pytest.raises(clouds.Unreachable, match="Neutron's answer cannot be read"):
        cloud.get("network", "/routers")
    with pytest.raises(clouds.Unreachable, match="Neutron"):
        cloud.pages("network", "/routers", "routers")
    with pytest.raises(clouds.Uncertain, match="Neutron"):
        cloud.post("network", "/routers", {})
    with pytest.raises(clouds.Unreachable, match="Octavia"):
        cloud.balancers("load_balancer_status_show", "1")


def test_json_too_deep_to_be_read_is_told(wire: Wire) -> None:
    for method in ("GET", "POST"):
        wire.on(method, "/network/v2.0/routers")(lambda query, body: (200, b"[" * 100_000))
    cloud = on_wire(wire)
    with pytest.raises(clouds.Unreadable, match="nested too deeply"):
        cloud.get("network", "/routers")
    with pytest.raises(clouds.Uncertain, match="nested too deeply"):
        cloud.post("network", "/routers", {})


@pytest.mark.parametrize("answer", [{}, [], None, "text", 7, {"ports": None}, {"ports": {}}, {"ports": ["a"]}])
def test_json_of_another_shape_is_told_and_never_a_key_error(wire: Wire, answer: object) -> None:
    wire.on("GET", "/network/v2.0/routers")(lambda query, body: (200, answer))
    wire.on("POST", "/network/v2.0/routers")(lambda query, body: (201, answer))
    cloud = on_wire(wire)
    with pytest.raises(clouds.CloudError, match="Neutron answered without a list of ports"):
        cloud.pages("network", "/routers", "ports")
    with pytest.raises(clouds.CloudError, match="Neutron answered without 'router'"):
        cloud.get("network", "/routers")["router"]
    with pytest.raises(clouds.Uncertain, match="Neutron answered without 'router'"):
        cloud.post("network", "/routers", {})["router"]


def test_an_answer_is_a_dictionary_that_can_be_kept(wire: Wire) -> None:
    found = on_wire(wire).get("network", "/ports")
    kept = pickle.loads(pickle.dumps(found))
    assert kept == found == {"ports": [{"id": "port-1"}]}
    with pytest.raises(clouds.CloudError):
        kept["port"]
    assert found.get("port") is None


def test_an_answer_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LONGEST", 100_000)

    def endless(found: socket.socket, over: threading.Event) -> None:
        found.sendall(HEAD + b"\r\n")
        while not over.is_set():
            found.sendall(b" " * 65536)

    with served(endless) as (_, cloud):
        with pytest.raises(clouds.Unreachable, match="too long"):
            cloud.get("network", "/ports")
        with pytest.raises(clouds.Uncertain, match="too long"):
            cloud.post("network", "/ports", {})
