"""What a cloud puts into every new security group by itself: two rules outwards, until an operator changes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.cloud.values import mapping


def read(cloud: Cloud) -> list[Mapping[str, Any]] | None:
    """Neutron's templates of rules for groups but 'default' (API security-groups-default-rules, 2023.2): one call.

    None where this Neutron, or this login, has none to look at (404, 403). Raises other CloudErrors.
    """
    try:
        found = cloud.pages("network", "/default-security-group-rules", "default_security_group_rules")
    except CloudError as error:
        if error.status in (403, 404):
            return None
        raise
    return [one for one in map(mapping, found) if one.get("used_in_non_default_sg")]
