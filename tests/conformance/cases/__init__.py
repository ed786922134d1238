"""What every service answers, as a real one was seen to."""

from __future__ import annotations

from tests.conformance.cases import (
    balancers,
    boots,
    certificates,
    compute,
    copies,
    firewall_edits,
    firewalls,
    identity,
    images,
    masks,
    networks,
    pauses,
    rules,
    security_groups,
    sharing,
    stacks,
    storage,
    transfers,
    trusts,
)

__all__ = [
    "balancers",
    "boots",
    "certificates",
    "compute",
    "copies",
    "firewall_edits",
    "firewalls",
    "identity",
    "images",
    "masks",
    "networks",
    "pauses",
    "rules",
    "security_groups",
    "sharing",
    "stacks",
    "storage",
    "transfers",
    "trusts",
]
