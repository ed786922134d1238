"""History: what changed between two looks, since when, how often, and a strip that does not invent."""

from __future__ import annotations

import dataclasses
import datetime

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import member_history, watch
from tenant_ops_dashboard.loadbalancers.member_history import Span, Transition
from tests.unit.loadbalancers.octavia import Octavia

NOW = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


def change(hours_ago: float, was: str, now: str) -> Transition:
    return Transition("m", "lb", "app-1", was, now, NOW - HOUR * hours_ago)


def test_a_change_is_seen_between_two_looks(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    before = member_history.observed(watch.find(cloud, shop))
    id_ = octavia.status(shop, 1, "ERROR")
    after = member_history.observed(watch.find(cloud, shop))
    found = member_history.compare(before, after, shop, NOW)
    assert [(one.member_id, one.was, one.now) for one in found] == [(id_, "good", "failed")]
    assert member_history.compare(after, after, shop, NOW) == []


def test_what_people_switched_off_is_not_a_failure(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    octavia.member(shop, 0)["admin_state_up"] = False
    octavia.member(shop, 1)["operating_status"] = "OFFLINE"
    assert {kind for kind, _ in member_history.observed(watch.find(cloud, shop)).values()} == {"other"}


def test_members_come_and_go() -> None:
    found = member_history.compare({"a": ("good", "one")}, {"b": ("other", "two")}, "lb", NOW)
    assert [(one.member_id, one.was, one.now) for one in found] == [("b", "", "other"), ("a", "good", "gone")]
    assert member_history.compare({"a": ("gone", "one")}, {}, "lb", NOW) == []


def test_a_load_balancer_whose_members_were_not_read_says_nothing(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    octavia.build("other")
    found = {one.id: member_history.observed(one) for one in watch.listing(cloud, deep=False)}
    assert {id_: len(members) for id_, members in found.items()} == {shop: 2, "lb-4": 0}


def test_flaps_are_falls_within_a_day() -> None:
    told = [change(30, "good", "failed"), change(29, "failed", "good"), change(5, "good", "failed"),
            change(4, "failed", "good"), change(3, "good", "failed")]  # fmt: skip
    past = member_history.history(told, [Span(NOW - HOUR * 40, NOW)], NOW)
    assert past.flaps == 2
    assert past.since == NOW - HOUR * 3
    assert past.exact


def test_the_first_sight_is_not_a_beginning() -> None:
    past = member_history.history([change(3, "", "good")], [Span(NOW - HOUR * 3, NOW)], NOW)
    assert (past.since, past.exact, past.flaps) == (NOW - HOUR * 3, False, 0)


def test_the_strip_tells_good_mixed_failed_and_not_looked() -> None:
    told = [change(20, "", "good"), change(5.25, "good", "failed"), change(4, "failed", "good")]
    spans = [Span(NOW - HOUR * 20, NOW - HOUR * 10), Span(NOW - HOUR * 6, NOW)]
    strip = member_history.history(told, spans, NOW).strip
    assert len(strip) == 48
    assert strip[:8] == ("none",) * 8
    assert strip[8:28] == ("good",) * 20
    assert strip[29:36] == ("none",) * 7
    assert strip[36:41] == ("good", "mixed", "failed", "failed", "good")
    assert strip[-1] == "good"


def test_the_strip_does_not_say_what_it_was_before_a_change_that_was_noticed_late() -> None:
    spans = [Span(NOW - HOUR * 20, NOW - HOUR * 10), Span(NOW - HOUR * 5.25, NOW)]
    late = dataclasses.replace(change(5.25, "good", "failed"), after=NOW - HOUR * 10)
    strip = member_history.history([change(20, "", "good"), late], spans, NOW).strip
    assert strip[28:38] == ("good", *("none",) * 8, "failed")


def test_a_member_that_is_gone_leaves_the_strip_empty() -> None:
    strip = member_history.history(
        [change(20, "", "good"), change(10, "good", "gone")], [Span(NOW - HOUR * 24, NOW)], NOW
    ).strip
    assert strip[30:] == ("none",) * 18


def test_looks_join_to_spans_and_a_pause_begins_a_new_one() -> None:
    spans: list[Span] = []
    for seconds in (0, 10, 60, 300, 310):
        spans = member_history.watched(spans, NOW + datetime.timedelta(seconds=seconds))
    assert [(one.end - one.begin).total_seconds() for one in spans] == [60, 10]
