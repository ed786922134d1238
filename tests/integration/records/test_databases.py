"""The history's promises hold on MariaDB and PostgreSQL as on SQLite: its own tests run there, and some at once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.records.servers import SERVERS

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent.relative_to(ROOT)
TESTS = [
    "tests/unit/loadbalancers/test_history.py", "tests/unit/firewall/test_kept_drafts.py",
    "tests/unit/records/test_audit.py", "tests/unit/records/test_clones.py", str(HERE / "at_once.py"),
]  # fmt: skip
pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(600)]


def run(kind: str) -> subprocess.CompletedProcess[str]:
    with SERVERS[kind]() as database:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--ds=tests.integration.records.database_settings", *TESTS],
            cwd=ROOT, env={**os.environ, "HISTORY_DATABASE": json.dumps(database)}, capture_output=True, text=True,
        )  # fmt: skip


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, Future[subprocess.CompletedProcess[str]]]]:
    """One on each server, side by side: none needs the other."""
    with ThreadPoolExecutor(len(SERVERS)) as pool:
        yield {kind: pool.submit(run, kind) for kind in SERVERS}


@pytest.mark.parametrize("kind", SERVERS)
def test_history_keeps_its_promises_on(
    runs: dict[str, Future[subprocess.CompletedProcess[str]]], kind: str
) -> None:  # fmt: skip
    done = runs[kind].result()
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    closing = done.stdout.strip().splitlines()[-1]
    assert re.fullmatch(r"\d+ passed.* in .*", closing), closing
    assert "skipped" not in closing
