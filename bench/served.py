"""A Horizon of our own for measuring: the sandbox's settings, own cache and history, every call to OpenStack counted.

octavia-dashboard's endpoints are served beside the plugin's, so that both are measured in the same processes.
"""

from __future__ import annotations

import contextlib
import http.cookiejar
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox.settings import HOST, PROJECT, WEBROOT, settings

SETTINGS = """
SANDBOX = {sandbox!r}
exec(compile(open(SANDBOX).read(), SANDBOX, "exec"))
CACHES["default"] = {{**CACHES["default"], "KEY_PREFIX": {folder!r}.rpartition("/")[2]}}
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": {folder!r} + "/history.sqlite3"}}}}
"""
ENABLED = """
from openstack_dashboard.local import enabled as _enabled
_enabled.__path__.append({folder!r} + "/enabled")
"""
SERVE = """
import os

import requests
from django.core.wsgi import get_wsgi_application

DIARY = os.open({folder!r} + "/calls", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
send = requests.adapters.HTTPAdapter.send


def counted(adapter, request, **options):
    response = send(adapter, request, **options)
    size = len(response.content) if not options.get("stream") else 0
    os.write(DIARY, f"{{request.method}} {{request.url}} {{response.status_code}} {{size}}\\n".encode())
    return response


requests.adapters.HTTPAdapter.send = counted
application = get_wsgi_application()
import octavia_dashboard.api.rest  # registers its endpoints
"""
LOGIN = "/auth/login/"
#: neutron-fwaas-dashboard's panel; its styles are left out, for the sandbox's are compressed beforehand.
FWAAS_DASHBOARD = """
PANEL = "firewalls_v2"
PANEL_DASHBOARD = "project"
PANEL_GROUP = "network"
ADD_INSTALLED_APPS = ["neutron_fwaas_dashboard"]
ADD_PANEL = "neutron_fwaas_dashboard.dashboards.project.firewalls_v2.panel.Firewall_V2"
"""


class Served:
    """The running server; `calls()` are the requests that reached OpenStack since the last time, as 'METHOD url'."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.address = f"http://{HOST}:{port}{WEBROOT}"
        self._read = 0

    def calls(self) -> list[str]:
        """'METHOD address status bytes', in the order in which they were answered."""
        diary = self.folder / "calls"
        lines = diary.read_text().splitlines() if diary.exists() else []
        new, self._read = lines[self._read :], len(lines)
        return new

    def log_in(self, user: str) -> requests.Session:
        """A person's session, as a browser keeps it."""
        made = requests.Session()
        made.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(rfc2965=False))
        made.get(self.address + LOGIN, timeout=60)
        answer = made.post(
            self.address + LOGIN,
            data={
                "csrfmiddlewaretoken": made.cookies["csrftoken"], "region": "default", "username": user,
                "password": settings().passwords[user], "next": "/",
            },
            timeout=60,
            allow_redirects=False,
        )  # fmt: skip
        if answer.status_code != 302:
            raise RuntimeError(f"The login of {user} was answered with {answer.status_code}.")
        return made


@contextlib.contextmanager
def horizon(workers: int = 2, threads: int = 4, enabled: str = "") -> Iterator[Served]:
    """As many processes and threads as the sandbox's own Horizon; gone with all it wrote when the block ends.

    `enabled` is a file of Horizon's folder of that name, for a panel that the sandbox does not have.
    """
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=settings().state))
    process = None
    try:
        environment = prepare(folder, enabled)
        port = free_port()
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    sys.executable, "-W", "ignore", "-m", "gunicorn", "--bind", f"{HOST}:{port}",
                    "--workers", str(workers), "--threads", str(threads), "--timeout", "120", "--graceful-timeout", "5",
                    "--keep-alive", "30",
                    "serve:application",
                ],
                env=environment, cwd=PROJECT, stdout=log, stderr=log,
            )  # fmt: skip
        yield ready(Served(folder, port), process)
    finally:
        if process:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def prepare(folder: Path, enabled: str = "") -> dict[str, str]:
    """Settings, a database with our tables and the module to serve, below `folder`; the environment to use them."""
    (folder / "local").mkdir()
    (folder / "local" / "__init__.py").touch()
    sandbox = str(settings().conf / "horizon" / "local" / "local_settings.py")
    text = SETTINGS.format(sandbox=sandbox, folder=str(folder))
    if enabled:
        (folder / "enabled").mkdir()
        (folder / "enabled" / "_7000_measured.py").write_text(enabled)
        text += ENABLED.format(folder=str(folder))
    (folder / "local" / "local_settings.py").write_text(text)
    shutil.copy(settings().conf / "horizon" / "local" / "themes.py", folder / "local" / "themes.py")
    (folder / "serve.py").write_text(SERVE.format(folder=str(folder)))
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "openstack_dashboard.settings",
        "PYTHONPATH": f"{folder}:{PROJECT}",
        "SCRIPT_NAME": WEBROOT,  # gunicorn takes it off each path
    }
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "django", "migrate", "--noinput", "-v", "0"],
        env=environment, check=True, capture_output=True,
    )  # fmt: skip
    return environment


def services(calls: list[str]) -> dict[str, int]:
    """How many of these calls went to each service, by its name in the sandbox."""
    from sandbox.settings import PORTS

    names = {port: name for name, port in PORTS.items()}
    found: dict[str, int] = {}
    for call in calls:
        name = names.get(urlsplit(call.split()[1]).port or 0, "other")
        found[name] = found.get(name, 0) + 1
    return found


def size(calls: list[str]) -> int:
    """The bytes of these calls' answers."""
    return sum(int(call.split()[3]) for call in calls)


def tokens(calls: list[str]) -> int:
    """How many of these calls made a token."""
    return sum(call.startswith("POST ") and "/auth/tokens" in call for call in calls)


def told(value: Any) -> None:
    """Print figures, as every module of the bench does."""
    print(json.dumps(value, indent=1))


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def ready(served: Served, process: subprocess.Popen[bytes]) -> Served:
    """The same once it answers. Raises RuntimeError with the end of its log where it does not."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with contextlib.suppress(requests.ConnectionError):
            requests.get(served.address + LOGIN, timeout=60)
            return served
        time.sleep(0.3)
    log = (served.folder / "log").read_text(errors="replace").strip().splitlines()
    raise RuntimeError(f"Horizon does not answer: {log[-1] if log else 'it wrote no log'}")
