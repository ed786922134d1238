"""Shared state on a real memcached, Horizon's default backend: two processes, whole seconds, 1 MiB, and it may be gone.

TENANT_OPS_MEMCACHED=host:port tries it against another memcached than the sandbox's.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.utils import timezone

from sandbox.settings import HOST, PORTS
from tenant_ops_dashboard.panels import poll
from tests.unit.fake_openstack.server import horizon_request

pytestmark = pytest.mark.sandbox
PLACE = os.environ.get("TENANT_OPS_MEMCACHED") or f"{HOST}:{PORTS['memcached']}"
BACKEND = "django.core.cache.backends.memcached.PyMemcacheCache"


@pytest.fixture
def memcached(settings):
    settings.CACHES = {"default": {"BACKEND": BACKEND, "LOCATION": PLACE}}


@pytest.fixture
def down(settings):
    """Nobody listens there."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        settings.CACHES = {"default": {"BACKEND": BACKEND, "LOCATION": f"{HOST}:{free.getsockname()[1]}"}}
        yield


@pytest.fixture
def asker():
    made = horizon_request("member")
    made.user.pk, made.user.project_id = made.user.id, secrets.token_hex(8)
    made.GET, made.LANGUAGE_CODE, made.headers = QueryDict(""), "en", {}
    return made


class Asked:
    def __init__(self, value=None):
        self.times, self.value = 0, value

    def __call__(self, cloud):
        self.times += 1
        return self.times if self.value is None else self.value


@pytest.mark.parametrize("seconds", [0.2, 0.4, 0.9])
def test_less_than_a_second_is_a_time(memcached, asker, seconds):
    """Django sends int(0.4) = 0 as -1: the entry is gone at once, and fifty viewers are fifty looks."""
    asked = Asked()
    for _ in range(3):
        poll.snapshot(asker, "it", asked, keep=lambda value: seconds)
    assert asked.times == 1


def test_a_second_and_a_half_is_not_cut_to_one(memcached, asker):
    """memcached counts whole seconds: 1.5 becomes 1, and an entry of 1 lives between 0 and 1 seconds."""
    asked = Asked()
    poll.snapshot(asker, "it", asked, keep=lambda value: 1.5)
    end = time.monotonic() + 1.3
    while time.monotonic() < end:
        poll.snapshot(asker, "it", asked, keep=lambda value: 1.5)
        time.sleep(0.05)
    assert asked.times == 1


def test_what_is_over_is_over(memcached, asker):
    """However the fraction is kept (rounded up in memcached, exact in the value), it has an end."""
    asked = Asked()
    poll.snapshot(asker, "it", asked, keep=lambda value: 0.4)
    time.sleep(2.1)
    poll.snapshot(asker, "it", asked, keep=lambda value: 0.4)
    assert asked.times == 2


def test_more_than_a_mebibyte_is_shown_and_shared(memcached, asker):
    """MemcacheServerError: object too large for cache."""
    asked = Asked(secrets.token_bytes(2_000_000))  # random: compressing alone does not help
    first = poll.snapshot(asker, "it", asked, keep=lambda value: 30)
    second = poll.snapshot(asker, "it", asked, keep=lambda value: 30)
    assert first.value == second.value == asked.value
    assert asked.times == 1


def test_a_big_state_that_was_replaced_leaves_no_mixture(memcached, asker):
    """Where a value is cut into parts, the parts of two writes never make one value."""
    one, two = secrets.token_bytes(3_000_000), secrets.token_bytes(1_500_000)
    poll.snapshot(asker, "it", Asked(one), keep=lambda value: 30)
    poll.forget(asker, "it")
    poll.snapshot(asker, "it", Asked(two), keep=lambda value: 30)
    assert poll.snapshot(asker, "it", Asked(b"no"), keep=lambda value: 30).value in (two, b"no")
    assert poll.last(asker, "it").value in (two, b"no")


def test_a_big_rendering_is_answered(memcached, asker):
    body = secrets.token_hex(800_000)
    snapshot = poll.Snapshot(1, timezone.now())
    for _ in range(2):
        answer = poll.answer(asker, snapshot, '"tag"', lambda: body, every=5, shared="big")
        assert answer.content == body.encode()


