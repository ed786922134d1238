"""Single decisions: what is asked first, and what is said."""

from __future__ import annotations

import dataclasses
import datetime

import pytest

from tenant_ops_dashboard.loadbalancers.scaling.decide import decide
from tenant_ops_dashboard.loadbalancers.scaling.model import Last
from tenant_ops_dashboard.loadbalancers.stats import Rate
from tests.unit.loadbalancers.scaling.simulated import RULES, T0, group

NOW = T0 + datetime.timedelta(hours=1)


def flat(amount: float, seconds: int = 900, **more: float) -> list[Rate | None]:
    return [
        Rate(NOW - datetime.timedelta(seconds=ago), amount, more.get("bytes", 0), 0, 0, more.get("active", 0))
        for ago in range(seconds, -1, -15)
    ]


def test_too_few_servers_come_back_without_any_load() -> None:
    found = decide(group(size=1), 1, [], NOW, Last("in", NOW))
    assert (found.action, found.reason) == ("out", "the minimum is 2, and there are only 1")


def test_an_unknown_load_decides_nothing() -> None:
    for rates in ([], flat(500.0)[:2], [None] * 9, flat(500.0, 3600)[:-20]):
        assert decide(group(), 2, rates, NOW, Last()).action == "hold"


def test_the_figures_are_in_the_decision() -> None:
    found = decide(group(), 2, flat(130.0), NOW, Last())
    assert (found.action, found.current) == ("out", 65.0)
    assert found.reason == "65.0 a server is above 50"


def test_members_that_are_down_carry_nothing() -> None:
    assert decide(group(), 2, flat(80.0), NOW, Last()).action == "hold"
    assert decide(group(), 1, flat(80.0), NOW, Last()).action == "out"


def test_nobody_goes_while_somebody_is_down() -> None:
    found = decide(group(size=4), 3, flat(5.0), NOW, Last())
    assert (found.action, found.reason) == ("hold", "the load is low, but not every server is up")
    assert decide(group(size=4), 4, flat(5.0), NOW, Last()).action == "in"


def test_the_cooldown_holds_both_ways() -> None:
    lately = Last("out", NOW - datetime.timedelta(seconds=60))
    for size, load in ((2, 300.0), (5, 5.0)):
        found = decide(group(size=size), size, flat(load), NOW, lately)
        assert found.action == "hold"
        assert "cooling down for 60 s" in found.reason


@pytest.mark.parametrize(("metric", "rates"), [("active", {"active": 200}), ("traffic", {"bytes": 200_000})])
def test_every_metric_counts(metric: str, rates: dict[str, float]) -> None:
    rules = dataclasses.replace(RULES, metric=metric)  # type: ignore[arg-type]
    assert decide(group(rules=rules), 2, flat(0.0, **rates), NOW, Last()).action == "out"


def test_the_memory_survives_a_round_trip() -> None:
    last = Last("out", NOW, "no quota", "abc", (1, 2), 3)
    assert Last.of(last.memory()) == last
    assert Last.of({}) == Last()
