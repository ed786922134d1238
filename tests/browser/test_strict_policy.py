"""Under `Content-Security-Policy: default-src 'self'` the pages live: Horizon's own inline scripts fail, ours do not."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from .person import opened
from .test_without_scripts import session

pytestmark = [pytest.mark.sandbox, pytest.mark.browser]
STRICT = "default-src 'self'"


class Front(BaseHTTPRequestHandler):
    """Horizon as behind an operator's web server that adds the header; `polls` are what scripts asked for."""

    protocol_version = "HTTP/1.1"
    behind = ("127.0.0.1", 0)
    polls: list[str]

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        connection = http.client.HTTPConnection(*self.behind, timeout=60)
        connection.request(self.command, self.path, self.rfile.read(length) or None, dict(self.headers))
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if self.headers.get("X-Requested-With"):
            self.polls.append(self.path)
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "server", "date"):
                self.send_header(name, value)
        self.send_header("Content-Security-Policy", STRICT)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def front(sandbox):
    """The address of that web server, and what scripts asked it for."""
    polls: list[str] = []
    place = urlsplit(sandbox["horizon"])
    handler = type("Handler", (Front,), {"behind": (place.hostname, place.port), "polls": polls})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{place.path}", polls
    server.shutdown()
    server.server_close()


@pytest.fixture
def strict(sandbox, front):
    """A browser behind it, with the session of an owner: Horizon's own login needs its inline scripts."""
    with opened(front[0]) as browser:
        browser.open("/static/")
        for cookie in session(sandbox):
            browser.driver.add_cookie({"name": cookie.name, "value": cookie.value, "path": "/"})
        yield browser


@pytest.mark.parametrize("path", ["/tenant_ops/", "/tenant_ops/loadbalancers/", "/tenant_ops/walkthrough/"])
def test_a_page_asks_for_news(strict, front, path):
    _, polls = front
    strict.open(path)
    assert strict.attribute("[data-to-live]", "data-to-live"), "a live page"
    assert strict.driver.execute_script("return typeof window.tenantOps") == "object"
    strict.until(lambda: any("/tenant_ops/" in asked for asked in polls), "a poll")


def test_the_plan_follows_the_form(strict, front):
    _, polls = front
    strict.open("/tenant_ops/launch/")
    strict.write("#environment-name", "strict")
    strict.until(lambda: any("/launch/" in asked or "/plan/" in asked for asked in polls), "the plan was asked for")


def test_the_policy_finds_nothing_of_ours(strict):
    strict.open("/tenant_ops/")
    found = [entry["message"] for entry in strict.driver.get_log("browser")]
    told = [message for message in found if "Content Security Policy" in message]
    assert told, "the header is in force: Horizon's own inline scripts are refused"
    ours = strict.driver.execute_script(
        "return Array.from(document.querySelectorAll('#tenant-ops [style], #tenant-ops script, #tenant-ops style')).length"
    )
    assert ours == 0
