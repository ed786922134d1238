"""Many statuses, one state: what people are told for every combination that Octavia has."""

from __future__ import annotations

import datetime

import pytest

from tenant_ops_dashboard.environments import facts, first_checks
from tenant_ops_dashboard.environments.facts import Facts
from tenant_ops_dashboard.environments.heat.resources import Row
from tenant_ops_dashboard.environments.status import health
from tenant_ops_dashboard.loadbalancers import watch
from tenant_ops_dashboard.loadbalancers.model import Mutes
from tenant_ops_dashboard.octavia import status as folding
from tests.unit.loadbalancers.octavia import Octavia

SOON = datetime.timedelta(minutes=5)


@pytest.mark.parametrize(
    ("operating", "provisioning", "weight", "enabled", "state"),
    [
        ("ONLINE", "ACTIVE", 1, True, "good"),
        ("NO_MONITOR", "ACTIVE", 1, True, "good"),
        ("ERROR", "ACTIVE", 1, True, "failed"),
        ("ERROR", "ACTIVE", 1, False, "off"),
        ("ONLINE", "ACTIVE", 0, True, "drained"),
        ("DRAINING", "ACTIVE", None, None, "drained"),
        ("OFFLINE", "ACTIVE", 1, True, "building"),
        ("ONLINE", "PENDING_UPDATE", 1, True, "good"),
        ("ONLINE", "PENDING_DELETE", 1, True, "deleting"),
        ("OFFLINE", "PENDING_CREATE", 1, True, "building"),
        ("ONLINE", "ERROR", 1, True, "failed"),
        ("SOMETHING_NEW", "ACTIVE", 1, True, "warning"),
    ],
)
def test_a_member(operating: str, provisioning: str, weight: int, enabled: bool, state: str) -> None:
    assert folding.member(operating, provisioning, weight, enabled) == state


def looked(octavia: Octavia, **more: object) -> tuple[str, str]:
    found = watch.listing(octavia.cloud(), **more)[0]  # type: ignore[arg-type]
    return found.state, found.reason


def test_all_up_is_good(octavia: Octavia, shop: str) -> None:
    assert looked(octavia) == ("good", "")


def test_one_of_two_down_is_a_warning(octavia: Octavia, shop: str) -> None:
    octavia.status(shop, 1, "ERROR")
    assert looked(octavia) == ("warning", "1 of 2 members down")


def test_none_left_is_failed(octavia: Octavia, shop: str) -> None:
    octavia.status(shop, 0, "ERROR")
    octavia.status(shop, 1, "ERROR")
    assert looked(octavia) == ("failed", "all 2 members down")


def test_the_only_one_down_is_failed_even_where_the_other_was_drained(octavia: Octavia, shop: str) -> None:
    octavia.member(shop, 0)["weight"] = 0
    octavia.status(shop, 1, "ERROR")
    assert looked(octavia) == ("failed", "the only member is down")


def test_a_drained_member_is_no_warning(octavia: Octavia, shop: str) -> None:
    octavia.member(shop, 0)["weight"] = 0
    assert looked(octavia) == ("good", "")


def test_everybody_drained_serves_nobody(octavia: Octavia, shop: str) -> None:
    for index in (0, 1):
        octavia.member(shop, index)["weight"] = 0
    assert looked(octavia) == ("failed", "no member takes traffic")


def test_a_backup_that_stands_in_is_a_warning(octavia: Octavia, shop: str) -> None:
    octavia.member(shop, 1)["backup"] = True
    assert looked(octavia) == ("good", "")
    octavia.status(shop, 0, "ERROR")
    assert looked(octavia) == ("warning", "only backup members are left")


def test_no_members_and_no_listener_are_warnings(octavia: Octavia) -> None:
    empty = octavia.build("empty", members=0)
    assert looked(octavia) == ("warning", "no members")
    octavia.listeners.clear()
    octavia.pools.clear()
    assert looked(octavia) == ("warning", "no listener yet")
    octavia.balancers[empty]["admin_state_up"] = False
    assert looked(octavia) == ("off", "disabled")


@pytest.mark.parametrize(
    ("status", "state"), [("ERROR", "failed"), ("PENDING_CREATE", "building"), ("PENDING_DELETE", "deleting")]
)
def test_what_octavia_is_doing_comes_first(octavia: Octavia, shop: str, status: str, state: str) -> None:
    octavia.balancers[shop]["provisioning_status"] = status
    assert looked(octavia)[0] == state


