"""An owner offers, a developer asks: rows cross from production, at one moment and masked, and go at the lease's end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.clones.conftest import HIDE, MARK, ROWS, boot, end, rows, tenant_ops, told, until

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]


def test_rows_of_one_moment_cross_masked_and_go_with_the_lease(
    owner: Any, developer: Any, database: Any, offered: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    script = tmp_path / "hide.sql"
    script.write_text(HIDE)
    offer = offered("--consistency", "paused", "--mask", str(script), "--max-lease", "2h")
    name = f"{MARK}-masked"
    asked = told("request", offer["id"], "--name", name, "--lease", "40s", "--purpose", "a test of the release")
    assert asked["state"] == "requested" and asked["volume_id"] is None
    assert tenant_ops("approve", name).returncode == 3
    told("approve", name, cloud="owner")
    clone = told("request", offer["id"], "--name", name, "--wait")
    assert clone["existing"] and clone["id"] == asked["id"]
    assert clone["state"] == "ready", clone
    assert {"check", "freeze", "copy", "mask", "hand-over"} <= set(clone["seconds"])
    assert clone["lineage"]["masked"] and clone["lineage"]["source"]["name"] == MARK
    source = owner.compute.get_server(database.id)
    assert source.status == "ACTIVE" and "tenant_ops_paused" not in source.metadata
    assert not [one for one in owner.block_storage.snapshots() if one.name == name]
    assert owner.block_storage.find_volume(clone["volume_id"]) is None

    reader = boot(developer, f"{MARK}-reader", clone["volume_id"], TIER="database")
    try:
        found = until(lambda: rows(reader.name), "the copied rows")
        assert found == [f"order {number:06d}, customer ####" for number in range(1, ROWS + 1)]
        assert not any("####" in row for row in rows(database.name))
        # The lease ends while the volume is attached.
        until(lambda: told("show", clone["id"])["state"] == "released", "the lease's end")
        assert developer.block_storage.find_volume(clone["volume_id"]) is None
        assert not list(developer.compute.volume_attachments(reader.id))
    finally:
        end(developer, reader)


def test_what_was_not_masked_is_destroyed(
    developer: Any, offered: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:  # fmt: skip
    script = tmp_path / "wrong.sql"
    script.write_text("DELETE FROM rows; UPDATE rows SET txt = 1;")
    offer = offered("--approve", "auto", "--mask", str(script))
    done = tenant_ops("request", offer["id"], "--name", f"{MARK}-wrong", "--wait", "-f", "json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["state"] == "failed" and "the audit trail of production has its words" in found["reason"]
    # They may quote what was to be masked: the owner alone reads them.
    for cloud, reads in (("owner", True), ("developer", False)):
        words = [sys.executable, "-m", "tenant_ops_dashboard.cli.main", "--os-cloud", cloud, "audit", "list"]
        seen = subprocess.run([*words, "--target", found["id"], "-f", "json"], capture_output=True, text=True).stdout
        assert ("no such column" in seen) is reads, cloud
    assert not [one for one in developer.block_storage.volumes() if one.name == f"{MARK}-wrong"]
