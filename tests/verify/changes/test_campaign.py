"""The whole campaign: three thousand schedules, and how often each thing was tried and how it came out."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.campaign import balancers, clones, environments
from tests.campaign.clone_stories import Asked
from tests.campaign.schedule import COUNTS, Step, play

MANY = 1000
many = settings(max_examples=MANY, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@seed(2026)
@many
@given(environments.SCHEDULES)
def to_environments(schedule: list[Step]) -> None:
    play(environments.Environments(), schedule)


@seed(2026)
@many
@given(balancers.SCHEDULES)
def to_load_balancers(schedule: list[Step]) -> None:
    play(balancers.Balancers(), schedule)


@seed(2026)
@many
@given(clones.ASKED, clones.SCHEDULES)
def to_clones(asked: Asked, schedule: list[Step]) -> None:
    clones.play(asked, schedule)


@pytest.mark.django_db
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("happens", [to_environments, to_load_balancers, to_clones])
def test_whatever_happens(
    capsys: pytest.CaptureFixture[str], pytestconfig: pytest.Config, happens: Callable[[], None]
) -> None:
    if not any("verify" in str(argument) for argument in pytestconfig.invocation_params.args):
        pytest.skip("three thousand schedules: with make verify")
    COUNTS.clear()
    happens()
    with capsys.disabled():
        sys.stdout.write("\n")
        for what, number in sorted(COUNTS.items()):
            sys.stdout.write(f"{number:6} {what}\n")
    assert COUNTS["schedules"] >= MANY
