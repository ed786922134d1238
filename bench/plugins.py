"""A Horizon with octavia-dashboard and neutron-fwaas-dashboard beside the plugin, pages and scripts included.

As `bench.served`, with static files of its own: the sandbox's are collected and compressed without the two.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.served import Served, free_port, ready
from sandbox.settings import HOST, PROJECT, WEBROOT, settings

_SETTINGS = """
SANDBOX = {sandbox!r}
exec(compile(open(SANDBOX).read(), SANDBOX, "exec"))
STATIC_ROOT = {folder!r} + "/static"
CACHES["styles"] = {{**CACHES["styles"], "LOCATION": {folder!r} + "/styles"}}
CACHES["default"] = {{**CACHES["default"], "KEY_PREFIX": "plugins"}}
import neutron_fwaas_dashboard.enabled, octavia_dashboard.enabled
for _more in (neutron_fwaas_dashboard.enabled, octavia_dashboard.enabled):
    _enabled.__path__.extend(_more.__path__)
"""
_SERVE = """
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

application = WhiteNoise(get_wsgi_application(), root={folder!r} + "/static", prefix="static/", autorefresh=True)
"""


@contextlib.contextmanager
def horizon() -> Iterator[Served]:
    """It answers, and what it wrote is gone when the block ends. The database is the sandbox's own."""
    folder = Path(tempfile.mkdtemp(prefix="plugins-", dir=settings().state))
    process = None
    try:
        environment, port = _prepare(folder), free_port()
        command = [
            sys.executable, "-W", "ignore", "-m", "gunicorn", "--bind", f"{HOST}:{port}", "--workers", "2",
            "--threads", "4", "--timeout", "120", "serve:application",
        ]  # fmt: skip
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
        yield ready(Served(folder, port), process)
    finally:
        if process:
            process.terminate()
            process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path) -> dict[str, str]:
    """Settings, the module to serve and all static files, below `folder`; the environment to use them."""
    conf = settings().conf / "horizon" / "local"
    (folder / "local").mkdir()
    (folder / "local" / "__init__.py").touch()
    shutil.copy(conf / "themes.py", folder / "local" / "themes.py")
    text = _SETTINGS.format(sandbox=str(conf / "local_settings.py"), folder=str(folder))
    (folder / "local" / "local_settings.py").write_text(text)
    (folder / "serve.py").write_text(_SERVE.format(folder=str(folder)))
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "openstack_dashboard.settings",
        "PYTHONPATH": f"{folder}:{PROJECT}",
        "SCRIPT_NAME": WEBROOT,
        "OS_CLIENT_CONFIG_FILE": str(settings().clouds_yaml),
    }
    collect = [sys.executable, "-W", "ignore", "-m", "django", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(collect, env=environment, check=True, capture_output=True)
    return environment
