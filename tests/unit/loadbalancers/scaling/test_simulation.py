"""Load curves, recorded and made up: no flapping, never outside the limits, early where it can be."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from tests.unit.loadbalancers.scaling.simulated import RULES, run

HOUR = 3600
# Connections a second of a shop's day, every half hour, as a load balancer counted them.
DAY = (
    22, 18, 15, 13, 12, 12, 14, 18, 26, 41, 63, 88, 112, 139, 158, 171, 183, 190, 201, 196, 188, 192, 204, 217, 223,
    211, 198, 186, 179, 171, 166, 172, 185, 203, 226, 241, 236, 214, 187, 158, 131, 108, 89, 72, 58, 46, 37, 29,
)  # fmt: skip


def day(second: int) -> float:
    place = second / 1800
    one, two = DAY[int(place) % 48], DAY[(int(place) + 1) % 48]
    return one + (two - one) * (place % 1)


def test_a_steady_load_moves_nothing() -> None:
    assert run(lambda second: 80.0, 4 * HOUR).moves == []


@pytest.mark.parametrize("seed", range(8))
def test_noise_moves_nothing(seed: int) -> None:
    dice = random.Random(seed)
    assert run(lambda second: 75.0 * dice.uniform(0.8, 1.2), 6 * HOUR).moves == []


@pytest.mark.parametrize("seed", range(8))
def test_noise_around_the_threshold_goes_one_way(seed: int) -> None:
    dice = random.Random(seed)
    told = run(lambda second: 100.0 * dice.uniform(0.85, 1.15), 6 * HOUR)
    assert {way for _, way in told.moves} <= {"out"}
    assert told.sizes[-1] <= 4


def test_a_lone_spike_moves_nothing() -> None:
    told = run(lambda second: 900.0 if second in (1800, 5400) else 60.0, 3 * HOUR)
    assert told.moves == []


def test_a_step_is_followed_until_it_fits_and_no_further() -> None:
    told = run(lambda second: 60.0 if second < 1800 else 240.0, 2 * HOUR)
    assert told.sizes[-1] == 5
    assert told.turns == 0
    assert told.first("out") - 1800 <= 60


def test_a_ramp_is_met_before_the_threshold_is_crossed() -> None:
    # Two servers carry 100; the ramp is there after 50 minutes.
    told = run(lambda second: min(240.0, 20.0 + second * 80.0 / 3000), 3 * HOUR)
    assert told.first("out") < 3000
    assert told.overload == 0
    assert told.turns == 0


def test_without_a_forecast_the_same_ramp_is_met_late() -> None:
    blind = type(RULES)(**{**vars(RULES), "ahead": 0.0})
    assert run(lambda second: min(240.0, 20.0 + second * 80.0 / 3000), 3 * HOUR, rules=blind).overload > 0


def test_a_forecast_alone_never_takes_a_server() -> None:
    # Falling steeply, but high until now: the line says zero soon, nobody goes before the calm.
    told = run(lambda second: max(0.0, 240.0 - max(0, second - 1800) * 0.5), 1800 + 700, start=5)
    assert "in" not in [way for second, way in told.moves if second < 1800 + 180 + RULES.calm]


def test_after_a_fall_it_goes_down_one_by_one_to_what_fits() -> None:
    told = run(lambda second: 240.0 if second < 1800 else 20.0, 4 * HOUR, start=5)
    assert told.sizes[-1] == 2
    assert told.turns == 0
    downs = [second for second, way in told.moves if way == "in"]
    assert downs[0] >= 1800 + RULES.calm
    assert all(two - one >= RULES.cooldown for one, two in itertools.pairwise(downs))


def test_a_swing_faster_than_the_calm_keeps_the_size() -> None:
    told = run(lambda second: 120.0 + 70.0 * math.sin(second * 2 * math.pi / 500), 6 * HOUR)
    assert told.turns == 0


def test_a_load_between_the_bands_neither_comes_nor_goes() -> None:
    # On three servers 110 is below the threshold; on two it would not be below 70 % of it.
    assert run(lambda second: 110.0, 4 * HOUR, start=3).moves == []


def test_the_limits_hold_whatever_comes() -> None:
    told = run(lambda second: 10_000.0, HOUR, maximum=4)
    assert max(told.sizes) == 4
    told = run(lambda second: 0.0, 4 * HOUR, start=4, minimum=2)
    assert min(told.sizes) == 2


@pytest.mark.parametrize("begin", [1200, 2400])
def test_a_gap_moves_nothing_and_forgets_nothing(begin: int) -> None:
    def load(second: int) -> float | None:
        return None if begin <= second < begin + 1200 else 80.0

    assert run(load, 2 * HOUR).moves == []


def test_a_gap_in_the_calm_takes_nobody() -> None:
    # It looks quiet on both sides of each gap; what was in between nobody saw.
    told = run(lambda second: None if second % 600 < 300 else 10.0, 3 * HOUR, start=4)
    assert told.moves == []


def test_a_rush_seen_through_gaps_is_still_met() -> None:
    told = run(lambda second: None if second % 120 < 60 else (60.0 if second < 1800 else 240.0), 2 * HOUR)
    assert told.sizes[-1] == 5
    assert told.turns == 0


@pytest.mark.parametrize("seed", range(4))
def test_a_recorded_day_turns_as_often_as_the_day_does(seed: int) -> None:
    dice = random.Random(seed)
    told = run(lambda second: day(second) * dice.uniform(0.9, 1.1), 24 * HOUR)
    # Up in the morning, down after noon at most, up for the evening, down at night.
    assert told.turns <= 3
    # Single noisy samples included: less than one minute in a hundred.
    assert told.overload <= 0.01 * 24 * HOUR
    assert told.sizes[-1] == 2


def test_two_days_in_a_row_are_the_same() -> None:
    told = run(day, 48 * HOUR)
    first = [(second, way) for second, way in told.moves if second < 24 * HOUR]
    second_day = [(second - 24 * HOUR, way) for second, way in told.moves if second >= 24 * HOUR]
    assert [way for _, way in first] == [way for _, way in second_day]
