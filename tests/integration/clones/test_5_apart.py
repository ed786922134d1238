"""A copy is its own: what is written to it is not at the source, and the test tier alone reaches it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.clones.conftest import MARK, add, end, join, rows, told, until

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]


def test_a_copy_is_changed_and_the_source_is_not_and_only_the_test_group_gets_in(
    developer: Any, database: Any, offered: Callable[..., dict[str, Any]]
) -> None:  # fmt: skip
    add(database.name, "written at the source")
    offer = offered("--approve", "auto")
    clone = told("request", offer["id"], "--name", f"{MARK}-own", "--get", "server", "--wait")
    assert clone["state"] == "ready", clone
    server = f"{MARK}-own-db"
    assert rows(server)[-1] == "written at the source"
    add(server, "written at the copy")
    assert rows(server)[-2:] == ["written at the source", "written at the copy"]
    assert rows(database.name)[-1] == "written at the source"

    group = developer.network.find_security_group(f"{MARK}-own-test", ignore_missing=False)
    network = developer.network.find_network(f"{MARK}-own-db", ignore_missing=False)
    port = developer.network.create_port(
        network_id=network.id, name=f"{MARK}-runner", security_group_ids=[group.id]
    )  # fmt: skip
    try:
        runner = join(developer, port.id)
        try:
            read = until(lambda: rows(runner.name, clone["address"]), "an answer to the test tier")
            assert read[-1] == "written at the copy"
            developer.network.update_port(port, security_group_ids=[])
            until(lambda: rows(runner.name, clone["address"]) == [], "silence to anybody else")
        finally:
            end(developer, runner)
    finally:
        developer.network.delete_port(port)
