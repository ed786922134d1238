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


class Shop:
    """Two tiers in production with 50 sample rows, which modules share one after the other."""

    def __init__(self) -> None:
        from tenant_ops_dashboard import cloud as clouds

        self.owner = clouds.from_clouds_yaml("owner", proof_proxy=os.environ["TENANT_OPS_PROOF_PROXY"], timeout=60)
        self.name, self.made = "", None

    def standing(self) -> Environment:
        """Launched for the first who asks, with its proofs run."""
        from tenant_ops_dashboard.environments import follow, launch
        from tenant_ops_dashboard.environments.model import Request
        from tests.integration.environments.conftest import PATIENCE

        if self.made is None:
            self.end()
            self.name = f"shop-{uuid.uuid4().hex[:8]}"
            wanted = Request(self.name, "tomcat-oracle", {"database_size": "1", "sample_rows": "50"})
            self.made = follow.up(self.owner, launch.launch(self.owner, wanted), PATIENCE)[0].environment
        return self.made

    def end(self) -> None:
        """Take it away: whoever does not leave it as it was does so, the next one gets a new one."""
        from tests.integration.environments.conftest import take_away

        if self.name:
            take_away(self.owner, self.name)
        self.name, self.made = "", None


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.end()
