"""Counters become rates; what was not read, and counters that began anew, are gaps."""

from __future__ import annotations

import datetime

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import stats
from tests.unit.loadbalancers.octavia import Octavia

T0 = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)


def sample(seconds: float, total: int, active: int = 0, **more: int) -> stats.Sample:
    fields = {"bytes_in": total * 10, "bytes_out": total * 100, "errors": 0, **more}
    return stats.Sample(T0 + datetime.timedelta(seconds=seconds), active, total, **fields)  # type: ignore[arg-type]


def test_a_rate_is_a_difference_over_its_seconds() -> None:
    (one,) = stats.rates([sample(0, 100, 2), sample(20, 300, 6, errors=4)])
    assert one is not None
    assert (one.connections, one.bytes_in, one.bytes_out, one.errors, one.active) == (10, 100, 1000, 0.2, 4)


def test_a_long_silence_is_a_gap_and_not_a_mean() -> None:
    found = stats.rates([sample(0, 0), sample(15, 150), sample(600, 6000), sample(615, 6150)])
    assert [one and one.connections for one in found] == [10, None, 10]


def test_counters_that_go_back_are_a_gap_and_never_negative() -> None:
    found = stats.rates([sample(0, 500), sample(15, 20), sample(30, 170)])
    assert [one and one.connections for one in found] == [None, 10]


def test_the_same_moment_twice_is_no_rate() -> None:
    assert stats.rates([sample(0, 1), sample(0, 2)]) == []
    assert stats.rates([sample(0, 1)]) == stats.rates([]) == []


def test_the_grid_has_a_gap_where_nobody_looked() -> None:
    steady = [sample(15 * n, 150 * n) for n in range(21)]
    later = [sample(1200 + 15 * n, 90000 + 300 * n) for n in range(21)]
    grid = stats.grid([*steady, *later], T0, T0 + datetime.timedelta(seconds=1500), 25)
    assert [round(one.connections) if one else None for one in grid[:5]] == [10] * 5
    assert grid[6:20] == [None] * 14
    assert [round(one.connections) for one in grid[21:25] if one] == [20] * 4


def test_a_slow_sampler_draws_no_comb() -> None:
    minutely = [sample(60 * n, 600 * n) for n in range(11)]
    grid = stats.grid(minutely, T0, T0 + datetime.timedelta(seconds=600), 40)
    assert all(one and one.connections == 10 for one in grid)


def test_the_counters_of_one_load_balancer_are_one_call(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    octavia.stats.update(total_connections=7, bytes_in=5)
    found = stats.read(cloud, shop, 2)
    assert found is not None
    assert (found.total, found.bytes_in, found.up) == (7, 5, 2)
    assert octavia.calls() == [f"GET /loadbalancers/{shop}/stats"]
