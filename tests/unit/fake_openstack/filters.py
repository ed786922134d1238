"""How Neutron's lists are narrowed by a query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.unit.fake_openstack.server import Json, Query


def filtered(items: Any, query: Query) -> Iterator[Json]:
    """Those that have what the query asks for; what a thing has no field for does not count."""
    wanted: dict[str, set[str]] = {}
    for name, value in query:
        if name not in ("limit", "marker"):
            wanted.setdefault(name, set()).add(value)
    for one in list(items):
        if all(name not in one or str(one[name]).lower() in values for name, values in wanted.items()):
            yield one
