"""The whole campaign: two thousand schedules, and how often each thing was tried and how it came out."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.campaign.schedule import COUNTS, SCHEDULES, Step, play


@seed(2026)
@settings(max_examples=2000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(SCHEDULES)
def whatever_happens(schedule: list[Step]) -> None:
    play(schedule)


@pytest.mark.timeout(7200)
def test_whatever_happens(capsys: pytest.CaptureFixture[str], pytestconfig: pytest.Config) -> None:
    if not any("verify" in str(argument) for argument in pytestconfig.invocation_params.args):
        pytest.skip("two thousand schedules: with make verify")
    COUNTS.clear()
    whatever_happens()
    with capsys.disabled():
        sys.stdout.write("\n")
        for what, number in sorted(COUNTS.items()):
            sys.stdout.write(f"{number:6} {what}\n")
    assert COUNTS["schedules"] >= 2000
