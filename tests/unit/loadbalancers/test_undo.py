"""Undo is always back to the state before: all that was changed, and nothing that somebody else changed since."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import errors, joining, member_actions, members, undo
from tests.unit.loadbalancers.octavia import Json, Octavia

WHOLE: Json = {
    "name": "app one & more", "weight": 7, "backup": True, "monitor_address": "10.0.9.9", "monitor_port": 9000,
    "admin_state_up": False, "tags": ["blue=1", "a&b"], "subnet_id": "far", "vnic_type": "direct",
}  # fmt: skip
Ids = tuple[str, str, str]


@pytest.fixture
def ids(octavia: Octavia, shop: str) -> Ids:
    return shop, octavia.pool(shop), octavia.member(shop, 0)["id"]


def travelled(found: undo.Undo | None) -> undo.Undo:
    """As it comes out of an address."""
    assert found is not None
    pairs = parse_qs(urlencode(found.query()), keep_blank_values=True)
    return undo.read({key: values[-1] for key, values in pairs.items()}, pairs.get("before.tag", []))


def test_a_removed_member_comes_back_as_it_was(octavia: Octavia, cloud: Cloud, ids: Ids) -> None:
    octavia.member(ids[0], 0).update(WHOLE)
    done = member_actions.remove(cloud, *ids)
    undo.take_back(cloud, *ids[:2], travelled(undo.of("remove", done)))
    back = next(one for one in octavia.members[ids[1]].values() if one["address"] == "10.0.1.11")
    assert {key: back[key] for key in WHOLE} == WHOLE
    assert back["protocol_port"] == 8080


def test_one_that_octavia_is_still_removing_comes_back_too(octavia: Octavia, cloud: Cloud, ids: Ids) -> None:
    octavia.slow = 4
    done = member_actions.remove(cloud, *ids)
    undo.take_back(cloud, *ids[:2], travelled(undo.of("remove", done)))
    assert [one["address"] for one in octavia.members[ids[1]].values()] == ["10.0.1.12", "10.0.1.11"]


@pytest.mark.parametrize(
    ("work", "before"),
    [
        (member_actions.drain, {"weight": 5, "admin_state_up": True}),
        (member_actions.disable, {"weight": 5, "admin_state_up": True}),
        (member_actions.enable, {"weight": 5, "admin_state_up": False}),
        (member_actions.enable, {"weight": 0, "admin_state_up": True}),
        (member_actions.enable, {"weight": 0, "admin_state_up": False}),
    ],
)
def test_a_change_is_taken_back_to_the_state_before(
    octavia: Octavia, cloud: Cloud, ids: Ids, work: Callable[..., members.Done], before: Json
) -> None:
    octavia.member(ids[0], 0).update(before)
    done = work(cloud, *ids)
    now = octavia.member(ids[0], 0)
    assert {key: now[key] for key in before} != before
    undo.take_back(cloud, *ids[:2], travelled(undo.of(work.__name__, done)))
    assert {key: now[key] for key in before} == before


def test_a_weight_is_put_back(octavia: Octavia, cloud: Cloud, ids: Ids) -> None:
    octavia.member(ids[0], 0)["weight"] = 3
    done = member_actions.weigh(cloud, *ids, 200)
    undo.take_back(cloud, *ids[:2], travelled(undo.of("weigh", done)))
    assert octavia.member(ids[0], 0)["weight"] == 3


def test_what_somebody_changed_since_is_left_and_told(octavia: Octavia, cloud: Cloud, ids: Ids) -> None:
    way = travelled(undo.of("drain", member_actions.drain(cloud, *ids)))
    octavia.member(ids[0], 0)["weight"] = 9
    with pytest.raises(errors.BadInput, match="Somebody changed its weight since; it is 9 now"):
        undo.take_back(cloud, *ids[:2], way)
    assert octavia.member(ids[0], 0)["weight"] == 9


def test_a_member_that_somebody_made_anew_is_left_and_told(octavia: Octavia, cloud: Cloud, ids: Ids) -> None:
    octavia.member(ids[0], 0).update(weight=7, name="app")
    way = travelled(undo.of("remove", member_actions.remove(cloud, *ids)))
    octavia._put(ids[1], "10.0.1.11", 8080, weight=2)
    with pytest.raises(errors.BadInput, match=r"Somebody made 10\.0\.1\.11:8080 a member again since"):
        undo.take_back(cloud, *ids[:2], way)
    assert [one["weight"] for one in octavia.members[ids[1]].values()] == [1, 2]


def test_one_that_is_made_anew_while_it_is_brought_back_is_told_too(
    octavia: Octavia, cloud: Cloud, ids: Ids, monkeypatch: pytest.MonkeyPatch
) -> None:
    octavia.member(ids[0], 0)["weight"] = 7
    way = travelled(undo.of("remove", member_actions.remove(cloud, *ids)))
    send = octavia.wire.send

    def before(request: requests.PreparedRequest, **options: object) -> requests.Response:
        if request.method == "POST":
            octavia._put(ids[1], "10.0.1.11", 8080, weight=2)
        return send(request, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(octavia.wire, "send", before)
    with pytest.raises(errors.BadInput, match="was left so"):
        undo.take_back(cloud, *ids[:2], way)


def test_an_undo_that_is_pressed_twice_is_done_once(octavia: Octavia, cloud: Cloud, ids: Ids) -> None:
    way = travelled(undo.of("remove", member_actions.remove(cloud, *ids)))
    first, second = (undo.take_back(cloud, *ids[:2], way) for _ in range(2))
    assert (first.already, second.already, len(octavia.members[ids[1]])) == (False, True, 2)
    way = travelled(undo.of("disable", member_actions.disable(cloud, ids[0], ids[1], first.member["id"])))
    assert [undo.take_back(cloud, *ids[:2], way).already for _ in range(2)] == [False, True]


def test_what_was_so_already_has_no_way_back(octavia: Octavia, cloud: Cloud, ids: Ids) -> None:
    assert undo.of("weigh", member_actions.weigh(cloud, *ids, 1)) is None


@pytest.mark.parametrize(
    "given",
    [
        {}, {"verb": "explode"}, {"verb": "drain", "member": "m"}, {"verb": "drain", "before.weight": "1"},
        {"verb": "drain", "before.weight": "1e3", "after.weight": "0"},
        {"verb": "weigh", "before.weight": "257", "after.weight": "0"},
        {"verb": "drain", "before.weight": "1", "after.admin_state_up": "true"},
        {"verb": "remove", "before.protocol_port": "99999", "before.address": "10.0.0.1"},
        {"verb": "remove", "before.protocol_port": "\u00b2", "before.address": "10.0.0.1"},
    ],
)  # fmt: skip
def test_a_crafted_way_back_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(errors.BadInput):
        undo.read(given, [])


def test_a_crafted_address_reaches_no_other_pool_and_no_other_field(octavia: Octavia, cloud: Cloud, ids: Ids) -> None:
    other = octavia.build("other")
    octavia.pools[octavia.pool(other)]["project_id"] = "elsewhere"
    way = undo.Undo("drain", octavia.member(other, 0)["id"], {"weight": 9}, {"weight": 1})
    with pytest.raises(errors.NotFound):
        undo.take_back(cloud, other, octavia.pool(other), way)
    read = undo.read({"verb": "drain", "before.weight": "2", "after.weight": "1", "before.project_id": "x"}, [])
    assert set(read.before) == {"weight"}
    with pytest.raises(errors.BadInput, match="no IP address"):
        undo.take_back(
            cloud, *ids[:2],
            undo.read({"verb": "remove", "before.address": "evil", "before.protocol_port": "80"}, []),
        )  # fmt: skip


def test_it_is_a_change_of_its_own_in_the_audit_trail_and_a_reader_may_not(
    octavia: Octavia, cloud: Cloud, ids: Ids, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    way = travelled(undo.of("drain", member_actions.drain(cloud, *ids)))
    undo.take_back(cloud, *ids[:2], way)
    with pytest.raises(errors.NotAllowed):
        undo.take_back(octavia.cloud("reader"), *ids[:2], way)
    events = [json.loads(one.message) for one in caplog.records]
    told = [(one["outcome"], one["attachments"][0]["content"]) for one in events]
    assert told == [
        ("pending", {"verb": "drain", "before": {"weight": 1}, "after": {"weight": 0}}),
        ("pending", {"verb": "undo drain", "before": {"weight": 0}, "after": {"weight": 1}}),
        ("failure", {"verb": "undo drain", "before": {}, "after": {}}),
    ]
    assert events[2]["reason"]["policyId"] == "loadbalancers:change"


def test_of_two_who_bring_it_back_at_once_one_does(
    octavia: Octavia, cloud: Cloud, ids: Ids, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = octavia.wire.send

    def overtaken(request: requests.PreparedRequest, **options: object) -> requests.Response:
        if request.method == "POST" and not any(one["address"] == "10.0.1.77" for one in octavia._of(ids[1])):
            octavia._put(ids[1], "10.0.1.77", 8080)
        return send(request, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(octavia.wire, "send", overtaken)
    done = joining.add(cloud, *ids[:2], "10.0.1.77", 8080)
    assert (done.already, sum(one["address"] == "10.0.1.77" for one in octavia._of(ids[1]))) == (True, 1)
