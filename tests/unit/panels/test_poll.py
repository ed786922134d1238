"""One state asked for by many: by one at a time, kept for a moment, rendered once, forgotten after a change."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.utils import timezone, translation

from tenant_ops_dashboard.cloud import Cloud, NotAllowed, Unreachable
from tenant_ops_dashboard.cloud.deadline import Deadline
from tenant_ops_dashboard.panels import poll, store
from tests.unit.fake_openstack.server import horizon_request

Request = SimpleNamespace


@pytest.fixture
def request_of() -> Callable[..., Request]:
    """A request of somebody with these roles."""

    def make(*roles: str, query: str = "", **headers: str) -> Request:
        made = horizon_request(*(roles or ("member",)))
        made.user.pk = made.user.id
        made.GET, made.LANGUAGE_CODE, made.headers = QueryDict(query), "en", headers
        return made

    return make


class Asked:
    """Counts the looks at OpenStack; each brings the next number."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, cloud: Cloud) -> int:
        self.times += 1
        return self.times


def test_who_asks_is_known_by_address(request_of, settings) -> None:
    assert poll.connect(request_of()).options.caller == "192.0.2.7"
    settings.SECURE_PROXY_ADDR_HEADER = "HTTP_X_FORWARDED_FOR"
    behind = request_of()
    behind.META["HTTP_X_FORWARDED_FOR"] = "198.51.100.4"
    assert poll.connect(behind).options.caller == "198.51.100.4"


def test_one_look_serves_all_with_the_same_roles_and_nobody_else(request_of) -> None:
    asked = Asked()
    for roles in (("member",), ("member",), ("reader",), ("reader", "member"), ("member", "reader")):
        poll.snapshot(request_of(*roles), "it", asked)
    assert asked.times == 3


def test_who_comes_while_somebody_asks_takes_the_young_state(request_of, settings) -> None:
    settings.TENANT_OPS_CACHE_SECONDS = 0.001
    asked, inner = Asked(), []
    poll.snapshot(request_of(), "it", asked)

    def slow(cloud: Cloud) -> int:
        inner.append(poll.snapshot(request_of(), "it", asked).value)
        return 100

    cache.delete(poll.key(request_of(), "it"))
    assert poll.snapshot(request_of(), "it", slow).value == 100
    assert (inner, asked.times) == ([1], 1)


def test_who_comes_first_of_all_waits_for_the_one_who_asks(request_of, settings) -> None:
    settings.TENANT_OPS_CACHE_SECONDS = 60
    asked, waiting, found = Asked(), threading.Event(), []

    def second() -> None:
        waiting.set()
        found.append(poll.snapshot(request_of(), "it", asked).value)

    other = threading.Thread(target=second)

    def slow(cloud: Cloud) -> int:
        other.start()
        waiting.wait(30)
        return 7

    assert poll.snapshot(request_of(), "it", slow).value == 7
    other.join(30)
    assert (found, asked.times) == ([7], 0)


def test_after_a_change_of_our_own_nobody_is_waited_for(request_of) -> None:
    asked, inner = Asked(), []
    poll.snapshot(request_of(), "it", asked)

    def slow(cloud: Cloud) -> int:
        poll.forget(request_of(), "it")
        inner.append(poll.snapshot(request_of(), "it", asked).value)
        return 100

    cache.delete(poll.key(request_of(), "it"))
    poll.snapshot(request_of(), "it", slow)
    assert inner == [2]


def test_after_a_change_of_our_own_nobody_is_shown_the_state_of_before(request_of, monkeypatch) -> None:
    monkeypatch.setattr(poll, "PATIENCE", 0.0)
    asked, found = Asked(), []
    poll.snapshot(request_of(), "it", asked)
    poll.forget(request_of(), "it")

    def slow(cloud: Cloud) -> int:
        found.append(poll.snapshot(request_of(), "it", asked).value)
        return 7

    poll.snapshot(request_of(), "it", slow)
    assert found == [2], "another one asks already; what is older is not of now"


def test_what_was_read_before_a_change_of_our_own_is_not_kept_whoever_read_it(request_of, monkeypatch) -> None:
    monkeypatch.setattr(poll, "PATIENCE", 0.0)

    def changed(cloud: Cloud) -> int:
        poll.forget(request_of(), "it")
        return 100

    def first(cloud: Cloud) -> int:
        return poll.snapshot(request_of(), "it", changed).value

    assert poll.snapshot(request_of(), "it", first).value == 100
    assert poll.snapshot(request_of(), "it", Asked()).value == 1


