"""Rules that a tenant wrote into a template: what cannot be read switches scaling off, is told, and stops no other."""

from __future__ import annotations

import copy
import datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.heat import resources, stack
from tenant_ops_dashboard.loadbalancers import errors, member_history, stats
from tenant_ops_dashboard.loadbalancers.scaling import actions, alarms, decide, group, rounds
from tenant_ops_dashboard.loadbalancers.scaling.model import Last, Rules
from tests.unit.fake_openstack import garbage
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.loadbalancers.scaling.server_group import ID, Tier

NOW = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)
ODD: list[tuple[dict[str, Any], str]] = [
    ({"threshold": 0}, "threshold: 0"),
    ({"threshold": -1}, "threshold: -1"),
    ({"threshold": float("nan")}, "threshold: nan"),
    ({"threshold": float("inf")}, "threshold: inf"),
    ({"threshold": 1e300}, "threshold: 1e+300"),
    ({"threshold": "50"}, "threshold: '50'"),
    ({"threshold": None}, "threshold: None"),
    ({"threshold": True}, "threshold"),
    ({"window": 1e300}, "window: 1e+300"),
    ({"window": "far"}, "window: 'far'"),
    ({"window": [300]}, "window: list"),
    ({"calm": 10**30}, "calm: int"),
    ({"calm": -600}, "calm: -600"),
    ({"ahead": {"a": 1}}, "ahead: dict"),
    ({"cooldown": 0}, "cooldown: 0"),
    ({"metric": "weather"}, "metric: 'weather'"),
    ({"metric": ["active"]}, "metric: list"),
    ({"on": "yes"}, "on: 'yes'"),
    ({"threshold": 0, "window": 1e300}, "threshold: 0, window: 1e+300"),
]
LOAD = [
    stats.Rate(NOW - datetime.timedelta(seconds=15 * number), 90.0, 1.0, 1.0, 0.0, 5.0, 2) for number in range(60, 0, -1)
]  # fmt: skip


@pytest.mark.parametrize(("fields", "said"), ODD)
def test_rules_that_cannot_be_read_switch_scaling_off_and_are_told(
    cloud: Cloud, tier: Tier, fields: dict[str, Any], said: str
) -> None:
    tier.rules(**{"on": True, **fields})
    found = group.read(cloud, "shop")
    assert found.rules == Rules()
    assert not found.rules.on
    assert said in found.unreadable
    assert "scaling by itself is off" in found.unreadable
    told = decide.decide(found, 2, LOAD, NOW, Last())
    assert (told.action, told.reason) == ("hold", found.unreadable)
    decision, _ = rounds.consider(cloud, found, 2, LOAD, NOW, Last())
    assert (decision.action, decision.reason) == ("hold", found.unreadable)
    assert tier.signals == []


def test_rules_are_set_anew_over_odd_ones(cloud: Cloud, tier: Tier) -> None:
    tier.template["resources"]["application"]["metadata"] = ["odd"]
    found = group.read(cloud, "shop")
    actions.change(cloud, found, Rules(on=True, threshold=9.0), 1, 6, 2)
    again = group.read(cloud, "shop")
    assert (again.rules, again.unreadable) == (Rules(on=True, threshold=9.0), "")


@pytest.mark.parametrize("given", [10**6, 0, 1e300, float("nan"), "many", ["a"], {"get_param": ["x"]}, None])
def test_limits_of_odd_types_are_numbers(cloud: Cloud, tier: Tier, given: Any) -> None:
    properties = tier.template["resources"]["application"]["properties"]
    properties.update(min_size=given, max_size=given, resource=given)
    tier.template["resources"]["scale_out"]["properties"]["scaling_adjustment"] = 3
    tier.live = {"cooldown_end": ["soon"]}
    found = group.read(cloud, "shop")
    assert isinstance(found.minimum, int)
    assert (found.step, found.rest_until) == (3, None)


@pytest.mark.django_db
def test_one_odd_environment_keeps_no_other_from_scaling(
    octavia: Octavia, tier: Tier, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tenant_ops_dashboard.management.commands import tenant_ops_scale as command

    odd = stack.Stack("odd", "odd", "CREATE", "COMPLETE", "", None, None, "project", ("tenant-ops",))
    shop = stack.read(tier.row())
    tier.rules(on=True)
    cloud = octavia.cloud()
    monkeypatch.setattr(
        command.Command, "environments", lambda self, names, problems: iter([(cloud, odd), (cloud, shop)])
    )
    switched_on = group.switched_on

    def broken(cloud: Cloud, one: stack.Stack) -> bool:
        return bool(1 / 0) if one.id == "odd" else switched_on(cloud, one)

    monkeypatch.setattr(group, "switched_on", broken)
    with pytest.raises(CommandError, match="odd: it cannot be looked at"):
        call_command("tenant_ops_scale")
    assert "shop: " in capsys.readouterr().out


@pytest.mark.django_db
def test_a_round_tells_rules_that_cannot_be_read(
    octavia: Octavia, tier: Tier, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tenant_ops_dashboard.management.commands import tenant_ops_scale as command

    tier.rules(on=True, threshold=0, window=1e300)
    cloud, shop = octavia.cloud(), stack.read(tier.row())
    monkeypatch.setattr(command.Command, "environments", lambda self, names, problems: iter([(cloud, shop)]))
    call_command("tenant_ops_scale")
    assert "shop: hold, The rules kept in the template cannot be read (threshold: 0, window: 1e+300)" in (
        capsys.readouterr().out
    )


TEMPLATE = Tier(Octavia()).template
FOUND = stack.read({"id": ID, "stack_name": "shop", "stack_status": "CREATE_COMPLETE"})
HEAT = (
    resources.Row("application", "OS::Heat::AutoScalingGroup", "good", "", "group", (ID, "application")),
    resources.Row("application-1", "application.yaml", "good", "", "member", (ID, "a")),
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=st.data())
def test_whatever_stands_in_a_template_is_no_error(data: st.DataObject) -> None:
    template = copy.deepcopy(TEMPLATE)
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(garbage.places(template)[1:] or [()]))
        template = garbage.put(template, path, data.draw(garbage.json)) if path else template
    live = data.draw(garbage.json)
    try:
        found = group.of(FOUND, template, HEAT, live if isinstance(live, dict) else {}, None)
    except errors.NoScaling:
        return
    decided = decide.decide(found, 1, LOAD, NOW, Last(at=NOW))
    assert decided.action in ("out", "in", "hold")
    assert found.rules == Rules() or not found.unreadable
    alarms.declared(found, found.rules, ("a", "b", 60))
    datetime.timedelta(seconds=max(found.rules.window, found.rules.calm) + stats.GAP)


def test_odd_times_are_no_error() -> None:
    samples = [
        stats.Sample(at, 1, total, 1, 1, 1)
        for at, total in ((NOW, 5), (NOW, 6), (NOW - datetime.timedelta(days=900_000 // 1000), 7), (NOW, 2**62))
    ]  # fmt: skip
    assert stats.rates(samples) == [None]
    later = stats.Sample(NOW + datetime.timedelta(seconds=15), 1, 9, 1, 1, 1)
    assert len(stats.grid([samples[0], later], NOW, NOW, 4)) == 4
    early = datetime.datetime.min.replace(tzinfo=datetime.UTC)
    span = member_history.Span(NOW, early)
    assert (
        member_history.history([member_history.Transition("m", "b", "l", "good", "failed", early)], [span], NOW).flaps
        == 0
    )
