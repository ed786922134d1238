"""Integration tests run on the sandbox; where it is not up they fail, they do not skip."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tenant_ops_dashboard.environments.model import Environment

# Cases tell what differs, as tests do.
pytest.register_assert_rewrite("tests.conformance")
os.environ.setdefault("OS_CLIENT_CONFIG_FILE", str(Path(__file__).resolve().parents[2] / "sandbox" / "clouds.yaml"))
os.environ.setdefault("TENANT_OPS_PROOF_PROXY", "http://127.0.0.1:18081")


@pytest.fixture(scope="session")
def shop() -> Iterator[Environment]:
    """Two tiers in production with 50 sample rows, for folders that put back what they change; the last deletes it."""
    from tenant_ops_dashboard import cloud as clouds
    from tenant_ops_dashboard.environments import follow, launch
    from tenant_ops_dashboard.environments.model import Request
    from tests.integration.environments.conftest import PATIENCE, take_away

    owner = clouds.from_clouds_yaml("owner", proof_proxy=os.environ["TENANT_OPS_PROOF_PROXY"], timeout=60)
    name = f"shop-{uuid.uuid4().hex[:8]}"
    made = launch.launch(owner, Request(name, "tomcat-oracle", {"database_size": "1", "sample_rows": "50"}))
    try:
        yield follow.up(owner, made, PATIENCE)[0].environment
    finally:
        take_away(owner, name)