def test_without_memcached_everybody_asks_for_himself(down, asker):
    """ConnectionRefusedError, a cache that is down is a miss."""
    asked = Asked()
    assert poll.snapshot(asker, "it", asked).value == 1
    assert poll.snapshot(asker, "it", asked).value == 2
    poll.forget(asker, "it")
    assert poll.last(asker, "it") is None


def test_without_memcached_a_page_does_not_wait(down, asker):
    began = time.monotonic()
    for _ in range(5):
        poll.snapshot(asker, "it", Asked())
    assert time.monotonic() - began < 2


def test_an_answer_without_memcached(down, asker):
    snapshot = poll.Snapshot(1, timezone.now())
    answer = poll.answer(asker, snapshot, '"tag"', lambda: "x", every=5, shared="it")
    assert answer.content == b"x"


def test_an_entry_that_vanished_is_a_miss(memcached, asker):
    asked = Asked()
    poll.snapshot(asker, "it", asked, keep=lambda value: 30)
    cache.clear()
    assert poll.snapshot(asker, "it", asked, keep=lambda value: 30).value == 2


@dataclass(frozen=True)
class Known:
    """A state of an older release."""

    a: int = 1


def test_an_entry_of_another_release_is_a_miss(memcached, asker, monkeypatch):
    """memcached outlives a restart of Horizon: what was pickled by the release before cannot be read."""
    poll.snapshot(asker, "it", Asked(Known()), keep=lambda value: 30)
    monkeypatch.delitem(globals(), "Known")
    assert poll.snapshot(asker, "it", Asked(7), keep=lambda value: 30).value == 7


@pytest.mark.parametrize("name", ["with blanks", "umlaut-ä", "line\nbreak", "x" * 400])
def test_any_name_has_a_place(memcached, asker, name):
    asked = Asked()
    poll.snapshot(asker, name, asked, keep=lambda value: 30)
    poll.snapshot(asker, name, asked, keep=lambda value: 30)
    assert asked.times == 1


def test_who_forgot_is_not_told_what_was_read_before(memcached, asker):
    """A look that began before a change ends after it: what it brings is older than the change and must not stay."""

    def slow(cloud):
        poll.forget(asker, "it")  # somebody's change, meanwhile
        return "before"

    poll.snapshot(asker, "it", slow, keep=lambda value: 30)
    assert poll.snapshot(asker, "it", Asked("after"), keep=lambda value: 30).value == "after"


def test_a_turn_that_nobody_ends_ends_by_itself(memcached, asker, monkeypatch):
    monkeypatch.setattr(poll, "TURN", 1)
    monkeypatch.setattr(poll, "PATIENCE", 4.0)
    cache.add(f"{poll.key(asker, 'it')}.turn", True, 1)  # its process died
    assert poll.snapshot(asker, "it", Asked()).value == 1


def test_a_project_of_150_load_balancers_with_five_members(memcached, monkeypatch):
    """1,033 KiB as it was: HTTP 500. The whole page's state, through the panel's own `state`."""
    from tenant_ops_dashboard.panels import cared
    from tenant_ops_dashboard.panels.loadbalancers import history, scaling_card, state
    from tests.unit.loadbalancers.octavia import Octavia

    octavia = Octavia()
    for number in range(150):
        octavia.build(f"shop-{number:03}-with-a-long-name", members=5)
    project = secrets.token_hex(8)
    request = SimpleNamespace(**vars(horizon_request("member")))
    request.user.project_id = project
    monkeypatch.setattr(poll, "connect", lambda request: octavia.cloud())
    monkeypatch.setattr(history, "mutes", lambda *a: history.notes.Mutes({}) if hasattr(history, "notes") else {})
    monkeypatch.setattr(history, "read", lambda *a, **k: state.History())
    monkeypatch.setattr(scaling_card, "read", lambda *a, **k: {})
    monkeypatch.setattr(cared, "of", lambda *a, **k: None)
    found = state.state(request, [f"lb-{n}" for n in range(1, 151)])
    assert len(found.value.balancers) == 150
