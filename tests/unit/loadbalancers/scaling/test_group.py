"""The group in Heat: read, scaled by hand, and its rules kept in its own template."""

from __future__ import annotations

import copy

import pytest

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.loadbalancers import errors
from tenant_ops_dashboard.loadbalancers.scaling import actions, group
from tenant_ops_dashboard.loadbalancers.scaling.model import Rules
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.loadbalancers.scaling.server_group import PATH, Tier


def test_everything_is_read_from_heat(cloud: Cloud, tier: Tier) -> None:
    tier.rules(on=True, threshold=80, metric="active", nonsense=1)
    found = group.read(cloud, "shop")
    assert (found.size, found.minimum, found.maximum, found.step) == (2, 2, 4, 1)
    assert (found.out_policy, found.in_policy) == ("scale_out", "scale_in")
    assert found.rules == Rules(on=True, threshold=80.0, metric="active")


@pytest.mark.parametrize("scaling", [None, [], "x", {"metric": "weather"}, {"threshold": "much"}])
def test_rules_that_are_nonsense_are_the_defaults(cloud: Cloud, tier: Tier, scaling: object) -> None:
    tier.template["resources"]["application"]["metadata"]["tenant_ops"]["scaling"] = scaling
    assert group.read(cloud, "shop").rules == Rules()


def test_without_a_group_or_policies_there_is_nothing_to_scale(cloud: Cloud, tier: Tier) -> None:
    del tier.template["resources"]["scale_in"]
    with pytest.raises(errors.NoScaling, match="no policies"):
        group.read(cloud, "shop")
    tier.template["resources"].clear()
    with pytest.raises(errors.NoScaling, match="no group"):
        group.read(cloud, "shop")
    with pytest.raises(errors.NotFound):
        group.read(cloud, "nope")


def test_scale_now_calls_the_policy(cloud: Cloud, tier: Tier) -> None:
    actions.now(cloud, group.read(cloud, "shop"), "out")
    tier.size = 3
    actions.now(cloud, group.read(cloud, "shop"), "in")
    assert tier.signals == ["scale_out", "scale_in"]


def test_limits_busy_and_roles_stop_it(octavia: Octavia, cloud: Cloud, tier: Tier) -> None:
    found = group.read(cloud, "shop")
    with pytest.raises(errors.BadInput, match="its minimum"):
        actions.now(cloud, found, "in")
    with pytest.raises(errors.NotAllowed):
        actions.now(octavia.cloud("reader"), found, "out")
    with pytest.raises(errors.NotAllowed):
        actions.change(octavia.cloud("reader"), found, Rules(), 2, 4, 1)
    tier.size = 4
    with pytest.raises(errors.BadInput, match="its maximum"):
        actions.now(cloud, group.read(cloud, "shop"), "out")
    tier.stack_state = "UPDATE_IN_PROGRESS"
    with pytest.raises(errors.StillBusy):
        actions.now(cloud, group.read(cloud, "shop"), "in")
    assert tier.signals == []


def test_heat_takes_no_order_while_it_rests_or_is_stuck(cloud: Cloud, tier: Tier) -> None:
    tier.live = {"cooldown_end": {"2999-01-01T00:00:00.000000": "change_in_capacity : 1"}}
    with pytest.raises(errors.StillBusy, match="rests"):
        actions.now(cloud, group.read(cloud, "shop"), "out")
    tier.live, tier.state = {"cooldown_end": {"2001-01-01T00:00:00.000000": "x"}}, "UPDATE_FAILED"
    with pytest.raises(errors.ScalingFailed, match="repair"):
        actions.now(cloud, group.read(cloud, "shop"), "out")
    assert tier.signals == []


def test_a_server_that_was_deleted_is_known_and_replaced(cloud: Cloud, tier: Tier) -> None:
    tier.size, tier.gone = 3, {"abc1"}
    found = group.read(cloud, "shop")
    assert [(one.key, one.lost) for one in found.broken] == [("application-2", True)]
    assert (found.size, found.state) == (3, "good")
    actions.repair(cloud, found)
    assert tier.body["template"]["resources"]["application"]["properties"]["desired_capacity"] == 3
    assert group.read(cloud, "shop").broken == ()


def test_a_repair_that_broke_off_still_knows_what_was_lost(octavia: Octavia, cloud: Cloud, tier: Tier) -> None:
    tier.size, tier.gone = 3, {"abc1"}
    octavia.wire.trouble[f"PATCH {PATH}"] = [503]
    with pytest.raises(CloudError):
        actions.repair(cloud, group.read(cloud, "shop"))
    assert tier.marked == ["abc1"]
    found = group.read(cloud, "shop")
    assert (found.size, found.state, len(found.lost)) == (3, "good", 1)


def test_what_heat_could_not_make_is_told_and_taken_away(cloud: Cloud, tier: Tier) -> None:
    tier.failed = {"abc9": "Forbidden: resources.abc9.resources.server: Quota exceeded for instances"}
    found = group.read(cloud, "shop")
    assert (found.size, found.state, found.reason) == (2, "failed", "Quota exceeded for instances")
    actions.repair(cloud, found)
    assert tier.marked == []
    assert group.read(cloud, "shop").state == "good"


def test_without_nova_nobody_is_called_lost_and_nothing_whole_is_repaired(
    octavia: Octavia, cloud: Cloud, tier: Tier
) -> None:
    octavia.wire.trouble["compute"] = [503, 503]
    found = group.read(cloud, "shop")
    assert found.broken == ()
    with pytest.raises(errors.BadInput, match="Nothing"):
        actions.repair(cloud, found)
    with pytest.raises(errors.NotAllowed):
        actions.repair(octavia.cloud("reader"), found)


def test_rules_are_one_update_that_keeps_the_size_it_has(cloud: Cloud, tier: Tier) -> None:
    tier.size = 3
    before = copy.deepcopy(tier.template)
    actions.change(cloud, group.read(cloud, "shop"), Rules(on=True, threshold=9.0), 1, 6, 2)
    resources = tier.body["template"]["resources"]
    assert resources["application"]["properties"] == {
        **before["resources"]["application"]["properties"], "min_size": 1, "max_size": 6, "desired_capacity": 3,
    }  # fmt: skip
    assert resources["application"]["metadata"]["tenant_ops"]["title"] == "Servers"
    assert resources["scale_in"]["properties"]["scaling_adjustment"] == -2
    assert tier.body["files"] and tier.body["existing"]
    found = group.read(cloud, "shop")
    assert (found.rules, found.maximum, found.step) == (Rules(on=True, threshold=9.0), 6, 2)


@pytest.mark.parametrize(
    ("rules", "limits", "field"),
    [
        (Rules(threshold=0), (2, 4, 1), "threshold"),
        (Rules(threshold=float("nan")), (2, 4, 1), "threshold"),
        (Rules(window=5), (2, 4, 1), "window"),
        (Rules(calm=100, window=300), (2, 4, 1), "calm"),
        (Rules(cooldown=0), (2, 4, 1), "cooldown"),
        (Rules(), (0, 4, 1), "minimum"),
        (Rules(), (5, 4, 1), "maximum"),
        (Rules(), (2, 1000, 1), "maximum"),
        (Rules(), (2, 4, 3), "step"),
    ],
)
def test_what_cannot_work_is_refused_by_field(
    cloud: Cloud, tier: Tier, rules: Rules, limits: tuple[int, int, int], field: str
) -> None:
    assert field in actions.check(rules, *limits)
    with pytest.raises(errors.BadInput):
        actions.change(cloud, group.read(cloud, "shop"), rules, *limits)
    assert tier.body == {}
