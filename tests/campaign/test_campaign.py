"""A small campaign with every run of the tests; the large one is `make verify`."""

from __future__ import annotations

from hypothesis import HealthCheck, given, seed, settings

from tests.campaign.schedule import SCHEDULES, Step, play


@seed(8)
@settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(SCHEDULES)
def test_whatever_happens(schedule: list[Step]) -> None:
    play(schedule)
