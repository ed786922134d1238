"""Back to the seeded state, whatever the presenter did by hand, and looked at."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.environments import delete, launch
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.errors import NotAllowed
from tenant_ops_dashboard.records.walkthrough_models import Walkthrough
from tenant_ops_dashboard.walkthrough import reset
from tenant_ops_dashboard.walkthrough.acts import leftovers, shop
from tenant_ops_dashboard.walkthrough.errors import InTheWay, NotMarked
from tests.unit.walkthrough.conftest import NAME, Outside, Stage

pytestmark = pytest.mark.django_db


def gone(stage: Stage, scenario: str | None = None) -> bool:
    """Reset, have Heat take the stacks away, and look."""
    reset.reset(stage.cloud, stage.desk, scenario)
    for id_, one in list(stage.world.heat.stacks.items()):
        if one["row"]["stack_status"].startswith("DELETE"):
            stage.world.heat.gone(id_)
    for _ in range(3):
        found = reset.left(stage.cloud, stage.desk, scenario)
        if found.done:
            return True
    return False


def kept_data(stage: Stage) -> None:
    """Of an environment of the walkthrough that somebody deleted by hand."""
    stage.stand()
    id_ = stage.progress("orchestration").facts["environment_id"]
    delete.delete(stage.cloud, id_)
    stage.world.heat.gone(id_)


def volumes(stage: Stage) -> list[Any]:
    return [one for one in data_volumes.volumes(stage.cloud) if one["name"].startswith("demo")]


def test_what_was_made_goes_with_its_data_and_the_next_show_begins_anew(stage: Stage) -> None:
    stage.stand()
    assert "is being taken away" in " ".join(reset.reset(stage.cloud, stage.desk).left)
    assert stage.progress("orchestration").taken("launch").state == "passed", "it is not gone yet"
    assert gone(stage)
    assert volumes(stage) == []
    found = stage.progress("orchestration")
    assert (found.taken("launch").state, found.facts) == ("open", {})
    assert found.taken("launch").usually is not None, "how long it took is not forgotten"


def test_an_empty_project_is_there_already(stage: Stage) -> None:
    stage.world.calls()
    assert reset.reset(stage.cloud, stage.desk).done
    assert not [call for call in stage.world.calls() if not call.startswith("GET") and "auth/tokens" not in call]


def test_what_no_record_knows_goes_too(stage: Stage) -> None:
    stage.stand()
    Walkthrough.objects.all().delete()
    assert stage.progress("orchestration").taken("launch").state == "open"
    assert leftovers.environment(stage.cloud, ()) == (
        f"The environment {NAME} is there.",
        f"The volume {NAME}-data is in-use.",
    )
    assert gone(stage)
    assert volumes(stage) == []


def test_data_that_somebody_kept_by_hand_goes_too(stage: Stage) -> None:
    kept_data(stage)
    assert [one["status"] for one in volumes(stage)] == ["available"]
    assert reset.reset(stage.cloud, stage.desk).done
    assert volumes(stage) == []


def test_data_of_one_that_somebody_deletes_meanwhile_goes_too(stage: Stage) -> None:
    """Deleted by hand, without its data, as the reset began: no second reset is needed."""
    stage.stand()
    id_ = stage.progress("orchestration").facts["environment_id"]
    delete.delete(stage.cloud, id_)
    assert not reset.reset(stage.cloud, stage.desk).done
    stage.world.heat.gone(id_)
    reset.left(stage.cloud, stage.desk)
    assert reset.left(stage.cloud, stage.desk).done
    assert volumes(stage) == []


def test_an_environment_of_that_name_that_somebody_else_made_is_neither_used_nor_taken_away(stage: Stage) -> None:
    theirs = launch.launch(stage.cloud, shop.request())
    stage.world.heat.finish(theirs.id)
    with pytest.raises(InTheWay, match="did not make, so it is left alone"):
        stage.do("balancing", "ready")
    assert reset.reset(stage.cloud, stage.desk).done
    assert list(stage.world.heat.stacks) == [theirs.id]
    assert [one["status"] for one in volumes(stage)] == ["in-use"]


def test_data_that_somebody_kept_goes_when_heat_has_forgotten_the_stack(stage: Stage) -> None:
    kept_data(stage)
    stage.world.heat.deleted.clear()
    assert reset.reset(stage.cloud, stage.desk).done
    assert volumes(stage) == []


@pytest.mark.parametrize("metadata", [{}, {"tenant_ops_environment": "00000000-0000-0000-0000-00000000abcd"}])
def test_data_of_that_name_that_somebody_else_made_stays(stage: Stage, metadata: dict[str, str]) -> None:
    stage.world.things.add(
        "volumes", name=f"{NAME}-data", size=1, status="available", project_id="project", metadata=metadata
    )  # fmt: skip
    assert reset.reset(stage.cloud, stage.desk).done
    assert len(volumes(stage)) == 1


def test_data_of_anothers_environment_that_is_gone_stays(stage: Stage) -> None:
    theirs = launch.launch(stage.cloud, shop.request())
    stage.world.heat.finish(theirs.id)
    delete.delete(stage.cloud, theirs.id)
    stage.world.heat.gone(theirs.id)
    assert reset.reset(stage.cloud, stage.desk).done
    assert [one["status"] for one in volumes(stage)] == ["available"]


def test_what_is_not_the_walkthroughs_stays(stage: Stage) -> None:
    other = stage.world.things.add("volumes", name="shop-data", size=1, status="available", project_id="project")
    stage.stand()
    assert gone(stage)
    assert [one["id"] for one in data_volumes.volumes(stage.cloud)] == [other["id"]]


def test_ports_addresses_and_snapshots_of_others_do_not_stand_in_the_way(stage: Stage) -> None:
    stage.stand()
    things = stage.world.things
    there = stage.world.heat.stacks[stage.progress("orchestration").facts["environment_id"]]["ids"]
    port = things.add(
        "ports", name="probe", network_id=there["dmz_network"], device_owner="compute:nova", device_id="somebodys",
        fixed_ips=[{"ip_address": "10.20.1.99", "subnet_id": there["dmz_subnet"]}], status="ACTIVE",
    )  # fmt: skip
    address = things.add(
        "floatingips", project_id="project", port_id=port["id"], floating_ip_address="203.0.113.99",
        fixed_ip_address="10.20.1.99",
    )  # fmt: skip
    (volume,) = volumes(stage)
    kept = things.add("snapshots", name="by hand", volume_id=volume["id"], status="available", size=1)
    assert gone(stage)
    assert port["id"] not in things.kept["ports"] and kept["id"] not in things.kept["snapshots"]
    assert things.kept["floatingips"][address["id"]]["port_id"] is None, "the address stays its project's"


def test_of_one_scenario_the_others_environment_stays(stage: Stage) -> None:
    stage.stand()
    stage.do("cloning", "ready")
    assert reset.reset(stage.cloud, stage.desk, "cloning").done
    assert stage.progress("cloning").taken("ready").state == "open"
    assert stage.progress("orchestration").taken("launch").state == "passed"
    assert len(stage.world.heat.stacks) == 1


def test_the_last_scenario_on_it_takes_the_environment_along(stage: Stage) -> None:
    stage.stand("firewall", "ready")
    assert gone(stage, "firewall")
    assert stage.world.heat.stacks == {} or shop.usable(stage.cloud) is None


def test_the_first_scenario_takes_all_others_along(stage: Stage, outside: Outside) -> None:
    stage.stand()
    stage.do("firewall", "ready")
    assert gone(stage, "orchestration")
    assert stage.progress("firewall").taken("ready").state == "open"


def test_what_cannot_be_taken_away_is_told_and_the_rest_goes(stage: Stage) -> None:
    stage.stand()
    stage.world.wire.trouble["DELETE /orchestration"] = [500]
    found = reset.reset(stage.cloud, stage.desk)
    assert any("Heat" in one for one in found.left)
    assert not found.done
    assert gone(stage), "a second reset goes on with it"


def test_a_project_that_is_not_marked_is_left_alone(stage: Stage) -> None:
    stage.stand()
    stage.world.keystone.tags = {}
    another = Stage(stage.world, stage.world.cloud("member", name="owner"))
    for one in (reset.reset, reset.left):
        with pytest.raises(NotMarked):
            one(another.cloud, stage.desk)
    assert shop.usable(stage.cloud) is not None


def test_who_may_only_look_takes_nothing_away(stage: Stage) -> None:
    stage.stand()
    for one in (reset.reset, reset.left):
        with pytest.raises(NotAllowed):
            one(stage.world.cloud("reader", name="auditor"), stage.desk)
    assert shop.usable(stage.cloud) is not None
