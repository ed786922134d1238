"""The door: a loopback proxy, tried without a namespace."""

import asyncio
import contextlib
import http.server
import threading
import urllib.request

import pytest

from sandbox import door

HELLO = b"hello from the server\n"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(HELLO)))
        self.send_header("X-Path", self.path)
        self.end_headers()
        self.wfile.write(HELLO)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
        yield httpd.server_address[1]
        httpd.shutdown()


@pytest.fixture(scope="module")
def proxy():
    loop = asyncio.new_event_loop()

    async def listen():
        return await asyncio.start_server(door.serve, "127.0.0.1", 0)

    listening = loop.run_until_complete(listen())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield listening.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(listening.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(asyncio.sleep(0))  # what is left of the connections says goodbye
    loop.close()


def test_as_a_forward_proxy(server, proxy):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": f"http://127.0.0.1:{proxy}"}))
    with opener.open(f"http://127.0.0.1:{server}/a?b=1", timeout=30) as answer:
        assert answer.read() == HELLO
        assert answer.headers["X-Path"] == "/a?b=1"


def test_with_the_address_in_the_path(server, proxy):
    with urllib.request.urlopen(f"http://127.0.0.1:{proxy}/127.0.0.1:{server}/a", timeout=30) as answer:
        assert answer.read() == HELLO
        assert answer.headers["X-Path"] == "/a"


def test_a_closed_port_is_told(proxy):
    with (
        pytest.raises(urllib.error.HTTPError) as told,
        contextlib.closing(urllib.request.urlopen(f"http://127.0.0.1:{proxy}/127.0.0.1:1/")),
    ):
        pass
    assert told.value.code == 502
    assert b"cannot be reached" in told.value.read()


@pytest.mark.parametrize(
    ("method", "uri", "expected"),
    [
        ("CONNECT", "203.0.113.7:1521", ("203.0.113.7", 1521, "")),
        ("GET", "http://203.0.113.7/", ("203.0.113.7", 80, "/")),
        ("GET", "http://203.0.113.7:8080/x?y", ("203.0.113.7", 8080, "/x?y")),
        ("GET", "/203.0.113.7/x", ("203.0.113.7", 80, "/x")),
        ("GET", "/favicon.ico", None),
        ("CONNECT", "nonsense", None),
    ],
)
def test_where_a_request_goes(method, uri, expected):
    assert door.target(method, uri) == expected
