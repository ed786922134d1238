"""Alarms where the cloud has alarming: made with the rules, fed by the rounds, and then the only ones who decide."""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from tenant_ops_dashboard.care import scaling
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.errors import NotAllowed
from tenant_ops_dashboard.loadbalancers import stats
from tenant_ops_dashboard.loadbalancers.scaling import actions, alarms, group
from tenant_ops_dashboard.loadbalancers.scaling.model import Decision, Rules
from tenant_ops_dashboard.records import models, samples
from tests.unit.fake_openstack import paging, server
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.loadbalancers.scaling.server_group import ID, Tier

pytestmark = pytest.mark.django_db
NOW = timezone.now()
RULES = Rules(on=True, threshold=10.0, window=120.0, calm=120.0, ahead=60.0, cooldown=240.0)


class Telemetry:
    """Gnocchi and aodh: metrics by id, the measures they were told, and the alarms of the template."""

    def __init__(self, octavia: Octavia) -> None:
        self.metrics: dict[str, str] = {"old": "tenant-ops-scale-out-of-an-environment-that-is-gone", "mine": "mine"}
        self.told: dict[str, list[float]] = {}
        self.alarms: list[dict[str, Any]] = []
        on = octavia.wire.on
        parts = [{"granularity": "1 day, 0:00:00"}, {"granularity": "0:01:00"}]
        on("GET", "/metric/v1/archive_policy")(lambda query, body: [
            {"name": "last", "aggregation_methods": ["last"], "definition": [{"granularity": "0:01:00"}]},
            {"name": "slow", "aggregation_methods": ["mean"], "definition": [{"granularity": "0:05:00"}]},
            {"name": "dear", "aggregation_methods": ["mean"], "definition": [{"granularity": "0:00:01"}, *parts]},
            {"name": "right", "aggregation_methods": ["mean"], "definition": parts},
        ])  # fmt: skip
        on("GET", "/metric/v1/metric")(
            lambda query, body: paging.gnocchi(
                [{"id": id_, "name": name} for id_, name in self.metrics.items()], query, "/v1/metric"
            )
        )
        on("POST", "/metric/v1/metric")(self._make)
        on("POST", "/metric/v1/metric/([^/]+)/measures")(self._keep)
        on("DELETE", "/metric/v1/metric/([^/]+)")(lambda id_, query, body: (204, self.metrics.pop(id_) and None))
        on("GET", "/alarming/v2/alarms")(lambda query, body: paging.aodh(self.alarms, query))

    def _make(self, query: Any, body: dict[str, str]) -> dict[str, str]:
        assert body["archive_policy_name"] == "right"
        self.metrics[f"id-{len(self.metrics)}"] = body["name"]
        return {"id": f"id-{len(self.metrics) - 1}"}

    def _keep(self, id_: str, query: Any, body: list[dict[str, Any]]) -> tuple[int, None]:
        self.told.setdefault(id_, []).append(body[0]["value"])
        return 202, None


@pytest.fixture
def telemetry(octavia: Octavia, tier: Tier, monkeypatch: pytest.MonkeyPatch) -> Telemetry:
    for name in ("alarming", "metric"):
        monkeypatch.setitem(server.SERVICES, name, f"http://fake/{name}")
    return Telemetry(octavia)


@pytest.fixture
def cloud(octavia: Octavia, telemetry: Telemetry) -> Iterator[Cloud]:
    yield octavia.cloud(services=tuple(server.SERVICES))


def rush(octavia: Octavia, amount: int) -> None:
    octavia.stats["total_connections"] = amount * 300
    for ago in range(300, 0, -15):
        at = NOW - datetime.timedelta(seconds=ago)
        samples.keep("project", "lb-1", stats.Sample(at, 0, amount * (300 - ago), 0, 0, 0))


def test_rules_make_alarms_that_call_the_policies(cloud: Cloud, tier: Tier, telemetry: Telemetry) -> None:
    actions.change(cloud, group.read(cloud, "shop"), RULES, 2, 4, 1)
    made = tier.template["resources"]
    out, in_ = made[alarms.OUT]["properties"], made[alarms.IN]["properties"]
    assert (out["threshold"], out["comparison_operator"], out["granularity"]) == (10.0, "gt", 60)
    assert out["alarm_actions"] == [{"get_attr": ["scale_out", "alarm_url"]}]
    assert (in_["threshold"], in_["comparison_operator"]) == (7.0, "lt")
    assert in_["alarm_actions"] == [{"get_attr": ["scale_in", "alarm_url"]}]
    # They call again and again: Heat keeps the pause between two changes.
    assert made["scale_out"]["properties"]["cooldown"] == 240
    assert group.read(cloud, "shop").metrics == (out["metrics"][0], in_["metrics"][0])
    assert "old" not in telemetry.metrics, "metrics of environments that are gone go too"
    assert "mine" in telemetry.metrics


def test_the_metrics_are_made_once_and_the_alarms_go_with_the_rules(
    cloud: Cloud, tier: Tier, telemetry: Telemetry
) -> None:
    for _ in range(2):
        actions.change(cloud, group.read(cloud, "shop"), RULES, 2, 4, 1)
    assert len(telemetry.metrics) == 3
    actions.change(cloud, group.read(cloud, "shop"), Rules(on=False), 2, 4, 1)
    assert not {alarms.OUT, alarms.IN} & set(tier.template["resources"])
    assert tier.template["resources"]["scale_in"]["properties"]["cooldown"] == actions.REST


