"""A scaling in which Heat's engine was lost: known, told, and finished by one update that keeps the size."""

from __future__ import annotations

import datetime

import pytest

from tenant_ops_dashboard.care import scaling
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers.errors import StillBusy
from tenant_ops_dashboard.loadbalancers.scaling import actions, follow
from tenant_ops_dashboard.loadbalancers.scaling import group as reading
from tests.unit.fake_openstack.server import MORNING
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.loadbalancers.scaling.server_group import ID, Tier


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "PAUSE", 0.0)


@pytest.fixture
def lost(octavia: Octavia, tier: Tier) -> Tier:
    """A third server was begun; Heat calls itself at work on the group, and its stack complete."""
    tier.size, tier.begun = 3, "abc2"
    tier.live = {"scaling_in_progress": True}
    later(octavia, 1200)
    return tier


def later(octavia: Octavia, seconds: float) -> None:
    octavia.wire.now = MORNING + datetime.timedelta(seconds=seconds)


def test_a_scaling_that_stands_still_is_told_and_repair_is_offered(cloud: Cloud, lost: Tier) -> None:
    group = reading.read(cloud, "shop")
    assert group.busy
    assert group.stall is not None
    assert (group.repairable, group.free) == (True, True)
    with pytest.raises(StillBusy, match=r"Nothing has moved since 06:00 UTC.* A repair of shop lets Heat go on"):
        actions.now(cloud, group, "out")
    assert lost.signals == []


def test_what_is_at_work_a_moment_ago_is_no_standstill(octavia: Octavia, cloud: Cloud, lost: Tier) -> None:
    later(octavia, 30)
    group = reading.read(octavia.cloud(), "shop")
    assert (group.busy, group.stall, group.free) == (True, None, False)
    with pytest.raises(StillBusy, match="Heat is at work on shop"):
        actions.repair(cloud, group)


def test_a_repair_finishes_it_with_the_size_that_was_ordered(cloud: Cloud, lost: Tier) -> None:
    actions.repair(cloud, reading.read(cloud, "shop"))
    assert lost.body["template"]["resources"]["application"]["properties"]["desired_capacity"] == 3
    assert not reading.read(cloud, "shop").busy


def test_waiting_lets_it_go_on(cloud: Cloud, lost: Tier) -> None:
    assert not follow.free(cloud, reading.read(cloud, "shop"), 10).busy
    assert lost.body


def test_a_standstill_that_comes_back_ends_the_wait(octavia: Octavia, cloud: Cloud, lost: Tier) -> None:
    group = reading.read(cloud, "shop")
    lost.body = {}

    def again(*_: object, **__: object) -> tuple[int, None]:
        lost.body = {"asked": True}
        return 202, None

    octavia.wire.handlers.insert(0, ("PATCH", next(p for m, p, _ in octavia.wire.handlers if m == "PATCH" and p.match(
        f"/orchestration/v1/project/stacks/shop/{ID}")), again))  # fmt: skip
    with pytest.raises(StillBusy, match="Nothing has moved since"):
        follow.free(cloud, group, 10)
    assert lost.body == {"asked": True}


@pytest.mark.django_db
def test_a_round_of_scaling_lets_it_go_on_once(octavia: Octavia, lost: Tier) -> None:
    lost.rules(on=True, threshold=10.0)

    def sent(seconds: float) -> tuple[str, bool]:
        later(octavia, seconds)
        lost.body = {}
        found = scaling.round_(octavia.cloud(), ID, "a", MORNING + datetime.timedelta(seconds=seconds))
        assert found is not None
        return found.reason, bool(lost.body)

    assert sent(1200) == ("Heat stood still and is asked to go on", True)
    lost.live = {"scaling_in_progress": True}
    assert sent(1230) == ("Heat is at work", False)
    assert sent(2600) == ("Heat stood still and is asked to go on", True)
