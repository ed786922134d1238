"""The sandbox answers as the cases say: what the fakes are held to is what OpenStack does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance import cases  # noqa: F401 (they register)
from tests.conformance.real import Real
from tests.conformance.registry import ALL, Case

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]


@pytest.fixture
def target() -> Iterator[Real]:
    made = Real()
    yield made
    made.tidy()


@pytest.mark.parametrize("run", ALL, ids=lambda run: run.__name__)
def test_openstack_answers_so(target: Real, run: Case) -> None:
    run(target)