def test_a_turn_ends_with_a_failure(request_of) -> None:
    def silent(cloud: Cloud) -> int:
        raise Unreachable("Octavia cannot be reached.", "Octavia")

    with pytest.raises(Unreachable):
        poll.snapshot(request_of(), "it", silent)
    poll.forget(request_of(), "it")
    assert poll.snapshot(request_of(), "it", Asked()).value == 1
    poll.forget(request_of(), "it")
    again = poll.snapshot(request_of(), "it", silent)
    assert again.value == 1
    assert again.problem is not None
    poll.forget(request_of(), "it")
    assert poll.snapshot(request_of(), "it", Asked()).problem is None


def test_a_failure_is_remembered_so_that_one_alone_waits_for_it(request_of) -> None:
    def silent(cloud: Cloud) -> int:
        raise Unreachable("Octavia cannot be reached.", "Octavia", 0, "req-1")

    with pytest.raises(Unreachable):
        poll.snapshot(request_of(), "it", silent)
    asked = Asked()
    with pytest.raises(Unreachable, match="Octavia cannot be reached") as told:
        poll.snapshot(request_of(), "it", asked)
    assert (asked.times, told.value.service, told.value.request_id) == (0, "Octavia", "req-1")


def test_while_one_asks_the_others_get_the_last_state_at_once_and_grey(request_of, settings, monkeypatch) -> None:
    settings.TENANT_OPS_CACHE_SECONDS = 0
    monkeypatch.setattr(poll, "YOUNG", -1.0)
    monkeypatch.setattr(poll, "SOONEST", 0.0)
    asked, found = Asked(), []
    poll.snapshot(request_of(), "it", asked)

    def slow(cloud: Cloud) -> int:
        found.append(poll.snapshot(request_of(), "it", asked))
        return 7

    poll.snapshot(request_of(), "it", slow)
    assert (found[0].value, asked.times) == (1, 1)
    assert "has not answered yet" in found[0].problem.sentence


@pytest.mark.parametrize("status", [401, 403])
def test_who_may_not_look_any_more_is_shown_nothing_older(request_of, status: int) -> None:
    def refused(cloud: Cloud) -> int:
        raise NotAllowed("Your login ended.", "Keystone", status)

    poll.snapshot(request_of(), "it", Asked())
    poll.forget(request_of(), "it")
    with pytest.raises(NotAllowed):
        poll.snapshot(request_of(), "it", refused)


def test_a_login_that_ended_is_found_out_though_others_keep_the_state_fresh(request_of, settings, monkeypatch) -> None:
    settings.TENANT_OPS_CACHE_SECONDS = 60
    poll.snapshot(request_of(), "it", Asked())
    asked: list[str] = []

    class Keystone:
        deadline = Deadline()

        def get(self, service: str, path: str) -> None:
            asked.append(path)
            raise NotAllowed("Keystone does not accept this login any more.", "Keystone", 401)

    monkeypatch.setattr(poll, "connect", lambda request: Keystone())
    assert poll.snapshot(request_of(), "it", Asked()).value == 1, "his own look a moment ago was proof enough"
    monkeypatch.setattr(poll, "CHECKED", 60.0)
    store.shared.delete(poll._checked(request_of()))
    with pytest.raises(NotAllowed):
        poll.snapshot(request_of(), "it", Asked())
    assert asked == ["/auth/catalog"]


def test_a_state_tells_how_long_it_is_kept(request_of) -> None:
    asked = Asked()
    poll.snapshot(request_of(), "it", asked, lambda value: 0)
    poll.snapshot(request_of(), "it", asked, lambda value: 60)
    poll.snapshot(request_of(), "it", asked, lambda value: 60)
    assert asked.times == 2


def test_soon_after_a_change_of_our_own_a_state_is_kept_for_a_moment_only(request_of, monkeypatch) -> None:
    asked = Asked()
    monkeypatch.setattr(poll, "SOONEST", 0.0)
    poll.forget(request_of(), "it")
    for _ in range(2):
        poll.snapshot(request_of(), "it", asked, lambda value: 4)
    assert asked.times == 2
    monkeypatch.setattr(poll, "FOLLOWED", 0.0)
    for _ in range(2):
        poll.snapshot(request_of(), "it", asked, lambda value: 4)
    assert asked.times == 3
    monkeypatch.undo()
    monkeypatch.setattr(poll, "SOONEST", 0.0)
    poll.forget(request_of(), "dear")
    for _ in range(2):
        poll.snapshot(request_of(), "dear", asked, lambda value: 60)
    assert asked.times == 4, "what is dear to read serves as long as ever"


