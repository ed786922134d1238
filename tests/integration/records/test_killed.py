"""Whoever makes clones may be killed at any call on every database: the next process makes one whole clone of it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.records.servers import SERVERS, Database

ROOT = Path(__file__).resolve().parents[3]
TESTS = [
    "tests/integration/records/killed.py", "tests/campaign/test_campaign.py::test_whatever_happens_to_clones"
]  # fmt: skip
KINDS = ("SQLite", *SERVERS)
pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]


@contextlib.contextmanager
def in_sqlite(folder: Path) -> Iterator[Database]:
    """Django's settings of a file, which several processes write."""
    yield {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "db"), "TEST": {"NAME": str(folder / "test")}}


def run(kind: str, folder: Path) -> subprocess.CompletedProcess[str]:
    with SERVERS[kind]() if kind in SERVERS else in_sqlite(folder) as database:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--ds=tests.integration.records.database_settings", *TESTS],
            cwd=ROOT, env={**os.environ, "HISTORY_DATABASE": json.dumps(database)}, capture_output=True, text=True,
        )  # fmt: skip


@pytest.fixture(scope="module")
def runs(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Future[subprocess.CompletedProcess[str]]]]:
    """One on each database, side by side: none needs the others."""
    with ThreadPoolExecutor(len(KINDS)) as pool:
        yield {kind: pool.submit(run, kind, tmp_path_factory.mktemp("database")) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_clones_survive_whoever_makes_them_on(
    runs: dict[str, Future[subprocess.CompletedProcess[str]]], kind: str
) -> None:  # fmt: skip
    done = runs[kind].result()
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout.strip().splitlines()[-1]
    assert "skipped" not in done.stdout.strip().splitlines()[-1]
