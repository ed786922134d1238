"""A service counts as at work when it said so after its last start, not by what it said before that."""

import datetime
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sandbox import process, ready
from sandbox.errors import SandboxError
from sandbox.services.base import Service
from sandbox.settings import PORTS


class Cloud(BaseHTTPRequestHandler):
    """Keystone, Nova, Cinder and Heat as far as they are asked who works."""

    services: dict = {}

    def do_POST(self):
        self._reply({"token": {"project": {"id": "p1"}}}, {"X-Subject-Token": "t1"})

    def do_GET(self):
        assert self.headers["X-Auth-Token"] == "t1"
        self._reply({"services": self.services[self.path]}, {})

    def _reply(self, body, headers):
        self.send_response(200)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def cloud(monkeypatch):
    handler = type("Handler", (Cloud,), {"services": {
        "/v2.1/os-services": [], "/v3/p1/os-services": [], "/v1/p1/services": [],
    }})  # fmt: skip
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    for name in ("keystone", "nova", "cinder", "heat"):
        monkeypatch.setitem(PORTS, name, server.server_port)
    yield handler.services
    server.shutdown()
    server.server_close()


def stamp(seconds, name):
    """A report so many seconds from now, as the APIs write it."""
    at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    return {"binary": name, "updated_at": at.replace(tzinfo=None).isoformat(timespec="seconds")}


def test_only_reports_after_the_start_count(s, cloud):
    for name in ("nova-compute", "nova-scheduler", "cinder-volume", "heat-engine"):
        process.remember(s, name, 1)
    cloud["/v2.1/os-services"] = [stamp(-3600, "nova-compute"), stamp(5, "nova-scheduler")]
    cloud["/v3/p1/os-services"] = [stamp(5, "cinder-volume")]
    cloud["/v1/p1/services"] = [{"binary": "heat-engine", "updated_at": None, "created_at": "2999-01-01T00:00:00Z"}]
    wanted = {"nova-compute", "nova-scheduler", "cinder-volume", "heat-engine"}
    assert ready.missing(s, wanted) == {"nova-compute"}


def test_what_the_log_said_before_the_start_does_not_count(s, cloud):
    log = s.log / "octavia-worker.log"
    log.write_text("Starting V2 consumer...\n")
    process.remember(s, "octavia-worker", 1, said=log.stat().st_size)
    assert ready.missing(s, {"octavia-worker"}) == {"octavia-worker"}
    with log.open("a") as f:
        f.write("Starting V2 consumer...\n")
    assert ready.missing(s, {"octavia-worker"}) == set()


def test_an_api_that_does_not_answer_leaves_all_of_its_services_late(s, monkeypatch):
    monkeypatch.setitem(PORTS, "keystone", 1)
    assert ready.missing(s, {"nova-compute", "heat-engine"}) == {"nova-compute", "heat-engine"}


def test_one_that_ended_is_told_with_its_last_line(s, monkeypatch):
    (s.log / "nova-compute.log").write_text("no such hypervisor\n")
    gone = Service("nova", lambda s: None, lambda s: [process.Process("nova-compute", ["true"])])
    monkeypatch.setattr(ready.catalogue, "CLOUD", (gone,))
    with pytest.raises(SandboxError, match=r"nova-compute ended: no such hypervisor.*make demo"):
        ready.wait(s)
