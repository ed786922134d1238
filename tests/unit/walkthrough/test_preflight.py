"""Before the show: each thing that would spoil it is found, with its fix, and nothing is changed by looking."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.utils import timezone

from tenant_ops_dashboard.environments import delete, launch
from tenant_ops_dashboard.errors import NotAllowed
from tenant_ops_dashboard.records import heartbeats
from tenant_ops_dashboard.records.walkthrough_models import Walkthrough
from tenant_ops_dashboard.walkthrough import preflight
from tenant_ops_dashboard.walkthrough.acts import shop
from tenant_ops_dashboard.walkthrough.model import Problem
from tests.unit.fake_openstack.server import SERVICES
from tests.unit.walkthrough.conftest import Stage

pytestmark = pytest.mark.django_db


def found(stage: Stage, scenario: str | None = None) -> dict[str, Problem]:
    """The worst finding of each kind."""
    order = ("good", "warning", "failed")
    all_ = preflight.preflight(stage.cloud, stage.desk, scenario)
    return {one.what: one for one in sorted(all_, key=lambda one: order.index(one.state))}


def cared(ago: float = 1.0) -> None:
    heartbeats.beat("clones", "RegionOne", timezone.now() - datetime.timedelta(seconds=ago))


def test_where_all_is_ready_nothing_has_failed_and_nothing_was_changed(stage: Stage) -> None:
    cared()
    stage.world.calls()
    told = found(stage)
    assert {one.state for one in told.values()} == {"good"}
    assert "never shown" in told["Time"].found and "tenant-ops walkthrough rehearse" in told["Time"].found
    assert set(told) == {
        "Mark", "Services", "Roles", "Packets", "Room", "Firewall", "Other project", "Care", "Leftovers", "Time",
    }  # fmt: skip
    sent = [call for call in stage.world.calls() if not call.startswith("GET") and "/auth/tokens" not in call]
    assert [call for call in sent if "preview" not in call and "validate" not in call] == []


def _unmarked(stage: Stage) -> None:
    stage.world.keystone.tags = {"development": stage.world.keystone.tags["development"]}


def _untold(stage: Stage) -> None:
    stage.world.wire.trouble["GET /identity/v3/projects/project/tags"] = [403] * 9


def _alone(stage: Stage) -> None:
    stage.world.keystone.tags = {"project": stage.world.keystone.tags["project"]}


def _full(stage: Stage) -> None:
    stage.world.things.quota["instances"] = 1


def _silent(stage: Stage) -> None:
    stage.cloud = stage.world.cloud("member", name="owner", packet_proofs=False)


def _poor(stage: Stage) -> None:
    stage.cloud = stage.world.cloud(
        "member", name="owner", services=tuple(one for one in SERVICES if one != "load-balancer")
    )


def _reader(stage: Stage) -> None:
    stage.cloud = stage.world.cloud("reader", name="auditor")


def _late(stage: Stage) -> None:
    cared(999.0)


@pytest.mark.parametrize(
    ("what", "spoil", "says", "fix"),
    [
        ("Mark", _unmarked, "is not marked", "openstack project set --tag tenant-ops-demo project'"),
        ("Mark", _untold, "does not tell", "identity:list_project_tags"),
        ("Other project", _alone, "there is none", "--tag tenant-ops-demo PROJECT"),
        ("Room", _full, "Servers", "ask your operator"),
        ("Packets", _silent, "sends no packets", "TENANT_OPS_PACKET_PROOFS"),
        ("Services", _poor, "load-balancer", "cloud or region"),
        ("Roles", _reader, "walkthrough:run", "role 'member'"),
        ("Care", _late, "last ran 999 s ago", "tenant_ops_care"),
    ],
)  # fmt: skip
def test_what_would_spoil_it_is_found(
    stage: Stage, what: str, spoil: Callable[[Stage], None], says: str, fix: str
) -> None:
    spoil(stage)
    one = found(stage)[what]
    assert one.state == "failed"
    assert says in one.found and fix in f"{one.found} {one.fix}"


def test_what_helps_is_not_told_twice(stage: Stage) -> None:
    _alone(stage)
    one = found(stage)["Other project"]
    assert "--tag" not in one.found and "--tag tenant-ops-demo PROJECT" in one.fix


def test_a_job_that_never_ran_is_told(stage: Stage) -> None:
    assert "never ran here" in found(stage)["Care"].found


def test_a_service_that_is_away_is_a_finding_and_the_others_are_looked_at(stage: Stage) -> None:
    cared()
    stage.world.wire.trouble["GET /compute"] = [503] * 99
    told = found(stage)
    assert "Nova" in told["Room"].found and told["Room"].fix
    assert told["Mark"].state == told["Care"].state == "good"


def test_what_an_earlier_show_left_is_told(stage: Stage) -> None:
    stage.stand()
    id_ = stage.progress("orchestration").facts["environment_id"]
    delete.delete(stage.cloud, id_, data=True)
    stage.world.heat.gone(id_)
    Walkthrough.objects.all().delete()
    stage.world.calls()
    one = found(stage)["Leftovers"]
    assert (one.state, one.fix) == ("warning", "Reset all scenarios: that takes it away.")
    assert not [call for call in stage.world.calls() if call.startswith(("PUT", "DELETE"))], (
        "nothing is done by looking"
    )


def test_an_environment_of_that_name_that_somebody_else_made_is_told(stage: Stage) -> None:
    launch.launch(stage.cloud, shop.request())
    told = found(stage)
    assert told["Leftovers"].state == "good"
    assert told["Room"].state == "failed" and "did not make" in told["Room"].found


def test_how_long_it_takes_is_known_from_past_runs(stage: Stage) -> None:
    stage.stand()
    told = [one for one in preflight.preflight(stage.cloud, stage.desk, "orchestration") if one.what == "Time"]
    assert [(one.state, "usually takes" in one.found) for one in told] == [("good", True)]


@pytest.mark.parametrize(("seconds", "says"), [(34.9, "takes 34 s of"), (59.9, "takes 59 s of"), (112.7, "takes 1 min 52 s of")])
def test_the_time_is_told_as_a_card_tells_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, seconds: float, says: str
) -> None:
    monkeypatch.setattr(stage.desk, "usual", lambda cloud, id_: {"launch": seconds})
    assert says in found(stage, "orchestration")["Time"].found


def test_one_scenario_is_looked_over_by_what_it_needs(stage: Stage) -> None:
    assert "Other project" not in found(stage, "firewall")
    assert "Firewall" not in found(stage, "cloning")


def test_who_may_not_even_look_is_told(stage: Stage) -> None:
    with pytest.raises(NotAllowed):
        preflight.preflight(stage.world.cloud("load-balancer_observer", name="outsider"), stage.desk)
