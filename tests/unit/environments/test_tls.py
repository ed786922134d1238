"""HTTPS to the address, against TLS on loopback: what of the certificate was verified, and what was not."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509

from tenant_ops_dashboard.environments.proofs import sending, tls
from tests.certificates import Pair, authority, odd, signed

Serve = Callable[..., int]
HERE = "127.0.0.1"


class _Answers(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", "12")
        self.end_headers()
        self.wfile.write(b"app-1 rows=3")

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def ca() -> Pair:
    return authority()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """A web server with this certificate; gives its port."""
    servers: list[ThreadingHTTPServer] = []

    def start(pair: Pair, status: int = 200) -> int:
        file = tmp_path / f"{len(servers)}.pem"
        file.write_text(pair.pem + pair.key_pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        server = ThreadingHTTPServer((HERE, 0), type("Handler", (_Answers,), {"status": status}))
        server.handle_error = lambda request, address: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return int(server.server_port)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def trusted(ca: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This host trusts the authority."""
    file = tmp_path / "authorities.pem"
    file.write_text(ca.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """One try is enough."""
    monkeypatch.setattr(tls, "SECONDS", 0.6)


def test_chain_and_name_are_verified_where_they_can_be(serve: Serve, ca: Pair, trusted: None) -> None:
    port = serve(signed(ca, ["shop.example", HERE], 59.5))
    found = tls.secured(sending.Way(), HERE, port)
    assert (found.name, found.state) == ("https", "good")
    assert found.evidence.startswith(f"https://{HERE}:{port}/ was answered with HTTP 200 over TLSv1.")
    assert f"The certificate for shop.example, {HERE} ends on " in found.evidence
    assert ", in 59 days." in found.evidence
    assert "Its chain was verified with the authorities of the host that asked." in found.evidence
    assert found.evidence.endswith("Its name was verified: it names the address.")


def test_what_was_not_verified_is_told(serve: Serve, ca: Pair) -> None:
    found = tls.secured(sending.Way(), HERE, serve(signed(ca, ["shop.example"])))
    assert found.state == "good"
    assert "was not verified: the host that asked does not trust An authority of tests (unable to get local" in (
        found.evidence
    )
    assert found.evidence.endswith("Its name was not verified: it does not name the address that was asked.")


@pytest.mark.parametrize("days", [29.9, 0.5])
def test_one_that_ends_soon_warns(serve: Serve, ca: Pair, days: float) -> None:
    found = tls.secured(sending.Way(), HERE, serve(signed(ca, ["shop.example"], days)))
    assert (found.state, f"in {int(days)} day" in found.evidence) == ("warning", True)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("known", [False, True])
def test_one_that_has_ended_fails(
    serve: Serve, ca: Pair, known: bool, request: pytest.FixtureRequest
) -> None:
    if known:
        request.getfixturevalue("trusted")
    port = serve(signed(ca, ["shop.example"], -1))
    found = tls.secured(sending.Way(), HERE, port)
    assert (found.state, found.evidence) == (
        "failed", f"https://{HERE}:{port}/ shows a certificate that browsers refuse: it has ended."
    )  # fmt: skip


def test_a_bad_answer_is_no_good_one(serve: Serve, ca: Pair) -> None:
    found = tls.secured(sending.Way(), HERE, serve(signed(ca, ["shop.example"]), status=503))
    assert (found.state, "HTTP 503" in found.evidence) == ("failed", True)


@pytest.mark.usefixtures("hasty")
def test_where_nobody_speaks_tls_it_fails() -> None:
    with socket.create_server((HERE, 0)) as plain:
        threading.Thread(target=_grumble, args=(plain,), daemon=True).start()
        found = tls.secured(sending.Way(), HERE, plain.getsockname()[1])
    assert found.state == "failed"
    assert "gave no good answer within 1 seconds: no TLS came about (" in found.evidence


@pytest.mark.usefixtures("hasty")
def test_where_nobody_listens_it_fails() -> None:
    with socket.create_server((HERE, 0)) as one:
        port = one.getsockname()[1]
    found = tls.secured(sending.Way(), HERE, port)
    assert (found.state, "Connection refused" in found.evidence) == ("failed", True)


def test_it_goes_through_a_proxy(serve: Serve, ca: Pair) -> None:
    port = serve(signed(ca, ["shop.example"]))
    with _proxy(200) as way:
        assert tls.secured(sending.Way(way), HERE, port).state == "good"


@pytest.mark.usefixtures("hasty")
def test_a_proxy_that_refuses_is_told(serve: Serve, ca: Pair) -> None:
    with _proxy(403) as way:
        found = tls.secured(sending.Way(way), HERE, serve(signed(ca, ["shop.example"])))
    assert (found.state, "the proxy refuses (HTTP 403)" in found.evidence) == ("failed", True)


def _grumble(listening: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            one, _ = listening.accept()
            with one:
                one.recv(4096)
                one.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@contextlib.contextmanager
def _proxy(status: int) -> Iterator[str]:
    with socket.create_server((HERE, 0)) as listening:
        threading.Thread(target=_tunnels, args=(listening, status), daemon=True).start()
        yield f"http://{HERE}:{listening.getsockname()[1]}"


def _tunnels(listening: socket.socket, status: int) -> None:
    with contextlib.suppress(OSError):
        while True:
            one, _ = listening.accept()
            asked = one.recv(4096).split()
            host, _, port = asked[1].decode().partition(":")
            one.sendall(f"HTTP/1.1 {status} So\r\nX-More: yes\r\n\r\n".encode())
            if status != 200:
                one.close()
                continue
            other = socket.create_connection((host, int(port)))
            for a, b in ((one, other), (other, one)):
                threading.Thread(target=_pump, args=(a, b), daemon=True).start()


def _pump(here: socket.socket, there: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := here.recv(65536):
            there.sendall(data)
        there.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("names", [None, x509.SubjectAlternativeName([x509.DNSName(HERE)])])
def test_an_address_is_named_as_an_address(
    serve: Serve, ca: Pair, trusted: None, names: x509.SubjectAlternativeName | None
) -> None:
    """Every client refuses this one for it: the common name does not count, nor does a DNS name (RFC 9525, 6.5)."""
    found = tls.secured(sending.Way(), HERE, serve(odd(ca, names, HERE)))
    assert found.evidence.endswith("Its name was not verified: it does not name the address that was asked.")


def test_one_that_python_cannot_read_is_told(serve: Serve, ca: Pair, hasty: None) -> None:
    names = x509.UnrecognizedExtension(x509.OID_SUBJECT_ALTERNATIVE_NAME, b"\x30\x06\x82\x04\xe9caf")
    found = tls.secured(sending.Way(), HERE, serve(odd(ca, names, HERE)))
    assert (found.state, "its certificate cannot be read" in found.evidence) == ("failed", True)
