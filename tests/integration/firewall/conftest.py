"""One environment for all tests of this folder, as the blueprint made it before and after each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Environment


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


@pytest.fixture(scope="module")
def environment(shop: Any) -> Environment:
    """It stands, and serves."""
    made: Environment = shop.standing()
    return made
