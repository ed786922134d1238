"""What people change outside is told, and scaling is not drift."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import unattended, watch
from tenant_ops_dashboard.environments.errors import NotConfigured
from tenant_ops_dashboard.environments.heat import resources, stack
from tenant_ops_dashboard.environments.model import Details, Environment
from tests.integration.by_hand import Hand
from tests.integration.environments.test_2_firewall import until


def row(cloud: Cloud, environment: Environment, key: str) -> resources.Row:
    return next(one for one in resources.read(cloud, stack.find(cloud, environment.id)) if one.key == key)


def itself(details: Details, key: str) -> str:
    return next(box.itself for box in details.picture.boxes if box.key == key)


def test_a_rule_added_to_a_security_group_is_told(owner: Cloud, environment: Environment) -> None:
    group = row(owner, environment, "database_group").resource_id
    body = {
        "security_group_id": group,
        "direction": "ingress",
        "protocol": "tcp",
        "port_range_min": 5432,
        "port_range_max": 5432,
    }
    found = Hand(owner).post("network", "/security-group-rules", {"security_group_rule": body})
    made = found["security_group_rule"]["id"]
    details = watch.details(owner, environment.id)
    assert details.environment.status == "warning"
    told = [one.sentence for one in details.drift]
    assert told == ["Changed by hand: Security group of the database has ingress tcp 5432 from anywhere too."]
    Hand(owner).delete("network", f"/security-group-rules/{made}")
    assert watch.details(owner, environment.id).drift == ()


def test_a_server_that_was_stopped_is_told(owner: Cloud, environment: Environment) -> None:
    server = row(owner, environment, "application-1.server").resource_id
    Hand(owner).post("compute", f"/servers/{server}/action", {"os-stop": None})
    assert until(lambda: itself(watch.details(owner, environment.id), "application-1") == "warning")
    listed = {one.id: one for one in watch.listing(owner)}[environment.id]
    assert listed.status in ("warning", "failed")
    assert listed.status_reason
    Hand(owner).post("compute", f"/servers/{server}/action", {"os-start": None})
    assert until(lambda: watch.details(owner, environment.id).environment.status == "good")


def test_a_health_monitor_that_was_deleted_is_told(owner: Cloud, environment: Environment) -> None:
    monitor = row(owner, environment, "monitor").resource_id
    pool = row(owner, environment, "pool").resource_id
    Hand(owner).delete("load-balancer", f"/lbaas/healthmonitors/{monitor}")
    assert until(lambda: any(one.resource == "monitor" for one in watch.details(owner, environment.id).drift))
    # The list has no call for every monitor; the page tells what is missing.
    assert pool


def test_scaling_out_is_not_drift(owner: Cloud, environment: Environment) -> None:
    before = {one.resource for one in watch.details(owner, environment.id).drift}
    path = f"{stack.find(owner, environment.id).path}/resources/scale_out/signal"

    def grows() -> bool:
        # Heat drops signals while it rests after a launch or after one that it took: one too many does no harm.
        Hand(owner).post("orchestration", path, {})
        return "application-3" in {box.key for box in watch.details(owner, environment.id).picture.boxes}

    assert until(grows)

    def settled() -> bool:
        details = watch.details(owner, environment.id)
        return itself(details, "application-3") == "good" and {one.resource for one in details.drift} == before

    assert until(settled), watch.details(owner, environment.id)
    members = next(one for one in watch.details(owner, environment.id).proofs if one.name == "members")
    assert members.evidence.startswith("3 of 3 up")


def test_unattended_care_by_a_trust(log_in: Callable[..., Cloud], environment: Environment) -> None:
    with pytest.raises(NotConfigured):
        unattended.give(log_in("owner"), environment)
    service = log_in("tenant-ops")
    owner = log_in("owner", service_user=service.user_id)
    assert unattended.given(owner, environment) == ""
    given = unattended.give(owner, environment)
    assert unattended.give(owner, environment) == given
    assert watch.details(owner, environment.id).trusted
    assert unattended.reconcile_all(service) == ()
    unattended.revoke(owner, environment)
    assert unattended.given(owner, environment) == ""
