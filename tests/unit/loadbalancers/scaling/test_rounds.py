"""`manage.py tenant_ops_scale` and `tenant_ops_collect`: one round, one host, and a stop that ends by itself."""

from __future__ import annotations

import datetime
import json
import logging
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tenant_ops_dashboard.care import scaling
from tenant_ops_dashboard.cloud import Cloud, Uncertain
from tenant_ops_dashboard.loadbalancers import stats
from tenant_ops_dashboard.management import rounds
from tenant_ops_dashboard.records import models, notes, samples
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.loadbalancers.scaling.server_group import ID, Tier

pytestmark = pytest.mark.django_db
NOW = timezone.now()
RULES = {"on": True, "threshold": 10.0, "window": 120.0, "calm": 120.0, "ahead": 60.0, "cooldown": 60.0}


@pytest.fixture(autouse=True)
def rushed(octavia: Octavia, tier: Tier, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty connections a second in the last minutes, for two servers that carry ten each; time stands at NOW."""
    global NOW
    NOW = timezone.now()  # not when the file was read: minutes later its samples are too old to count
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    tier.rules(**RULES)
    octavia.stats["total_connections"] = 40 * 300
    for ago in range(300, 0, -15):
        at = NOW - datetime.timedelta(seconds=ago)
        samples.keep("project", "lb-1", stats.Sample(at, 0, 40 * (300 - ago), 0, 0, 0))
    monkeypatch.setattr(rounds, "from_clouds_yaml", lambda name, options: octavia.cloud())


def again(cloud: Cloud, seconds: float = 0, host: str = "a") -> str:
    found = scaling.round_(cloud, ID, host, NOW + datetime.timedelta(seconds=seconds))
    return found.action if found else "another host"


def told() -> list[str]:
    return list(models.Note.objects.order_by("id").values_list("sentence", flat=True))


def test_a_rush_scales_out_once_and_is_noted(cloud: Cloud, tier: Tier) -> None:
    assert again(cloud) == "out"
    assert again(cloud, 1) == "hold"
    assert tier.signals == ["scale_out"]
    assert told() == ["Asked for: one step of servers more, 20.0 a server is above 10."]


def test_of_two_hosts_one_decides(cloud: Cloud, tier: Tier) -> None:
    notes.take("project", scaling.lease(ID), "b", NOW, scaling.LEASE)
    assert again(cloud) == "another host"
    assert tier.signals == []
    assert again(cloud, scaling.LEASE + 1) in ("out", "hold")


def test_switched_off_it_does_nothing(cloud: Cloud, tier: Tier) -> None:
    tier.rules(**{**RULES, "on": False})
    assert again(cloud) == "hold"
    assert tier.signals == []


def test_a_failed_scale_out_says_why_and_stops_until_something_changed(cloud: Cloud, tier: Tier) -> None:
    tier.failed = {"abc9": "Forbidden: resources.abc9.resources.server: Quota exceeded for instances"}
    assert again(cloud) == "stopped"
    # What could not be made is taken away; the servers that run stay.
    assert tier.body["template"]["resources"]["application"]["properties"]["desired_capacity"] == 2
    tier.instances = 9
    assert [again(cloud, seconds) for seconds in (30, 60)] == ["stopped"] * 2
    assert tier.signals == []
    assert told() == ["Scaling stopped: Quota exceeded for instances"]
    tier.instances = 20
    assert again(cloud, 61) == "out"


def test_a_change_that_failed_needs_no_pause_after_it(cloud: Cloud, tier: Tier) -> None:
    tier.rules(**{**RULES, "cooldown": 600.0})
    assert again(cloud) == "out"
    tier.failed = {"abc9": "Quota exceeded for instances"}
    assert [again(cloud, seconds) for seconds in (10, 20)] == ["stopped"] * 2
    tier.instances = 20
    assert again(cloud, 30) == "out"


def test_less_room_than_before_is_no_reason_to_try_again(cloud: Cloud, tier: Tier) -> None:
    tier.failed = {"abc9": "Quota exceeded for instances"}
    assert [again(cloud, seconds) for seconds in (0, 30)] == ["stopped"] * 2
    tier.used = 9
    assert again(cloud, 60) == "stopped"
    tier.used = 1
    assert again(cloud, 61) == "out"


def test_a_group_that_takes_no_orders_is_repaired_once_something_changed(cloud: Cloud, tier: Tier) -> None:
    tier.state, tier.reason = (
        "UPDATE_FAILED",
        "Forbidden: resources.abc1.resources.server: Quota exceeded for instances",
    )
    assert [again(cloud, seconds) for seconds in (0, 30, 60)] == ["stopped"] * 3
    assert tier.body == {}
    tier.instances = 20
    assert [again(cloud, 61), again(cloud, 62)] == ["hold", "out"]
    assert tier.body != {}


def test_heat_that_does_not_answer_stops_nothing(octavia: Octavia, cloud: Cloud, tier: Tier) -> None:
    octavia.wire.trouble["signal"] = [503]
    with pytest.raises(Uncertain):
        again(cloud)
    assert again(cloud, 30) == "out"


@pytest.mark.parametrize("live", [{"scaling_in_progress": True}, {"cooldown_end": {"2999-01-01T00:00:00.0": "x"}}])
def test_an_order_that_heat_would_not_take_is_not_given(cloud: Cloud, tier: Tier, live: dict[str, object]) -> None:
    tier.live = live
    assert again(cloud) == "hold"
    assert tier.signals == []


def test_a_refused_signal_stops_it_too(octavia: Octavia, cloud: Cloud, tier: Tier) -> None:
    octavia.wire.trouble["signal"] = [400]
    assert again(cloud) == "stopped"
    assert again(cloud, 30) == "stopped"
    assert tier.signals == []


def test_heat_at_work_is_left_alone(cloud: Cloud, tier: Tier) -> None:
    tier.state = "UPDATE_IN_PROGRESS"
    assert again(cloud) == "hold"


def test_alarms_go_first_and_a_silent_aodh_does_not_count(octavia: Octavia, tier: Tier) -> None:
    alarm = {"alarm_id": "a", "name": "load", "state": "ok", "enabled": True,
             "alarm_actions": [f"http://heat/stacks/shop/{ID}/resources/scale_out/signal"]}  # fmt: skip
    octavia.wire.on("GET", "/alarming/v2/alarms")(lambda query, body: [alarm])
    from tests.unit.fake_openstack import server

    server.SERVICES["alarming"] = "http://fake/alarming"
    try:
        cloud = octavia.cloud(services=tuple(server.SERVICES))
        assert again(cloud) == "hold"
        octavia.wire.trouble["alarming"] = [503] * 2
        assert again(cloud, 5) == "out"
    finally:
        del server.SERVICES["alarming"]


def test_the_command_tells_each_environment(tier: Tier) -> None:
    out = StringIO()
    call_command("tenant_ops_scale", "--os-cloud", "owner", stdout=out)
    assert out.getvalue().startswith("shop: out, 20.0 a server is above 10")
    tier.failed = {"abc9": "No valid host"}
    models.Lease.objects.update(memory="")
    with pytest.raises(CommandError, match="No valid host"):
        call_command("tenant_ops_scale", "--os-cloud", "owner", stdout=out)


def test_the_commands_need_a_login() -> None:
    for command in ("tenant_ops_scale", "tenant_ops_collect"):
        with pytest.raises(CommandError, match="--os-cloud"):
            call_command(command)


def test_the_collector_keeps_changes_and_samples_and_prunes(octavia: Octavia) -> None:
    old = NOW - datetime.timedelta(days=40)
    models.Note.objects.create(project_id="p", balancer_id="x", at=old, kind="edit", state="good", sentence="x")
    count = models.Sample.objects.count()
    call_command("tenant_ops_collect", "--os-cloud", "owner")
    octavia.status("lb-1", 0, "ERROR")
    call_command("tenant_ops_collect", "--os-cloud", "owner")
    assert list(models.MemberChange.objects.exclude(was="").values_list("was", "now")) == [("good", "failed")]
    assert models.Sample.objects.count() > count
    assert told() == []


def test_the_collector_says_who_did_not_answer(octavia: Octavia) -> None:
    octavia.wire.trouble["load-balancer"] = [503] * 4
    with pytest.raises(CommandError, match="production: Octavia"):
        call_command("tenant_ops_collect", "--os-cloud", "owner")


def ended() -> list[tuple[str, int | None]]:
    rows = models.Note.objects.order_by("id")
    return [(one.state, int((one.seen - one.at).total_seconds()) if one.seen else None) for one in rows]


def test_what_heat_took_is_asked_for_until_a_round_sees_it(
    octavia: Octavia, cloud: Cloud, tier: Tier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    again(cloud)
    assert ended() == [("planned", None)]
    again(cloud, 5)
    assert ended() == [("planned", None)], "Heat has not begun"
    tier.size, tier.begun = 3, "abc2"
    again(cloud, 10)
    assert ended() == [("planned", None)], "the server is being made"
    tier.begun = ""
    again(cloud, 15)
    again(cloud, 20)
    assert ended() == [("good", 15)]
    events = [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]
    told = [(one["action"], one["outcome"], one["target"]["id"], one.get("reason", {}).get("reasonCode", ""))
            for one in events]  # fmt: skip
    assert told == [
        ("update/environment-scaling", "pending", ID, "scale out"),
        ("update/environment-scaling", "success", ID, "seen done 15 s after scaling by itself asked for it"),
    ]


def test_what_heat_could_not_do_is_seen_to_have_failed(cloud: Cloud, tier: Tier) -> None:
    again(cloud)
    tier.failed = {"abc9": "Quota exceeded for instances"}
    assert again(cloud, 7) == "stopped"
    assert ended()[0] == ("failed", 7)
    assert told()[1] == "Scaling stopped: Quota exceeded for instances"
