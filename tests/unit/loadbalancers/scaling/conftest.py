"""An environment with a load balancer whose group can be scaled."""

from __future__ import annotations

import pytest

from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.loadbalancers.scaling.server_group import ID, Tier


@pytest.fixture
def tier(octavia: Octavia) -> Tier:
    """The environment 'shop', its load balancer included."""
    octavia.build(description=f"Environment {ID}")
    return Tier(octavia)
