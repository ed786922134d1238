"""One environment for all tests of this folder; gone again at the end, with every version of its firewall."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, follow, launch
from tenant_ops_dashboard.environments.model import Environment, Request

PATIENCE = 600.0
os.environ.setdefault("TENANT_OPS_PROOF_PROXY", "http://127.0.0.1:18081")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.sandbox)


def log_in() -> Cloud:
    """One more login of the environment's owner."""
    return clouds.from_clouds_yaml("owner", proof_proxy=os.environ["TENANT_OPS_PROOF_PROXY"], timeout=60)


@pytest.fixture(scope="session")
def owner() -> Cloud:
    return log_in()


@pytest.fixture(scope="session")
def environment(owner: Cloud) -> Iterator[Environment]:
    """It stands, and serves."""
    name = f"fw-{uuid.uuid4().hex[:8]}"
    made = launch.launch(owner, Request(name, "tomcat-oracle", {}))
    try:
        yield follow.up(owner, made, PATIENCE)[0].environment
    finally:
        gone = delete.delete(owner, name, data=True)
        assert follow.down(owner, gone, PATIENCE, data=True) is None
