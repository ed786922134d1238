"""What a member of the project would be shown of a list that shows an administrator all projects' things."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from tenant_ops_dashboard.cloud.handle import Cloud


def visible(
    cloud: Cloud, rows: Iterable[dict[str, Any]], networks: Collection[str] = ()
) -> list[dict[str, Any]]:  # fmt: skip
    """The project's own, what is shared or external, and what is in one of these `networks`, such as their subnets."""
    if "admin" not in cloud.roles:
        return list(rows)
    return [
        row
        for row in rows
        if row.get("project_id", cloud.project_id) == cloud.project_id
        or row.get("shared")
        or row.get("router:external")
        or row.get("network_id") in networks
    ]
