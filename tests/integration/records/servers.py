"""Databases for one test: one of the sandbox's MariaDB, one of a PostgreSQL started for it; gone when it ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.services import mariadb
from sandbox.settings import settings

Database = dict[str, Any]
PATIENCE = 60.0
# PostgreSQL refuses to run as root. Who it runs as instead: root under another number in a namespace of users of its own,
# or nobody with the right to pass through root's folders, or nobody alone; not every machine lets root do each of them.
NAMESPACE = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
PASSING = [*NOBODY, "--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]


@contextlib.contextmanager
def in_mariadb() -> Iterator[Database]:
    """Django's settings of a database with a name of its own, over the sandbox's socket."""
    s, name = settings(), f"history_{uuid.uuid4().hex[:8]}"
    _ask_mariadb(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    try:
        yield {
            "ENGINE": "django.db.backends.mysql", "NAME": name, "USER": "sandbox",
            "PASSWORD": s.passwords["mariadb"], "HOST": str(s.run / "mariadb.sock"),
        }  # fmt: skip
    finally:
        _ask_mariadb(f"DROP DATABASE IF EXISTS {name}; DROP DATABASE IF EXISTS test_{name}")


@contextlib.contextmanager
def in_postgresql() -> Iterator[Database]:
    """Django's settings of a server of its own that listens on a socket alone."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=settings().state))
    sockets = Path(tempfile.mkdtemp(prefix="pg-"))
    process = None
    try:
        prefix, data = _initialised(folder, sockets)
        options = {"listen_addresses": "", "unix_socket_directories": sockets, "fsync": "off", "jit": "off"}
        words = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*prefix, _program("postgres"), "-D", str(data), *words], stdout=log, stderr=log, cwd="/"
            )
        _answers(sockets, process, folder / "log")
        yield {
            "ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "history", "HOST": str(sockets),
        }  # fmt: skip
    finally:
        if process:
            process.terminate()
            process.wait(PATIENCE)
        for one in (folder, sockets):
            shutil.rmtree(one, ignore_errors=True)


SERVERS = {"MariaDB": in_mariadb, "PostgreSQL": in_postgresql}


def _ask_mariadb(statement: str) -> None:
    subprocess.run(mariadb.client(settings(), "-e", statement), check=True, capture_output=True, timeout=PATIENCE)


def _initialised(folder: Path, sockets: Path) -> tuple[list[str], Path]:
    """Who may run the server, as words before its command, and its data; the test is skipped where nobody may."""
    errors = []
    for number, prefix in enumerate([NAMESPACE, PASSING, NOBODY] if os.geteuid() == 0 else [[]]):
        for one in (folder, sockets):
            if os.geteuid() == 0:
                os.chown(one, *((0, 0) if prefix is NAMESPACE else (65534, 65534)))
        data = folder / f"data-{number}"
        command = [*prefix, _program("initdb"), "-D", str(data), "-A", "trust", "-U", "history", "-E", "UTF8"]
        done = subprocess.run([*command, "--locale=C", "--no-sync"], capture_output=True, text=True, cwd="/")
        if done.returncode == 0:
            return prefix, data
        errors.append((done.stderr or done.stdout).strip()[-300:])
    pytest.skip(f"PostgreSQL does not start on this machine: {' | '.join(errors)}")


def _program(name: str) -> str:
    """The newest one that the sandbox unpacked."""
    found = sorted(settings().unpacked.glob(f"usr/lib/postgresql/*/bin/{name}"))
    assert found, f"{name} is missing: run 'python3 -m sandbox install --tests'"
    return str(found[-1])


def _answers(sockets: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    end = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(host=str(sockets), user="history", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            assert process.poll() is None and time.monotonic() < end, log.read_text(errors="replace")[-2000:]
            time.sleep(0.1)
