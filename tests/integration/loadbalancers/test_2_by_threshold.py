"""`manage.py tenant_ops_scale` under a real load, on two hosts at once, with a quota that is too small at first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.loadbalancers.scaling import alarms
from tests.integration.loadbalancers.conftest import Tier, happens, until

RULES = ("--on", "--threshold", "5", "--window", "300", "--ahead", "30", "--calm", "600", "--cooldown", "600")


def tries(tier: Tier) -> int:
    """How many servers Heat has begun to make; of a signal that failed it keeps no event of its own."""
    found = stack.find(tier.cloud, tier.name)
    events = tier.cloud.get("orchestration", f"{found.path}/events", nested_depth=1)["events"]
    group = f"/stacks/{tier.name}-"
    return sum(
        one["resource_status"] == "CREATE_IN_PROGRESS" and any(group in link["href"] for link in one["links"])
        and not one["resource_name"].startswith(tier.name)
        for one in events
    )  # fmt: skip


def test_a_load_scales_out_once_and_a_quota_stops_it_until_it_is_raised(
    tier: Tier, servers_allowed: Callable[[int | None], int]
) -> None:
    if alarms.offered(tier.cloud):
        pytest.skip("this sandbox has alarming, which scales then: test_3_by_alarm.py")
    before = tier.shown()["servers"]
    tier.scaling("set", *RULES)
    assert happens(lambda: not tier.shown()["busy"])
    began = tries(tier)
    limit = servers_allowed(None)
    tier.load(30)

    first, second = tier.rounds(), tier.rounds()
    said = until(first, "Quota exceeded for instances")
    assert f"{tier.name}: stopped" in said[-1]
    assert happens(lambda: not tier.shown()["broken"]), "what could not be made was taken away again"
    assert tier.shown()["servers"] == before
    until(first, "stopped")
    until(second, "stopped")
    failed = tries(tier)

    servers_allowed(limit + 1)
    assert happens(lambda: tier.shown()["servers"] == before + 1)
    assert happens(lambda: len(tier.answering()) == before + 1), "the new one takes its part"
    until(first, "cooling down", "another host")
    until(second, "cooling down", "another host")
    # Two hosts looked all the time; one server was tried before the quota was raised, and one after.
    assert failed - began == 1
    assert tries(tier) - failed == 1
