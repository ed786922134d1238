"""A small campaign with every run of the tests; the large one is `make verify`."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.campaign import balancers, clones, environments, firewalls
from tests.campaign.clone_stories import Asked
from tests.campaign.schedule import Step, play

few = settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@seed(8)
@few
@given(environments.SCHEDULES)
def test_whatever_happens_to_environments(schedule: list[Step]) -> None:
    play(environments.Environments(), schedule)


@pytest.mark.django_db
@seed(8)
@few
@given(balancers.SCHEDULES)
def test_whatever_happens_to_load_balancers(schedule: list[Step]) -> None:
    play(balancers.Balancers(), schedule)


@seed(8)
@settings(few, max_examples=40)  # each of these changes is up to 30 calls
@given(firewalls.SCHEDULES)
def test_whatever_happens_to_firewalls(schedule: list[Step]) -> None:
    play(firewalls.Firewalls(), schedule)


@pytest.mark.django_db
@seed(8)
@settings(few, max_examples=12)  # rounds of the care job are up to 60 calls
@given(clones.ASKED, clones.SCHEDULES)
def test_whatever_happens_to_clones(asked: Asked, schedule: list[Step]) -> None:
    clones.play(asked, schedule)
