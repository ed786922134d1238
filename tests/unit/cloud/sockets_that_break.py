"""A server on the loopback that does with each connection what it is told, and a Cloud all of whose services it is."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud import Cloud
from tests.unit.fake_openstack.server import horizon_request

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-openstack-request-id: req-1\r\n"
Script = Callable[[socket.socket, threading.Event], None]


class Server:
    """`script` gets each connection once its request has come, and an event that is set at the end of the test."""

    def __init__(self, script: Script) -> None:
        self.script, self.over, self.requests = script, threading.Event(), list[bytes]()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(None)
        self.port = self.socket.getsockname()[1]
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def close(self) -> None:
        self.over.set()
        # What waits in accept is woken by a last connection.
        socket.create_connection(("127.0.0.1", self.port)).close()
        for one in self.threads:
            one.join(10)
        self.socket.close()

    def _accept(self) -> None:
        while not self.over.is_set():
            found, _ = self.socket.accept()
            self.threads.append(threading.Thread(target=self._serve, args=(found,), daemon=True))
            self.threads[-1].start()

    def _serve(self, found: socket.socket) -> None:
        with found:
            found.settimeout(20)
            request = b""
            try:
                # TLS begins with a byte of its own, and its hello has no empty line.
                while not (b"\r\n\r\n" in request or request[:1] == b"\x16") and (part := found.recv(65536)):
                    request += part
                if request:
                    self.requests.append(request)
                    self.script(found, self.over)
            except OSError:
                return


def whole(found: socket.socket, body: bytes, kind: bytes = b"application/json", status: bytes = b"200 OK") -> None:
    """An answer as it should be."""
    head = b"HTTP/1.1 %s\r\nContent-Type: %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    found.sendall(head % (status, kind, len(body)) + body)


def connect(address: str, **options: Any) -> Cloud:
    """A Cloud whose services are all at `address`."""
    request = horizon_request("member")
    for service in request.user.service_catalog:
        for endpoint in service["endpoints"]:
            endpoint["url"] = address
    made = clouds.from_request(request, **options)
    made.session.session.trust_env = False
    return made


@contextmanager
def served(script: Script, **options: Any) -> Iterator[tuple[Server, Cloud]]:
    """A server and its Cloud, until the end of the block."""
    server = Server(script)
    try:
        yield server, connect(f"http://127.0.0.1:{server.port}", **options)
    finally:
        server.close()
