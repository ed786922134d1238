"""One of Neutron's firewall rules as people edit it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from tenant_ops_dashboard.firewall.model import Action, Rule

#: Fields of a rule that are None for 'any' (API reference, FWaaS v2).
_ANY = ("protocol", "source_ip_address", "destination_ip_address", "source_port", "destination_port")


def rule(row: Mapping[str, Any]) -> Rule:
    """One of Neutron's rules."""
    some = {key: text(row.get(key)) or None for key in _ANY}
    protocol = some["protocol"] and some["protocol"].lower()
    action = cast(Action, text(row.get("action")).lower() or "deny")
    return Rule(
        id=str(row["id"]), name=text(row.get("name")), description=text(row.get("description")), action=action,
        ip_version=6 if row.get("ip_version") == 6 else 4, enabled=bool(row.get("enabled", True)),
        **{**some, "protocol": None if protocol == "any" else protocol},
    )  # fmt: skip


def text(value: Any) -> str:
    """A field that may be missing as text."""
    return "" if value is None else str(value)
