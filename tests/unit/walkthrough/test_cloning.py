"""The fourth scenario: offered to the other project, asked for there, changed there, gone by itself."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from tenant_ops_dashboard.cloud import elsewhere
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.walkthrough import reset, steps
from tenant_ops_dashboard.walkthrough.acts import copies, shop
from tests.unit.walkthrough.conftest import Outside, Stage

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 30, 9, 0, tzinfo=datetime.UTC)


def kept(stage: Stage, fact: str, **changes: Any) -> None:
    """What care makes of a clone."""
    there = elsewhere(stage.cloud, "development")
    found = records.by_id(there, stage.progress("cloning").facts[fact])
    assert found is not None
    records.save(found, **changes)


def offered(stage: Stage) -> None:
    stage.stand("cloning", "ready")
    assert stage.take("cloning", "offer").state == "passed"


def cloned(stage: Stage, outside: Outside) -> str:
    """The clone's address, once it is ready with an environment of its own."""
    offered(stage)
    assert stage.take("cloning", "clone").state == "waiting"
    there = elsewhere(stage.cloud, "development")
    made = launch.launch(there, shop.request())
    stage.world.heat.finish(made.id)
    for one in stage.world.things.kept["floatingips"].values():
        if one["id"] in stage.world.heat.stacks[made.id]["ids"].values():
            one["floating_ip_address"] = "203.0.113.90"
    kept(stage, "clone_id", state="ready", step="", environment_id=made.id, seconds={"copy": 3.0, "build": 40.0})
    found = stage.check("cloning", "clone")
    assert found.state == "passed", found.evidence
    assert "build 40 s" in found.evidence
    address = stage.progress("cloning").facts["clone_address"]
    outside.others[address] = 50
    return address


def test_the_owner_offers_to_the_other_marked_project(stage: Stage) -> None:
    offered(stage)
    (one,) = records.offers(stage.cloud)
    assert (one.terms.to, one.terms.approve, one.terms.environment) == (("development",), "auto", "demo-shop")
    assert stage.progress("cloning").facts["receiver"] == "development"


def test_a_project_that_is_not_marked_gets_nothing(stage: Stage) -> None:
    stage.stand("cloning", "ready")
    stage.world.keystone.tags["development"] = []
    with pytest.raises(steps.InTheWay, match="there is none"):
        stage.do("cloning", "offer")
    assert records.offers(stage.cloud) == ()


def test_the_clone_is_changed_and_production_is_not(stage: Stage, outside: Outside) -> None:
    address = cloned(stage, outside)
    assert stage.take("cloning", "row").evidence == "The clone's application reads 50 rows, as production had them."
    assert stage.take("cloning", "change").evidence == "The clone has 51 rows now, one more than before."
    assert outside.asked.count(f"POST {address}/rows") == 1
    assert stage.take("cloning", "source").evidence == "Production has 50 rows, as before."


def test_a_production_that_changed_is_told(stage: Stage, outside: Outside) -> None:
    cloned(stage, outside)
    for step in ("row", "change"):
        stage.take("cloning", step)
    outside.rows = 51
    found = stage.take("cloning", "source")
    assert found.state == "failed" and found.evidence == "Production has 51 rows, and had 50."


def test_a_clone_that_fails_is_told_in_its_own_words(stage: Stage, outside: Outside) -> None:
    offered(stage)
    stage.take("cloning", "clone")
    kept(stage, "clone_id", state="failed", step="", says="Cinder has no room.")
    found = stage.check("cloning", "clone")
    assert found.state == "failed" and "Cinder has no room." in found.evidence


def test_a_short_lease_ends_and_the_volume_is_gone(stage: Stage) -> None:
    offered(stage)
    assert stage.take("cloning", "lease").state == "waiting"
    there = elsewhere(stage.cloud, "development")
    found = records.named("RegionOne", "development", copies.BRIEF)
    assert found is not None and found.lease == 10
    volume = stage.world.things.add("volumes", name=copies.BRIEF, size=1, status="deleting", project_id="development")
    end = NOW + datetime.timedelta(seconds=10)
    kept(stage, "short_id", state="ready", step="", ready_at=NOW, expires_at=end, volume_id=volume["id"])
    assert "ends at 09:00:10 UTC" in stage.check("cloning", "lease").evidence
    kept(stage, "short_id", state="released", ended_at=end)
    assert "Cinder still takes its volume away" in stage.check("cloning", "lease").evidence
    del stage.world.things.kept["volumes"][volume["id"]]
    seen = stage.check("cloning", "lease")
    assert seen.state == "passed" and seen.evidence.startswith("It was ready for 10 s")
    assert there.project_id == "development"


def test_a_reset_gives_clones_back_and_withdraws_the_offer(stage: Stage) -> None:
    offered(stage)
    stage.take("cloning", "clone")
    stage.take("cloning", "lease")
    reset.reset(stage.cloud, stage.desk)
    assert not [one for one in records.offers(stage.cloud) if one.open]
    live = [records.named("RegionOne", "development", name) for name in (copies.CLONE, copies.BRIEF)]
    assert all(one is None or one.state in ("releasing", "expiring") for one in live)


def test_a_copy_that_no_record_knows_goes_too(stage: Stage) -> None:
    stage.world.things.add("volumes", name=copies.BRIEF, size=1, status="available", project_id="development")
    assert any("demo-short" in one for one in reset.left(stage.cloud, stage.desk).left)
    reset.reset(stage.cloud, stage.desk)
    assert reset.left(stage.cloud, stage.desk).done
