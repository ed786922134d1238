"""The third scenario on a cloud at the HTTP level: no rules, one rule, the probe of both layers, and back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenant_ops_dashboard.environments.proofs import sending
from tenant_ops_dashboard.firewall import apply, current
from tenant_ops_dashboard.firewall.model import Draft, Rule
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.walkthrough import reset, steps
from tenant_ops_dashboard.walkthrough.acts import shop
from tests.unit.firewall import standing
from tests.unit.walkthrough.conftest import Outside, Stage

pytestmark = pytest.mark.django_db


def rules(stage: Stage) -> list[tuple[str, str | None]]:
    now = current.read(FirewallApi(stage.cloud), "demo-shop-fw").state
    return [(one.name, one.destination_port) for one in now.rules]


def test_the_story_is_told_and_taken_back(stage: Stage, outside: Outside) -> None:
    stage.stand("firewall", "ready")
    standing.complete(stage.world)
    before = rules(stage)
    assert stage.take("firewall", "works").state == "passed"

    stage.do("firewall", "block")
    assert rules(stage) == []
    assert "still is answered" in stage.check("firewall", "block").evidence
    outside.servers = []
    blocked = stage.check("firewall", "block")
    assert blocked.state == "passed" and "2 requests got no answer" in blocked.evidence

    stage.do("firewall", "allow")
    assert [port for _, port in rules(stage)] == ["80"]
    assert stage.check("firewall", "allow").state == "waiting"
    outside.servers, outside.rows = ["app-1"], None
    assert stage.check("firewall", "allow").state == "passed"

    layer = stage.take("firewall", "layer")
    assert layer.state == "passed", layer.evidence
    assert "passes the security group (2 of 2 looked at) and ends at the firewall group" in layer.evidence
    assert "reads no rows" in layer.evidence

    stage.do("firewall", "undo")
    assert rules(stage) == before
    assert stage.check("firewall", "undo").state == "waiting"
    outside.rows = 50
    assert stage.check("firewall", "undo").state == "passed"


def test_the_probe_is_of_the_port_that_its_database_was_launched_with(
    stage: Stage, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as launched:
        launched.setattr(shop, "ANSWERS", {**shop.ANSWERS, "database_port": "5432"})
        stage.stand("firewall", "ready")
    standing.complete(stage.world)
    for step in ("works", "block"):
        stage.do("firewall", step)
        stage.check("firewall", step)
        outside.servers = []
    stage.check("firewall", "block")
    outside.servers, outside.rows = ["app-1"], None
    stage.take("firewall", "allow")
    assert "Probed tcp 5432" in stage.do("firewall", "layer").did
    layer = stage.check("firewall", "layer")
    assert layer.state == "passed", layer.evidence


def test_rows_that_are_read_all_the_same_are_no_proof(stage: Stage, outside: Outside) -> None:
    stage.stand("firewall", "ready")
    standing.complete(stage.world)
    for step in ("works", "block"):
        stage.do("firewall", step)
        stage.check("firewall", step)
        outside.servers = []
    stage.check("firewall", "block")
    outside.servers = ["app-1"]
    stage.take("firewall", "allow")
    assert stage.take("firewall", "layer").evidence.startswith("Not in force yet")


def test_done_again_the_undo_leads_back_to_where_all_began(stage: Stage, outside: Outside) -> None:
    stage.stand("firewall", "ready")
    before = rules(stage)
    stage.take("firewall", "works")
    stage.do("firewall", "block")
    outside.servers = []
    stage.check("firewall", "block")
    stage.do("firewall", "allow")
    steps.again(stage.cloud, stage.desk, "firewall", "block")
    stage.do("firewall", "undo")
    assert rules(stage) == before


def test_a_reset_of_it_alone_puts_the_rules_back(stage: Stage, outside: Outside) -> None:
    stage.stand()
    stage.do("firewall", "ready")
    stage.check("firewall", "ready")
    before = rules(stage)
    stage.take("firewall", "works")
    stage.do("firewall", "block")
    assert rules(stage) == []
    assert reset.reset(stage.cloud, stage.desk, "firewall").done
    assert rules(stage) == before
    assert stage.progress("firewall").taken("block").state == "open"
    assert stage.progress("orchestration").taken("launch").state == "passed", "the others' environment stays"


def test_rules_that_somebody_wrote_by_hand_are_put_right_too(stage: Stage) -> None:
    stage.stand()
    stage.do("firewall", "ready")
    stage.check("firewall", "ready")
    before = rules(stage)
    api = FirewallApi(stage.cloud)
    now = current.read(api, "demo-shop-fw")
    assert now.state.ingress is not None
    open_ = Rule(name="by hand", action="allow", protocol="tcp", destination_port="1521")
    apply.apply(stage.cloud, Draft(replace(now.state, ingress=replace(now.state.ingress, rules=(open_,))), now.base), wait=0)
    assert reset.left(stage.cloud, stage.desk, "firewall").left
    assert reset.reset(stage.cloud, stage.desk, "firewall").done
    assert rules(stage) == before


@pytest.mark.parametrize(
    ("proxy", "says"),
    [
        ("", sending.Answer(503, "", None, "no server is available")),
        ("http://127.0.0.1:9", ConnectionRefusedError("refused")),
        ("http://127.0.0.1:9", sending.Answer(403, "", None, "not through me")),
    ],
)
def test_what_says_nothing_of_the_firewall_is_no_proof_that_it_blocks(
    stage: Stage, outside: Outside, monkeypatch: pytest.MonkeyPatch, proxy: str, says: sending.Answer | Exception
) -> None:
    stage.stand("firewall", "ready")
    standing.complete(stage.world)
    stage.take("firewall", "works")
    stage.do("firewall", "block")

    def get(*told: object) -> sending.Answer:
        if isinstance(says, Exception):
            raise says
        return says

    monkeypatch.setattr(sending.Way, "get", get)
    there = Stage(stage.world, stage.world.cloud("member", name="owner", proof_proxy=proxy))
    seen = there.check("firewall", "block")
    assert seen.state == "waiting" and "says nothing of the firewall" in seen.evidence
