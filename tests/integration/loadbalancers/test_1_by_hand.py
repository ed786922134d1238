"""Scale now, and a server that somebody deleted: on a real Heat, with real packets."""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud
from tests.integration.by_hand import Hand
from tests.integration.loadbalancers.conftest import Tier, happens


def servers(cloud: Cloud, tier: Tier) -> dict[str, str]:
    found = cloud.pages("compute", "/servers/detail", "servers", name=f"{tier.name}-web")
    return {one["name"]: one["id"] for one in found}


def test_one_more_joins_is_checked_and_takes_traffic(tier: Tier) -> None:
    before = set(tier.members())
    assert tier.scaling("now", "out", "--wait")["servers"] == 3
    (new,) = set(tier.members()) - before
    assert happens(lambda: tier.members()[new] == "good"), tier.members()
    assert happens(lambda: new in tier.answering()), "the new one answers too"


def test_an_order_that_heat_would_swallow_is_refused(tier: Tier) -> None:
    # Heat says 200 to a signal in its rest after a change, and does nothing.
    tier.scaling("now", "out", code=1)
    assert tier.scaling("show")["servers"] == 3


def test_a_server_deleted_behind_heats_back_is_seen_and_replaced(tier: Tier) -> None:
    known = servers(tier.cloud, tier)
    gone, id_ = sorted(known.items())[0]
    Hand(tier.cloud).delete("compute", f"/servers/{id_}")
    assert happens(lambda: gone not in servers(tier.cloud, tier))
    (broken,) = tier.scaling("show", code=1)["broken"]
    assert broken["lost"]
    assert broken["reason"] == "Its server was deleted."
    told = tier.scaling("repair", "--wait")
    assert (told["servers"], told["broken"], told["state"]) == (3, [], "good")
    now = servers(tier.cloud, tier)
    assert len(now) == 3
    assert set(known.values()) - {id_} < set(now.values()), "the others were left alone"
    assert happens(lambda: len(tier.answering()) == 3), "all three answer"


def test_one_fewer_leaves(tier: Tier) -> None:
    assert tier.scaling("now", "in", "--wait")["servers"] == 2
    assert happens(lambda: len(tier.members()) == 2), tier.members()
    assert set(tier.members()) == set(servers(tier.cloud, tier))
    tier.scaling("now", "in", code=2)
