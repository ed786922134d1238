"""Fifty viewers of the load balancers' page cost OpenStack little more than one does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from bench import served, viewers
from tenant_ops_dashboard.panels.loadbalancers.state import NAMES_FOR

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]

# Long enough for everything that a page asks only now and then.
MINUTE = float(NAMES_FOR)
# One viewer asks at an even pace: a part of that tells it.
PART = MINUTE / 3
MOST = 3.0


@pytest.fixture(scope="module")
def horizon() -> Iterator[served.Served]:
    """A Horizon of our own on the sandbox's cloud, which counts what it asks OpenStack."""
    with served.horizon() as running:
        yield running


@pytest.fixture(scope="module")
def owner(horizon: served.Served) -> requests.Session:
    return horizon.log_in("owner")


def test_fifty_viewers_cost_openstack_no_more_than_three_times_one(horizon, owner) -> None:
    one = viewers.crowd(horizon, owner, 1, PART)
    fifty = viewers.crowd(horizon, owner, 50, MINUTE)
    assert one["openstack_calls"] >= 4 * one["polls"] / 2, one
    assert fifty["failed"] == 0, fifty
    # Fewer polls than this: the fifty waited for each other and cost nothing for want of answers.
    assert fifty["polls"] >= 5 * one["polls"] * MINUTE / PART, (one, fifty)
    assert fifty["openstack_calls"] <= MOST * one["openstack_calls"] * MINUTE / PART, (one, fifty)


def test_a_poll_that_the_cache_answers_asks_openstack_nothing(horizon, owner) -> None:
    viewer = viewers.Viewer(horizon, owner)
    viewer.open()
    viewer.poll()
    answers = []
    for _ in range(20):
        horizon.calls()
        status = viewer.poll().status_code
        answers.append((status, len(viewer.body) and len(horizon.calls())))
    assert (304, 0) in answers, answers
