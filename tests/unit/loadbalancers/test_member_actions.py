"""Drain, enable, disable, weigh, add, remove: what is sent, what is waited for, and who may."""

from __future__ import annotations

import json
import logging

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud, Uncertain
from tenant_ops_dashboard.loadbalancers import errors, joining, member_actions, settle
from tests.unit.loadbalancers.octavia import Octavia


@pytest.fixture
def ids(octavia: Octavia, shop: str) -> tuple[str, str, str]:
    return shop, octavia.pool(shop), octavia.member(shop, 0)["id"]


def sent(octavia: Octavia, method: str) -> int:
    return sum(call.startswith(method) for call in octavia.wire.calls)


def test_drain_says_what_the_weight_was(octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str]) -> None:
    octavia.member(ids[0], 0)["weight"] = 7
    done = member_actions.drain(cloud, *ids)
    assert (octavia.member(ids[0], 0)["weight"], done.before) == (0, {"weight": 7})


def test_enable_after_drain_has_the_weight_of_the_others(
    octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str]
) -> None:
    octavia.member(ids[0], 1)["weight"] = 4
    member_actions.drain(cloud, *ids)
    member_actions.disable(cloud, *ids)
    assert not octavia.member(ids[0], 0)["admin_state_up"]
    member_actions.enable(cloud, *ids)
    assert (octavia.member(ids[0], 0)["weight"], octavia.member(ids[0], 0)["admin_state_up"]) == (4, True)


def test_what_is_so_already_is_not_sent(octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str]) -> None:
    member_actions.weigh(cloud, *ids, 1)
    assert sent(octavia, "PUT") == 0


def test_a_busy_load_balancer_is_waited_for(octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str]) -> None:
    octavia.pending, octavia.busy = 3, 2
    member_actions.drain(cloud, *ids)
    assert octavia.member(ids[0], 0)["weight"] == 0
    assert sent(octavia, "PUT") == 3


def test_patience_ends_with_a_sentence(octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str]) -> None:
    octavia.pending = 10**6
    with pytest.raises(errors.StillBusy, match="still at work on shop-lb"):
        member_actions.drain(cloud, *ids, patience=0)
    assert octavia.member(ids[0], 0)["weight"] == 1


def test_one_in_error_is_not_waited_for(octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str]) -> None:
    octavia.balancers[ids[0]]["provisioning_status"] = "ERROR"
    with pytest.raises(errors.Broken):
        member_actions.drain(cloud, *ids)
    assert sent(octavia, "PUT") == 0


def test_a_lost_answer_is_looked_up(
    octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    octavia.wire.trouble["^PUT"] = [requests.exceptions.ReadTimeout("lost")]
    with pytest.raises(Uncertain):
        member_actions.drain(cloud, *ids)
    assert sent(octavia, "PUT") == 1
    octavia.wire.trouble["^POST"] = [requests.exceptions.ReadTimeout("lost")]
    octavia._put(ids[1], "10.0.1.40", 8080)
    done = joining.add(cloud, ids[0], ids[1], "10.0.1.40", 8080)
    assert done.member["address"] == "10.0.1.40"
    assert sent(octavia, "POST") == 0


def test_a_change_that_happened_though_its_answer_was_lost_is_adopted(
    octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    send = octavia.wire.send

    def lose(request: requests.PreparedRequest, **options: object) -> requests.Response:
        answer = send(request, **options)  # type: ignore[arg-type]
        if request.method in ("PUT", "POST"):
            raise requests.exceptions.ReadTimeout("lost on the way back")
        return answer

    monkeypatch.setattr(octavia.wire, "send", lose)
    assert member_actions.drain(cloud, *ids).member["weight"] == 0
    assert joining.add(cloud, ids[0], ids[1], "10.0.1.50", 8080).member["address"] == "10.0.1.50"
    assert sum(one["address"] == "10.0.1.50" for one in octavia.members[ids[1]].values()) == 1


def test_add_takes_a_server_once(octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str]) -> None:
    for _ in range(2):
        joining.add(cloud, ids[0], ids[1], "10.0.1.20", 8080, subnet_id="subnet", name="app-3")
    assert len(octavia.members[ids[1]]) == 3


@pytest.mark.parametrize(
    ("address", "port", "weight"),
    [("nonsense", 80, 1), ("10.0.0.1", 0, 1), ("10.0.0.1", 70000, 1), ("10.0.0.1", 80, 257), ("10.0.0.1", 80, -1)],
)
def test_what_cannot_be_is_not_sent(
    octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str], address: str, port: int, weight: int
) -> None:
    with pytest.raises(errors.BadInput):
        joining.add(cloud, ids[0], ids[1], address, port, weight=weight)
    with pytest.raises(errors.BadInput):
        member_actions.weigh(cloud, *ids, 300)
    assert sent(octavia, "POST") == sent(octavia, "PUT") == 0


