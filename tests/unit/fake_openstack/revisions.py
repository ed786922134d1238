"""Revisions of FWaaS v2 as neutron-fwaas moves them, and If-Match, as Neutron reads it. Seen on a real one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.unit.fake_openstack.filters import neutron_says
from tests.unit.fake_openstack.server import Json

_CONSTRAINT = re.compile(r"revision_number=(\d+)")
Answer = tuple[int, Json | None]


def stale(found: Json, headers: Mapping[str, str]) -> Answer | None:
    """412 where the header names another revision; what cannot be read counts for nothing."""
    told = _CONSTRAINT.fullmatch(str(headers.get("If-Match") or ""))
    if told is None or int(told[1]) == found["revision_number"]:
        return None
    words = f"Constrained to {told[1]}, but current revision is {found['revision_number']}"
    return neutron_says(412, "RevisionNumberConstraintFailed", words)


def change(many: str, found: Json, fields: Json, policies: Callable[[], list[Json]]) -> None:
    """Put the fields there, and move what moves: a policy's revision does not with its list of rules."""
    fields = dict(fields)
    if many == "firewall_policies":
        fields.setdefault("audited", False)
    own = {name for name, value in fields.items() if not _same(found.get(name), value)}
    if own - ({"firewall_rules"} if many == "firewall_policies" else set()):
        found["revision_number"] += 1
    found.update(fields)
    if many == "firewall_rules":
        for one in policies():
            if found["id"] in one["firewall_rules"]:
                falls(one)


def falls(policy: Json) -> None:
    """It was changed without a word of the flag: it is not audited any more, which is a change of its own."""
    policy["revision_number"] += policy["audited"] is True
    policy["audited"] = False


def _same(have: Any, want: Any) -> bool:
    return sorted(have) == sorted(want) if isinstance(have, list) and isinstance(want, list) else bool(have == want)
