"""What changed since somebody looked: traffic gained and lost, exactly, and findings that came and went."""

from __future__ import annotations

from tenant_ops_dashboard.posture.assess import assess
from tenant_ops_dashboard.posture.look import Look
from tenant_ops_dashboard.posture.model import Box, Drift
from tenant_ops_dashboard.reachability.diff import diff


def drift(before: Look, now: Look) -> Drift:
    """Compare two readings of the same projects. Boxes have `port`, `name` and, beside them, what changed."""
    was, is_ = assess(before), assess(now)
    old, new = {one.id for one in was.findings}, {one.id for one in is_.findings}
    gained: list[Box] = []
    lost: list[Box] = []
    unknown: list[str] = []
    for entry in diff(before.seen.engine, now.seen.engine):
        about = {"port": entry["port"], "name": entry["name"]}
        gained += [{**about, **box} for box in entry["gained"]]
        lost += [{**about, **box} for box in entry["lost"]]
        unknown += [f"{entry['name'] or entry['port']}: {one}" for one in entry["unknown"]]
    return Drift(
        before.taken_at, now.taken_at, tuple(gained), tuple(lost),
        tuple(one for one in is_.findings if one.id not in old),
        tuple(one for one in was.findings if one.id not in new), tuple(unknown),
    )  # fmt: skip