def test_the_rounds_tell_the_figures_and_stand_aside(
    octavia: Octavia, cloud: Cloud, tier: Tier, telemetry: Telemetry
) -> None:
    actions.change(cloud, group.read(cloud, "shop"), RULES, 2, 4, 1)
    rush(octavia, 40)
    found = scaling.round_(cloud, ID, "a", NOW)
    assert found is not None
    assert (found.action, found.reason) == ("hold", "alarms drive it; 20.0 a server is above 10")
    out, in_ = group.read(cloud, "shop").metrics or ("", "")
    assert telemetry.told == {out: [20.0]}
    assert tier.signals == []
    # Somebody scaled since: it stands on the time line.
    tier.size = 3
    scaling.round_(cloud, ID, "a", NOW + datetime.timedelta(seconds=1))
    assert models.Note.objects.get().sentence == "Scaled out: from 2 to 3 servers."
    assert in_ not in telemetry.told


def test_what_could_be_spared_is_told_once_the_calm_is_long_enough(
    octavia: Octavia, cloud: Cloud, tier: Tier, telemetry: Telemetry
) -> None:
    tier.size = 4
    actions.change(cloud, group.read(cloud, "shop"), RULES, 2, 4, 1)
    rush(octavia, 3)
    # The fake has two members, and nobody goes while somebody is down: told is nothing.
    scaling.round_(cloud, ID, "a", NOW)
    _, in_ = group.read(cloud, "shop").metrics or ("", "")
    assert in_ not in telemetry.told
    tier.size = 2
    tier.template["resources"]["application"]["properties"]["min_size"] = 1
    scaling.round_(cloud, ID, "a", NOW + datetime.timedelta(seconds=1))
    assert telemetry.told[in_] == [3.0]


def test_a_failed_scaling_starves_the_alarms(octavia: Octavia, cloud: Cloud, tier: Tier, telemetry: Telemetry) -> None:
    actions.change(cloud, group.read(cloud, "shop"), RULES, 2, 4, 1)
    rush(octavia, 40)
    tier.failed = {"abc9": "Quota exceeded for instances"}
    for seconds in (0, 1, 2):
        found = scaling.round_(cloud, ID, "a", NOW + datetime.timedelta(seconds=seconds))
        assert found is not None
        assert found.action == "stopped"
    assert telemetry.told == {}


def test_alarms_of_somebody_else_are_left_alone(
    octavia: Octavia, cloud: Cloud, tier: Tier, telemetry: Telemetry
) -> None:
    tier.rules(on=True, threshold=10.0, window=120.0, calm=120.0)
    rush(octavia, 40)
    # Heat's signed address has the stack's name and the resource in one escaped piece.
    address = f"http://cfn/v1/signal/arn%3Aopenstack%3Aheat%3A%3Ap%3Astacks/shop/{ID}/resources/scale_out?Signature=x"
    telemetry.alarms = [
        {"alarm_id": "a", "name": "cpu", "state": "ok", "enabled": True,
         "alarm_actions": [address.replace(f"/{ID}/", f"%2F{ID}%2F").replace("/scale_out", "%2Fscale_out")]}
    ]  # fmt: skip
    found = scaling.round_(cloud, ID, "a", NOW)
    assert found is not None
    assert (found.action, found.reason, telemetry.told) == ("hold", "alarms drive it", {})
    telemetry.alarms[0]["enabled"] = False
    found = scaling.round_(cloud, ID, "a", NOW + datetime.timedelta(seconds=1))
    assert found is not None
    assert found.action == "out"


def test_what_stands_behind_the_first_page_counts(cloud: Cloud, tier: Tier, telemetry: Telemetry) -> None:
    actions.change(cloud, group.read(cloud, "shop"), RULES, 2, 4, 1)
    known = group.read(cloud, "shop")
    address = f"http://fake/stacks/shop/{ID}/resources/scale_out/signal"
    rows = [
        {"alarm_id": f"other-{n}", "name": "other", "state": "ok", "enabled": True, "alarm_actions": []}
        for n in range(45)
    ]
    telemetry.alarms = [*rows, {**rows[0], "alarm_id": "ours", "alarm_actions": [address]}]
    assert [one.id for one in alarms.read(cloud, known)] == ["ours"]
    assert alarms.drive(cloud, known)
    telemetry.metrics = {f"other-{n}": "mine" for n in range(45)} | {"old": "tenant-ops-scale-out-gone"}
    assert alarms.forget(cloud, {ID}) == 1
    assert "old" not in telemetry.metrics


def test_what_gnocchi_is_told_and_what_it_forgets_is_checked_and_audited(
    octavia: Octavia, cloud: Cloud, tier: Tier, telemetry: Telemetry, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    actions.change(cloud, group.read(cloud, "shop"), RULES, 2, 4, 1)
    known = group.read(cloud, "shop")
    alarms.feed(cloud, known, Decision("hold", "", 12.0, 15.0, None), NOW)
    events = [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]
    told = [(one["action"], one["outcome"], one["target"]["id"], one["attachments"][0]["content"]) for one in events]
    assert told[1:] == [
        ("delete/metric", "pending", "old", {"verb": "forget", "before": {}, "after": {}}),
        ("update/metric", "pending", ID, {"verb": "feed", "before": {}, "after": {"out": 15.0}}),
    ]
    reader = octavia.cloud("reader", services=tuple(server.SERVICES))
    telemetry.metrics["gone"] = "tenant-ops-scale-in-gone"
    octavia.wire.calls.clear()
    for attempt in (
        lambda: alarms.feed(reader, known, Decision("hold", "", 12.0), NOW),
        lambda: alarms.forget(reader, {ID}),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert not [call for call in octavia.wire.calls if not call.startswith("GET")]
    events = [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]
    assert [one["reason"]["policyId"] for one in events[3:]] == ["loadbalancers:scale"] * 2