def test_remove_twice_says_it_is_gone(octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str]) -> None:
    member_actions.remove(cloud, *ids)
    assert ids[2] not in octavia.members[ids[1]]
    with pytest.raises(errors.NotFound):
        member_actions.remove(cloud, *ids)


def test_a_pool_of_another_load_balancer_is_refused(octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str]) -> None:
    other = octavia.build("other")
    with pytest.raises(errors.NotFound):
        member_actions.drain(cloud, other, ids[1], ids[2])
    octavia.pools[ids[1]]["project_id"] = "elsewhere"
    with pytest.raises(errors.NotFound):
        member_actions.drain(cloud, *ids)
    assert octavia.member(ids[0], 0)["weight"] == 1


def test_a_reader_changes_nothing(octavia: Octavia, ids: tuple[str, str, str]) -> None:
    reader = octavia.cloud("reader")
    for work in (member_actions.drain, member_actions.enable, member_actions.disable, member_actions.remove):
        with pytest.raises(errors.NotAllowed, match="loadbalancers:change"):
            work(reader, *ids)
    with pytest.raises(errors.NotAllowed):
        joining.add(reader, ids[0], ids[1], "10.0.1.20", 80)
    assert octavia.wire.calls == []


def test_every_change_leaves_an_event(
    octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    member_actions.drain(cloud, *ids)
    octavia.pending = 10**6
    with pytest.raises(errors.StillBusy):
        member_actions.remove(cloud, *ids, patience=0)
    events = [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]
    assert [(one["action"], one["outcome"]) for one in events] == [
        ("update/pool-member", "pending"), ("delete/pool-member", "failure"),
    ]  # fmt: skip


def test_events_say_what_was_changed_and_who_was_refused(
    octavia: Octavia, ids: tuple[str, str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    cloud = octavia.cloud(caller="192.0.2.7")
    member_actions.drain(cloud, *ids)
    member_actions.enable(cloud, *ids)
    member_actions.weigh(cloud, *ids, 9)
    member_actions.disable(cloud, *ids)
    member_actions.remove(cloud, *ids)
    with pytest.raises(errors.NotAllowed):
        member_actions.weigh(octavia.cloud("reader"), *ids, 1)
    octavia.wire.trouble["^POST"] = [requests.exceptions.ReadTimeout("lost")]
    with pytest.raises(Uncertain):
        joining.add(cloud, *ids[:2], "10.0.1.90", 8080)
    events = [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]
    told = [(one["action"].partition("/")[0], one["outcome"], one["attachments"][0]["content"]) for one in events]
    said = [(action, outcome, one["verb"], one["before"].get("weight"), one["after"].get("weight"))
            for action, outcome, one in told]  # fmt: skip
    assert said == [
        ("update", "pending", "drain", 1, 0), ("update", "pending", "enable", 0, 1),
        ("update", "pending", "weigh", 1, 9), ("update", "pending", "disable", None, None),
        ("delete", "pending", "remove", 9, None), ("update", "failure", "weigh", None, None),
        ("create", "unknown", "add", None, 1),
    ]  # fmt: skip
    assert told[3][2]["before"] == {"admin_state_up": True}
    assert events[0]["initiator"]["host"] == {"address": "192.0.2.7"}
    assert events[0]["target"]["project_id"] == "project"
    assert events[0]["requestId"].startswith("req-")
    assert events[5]["reason"]["policyId"] == "loadbalancers:change"


def test_a_removal_whose_answer_was_lost_is_looked_up(
    octavia: Octavia, cloud: Cloud, ids: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    octavia.wire.trouble["^DELETE"] = [requests.exceptions.ReadTimeout("lost")]
    with pytest.raises(Uncertain):
        member_actions.remove(cloud, *ids)
    send = octavia.wire.send

    def lose(request: requests.PreparedRequest, **options: object) -> requests.Response:
        answer = send(request, **options)  # type: ignore[arg-type]
        if request.method == "DELETE":
            raise requests.exceptions.ReadTimeout("lost on the way back")
        return answer

    monkeypatch.setattr(octavia.wire, "send", lose)
    octavia.slow = 10**6
    assert not member_actions.remove(cloud, *ids).already
    assert member_actions.remove(cloud, *ids).already, "Octavia is at it already"
    assert sent(octavia, "DELETE") == 2


def test_settled_tells_the_status(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    octavia.pending = 2
    assert settle.settled(cloud, shop) == "ACTIVE"
    with pytest.raises(errors.NotFound):
        settle.settled(cloud, "nope")
