"""The first scenario on the sandbox, as a presenter's command takes it: shown, and taken away again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import openstack
import pytest

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]


def walkthrough(*words: str, cloud: str = "presenter") -> tuple[int, Any, str]:
    """The exit code, the JSON, and what was said beside it."""
    command = [sys.executable, "-m", "tenant_ops_dashboard.cli.main", "--os-cloud", cloud, "walkthrough", *words]
    done = subprocess.run([*command, "-f", "json"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr


@pytest.fixture
def reset() -> Iterator[None]:
    """Nothing is left before, and nothing after."""
    code, rows, said = walkthrough("reset")
    assert code == 0, (rows, said)
    yield
    code, rows, said = walkthrough("reset")
    assert code == 0, (rows, said)


def test_the_first_scenario_is_shown_and_taken_away(reset: None) -> None:
    code, found, said = walkthrough("check", "orchestration")
    assert code == 0, (found, said)
    code, rows, said = walkthrough("run", "orchestration")
    assert code == 0, (rows, said)
    told = {one["step"]: one for one in rows}
    assert list(told) == ["launch", "answers", "closed", "again"]
    assert all(one["passed"] and one["said"] and one["did"] and one["check"] for one in rows)
    assert "50 rows read from the database" in told["answers"]["evidence"]
    assert "accept no connection from outside" in told["closed"]["evidence"]

    # A restart or another presenter finds it: what has passed is told, and nothing is done once more.
    again = walkthrough("run", "orchestration")[1]
    assert [one["seconds"] for one in again] == [one["seconds"] for one in rows]

    owner = openstack.connect(cloud="presenter", api_timeout=60)
    (made,) = [one for one in owner.orchestration.stacks() if one.name == "demo-shop"]
    code, rows, said = walkthrough("reset")
    assert (code, rows[0]["evidence"]) == (0, "Nothing of it is left."), said
    assert not [one for one in owner.orchestration.stacks() if one.id == made.id]
    assert not [one for one in owner.block_storage.volumes() if one.name.startswith("demo-shop")]
    assert not [one for one in owner.network.networks(project_id=owner.current_project_id) if one.name.startswith("demo-")]
    (listed,) = [one for one in walkthrough("list")[1] if one["id"] == "orchestration"]
    assert listed["passed"] == 0 and listed["usually_seconds"] > 0


def test_who_may_only_look_presses_nothing() -> None:
    code, _, said = walkthrough("run", "orchestration", cloud="auditor")
    assert code == 3, said
    assert "walkthrough:run" in said
