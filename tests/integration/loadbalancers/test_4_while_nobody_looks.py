"""Switched on with one press, as the page does it: the sandbox's own care job scales, and nobody looks or helps."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.environments import trusts
from tenant_ops_dashboard.loadbalancers.scaling import actions, alarms, entrusted, group
from tenant_ops_dashboard.loadbalancers.scaling.model import Rules
from tests.integration.loadbalancers.conftest import PERSON, Tier, happens

RULES = Rules(on=True, threshold=5.0, window=300.0, ahead=30.0, calm=600.0, cooldown=600.0)


def test_what_is_entrusted_with_the_rules_scales_while_nobody_looks(tier: Tier) -> None:
    if alarms.offered(tier.cloud):
        pytest.skip("this sandbox has alarming, which scales then: test_3_by_alarm.py")
    service = clouds.from_clouds_yaml("tenant-ops", timeout=60)
    cloud = clouds.from_clouds_yaml(
        PERSON, service_user=service.user_id, trust_days=1, timeout=60, proof_proxy=os.environ["TENANT_OPS_PROOF_PROXY"],
        trust_roles=("member", "load-balancer_member", "heat_stack_owner"),
    )  # fmt: skip
    assert happens(lambda: not tier.shown()["busy"]), "what came before may still be at work"
    found = group.read(cloud, tier.name)
    limits = {"minimum": found.minimum, "maximum": found.maximum, "step": found.step}
    assert entrusted.read(cloud, found.environment_id).offered
    entrusted.change(cloud, found, RULES, **limits)
    try:
        assert entrusted.read(cloud, found.environment_id).stands
        tier.load(30)
        assert happens(lambda: tier.shown()["servers"] > found.size)
        assert tier.shown()["cared_at"]
        assert happens(lambda: len(tier.answering()) > found.size), "the new one takes its part"
    finally:
        trusts.forget(cloud, found.environment_id)
    assert not entrusted.read(cloud, found.environment_id).stands
    assert happens(lambda: not tier.shown()["busy"])
    actions.change(cloud, group.read(cloud, tier.name), replace(RULES, on=False), **limits)
    assert happens(lambda: not tier.shown()["rules"]["on"])
