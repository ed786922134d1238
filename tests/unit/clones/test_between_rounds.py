"""Between two rounds the job asks, several times a second, whether anything was asked for meanwhile: one question."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.records import clone_golden as goldens
from tests.unit.clones.machine import SCRIPT, Machine

pytestmark = pytest.mark.django_db


def test_what_is_asked_for_is_seen_at_once_by_one_question(machine: Machine, django_assert_num_queries: Any) -> None:
    machine.offer()
    process = machine.care()
    process.round()
    with django_assert_num_queries(1):
        assert not process.asked()
    machine.request()
    with django_assert_num_queries(1):
        assert process.asked()
    process.round()
    assert machine.clone.state == "ready"
    assert not process.asked(), "what the round met waits for the next"


def test_a_lease_that_ends_and_a_release_are_seen(machine: Machine) -> None:
    machine.offer()
    machine.request(lease="1h")
    process = machine.care()
    process.round()
    machine.forward(3601)
    assert process.asked(), "its time is over"
    process.round()
    assert machine.clone.state == "released"
    machine.request("another")
    process.round()
    assert not process.asked()


def test_another_region_is_another_job_s(machine: Machine) -> None:
    machine.offer()
    machine.request()
    process = machine.care()
    process.region = "RegionTwo"
    assert not process.asked()
    process.region = machine.developer.region
    assert process.asked()


def test_a_golden_copy_on_its_way_is_seen_and_none_is_begun(machine: Machine, django_assert_num_queries: Any) -> None:
    offer = machine.offer(golden=86400, consistency="paused", mask=SCRIPT)
    process = machine.care()
    with django_assert_num_queries(1):
        assert not process.asked(), "it begins by the clock alone, with the next round"
    goldens.begin(machine.now)
    with django_assert_num_queries(1):
        assert process.asked()
    process.round()
    assert goldens.ready(offer.id) is not None
