"""The fourth scenario: offered to the other project, asked for there, changed there, gone by itself."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest

from tenant_ops_dashboard.clones import markers
from tenant_ops_dashboard.clones.model import Terms
from tenant_ops_dashboard.cloud import elsewhere
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.walkthrough import reset, steps
from tenant_ops_dashboard.walkthrough.acts import copies, shop
from tenant_ops_dashboard.walkthrough.errors import NotMarked
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
    stage.world.things.add(
        "volumes", name=copies.BRIEF, size=1, status="available", project_id="development",
        metadata={markers.CLONE: "00000000-0000-0000-0000-00000000abcd"},
    )  # fmt: skip
    assert any("demo-short" in one for one in reset.left(stage.cloud, stage.desk).left)
    reset.reset(stage.cloud, stage.desk)
    assert reset.left(stage.cloud, stage.desk).done


def test_what_people_called_the_same_in_the_other_project_stays(stage: Stage) -> None:
    """Somebody's own volume, his own environment, and his own clone of what this project offers."""
    offered(stage)
    there = elsewhere(stage.cloud, "development")
    mine = stage.world.things.add("volumes", name=copies.CLONE, size=1, status="available", project_id="development")
    theirs = launch.launch(there, replace(shop.request(), name=copies.BRIEF))
    own = changes.request(there, stage.progress("cloning").facts["offer_id"], copies.CLONE, "1h", "my test", NOW)[0]
    records.save(own, state="ready", step="")
    assert not [one for one in reset.left(stage.cloud, stage.desk, "cloning").left if "development" in one]
    reset.reset(stage.cloud, stage.desk)
    assert mine["id"] in stage.world.things.kept["volumes"]
    assert stage.world.heat.stacks[theirs.id]["row"]["stack_status"] == "CREATE_IN_PROGRESS"
    found = records.named("RegionOne", "development", copies.CLONE)
    assert found is not None and (found.id, found.purpose) == (own.id, "my test")
    assert found.state == "ready"


def test_somebodys_own_clone_of_that_name_is_not_used(stage: Stage) -> None:
    offered(stage)
    there = elsewhere(stage.cloud, "development")
    changes.request(there, stage.progress("cloning").facts["offer_id"], copies.CLONE, "1h", "my test", NOW)
    with pytest.raises(steps.InTheWay, match="not the walkthrough's"):
        stage.do("cloning", "clone")
    assert "clone_id" not in stage.progress("cloning").facts


def test_an_offer_of_anothers_data_of_that_name_stays(stage: Stage) -> None:
    theirs = launch.launch(stage.cloud, shop.request())
    stage.world.heat.finish(theirs.id)
    changes.offer(stage.cloud, theirs.id, Terms(to=("development",)), NOW)
    assert reset.reset(stage.cloud, stage.desk).done
    assert [one.open for one in records.offers(stage.cloud)] == [True]


def test_a_project_that_does_not_tell_its_marks_keeps_no_reset_from_going(stage: Stage) -> None:
    stage.world.wire.trouble["GET /identity/v3/projects/development/tags"] = [403] * 9
    assert reset.reset(stage.cloud, stage.desk).done
    stage.stand("cloning", "ready")
    with pytest.raises(steps.InTheWay, match="there is none"):
        stage.do("cloning", "offer")


def test_no_row_is_written_where_the_clones_address_leads_elsewhere(stage: Stage, outside: Outside) -> None:
    address = cloned(stage, outside)
    stage.take("cloning", "row")
    elsewhere_ = stage.world.things.add("ports", name="somebody's", project_id="development", device_id="theirs")
    for one in stage.world.things.kept["floatingips"].values():
        if one["floating_ip_address"] == address:
            one["port_id"] = elsewhere_["id"]
    with pytest.raises(steps.InTheWay, match="does not lead to the environment's load balancer"):
        stage.do("cloning", "change")
    assert not [one for one in outside.asked if one.startswith("POST")]


def test_no_clone_is_asked_for_while_production_tells_no_rows(stage: Stage, outside: Outside) -> None:
    """What is compared later has to be known first."""
    offered(stage)
    outside.servers = []
    with pytest.raises(steps.InTheWay, match="tells no rows now"):
        stage.do("cloning", "clone")
    assert records.named("RegionOne", "development", copies.CLONE) is None


def test_nothing_more_is_done_in_a_project_that_lost_its_mark(stage: Stage, outside: Outside) -> None:
    cloned(stage, outside)
    stage.take("cloning", "row")
    stage.world.keystone.tags["development"] = []
    another = Stage(stage.world, stage.world.cloud("member", name="owner", service_user="a" * 32))
    with pytest.raises(NotMarked, match="--tag tenant-ops-demo development"):
        another.do("cloning", "change")
    assert not [one for one in outside.asked if one.startswith("POST")]


@pytest.mark.parametrize("why", ["mark", "role"])
def test_a_clone_in_a_project_where_nothing_may_be_done_any_more_is_ended_by_its_owner(
    stage: Stage, outside: Outside, why: str
) -> None:
    offered(stage)
    stage.take("cloning", "clone")
    kept(stage, "clone_id", state="ready", step="")
    if why == "mark":
        stage.world.keystone.tags["development"] = []
    else:
        stage.world.wire.trouble["POST /identity/v3/auth/tokens"] = [401] * 99
    another = Stage(stage.world, stage.world.cloud("member", name="owner", service_user="a" * 32))
    assert any("demo-clone" in one for one in reset.reset(another.cloud, another.desk, "cloning").left)
    found = records.named("RegionOne", "development", copies.CLONE)
    assert found is not None and found.state in ("releasing", "expiring")
