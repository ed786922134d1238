"""Proofs with packets, against small servers on loopback."""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import watch
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.proofs import prove, sending
from tests.unit.fake_openstack.world import World

Answer = tuple[int, str] | tuple[int, str, str]  # status, body, and who the header says has answered
Serve = Callable[..., str]


@pytest.fixture
def proxy() -> Iterator[Serve]:
    """An HTTP proxy that gives these answers in turn, and opens CONNECT to these ports only."""
    servers: list[ThreadingHTTPServer] = []

    def start(answers: list[Answer], open_: tuple[int, ...] = (), refused: int = 502) -> str:
        turn = itertools.cycle(answers)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body, *served_by = next(turn)
                self.send_response(status)
                for name in served_by:
                    self.send_header("X-Served-By", name)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def do_CONNECT(self) -> None:
                self.send_response(200 if int(self.path.rpartition(":")[2]) in open_ else refused)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


class Once:
    """A server that says the same to whoever comes, then a byte now and then."""

    def __init__(self, words: bytes, drip: float = 0.0) -> None:
        self.words, self.drip, self.ended = words, drip, threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def __enter__(self) -> Once:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        self.listening.close()

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while not self.ended.is_set():
                one, _ = self.listening.accept()
                with one:
                    one.recv(4096)
                    one.sendall(self.words)
                    while self.drip and not self.ended.wait(self.drip):
                        one.sendall(b"x")


def states(world: World, cloud: Cloud, door: str) -> dict[str, str]:
    return {one.name: one.state for one in prove.prove(cloud, watch.details(cloud, "shop"), door)}


BOTH = [(200, "app-1 rows=3\n"), (200, "app-2 rows=3\n")]


@pytest.mark.parametrize(
    ("answers", "open_", "expected"),
    [
        (BOTH, (), ("good", "good", "good")),
        (
            [(200, '{"server": "app-1", "database": "ok", "rows": 3}'), (200, '{"server": "app-2", "rows": 0}')],
            (),
            ("good", "good", "good"),
        ),
        ([(200, "app-1 rows=3")], (), ("warning", "good", "good")),
        ([(200, "app-1 rows=3"), (200, "app-2 database unreachable")], (), ("good", "warning", "good")),
        ([(200, "app-1"), (200, "app-2")], (), ("good", "failed", "good")),
        ([(503, "no server")], (), ("failed", "failed", "building")),
        (BOTH, (1521,), ("good", "good", "failed")),
    ],
)
def test_packets(
    world: World,
    cloud: Cloud,
    standing: Environment,
    proxy: Serve,
    answers: list[Answer],
    open_: tuple[int, ...],
    expected: tuple[str, ...],
) -> None:
    found = states(world, cloud, proxy(answers, open_))
    assert (found["http"], found["database"], found["closed"]) == expected
    assert found["firewall"] == "good"


STOCK = "<!DOCTYPE html>\n<html><head><title>Apache Tomcat</title></head><body>It works !</body></html>"
PAGE = "<!DOCTYPE html><html><body><h1>The shop</h1></body></html>"
JSON = '{"server": "%s", "database": "%s", "rows": %s}'
ANSWERS, NO_MORE = "good", "proves that it answers, and no more."


@pytest.mark.parametrize(
    ("answers", "http", "database"),
    [
        pytest.param(
            [(200, JSON % (name, "ok", 3), name) for name in ("shop-app-5", "shop-app-9")],
            ("good", "answered by shop-app-5, then shop-app-9."), ("good", "shop-app-5 read 3 rows"), id="blueprint",
        ),
        pytest.param(
            [(200, JSON % (name, "unreachable", "null"), name) for name in ("shop-app-5", "shop-app-9")],
            ("good", "shop-app-9."), ("failed", "No server told how many rows it read"), id="its database is away",
        ),
        pytest.param(
            [(200, PAGE, "shop-app-5"), (200, PAGE, "shop-app-9")],
            ("good", "answered by shop-app-5, then shop-app-9."), ("unknown", "do not tell what it read"), id="header",
        ),
        pytest.param(
            [(200, PAGE, "shop-app-5")], ("warning", "shop-app-5 alone."), ("unknown", "do not tell"), id="one alone"
        ),
        pytest.param([(200, STOCK)], (ANSWERS, NO_MORE), ("unknown", "do not tell what it read"), id="stock page"),
        pytest.param([(302, "")], (ANSWERS, "HTTP 302, 2 times."), ("unknown", "do not tell what it read"), id="redirect"),
        pytest.param(
            [(200, STOCK), (500, "Oops")], ("warning", "requests were answered with HTTP 500."),
            ("unknown", "do not tell"), id="one of them fails",
        ),
        pytest.param([(500, STOCK)], ("failed", "HTTP 500"), ("failed", "No server told"), id="internal error"),
        pytest.param([(404, PAGE, "shop-app-5")], ("failed", "HTTP 404"), ("failed", "No server told"), id="not found"),
        pytest.param([(200, PAGE, "<b>x\ty</b>")], (ANSWERS, NO_MORE), ("unknown", "do not tell"), id="no name"),
    ],
)  # fmt: skip
def test_what_any_application_gives(
    proxy: Serve, answers: list[Answer], http: tuple[str, str], database: tuple[str, str]
) -> None:
    told = sending.turns(sending.Way(proxy(answers)), "203.0.113.1", 2, True)
    assert [one.name for one in told] == ["http", "database"]
    for one, (state, words) in zip(told, (http, database), strict=True):
        assert one.state == state, one.evidence
        assert words in one.evidence, one.evidence


