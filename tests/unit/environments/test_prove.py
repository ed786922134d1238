"""Proofs with packets, against small servers on loopback."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import packets, prove, watch
from tenant_ops_dashboard.environments.model import Environment
from tests.unit.fake_openstack.world import World

Answer = tuple[int, str]
Serve = Callable[..., str]


@pytest.fixture
def proxy() -> Iterator[Serve]:
    """An HTTP proxy that gives these answers in turn, and opens CONNECT to these ports only."""
    servers: list[ThreadingHTTPServer] = []

    def start(answers: list[Answer], open_: tuple[int, ...] = ()) -> str:
        turn = itertools.cycle(answers)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = next(turn)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def do_CONNECT(self) -> None:
                self.send_response(200 if int(self.path.rpartition(":")[2]) in open_ else 502)
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


def test_a_way_that_does_not_work_proves_nothing(
    world: World, cloud: Cloud, standing: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packets, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = states(world, cloud, f"http://127.0.0.1:{port}")
    assert (found["http"], found["database"], found["closed"]) == ("failed", "building", "building")


def test_a_server_that_never_answers_does_not_hang_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packets, "SECONDS", 0.4)
    monkeypatch.setattr(packets, "TRY", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        way = packets.Way(f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert packets.turns(way, "203.0.113.1", 2, True)[0].state == "failed"
        assert packets.closed(way, ("203.0.113.1",), 1521, reachable=True).state == "good"


def test_directly_without_a_proxy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert packets.Way().opens("127.0.0.1", listening.getsockname()[1], 1.0)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert not packets.Way().opens("127.0.0.1", port, 1.0)


def test_no_packets_before_it_stands(cloud: Cloud, building: Environment) -> None:
    assert prove.prove(cloud, watch.details(cloud, "shop"), "http://127.0.0.1:9") == ()


def test_the_door_of_the_cloud_is_used(world: World, standing: Environment, proxy: Serve) -> None:
    cloud = world.cloud(door=proxy(BOTH))
    found = {one.name: one for one in prove.prove(cloud, watch.details(cloud, "shop"))}
    assert found["http"].evidence == "http://203.0.113.50/ was answered by app-1, then app-2."
    assert found["database"].evidence == "app-1 read 3 rows, app-2 read 3 rows."


def test_packets_go_only_to_what_is_the_environments_own(world: World, cloud: Cloud, standing: Environment) -> None:
    for output in world.heat.stacks[standing.id]["row"]["outputs"]:
        if output["output_key"] == "address":
            output["output_value"] = "127.0.0.1"
    details = watch.details(cloud, "shop")
    assert details.outputs["address"] == "127.0.0.1"
    assert prove.prove(cloud, details, "http://127.0.0.1:9") == details.proofs
