"""Turns: the second of two requests waits for the first, but not for ever, and not where there is no cache."""

from __future__ import annotations

import threading
import time

import pytest
from django.core.cache import cache

from tenant_ops_dashboard.panels import turn


@pytest.fixture(autouse=True)
def empty():
    cache.clear()


def test_the_second_waits_until_the_first_is_done():
    happened = []
    first = threading.Event()

    def holds():
        with turn.of("place"):
            first.set()
            time.sleep(0.3)
            happened.append("first")

    thread = threading.Thread(target=holds)
    thread.start()
    first.wait(10)
    with turn.of("place"):
        happened.append("second")
    thread.join()
    assert happened == ["first", "second"]
    assert not cache.get("place")


def test_another_place_waits_for_nobody():
    with turn.of("place"):
        began = time.monotonic()
        with turn.of("another"):
            assert time.monotonic() - began < turn.PAUSE


def test_nobody_waits_for_ever_and_the_turn_stays_with_whoever_has_it(monkeypatch):
    monkeypatch.setattr(turn, "PATIENCE", 0.2)
    with turn.of("place"):
        mine = cache.get("place")
        with turn.of("place"):
            assert cache.get("place") == mine
        assert cache.get("place") == mine


def test_without_a_cache_nobody_waits(monkeypatch):
    def away(*arguments):
        raise OSError("memcached is down")

    monkeypatch.setattr(cache, "add", away)
    began = time.monotonic()
    with turn.of("place"), turn.of("place"):
        assert time.monotonic() - began < turn.PAUSE


def test_what_fails_gives_the_turn_back():
    with pytest.raises(KeyError), turn.of("place"):
        raise KeyError
    assert not cache.get("place")
