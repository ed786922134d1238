"""A pipeline logs in with an application credential: what it lacks is said, and then its test runs on a copy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.clones.conftest import MARK, PROJECT, ROWS, SHOUT, told, until

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]
SCRIPT = PROJECT / "docs/examples/test-on-a-clone.sh"
#: What the pipeline runs: it reads the copied rows at the clone's server, and fails.
TEST = '"$PYTHON" -m sandbox inside "$CLONE_NAME-db" -- timeout 5 bash -c "$SHOUT" && echo "at $CLONE_ADDRESS"; exit 7'


@pytest.fixture
def robot(developer: Any, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a pipeline with an application credential of development."""
    made = developer.identity.create_application_credential(developer.current_user_id, f"{MARK}-robot")
    auth = {
        "auth_url": developer.config.get_auth_args()["auth_url"], "application_credential_id": made.id,
        "application_credential_secret": made.secret,
    }  # fmt: skip
    cloud = {"auth_type": "v3applicationcredential", "auth": auth, "region_name": developer.config.region_name}
    file = tmp_path / "clouds.yaml"
    file.write_text(json.dumps({"clouds": {"robot": cloud}}))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    try:
        yield {
            **os.environ, "OS_CLIENT_CONFIG_FILE": str(file), "OS_CLOUD": "robot", "PATH": path, "SHOUT": SHOUT,
            "PYTHON": sys.executable, "CLONE_GET": "server",
        }  # fmt: skip
    finally:
        developer.identity.delete_application_credential(developer.current_user_id, made)


def test_a_pipeline_tests_on_a_copy_and_gives_it_back(
    robot: dict[str, str], offered: Callable[..., dict[str, Any]]
) -> None:  # fmt: skip
    offer = offered("--approve", "auto")
    name = f"{MARK}-ci"

    def run() -> subprocess.CompletedProcess[str]:
        words = ["sh", str(SCRIPT), offer["id"], name, "sh", "-c", TEST]
        known = {**robot, "CLONE_NAME": name}
        return subprocess.run(words, env=known, cwd=PROJECT, capture_output=True, text=True, timeout=300)

    lacks = run()
    assert lacks.returncode == 1 and "tenant-ops clone trust give" in lacks.stderr
    assert not [one for one in told("list") if one["name"] == name]

    trust = told("trust", "give")
    try:
        done = run()
        assert done.returncode == 7, done.stderr
        assert done.stdout.count("ROW order ") == ROWS, done.stdout
        (clone,) = [one for one in told("list", "--ended", "1h") if one["name"] == name]
        assert f"at {clone['address']}" in done.stdout and clone["state"] in ("releasing", "released")
    finally:
        # Who takes the copy away needs it to the end.
        until(lambda: not [one for one in told("list") if one["name"] == name], "the copy's end")
        told("trust", "revoke", trust["id"])
