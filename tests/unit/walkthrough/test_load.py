"""The load is bounded: so many requests a look, a minute, in all; and it goes to the environment's own address alone."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tenant_ops_dashboard.care.walkthrough import Desk
from tenant_ops_dashboard.environments.proofs import sending
from tenant_ops_dashboard.walkthrough import scenarios, steps
from tenant_ops_dashboard.walkthrough.acts import load, packets
from tenant_ops_dashboard.walkthrough.errors import InTheWay
from tenant_ops_dashboard.walkthrough.play import Context
from tests.unit.fake_openstack.world import World
from tests.unit.walkthrough.conftest import Outside, Stage

pytestmark = pytest.mark.django_db


@dataclass
class Looks:
    """Looks of one load, as if so many seconds after it was begun."""

    facts: dict[str, str] = field(default_factory=lambda: {"load_sent": "0"})

    def after(self, seconds: float) -> int:
        """How many requests this look sends."""
        began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=seconds)
        context: Any = Context(None, None, self.facts, began)  # type: ignore[arg-type]
        self.facts = {**self.facts, **load.due(context)}
        return int(self.facts["load_due"])


class Clock:
    """A clock that goes on where it is told to."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at

    def run(self, seconds: float) -> None:
        self.at += seconds


@pytest.mark.parametrize("every", [0.5, 2.0, 3.5, 10.0, 25.0])
def test_no_look_sends_more_than_a_burst_and_all_of_them_no_more_than_is_said(every: float) -> None:
    looks, at, sent = Looks(), 0.0, []
    while at < 3 * load.SECONDS:
        sent.append((at, looks.after(at)))
        at += every
    assert all(0 <= count <= load.BURST for _, count in sent)
    assert sum(count for _, count in sent) <= load.MOST
    assert not any(count for when, count in sent if when > load.SECONDS)
    assert any(count for _, count in sent)


def test_the_rate_rises() -> None:
    looks = Looks()
    sent = [looks.after(at) for at in range(0, 60, 4)]
    assert sum(sent[:5]) < sum(sent[5:10]) < sum(sent[10:])


def test_a_look_is_kept_before_it_sends(stage: Stage, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another presenter sees meanwhile counts those requests: two together send no more than one would."""
    _begun(stage)
    kept: list[str] = []
    real = packets.ask

    def asked(*told: Any, **more: Any) -> packets.Heard:
        kept.append(stage.desk.load(stage.cloud, "balancing").facts["load_sent"])
        return real(*told, **more)

    monkeypatch.setattr(packets, "ask", asked)
    monkeypatch.setattr(load, "RISE", 1e9)
    stage.check("balancing", "load")
    assert kept == [str(len(outside.asked))] and 0 < len(outside.asked) <= load.BURST


def test_of_a_hundred_who_look_at_once_one_sends(
    stage: Stage, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    _begun(stage)
    monkeypatch.setattr(load, "RISE", 1e9)
    before = stage.desk.load(stage.cloud, "balancing")

    class Read(Desk):
        """The first look of each saw the same."""

        def __init__(self) -> None:
            self.seen = [before]

        def load(self, cloud: Any, scenario: str) -> Any:
            return self.seen.pop() if self.seen and scenario == "balancing" else super().load(cloud, scenario)

    for _ in range(100):
        steps.check(stage.cloud, Read(), "balancing", "load")
    assert len(outside.asked) == load.BURST


def test_where_another_hosts_clock_is_ahead_it_has_not_begun_yet() -> None:
    looks = Looks()
    assert [looks.after(at) for at in (-100.0, -60.0, -1.0)] == [0, 0, 0]


def test_a_look_that_nobody_answers_ends_soon(
    stage: Stage, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.stand()
    outside.servers, clock = [], Clock()
    monkeypatch.setattr(packets, "time", clock)
    monkeypatch.setattr(sending.Way, "get", lambda *told: (clock.run(packets.TRY), outside.get(*told)))
    heard = packets.ask(stage.cloud, stage.progress("orchestration").facts["address"], load.BURST, patient=True)
    assert heard.sent == packets.LOOK / packets.TRY and "timed out" in heard.trouble


@pytest.mark.parametrize("at", ["begin", "look"])
def test_an_address_that_somebody_put_elsewhere_gets_no_load(
    stage: Stage, outside: Outside, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    stage.stand("balancing", "ready")
    stage.desk.save(stage.cloud, _passed(stage, "rules"))
    monkeypatch.setattr(load, "RISE", 1e9)
    if at == "look":
        stage.do("balancing", "load")
    elsewhere = stage.world.things.add("ports", name="somebody's", project_id="project", device_id="theirs")
    (address,) = [
        one for one in stage.world.things.kept["floatingips"].values()
        if one["floating_ip_address"] == stage.progress("balancing").facts["address"]
    ]  # fmt: skip
    address["port_id"] = elsewhere["id"]
    if at == "begin":
        with pytest.raises(InTheWay, match="does not lead to the environment's load balancer"):
            stage.do("balancing", "load")
    else:
        assert "does not lead to the environment's load balancer" in stage.check("balancing", "load").evidence
    assert outside.asked == []


def _begun(stage: Stage) -> None:
    stage.stand("balancing", "ready")
    stage.desk.save(stage.cloud, _passed(stage, "rules"))
    stage.do("balancing", "load")


def _passed(stage: Stage, step: str) -> Any:
    now = stage.desk.load(stage.cloud, "balancing")
    return replace(now, steps=(*now.steps, replace(now.taken(step), state="passed")), facts={**now.facts, "servers": "2"})


@pytest.mark.parametrize("address", ["198.51.100.7", "203.0.113.250", "127.0.0.1"])
def test_no_packet_goes_to_an_address_that_is_not_the_projects_own(
    stage: Stage, outside: Outside, address: str
) -> None:
    stage.stand()
    with pytest.raises(InTheWay, match="no floating IP of this project"):
        packets.ask(stage.cloud, address, 3)
    assert outside.asked == []


def test_where_packets_are_switched_off_none_is_sent(world: World, outside: Outside) -> None:
    cloud = world.cloud("member", packet_proofs=False)
    with pytest.raises(InTheWay, match="TENANT_OPS_PACKET_PROOFS"):
        packets.ask(cloud, "203.0.113.7", 1)
    assert outside.asked == []


def test_who_presents_is_told_why_the_card_says_that_nothing_scales_by_itself() -> None:
    """The card of the page that this step leads to: nobody entrusted it to the care job."""
    notes = scenarios.act("balancing", "load").step.notes
    assert "This page decides while it is open" in notes and "'Entrust it…'" in notes