def test_a_part_is_rendered_once_for_all_who_see_the_same(request_of) -> None:
    rendered = []

    def render() -> str:
        rendered.append(1)
        return f"part {len(rendered)}"

    def told(request: Request, tag: str, shared: str) -> tuple[int, bytes]:
        snapshot = poll.snapshot(request, "it", Asked())
        answer = poll.answer(request, snapshot, tag, render, every=5, shared=shared)
        return answer.status_code, answer.content

    assert told(request_of(), "a", "v1") == (200, b"part 1")
    assert told(request_of(), "b", "v1") == (200, b"part 1")
    assert told(request_of(), "a", "v2") == (200, b"part 2")
    assert told(request_of("reader"), "a", "v1") == (200, b"part 3")
    assert told(request_of(query="invented=1"), "a", "v1") == (200, b"part 1")
    assert told(request_of(), "a", "") == (200, b"part 4")
    assert told(request_of(**{"If-None-Match": "a"}), "a", "") == (304, b"")


def test_every_language_and_zone_has_its_own_rendering(request_of) -> None:
    snapshot = poll.snapshot(request_of(), "it", Asked())

    def told(language: str, zone: str) -> bytes:
        with translation.override(language), timezone.override(zone):
            said = f"{translation.get_language()} {timezone.get_current_timezone_name()}"
            return poll.answer(request_of(), snapshot, "a", lambda: said, every=5, shared="v1").content

    for language, zone in (("en", "UTC"), ("de", "UTC"), ("de", "Asia/Tokyo"), ("en", "UTC")):
        assert told(language, zone) == f"{language} {zone}".encode()


def test_renderings_take_a_bounded_place(request_of) -> None:
    snapshot = poll.snapshot(request_of(), "it", Asked())
    before = len(cache._cache)
    for number in range(300):
        shared = f"version {number} " + "x" * 5000
        told = poll.answer(request_of(), snapshot, "a", lambda n=number: str(n), every=5, shared=shared)
        assert told.content == f"{number}".encode()
    assert len(cache._cache) - before <= poll.PLACES


@pytest.mark.parametrize(
    "change",
    [{"project_id": "other"}, {"services_region": "RegionTwo"}, {"domain_id": "d"}, {"system_scoped": True},
     {"roles": [{"name": "member,reader"}]}],
    ids=str,
)  # fmt: skip
def test_a_state_is_kept_by_all_that_it_depends_on(request_of, change) -> None:
    one, other = request_of("member", "reader"), request_of("member", "reader")
    for name, value in change.items():
        setattr(other.user, name, value)
    assert poll.key(one, "it") != poll.key(other, "it")
    assert len(poll.key(one, "x" * 9999) + ".turn") < 250


def test_what_is_personal_is_kept_by_person(request_of) -> None:
    one, other = request_of(), request_of()
    other.user.id = "user-2"
    asked = Asked()
    found = [poll.snapshot(who, "it", asked, personal=True).value for who in (one, other, one)]
    assert found == [1, 2, 1]
    assert poll.snapshot(other, "it", asked).value == 3
    poll.forget(one, "it", personal=True)
    assert [poll.snapshot(who, "it", asked, personal=True).value for who in (one, other)] == [4, 2]


def test_who_is_told_an_old_state_asks_again_sooner(request_of, settings) -> None:
    settings.TENANT_OPS_CACHE_SECONDS = 60
    snapshot = poll.snapshot(request_of(), "it", Asked())

    def again(seconds: float, every: float, took: float = 0.0) -> float:
        older = poll.Snapshot(1, snapshot.as_of - datetime.timedelta(seconds=seconds), took=took)
        told = poll.answer(request_of(), older, "a", str, every=every)
        return float(told["X-Tenant-Ops-Again"])

    assert 8 <= again(1, 10) <= 9
    assert again(30, 10) == poll.SOONEST
    assert again(30, 10, took=8) == 4
    assert again(300, 10, took=80) == 10
    silent = poll.Snapshot(1, snapshot.as_of, poll.failures.forbidden("x"))
    rests = [float(poll.answer(request_of(), silent, "a", str, every=every)["X-Tenant-Ops-Again"]) for every in (1, 30)]
    assert rests == [poll.FAILED, 30]


