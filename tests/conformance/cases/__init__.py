"""What every service answers, as a real one was seen to."""

from __future__ import annotations

from tests.conformance.cases import (
    balancers,
    compute,
    firewall_edits,
    firewalls,
    identity,
    images,
    networks,
    rules,
    security_groups,
    stacks,
    storage,
)

__all__ = [
    "balancers",
    "compute",
    "firewall_edits",
    "firewalls",
    "identity",
    "images",
    "networks",
    "rules",
    "security_groups",
    "stacks",
    "storage",
]