def test_a_change_in_progress_does_not_hide_what_serves(octavia: Octavia, shop: str) -> None:
    octavia.balancers[shop]["provisioning_status"] = "PENDING_UPDATE"
    found = watch.listing(octavia.cloud())[0]
    assert (found.state, found.busy) == ("good", True)


def test_a_mute_hides_a_warning_until_its_time_and_never_an_outage(octavia: Octavia, shop: str) -> None:
    member = octavia.status(shop, 1, "ERROR")
    now = watch.now()
    assert looked(octavia, mutes=Mutes({member: now + SOON})) == ("good", "")
    assert looked(octavia, mutes=Mutes({shop: now + SOON})) == ("good", "muted: 1 of 2 members down")
    assert looked(octavia, mutes=Mutes({member: now - SOON}))[0] == "warning"
    octavia.status(shop, 0, "ERROR")
    assert looked(octavia, mutes=Mutes({member: now + SOON}))[0] == "failed"
    assert looked(octavia, mutes=Mutes({shop: now + SOON}))[0] == "failed"


def test_trouble_stands_first(octavia: Octavia) -> None:
    for name in ("a", "b", "c"):
        octavia.build(name)
    octavia.status(octavia.build("z"), 0, "ERROR")
    assert [one.name for one in watch.listing(octavia.cloud())] == ["z-lb", "a-lb", "b-lb", "c-lb"]


def test_a_pool_of_a_layer_7_rule_belongs_to_its_listener_and_a_spare_one_to_none(octavia: Octavia, shop: str) -> None:
    other = octavia.build("other")
    pool, listener = octavia.pool(other), next(iter(octavia.listeners))
    octavia.pools[pool].update(loadbalancers=[{"id": shop}], listeners=[{"id": listener}])
    found = next(one for one in watch.listing(octavia.cloud()) if one.id == shop)
    assert len(found.listeners[0].pools) == 2
    octavia.pools[pool]["listeners"] = []
    found = watch.find(octavia.cloud(), shop)
    assert [len(one.members or ()) for one in found.spare] == [2]


@pytest.mark.parametrize("provisioning", ["ACTIVE", "PENDING_UPDATE", "PENDING_CREATE", "PENDING_DELETE", "ERROR"])
@pytest.mark.parametrize("first", ["ONLINE", "ERROR", "OFFLINE", "DRAINING", "NO_MONITOR"])
@pytest.mark.parametrize("second", ["ONLINE", "ERROR"])
def test_an_environments_page_means_the_same_as_the_load_balancers(
    octavia: Octavia, shop: str, provisioning: str, first: str, second: str
) -> None:
    octavia.status(shop, 1, second)
    octavia.status(shop, 0, first)
    octavia.balancers[shop]["provisioning_status"] = provisioning
    cloud = octavia.cloud()
    found = watch.listing(cloud)[0]
    tree = first_checks.completed(cloud, {shop: facts.tree(cloud, shop)}, ())[shop]
    row = Row("balancer", "OS::Octavia::LoadBalancer", "good", "", shop, ("stack", "balancer"))
    picture = health.seen([row], Facts(balancers={shop: tree}))["balancer"]
    assert folding.tree(tree) == (found.state, found.reason)
    assert picture.state == {"off": "warning", "drained": "good", "unknown": "warning"}.get(found.state, found.state)
    assert ("being changed" in picture.detail) is (provisioning == "PENDING_UPDATE")
    # What the list of environments knows, without members, never contradicts.
    coarse = folding.row(octavia.balancers[shop])
    assert coarse == found.state or {coarse, found.state} <= {"good", "warning", "failed", "building"}


def test_one_that_is_switched_off_is_so_on_every_page(octavia: Octavia, shop: str) -> None:
    octavia.balancers[shop].update(admin_state_up=False, operating_status="OFFLINE")
    cloud = octavia.cloud()
    tree = cloud.balancers("load_balancer_status_show", shop)["statuses"]["loadbalancer"]
    states = {folding.tree(tree)[0], folding.row(octavia.balancers[shop]), watch.listing(cloud)[0].state}
    assert states == {"off"}
