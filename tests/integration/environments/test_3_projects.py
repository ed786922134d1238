"""An administrator of the cloud in another project: the real Heat shows him all stacks, his pages show him his own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, errors, launch, reconcile, watch
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.heat import resources, stack
from tenant_ops_dashboard.environments.model import Environment
from tests.integration.by_hand import Hand

LISTS = (firewall_groups.GROUPS, firewall_groups.POLICIES, firewall_groups.RULES)


@pytest.fixture
def operator(log_in: Callable[..., Cloud], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The operator, in the project admin."""
    known = json.loads(Path(os.environ["OS_CLIENT_CONFIG_FILE"]).read_text())
    known["clouds"]["operator"]["auth"]["project_name"] = "admin"
    (tmp_path / "clouds.yaml").write_text(json.dumps(known))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    return log_in("operator")


def everything(operator: Cloud, environment: Environment, project: str) -> list[dict[str, Any]]:
    """What Neutron has of the environment's firewall and of the operator's project, as the administrator sees it."""
    found = [one for path in LISTS for one in operator.get("network", path)[path.rpartition("/")[2]]]
    mine = [one for one in found if firewall_groups.owner(one) == environment.id or one["project_id"] == project]
    return sorted(mine, key=lambda one: str(one["id"]))


def test_another_projects_environment_is_none_of_his(owner: Cloud, operator: Cloud, environment: Environment) -> None:
    assert operator.project_id != owner.project_id
    shown = operator.get("orchestration", "/stacks", id=environment.id)["stacks"]
    assert [one["project"] for one in shown] == [owner.project_id], "Heat shows it to him"
    watch.listing(operator)
    before = everything(operator, environment, operator.project_id)
    assert environment.id not in {one.id for one in watch.listing(operator)}
    for asked in (environment.name, environment.id):
        for look in (watch.details, delete.delete, launch.retry):
            with pytest.raises(errors.NotFound):
                look(operator, asked)
    reconcile.reconcile(operator, environment, asked=True)
    reconcile.unfinished(operator, watch.listing(operator))
    assert everything(operator, environment, operator.project_id) == before
    assert stack.find(owner, environment.id).state == "COMPLETE"


def test_his_look_builds_no_group_on_another_projects_router(
    owner: Cloud, operator: Cloud, environment: Environment
) -> None:
    was = watch.details(owner, environment.id)
    group = firewall_groups.read(owner, environment.id)
    assert group is not None and group.group is not None
    Hand(owner).put("network", f"{firewall_groups.GROUPS}/{group.group_id}", {"firewall_group": {"ports": []}})
    Hand(owner).delete("network", f"{firewall_groups.GROUPS}/{group.group_id}")
    try:
        before = everything(operator, environment, operator.project_id)
        reconcile.reconcile(operator, environment, asked=True)
        reconcile.unfinished(operator, [environment, *watch.listing(operator)])
        assert everything(operator, environment, operator.project_id) == before
    finally:
        reconcile.reconcile(owner, environment)
    now = watch.details(owner, environment.id)
    assert now.environment.status == was.environment.status, "what other tests changed by hand stays as it is"
    assert [one.state for one in now.proofs if one.name == "firewall"] == ["good"]


def test_an_output_that_names_another_router_filters_nothing(owner: Cloud, environment: Environment) -> None:
    """The stack's own rows, as the real Heat tells them, say which router is the stack's own."""
    found = stack.full(owner, stack.find(owner, environment.id))
    assert resources.routers(resources.read(owner, found)) == {found.outputs["firewall"]["router"]}
