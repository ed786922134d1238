"""Where the cloud has alarming, alarms in the environment's own stack call Heat; tenant_ops_scale only tells figures."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.loadbalancers.scaling import alarms
from tests.integration.loadbalancers.conftest import Tier, happens, until

RULES = ("--on", "--threshold", "5", "--window", "300", "--ahead", "30", "--calm", "300", "--cooldown", "60")


def test_a_load_raises_the_alarm_and_the_alarm_scales(tier: Tier) -> None:
    if not alarms.offered(tier.cloud):
        pytest.skip("no alarming in the catalogue: start the sandbox with TELEMETRY=1")
    before = tier.shown()["servers"]
    tier.scaling("set", *RULES)
    assert happens(lambda: not tier.shown()["busy"])
    made = {one["policy"]: one for one in tier.shown()["alarms"]}
    assert set(made) == {"scale_out", "scale_in"}
    assert all(one["enabled"] for one in made.values())

    tier.load(30)
    rounds = tier.rounds()
    until(rounds, "alarms drive it; ")
    until(rounds, f"out, from {before} to {before + 1} servers")
    assert tier.shown()["servers"] > before
    assert happens(lambda: not tier.shown()["busy"])

    tier.scaling("set", "--off")
    assert happens(lambda: tier.shown()["alarms"] == []), "they go with the rules"