def test_a_page_that_does_not_say_who_answered_promises_no_turns(proxy: Serve) -> None:
    (told,) = sending.turns(sending.Way(proxy([(200, STOCK)])), "203.0.113.1", 2, False)
    assert told.title == "Answers from outside"


def test_a_slow_application_is_told_as_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.4)
    monkeypatch.setattr(sending, "TRY", 0.1)
    with Once(b"HTTP/1.1 200 OK\r\nX-Served-By: shop-app-5\r\nContent-Length: 4000\r\n\r\n", drip=0.05) as server:
        told = sending.turns(sending.Way(server.url), "203.0.113.1", 2, True)
    assert [one.state for one in told] == ["failed", "building"]
    assert "it took too long" in told[0].evidence


def test_a_stock_page_leaves_the_environment_good(
    world: World, cloud: Cloud, standing: Environment, proxy: Serve
) -> None:
    found = states(world, cloud, proxy([(200, STOCK)]))
    assert (found["http"], found["database"], found["closed"]) == ("good", "unknown", "good")


def test_a_way_that_does_not_work_proves_nothing(
    world: World, cloud: Cloud, standing: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = states(world, cloud, f"http://127.0.0.1:{port}")
    assert (found["http"], found["database"], found["closed"]) == ("failed", "building", "building")


def test_a_server_that_never_answers_does_not_hang_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.4)
    monkeypatch.setattr(sending, "TRY", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        way = sending.Way(f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert sending.turns(way, "203.0.113.1", 2, True)[0].state == "failed"
        assert sending.closed(way, ("203.0.113.1",), 1521, reachable=True).state == "good"


def test_directly_without_a_proxy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert sending.Way().opens("127.0.0.1", listening.getsockname()[1], 1.0)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert not sending.Way().opens("127.0.0.1", port, 1.0)


def test_no_packets_before_it_stands(cloud: Cloud, building: Environment) -> None:
    assert prove.prove(cloud, watch.details(cloud, "shop"), "http://127.0.0.1:9") == ()


def test_the_proxy_of_the_cloud_is_used(world: World, standing: Environment, proxy: Serve) -> None:
    cloud = world.cloud(proof_proxy=proxy(BOTH))
    found = {one.name: one for one in prove.prove(cloud, watch.details(cloud, "shop"))}
    assert found["http"].evidence == "http://203.0.113.50/ was answered by app-1, then app-2."
    assert found["database"].evidence == "app-1 read 3 rows, app-2 read 3 rows."


def test_who_may_only_look_sends_none(world: World, standing: Environment, dialled: list[str]) -> None:
    cloud = world.cloud("reader", name="auditor")
    found = prove.prove(cloud, watch.details(cloud, "shop"))
    assert dialled == []
    assert {one.name: one.state for one in found}["http"] == "unknown"


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where this process itself connects to; nobody answers there."""
    places: list[str] = []

    def connect(place: tuple[str, int], **options: object) -> None:
        places.append(f"{place[0]}:{place[1]}")
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(sending, "SECONDS", 0.2)
    return places


ELSEWHERE = ("127.0.0.1", "169.254.169.254", "10.0.0.1", "metadata.internal", "203.0.113.50:22\r\nX: y", "::1")


@pytest.mark.parametrize("where", ELSEWHERE)
@pytest.mark.parametrize("door", ["", "http://127.0.0.1:9"])
def test_packets_go_only_to_what_is_the_environments_own(
    world: World, cloud: Cloud, standing: Environment, dialled: list[str], where: str, door: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Outputs, metadata and names are its owner's to write: none of them leads a packet anywhere."""
    asked: list[str] = []
    opens = sending.Way.opens
    monkeypatch.setattr(sending.Way, "opens", lambda way, to, *more: asked.append(to) or opens(way, to, *more))
    stack = world.heat.stacks[standing.id]
    for output in stack["row"]["outputs"]:
        if output["output_key"] in ("address", "database"):
            output["output_value"] = where
    template = copy.deepcopy(stack["template"])
    for name in ("application_group", "dmz_network", "data", "router"):
        template["resources"][name]["metadata"]["tenant_ops"].update(kind="floating_ip")
    template["resources"]["database_group"]["metadata"]["tenant_ops"].update(kind="database")
    stack["template"] = template
    for kind in ("security-groups", "servers", "volumes", "networks"):
        for one in world.things.kept[kind].values():
            one["name"] = where
    details = watch.details(cloud, "shop")
    assert {box.kind for box in details.picture.boxes if box.key in ("application_group", "database_group")} == {
        "security_group"
    }
    assert [box.key for box in details.picture.boxes if box.kind == "floating_ip"] == ["address"]
    found = {one.name: one for one in prove.prove(cloud, details, door or None)}
    assert set(dialled) == ({"127.0.0.1:9"} if door else {"203.0.113.50:80", "203.0.113.50:1521"})
    assert set(asked) <= {"203.0.113.50", "10.20.2.5"}
    assert len(found) == 8


def test_a_floating_ip_of_somebody_else_is_not_asked(
    world: World, cloud: Cloud, standing: Environment, dialled: list[str]
) -> None:
    """An administrator's Neutron may tell of all projects, and a stack may name what it did not make."""
    next(iter(world.things.kept["floatingips"].values()))["project_id"] = "another"
    prove.prove(cloud, watch.details(cloud, "shop"))
    assert dialled == []


@pytest.mark.parametrize(("told", "asked"), [("5432", 5432), (5432, 5432), ("no port", 1521), ("99999", 1521), (None, 1521)])
def test_the_database_is_asked_at_its_own_port(
    world: World, cloud: Cloud, standing: Environment, dialled: list[str], told: Any, asked: int
) -> None:
    parameters = world.heat.stacks[standing.id]["row"].setdefault("parameters", {})
    parameters["database_port"] = told
    details = watch.details(cloud, "shop")
    assert details.targets.port == asked
    prove.prove(cloud, details)
    assert f"203.0.113.50:{asked}" in dialled


def test_what_is_sent_is_what_ipaddress_printed(proxy: Serve) -> None:
    way = sending.Way(proxy(BOTH))
    for address in ("203.0.113.1\r\nX-Injected: 1", "fe80::1%\r\nX", "localhost", "0x7f.1", "203.0.113.1/"):
        with pytest.raises(ValueError, match=r"does not appear|zone"):
            way.get(address, "/", 1.0)
        with pytest.raises(ValueError, match=r"does not appear|zone"):
            way.opens(address, 1521, 1.0)


def test_private_addresses_are_left_alone_without_a_proxy(
    world: World, cloud: Cloud, standing: Environment, dialled: list[str], proxy: Serve
) -> None:
    details = watch.details(cloud, "shop")
    prove.prove(cloud, details)
    assert "10.20.2.5:1521" not in dialled
    dialled.clear()
    # A lab whose floating IPs are private themselves.
    next(iter(world.things.kept["floatingips"].values()))["floating_ip_address"] = "10.99.0.7"
    details = watch.details(cloud, "shop")
    told = {one.name: one for one in prove.prove(cloud, details)}
    assert dialled == []
    assert {told[name].state for name in prove.OUTSIDE if name in told} == {"unknown"}
    assert told["http"].evidence.startswith("Not checked: no packets were sent: 10.99.0.7 is a private address")
    assert "TENANT_OPS_PROOF_PROXY" in told["http"].evidence
    assert details.environment.status == "good"


def test_a_lab_with_a_proxy_is_asked_through_it(
    world: World, cloud: Cloud, standing: Environment, proxy: Serve
) -> None:
    next(iter(world.things.kept["floatingips"].values()))["floating_ip_address"] = "10.99.0.7"
    found = states(world, world.cloud(), proxy(BOTH))
    assert (found["http"], found["database"], found["closed"]) == ("good", "good", "good")


def test_switched_off_nothing_is_sent_and_the_list_says_so(
    world: World, standing: Environment, dialled: list[str]
) -> None:
    cloud = world.cloud(packet_proofs=False)
    details = watch.details(cloud, "shop")
    found = {one.name: one for one in prove.prove(cloud, details, "http://127.0.0.1:9")}
    assert dialled == []
    assert {found[name].state for name in prove.OUTSIDE if name in found} == {"unknown"}
    assert "TENANT_OPS_PACKET_PROOFS" in found["http"].evidence


def test_a_proxy_that_refuses_the_port_proves_nothing(
    world: World, cloud: Cloud, standing: Environment, proxy: Serve
) -> None:
    """As Squid does with ports that are not called safe: that is no word on the database."""
    found = {
        one.name: one for one in prove.prove(cloud, watch.details(cloud, "shop"), proxy(BOTH, refused=403))
    }  # fmt: skip
    assert found["closed"].state == "building"
    assert "the proxy refuses (HTTP 403)" in found["closed"].evidence


@pytest.mark.parametrize(
    "body",
    ["[" * 4096, '{"server": "' + "x" * 4000 + '"}', "\x1b[2Jgone\nsecond line\u202e" + "y" * 4000,
     '{"server": "\\u001b]0;x", "rows": ' + "9" * 4000 + "}", "a" * 4000 + " rows=" + "9" * 30],
)  # fmt: skip
def test_words_of_a_server_are_one_short_printable_line(
    world: World, cloud: Cloud, standing: Environment, proxy: Serve, body: str
) -> None:
    for status in (200, 503):
        told = prove.prove(cloud, watch.details(cloud, "shop"), proxy([(status, body)]))
        for one in told:
            assert one.evidence.isprintable()
            assert len(one.evidence) < 500


def test_a_redirect_is_not_followed() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as elsewhere,
        Once(
            f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{elsewhere.getsockname()[1]}/\r\n\r\n".encode()
        ) as server,
    ):
        elsewhere.settimeout(0.1)
        assert sending.Way(server.url).get("203.0.113.1", "/", 2.0).status == 302
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_a_server_that_drips_holds_nobody_up() -> None:
    with Once(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n", drip=0.05) as server:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            sending.Way(server.url).get("203.0.113.1", "/", 0.4)
        assert time.monotonic() - began < 3.0


@pytest.mark.parametrize(
    ("answers", "open_", "outcome", "reason"),
    [
        (BOTH, (), "success", ""),
        (BOTH, (1521,), "failure", "accepts connections from outside"),
        ([(200, "app-1"), (200, "app-2")], (), "failure", "No server told how many rows it read"),
    ],
)
def test_who_sent_packets_to_where_and_what_came_of_it_is_audited(
    world: World, standing: Environment, proxy: Serve, caplog: pytest.LogCaptureFixture,
    answers: list[Answer], open_: tuple[int, ...], outcome: str, reason: str,
) -> None:  # fmt: skip
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    cloud = world.cloud(caller="192.0.2.7")
    states(world, cloud, proxy(answers, open_))
    (event,) = [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]
    assert (event["action"], event["outcome"]) == ("evaluate/packet-proof", outcome)
    assert (event["initiator"]["name"], event["initiator"]["host"]["address"]) == ("owner", "192.0.2.7")
    assert event["target"].items() >= {"id": standing.id, "name": "shop", "project_id": "project"}.items()
    after = event["attachments"][0]["content"]["after"]
    assert after["sent_to"][:2] == ["203.0.113.50 tcp 80", "203.0.113.50 tcp 1521"]
    assert set(after["proofs"]) == {"http", "database", "closed"}
    assert reason in event.get("reason", {}).get("reasonCode", "")


def test_what_broke_off_in_the_middle_is_audited_as_unknown(
    world: World, cloud: Cloud, standing: Environment, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    monkeypatch.setattr(sending.Way, "get", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        prove.prove(cloud, watch.details(cloud, "shop"))
    assert [json.loads(one.message)["outcome"] for one in caplog.records if one.name == "tenant_ops.audit"] == [
        "unknown"
    ]


def test_where_nothing_is_sent_nothing_is_audited(
    world: World, standing: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    cloud = world.cloud(packet_proofs=False)
    prove.prove(cloud, watch.details(cloud, "shop"))
    assert not [one for one in caplog.records if one.name == "tenant_ops.audit"]
