"""A template's parameter groups: which questions of a launch form stand together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.cloud.values import listing, mapping, text


def labels(template: Mapping[str, Any]) -> dict[str, str]:
    """By parameter the label of its group, '' where that has none, in the order in which groups name them.

    Source: the HOT specification, parameter groups section.
    """
    told = [mapping(one) for one in listing(template.get("parameter_groups"))]
    named = ((name, text(one.get("label"))) for one in told for name in listing(one.get("parameters")))
    return {name: label for name, label in named if isinstance(name, str)}
