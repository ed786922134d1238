"""Questions beside each other: at once where that is allowed, in turn where not, and none outlives its asker."""

from __future__ import annotations

import threading
import time

import pytest

from tenant_ops_dashboard.cloud import Cloud, CloudError, OutsideChange, beside, session
from tests.unit.fake_openstack.server import Wire, connect


@pytest.fixture
def two(wire: Wire) -> Cloud:
    return connect(wire, at_once=2)


def test_questions_are_on_their_way_together(two: Cloud) -> None:
    both = threading.Barrier(2, timeout=10)
    with beside(two) as begin:
        found = [begin(both.wait), begin(both.wait)]
        assert sorted(one() for one in found) == [0, 1]


def test_one_at_a_time_is_asked_by_its_asker_when_it_is_wanted_and_once(wire: Wire) -> None:
    asked: list[tuple[str, threading.Thread]] = []
    with beside(connect(wire)) as begin:
        later = begin(lambda: asked.append(("later", threading.current_thread())))
        begin(lambda: asked.append(("never", threading.current_thread())))
        first = begin(lambda: asked.append(("first", threading.current_thread())))
        for one in (first, later, first):
            one()
    assert asked == [("first", threading.current_thread()), ("later", threading.current_thread())]


@pytest.mark.parametrize("at_once", [1, 2])
def test_an_error_is_raised_where_its_answer_is_wanted(wire: Wire, at_once: int) -> None:
    cloud = connect(wire, at_once=at_once)
    with beside(cloud) as begin:
        wrong, right = begin(lambda: cloud.get("network", "/nothing")), begin(lambda: cloud.get("network", "/ports"))
        assert right()["ports"]
        with pytest.raises(CloudError):
            wrong()


def test_nothing_outlives_it_and_nothing_begins_after_an_error(two: Cloud) -> None:
    ended: list[int] = []

    def slow(number: int) -> None:
        time.sleep(0.2)
        ended.append(number)

    with pytest.raises(KeyError), beside(two) as begin:
        for number in range(5):
            begin(lambda number=number: slow(number))  # type: ignore[misc]
        raise KeyError
    before = threading.active_count()
    assert sorted(ended) == [0, 1], "the two that had begun, and none of those that waited"
    time.sleep(0.3)
    assert (len(ended), threading.active_count()) == (2, before)


def test_a_change_does_not_speak_for_what_is_asked_beside_it(
    two: Cloud, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session._Said, "what", "")
    with two.changing("tests"), beside(two) as begin:
        made = begin(lambda: two.post("network", "/ports", {}))
        with pytest.raises(OutsideChange):
            made()
    assert not wire.calls


def test_what_two_need_is_asked_once(two: Cloud) -> None:
    asked: list[int] = []

    def ask() -> int:
        time.sleep(0.1)
        asked.append(1)
        return len(asked)

    with beside(two) as begin:
        found = [begin(lambda: two.once("thing", ask)) for _ in range(2)]
        assert [one() for one in found] == [1, 1]
    assert asked == [1]