def test_a_state_is_as_old_as_its_first_call(request_of, settings) -> None:
    settings.TENANT_OPS_CACHE_SECONDS = 60
    at = []

    def slow(cloud: Cloud) -> int:
        at.append(timezone.now())
        return 1

    found = poll.snapshot(request_of(), "it", slow)
    assert found.as_of <= at[0]
    assert found.took >= 0
    assert store.shared.get(poll.key(request_of(), "it")) == found


def refusing(request: Any) -> SimpleNamespace:
    """A cloud that takes this login no more."""

    def get(*arguments: Any) -> None:
        raise NotAllowed("Keystone does not accept this login any more.", "Keystone", 401)

    return SimpleNamespace(get=get, deadline=Deadline())


def test_who_waited_for_anothers_answer_shows_his_login_too(request_of, monkeypatch) -> None:
    place = poll.key(request_of(), "it")
    assert store.shared.add(f"{place}.turn", "somebody", 20)

    def brought(self: store.Shared, key: str) -> str:
        store.shared.set(place, poll.Snapshot(7, timezone.now()), 60)
        return ""

    monkeypatch.setattr(store.Shared, "holds", brought)
    monkeypatch.setattr(poll, "connect", refusing)
    with pytest.raises(NotAllowed):
        poll.snapshot(request_of(), "it", Asked())


def test_who_was_refused_is_not_told_what_a_colleague_brings(request_of, monkeypatch) -> None:
    def refused(cloud: Cloud) -> int:
        raise NotAllowed("Heat does not accept this login any more.", "Heat", 401)

    colleague = request_of()
    colleague.user.token = SimpleNamespace(id="another", expires=None)
    poll.snapshot(request_of(), "it", Asked())
    poll.forget(request_of(), "it")
    with pytest.raises(NotAllowed):
        poll.snapshot(request_of(), "it", refused)
    poll.snapshot(colleague, "it", Asked())
    monkeypatch.setattr(poll, "connect", refusing)
    with pytest.raises(NotAllowed):
        poll.snapshot(request_of(), "it", Asked())


@pytest.mark.parametrize("junk", ["x", 5, (1, 2), {"a": 1}, b"zz"])
def test_what_somebody_else_wrote_is_a_miss(request_of, junk: object) -> None:
    store.shared.set(poll.key(request_of(), "it"), junk, 60)
    assert poll.snapshot(request_of(), "it", Asked()).value == 1


def test_what_a_release_before_wrote_is_a_miss(request_of) -> None:
    older = poll.Snapshot(poll.failures.Failure("x"), timezone.now())
    del older.value.__dict__["sentence"]
    store.shared.set(poll.key(request_of(), "it"), older, 60)
    assert poll.snapshot(request_of(), "it", Asked()).value == 1


def test_what_a_release_before_wrote_is_a_miss_also_inside_of_others(request_of) -> None:
    inner = poll.failures.Failure("x")
    del inner.__dict__["sentence"]
    for older in ((inner,), [inner], {"a": inner}, (7, (inner,))):
        store.shared.set(poll.key(request_of(), "it"), poll.Snapshot(older, timezone.now()), 60)
        assert store.shared.get(poll.key(request_of(), "it")) is None


def test_who_changes_her_zone_is_told_the_state_anew(request_of) -> None:
    found = poll.snapshot(request_of(), "it", Asked())

    def tag(zone: str) -> str:
        with timezone.override(zone):
            return poll.etag(request_of(), found, "1")

    assert tag("UTC") == tag("UTC")
    assert tag("UTC") != tag("Asia/Tokyo")


def test_all_looks_of_one_request_end_with_one_deadline(request_of, settings) -> None:
    request = request_of()
    first, second = poll.connect(request), poll.connect(request)
    assert first.deadline is second.deadline
    assert poll.connect(request_of()).deadline is not first.deadline


def test_a_request_whose_time_is_over_leaves_the_look_at_its_login_to_the_next(
    request_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def get(cloud: Cloud, service: str, path: str, **query: Any) -> dict[str, Any]:
        asked.append(path)
        return {}

    monkeypatch.setattr(Cloud, "get", get)
    poll.snapshot(request_of(), "it", Asked())
    store.shared.delete(poll._checked(request_of()))
    late = request_of()
    poll.connect(late).deadline.began -= 10
    poll.snapshot(late, "it", Asked())
    assert asked == []
    poll.snapshot(request_of(), "it", Asked())
    assert asked == ["/auth/catalog"]
