"""Clouds that disagree: pages of two rows, a login that is bound to its project, a project with odd letters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.walkthrough import reset, steps
from tests.unit.walkthrough.conftest import Stage

pytestmark = pytest.mark.django_db


def test_lists_that_come_two_rows_a_page_are_read_to_their_end(stage: Stage) -> None:
    for number in range(5):
        stage.world.things.add("volumes", name=f"other-{number}", size=1, status="available", project_id="project")
        stage.world.things.add("servers", name=f"other-{number}", status="SHUTOFF", project_id="project", metadata={})
    stage.world.things.cap = 2
    stage.stand()
    assert [stage.take("orchestration", step).state for step in ("answers", "closed", "again")] == ["passed"] * 3
    id_ = stage.progress("orchestration").facts["environment_id"]
    reset.reset(stage.cloud, stage.desk)
    stage.world.heat.gone(id_)
    reset.left(stage.cloud, stage.desk)
    assert reset.left(stage.cloud, stage.desk).done
    assert len(data_volumes.volumes(stage.cloud)) == 5


@pytest.mark.parametrize("status", [401, 403])
def test_a_login_that_is_bound_to_its_project_shows_and_resets_all_but_cloning(stage: Stage, status: int) -> None:
    """An application credential gets no token for another project."""
    stage.world.wire.trouble["POST /identity/v3/auth/tokens"] = [status] * 99
    stage.stand("cloning", "ready")
    with pytest.raises(steps.InTheWay, match="there is none"):
        stage.do("cloning", "offer")
    id_ = stage.progress("cloning").facts["environment_id"]
    reset.reset(stage.cloud, stage.desk)
    stage.world.heat.gone(id_)
    reset.left(stage.cloud, stage.desk)
    assert reset.left(stage.cloud, stage.desk).done


def test_how_a_project_with_odd_letters_is_marked_can_be_pasted_into_a_shell(stage: Stage) -> None:
    stage.world.keystone.tags = {}
    odd = replace(stage.cloud, project_name="it's; rm -rf $HOME")
    with pytest.raises(steps.InTheWay, match="'openstack project set --tag tenant-ops-demo project'"):
        steps.do(odd, stage.desk, "orchestration", "launch")
