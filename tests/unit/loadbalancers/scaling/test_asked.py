"""What a look at a group shows of what was asked of Heat."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.loadbalancers.scaling import asked, group
from tenant_ops_dashboard.loadbalancers.scaling.model import Broken, Group
from tests.unit.loadbalancers.scaling.server_group import ID, Tier

LOST = Broken("abc0", True, "Its server was deleted.", ("stack", "abc0"))
FAILED = Broken("abc9", False, "No valid host", ("stack", "abc9"))


@pytest.fixture
def known(cloud: Cloud, tier: Tier) -> Group:
    return group.read(cloud, "shop")


def seen(wish: Asked, known: Group, **changes: Any) -> str:
    """As it comes out of the database, against the group with these changes."""
    travelled = Asked.read(ID, wish.written())
    return asked.seen(travelled, dataclasses.replace(known, **changes))


@pytest.mark.parametrize(
    ("servers", "changes", "expected"),
    [
        (3, {}, ""),
        (3, {"size": 3}, "good"),
        (3, {"size": 4}, "good"),
        (3, {"size": 3, "busy": True}, ""),
        (3, {"size": 3, "state": "failed"}, "good"),
        (3, {"state": "failed", "broken": (FAILED,)}, "failed"),
        (3, {"state": "failed", "busy": True}, ""),
        (1, {}, ""),
        (1, {"size": 1}, "good"),
        (1, {"size": 3}, ""),
    ],
)
def test_servers(known: Group, servers: int, changes: dict[str, Any], expected: str) -> None:
    assert seen(asked.scaled(known, servers), known, **changes) == expected


def test_what_had_failed_before_is_no_failure_of_this(known: Group) -> None:
    before = dataclasses.replace(known, state="failed", reason="No valid host", broken=(FAILED,))
    wish = asked.scaled(before, 3)
    assert seen(wish, before) == ""
    assert seen(wish, before, reason="Quota exceeded") == "failed"
    assert seen(wish, before, broken=(FAILED, dataclasses.replace(FAILED, key="abc8"))) == "failed"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ""),
        ({"maximum": 6}, ""),
        ({"stamp": "later", "maximum": 6}, "good"),
        ({"stamp": "later"}, ""),
        ({"stamp": "later", "maximum": 6, "busy": True}, ""),
        ({"stamp": "later", "maximum": 6, "update_failed": True}, "failed"),
        ({"stamp": "later", "maximum": 6, "state": "failed"}, "failed"),
    ],
)
def test_rules(known: Group, changes: dict[str, Any], expected: str) -> None:
    on = dataclasses.replace(known.rules, on=True, threshold=12.5)
    wish = asked.ruled(known, {"maximum": 6, "on": True, "threshold": 12.5})
    assert seen(wish, dataclasses.replace(known, rules=on), **changes) == expected
    if expected == "good":
        assert seen(wish, known, **changes) == "", "somebody else's rules"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ""),
        ({"broken": ()}, ""),
        ({"stamp": "later", "broken": ()}, "good"),
        ({"stamp": "later", "broken": (), "busy": True}, ""),
        ({"stamp": "later", "broken": (FAILED,)}, "failed"),
        ({"stamp": "later", "broken": (), "update_failed": True}, "failed"),
    ],
)
def test_a_repair(known: Group, changes: dict[str, Any], expected: str) -> None:
    before = dataclasses.replace(known, broken=(LOST,))
    assert seen(asked.repaired(before), before, **changes) == expected


def test_an_update_that_failed_is_read_as_one(cloud: Cloud, tier: Tier) -> None:
    tier.stack_state = "UPDATE_FAILED"
    assert group.read(cloud, "shop").update_failed
