"""`manage.py tenant_ops_care`: every job in a thread of its own, one host at a time, and leases left at the end."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command
from django.db import InterfaceError
from django.utils import timezone, translation

from tenant_ops_dashboard.environments import unattended
from tenant_ops_dashboard.management import jobs, rounds
from tenant_ops_dashboard.management.commands import (
    tenant_ops_care,
    tenant_ops_clones,
    tenant_ops_collect,
    tenant_ops_reconcile,
    tenant_ops_scale,
)
from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.records import heartbeats, notes
from tests.unit.fake_openstack.keystone import id_of

PARTS = {
    one.Command.job: one.Command
    for one in (tenant_ops_clones, tenant_ops_collect, tenant_ops_scale, tenant_ops_reconcile)
}
Round = Callable[[Any, list[str]], list[str]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, Round]:
    """What each job's round does, by job; nothing where it is not said. No database."""
    told: dict[str, Round] = {}
    for name, kind in PARTS.items():
        monkeypatch.setattr(kind, "round", lambda part, names, name=name: told.get(name, lambda *_: [])(part, names))
    monkeypatch.setattr(heartbeats, "ended", lambda *_: None)
    monkeypatch.setattr(rounds, "close_old_connections", lambda: None)
    return told


def test_each_job_has_its_rounds_and_what_goes_wrong_is_told_with_its_name(said: dict[str, Round]) -> None:
    met: list[str] = []
    for name in PARTS:
        said[name] = lambda part, names: met.append(part.job) or []
    said["scale"] = lambda part, names: ["Heat is away."]
    said["collect"] = lambda part, names: [str(1 / 0)]
    with pytest.raises(CommandError, match=r"(?s)^collect: its round broke off.*scale: Heat is away\.$"):
        call_command("tenant_ops_care")
    assert sorted(met) == ["clones", "reconcile"]


def test_a_job_that_hangs_keeps_no_other_waiting(said: dict[str, Round]) -> None:
    seen = {name: threading.Event() for name in PARTS}

    def hangs(part: Any, names: list[str]) -> list[str]:
        waited = [seen[name].wait(20) for name in PARTS if name != "collect"]
        return [] if all(waited) else ["the others waited"]

    for name in PARTS:
        said[name] = lambda part, names: seen[part.job].set() or []
    said["collect"] = hangs
    call_command("tenant_ops_care")


def test_each_job_rests_as_long_as_it_needs(settings: Any) -> None:
    settings.TENANT_OPS_SERVICE_CLOUD = ""
    command = tenant_ops_care.Command()
    pauses = {one.part.job: one.every for one in command.jobs("", ["owner"], 2.0)}
    assert pauses == {"clones": 2, "collect": 10, "scale": 30, "reconcile": 60}
    assert {one.every for one in command.jobs("", [], 90.0)} == {90}
    assert {one.every for one in command.jobs("", [], 0.0)} == {0}


def test_one_login_is_the_service_user_s_and_others_are_projects_own(settings: Any) -> None:
    settings.TENANT_OPS_SERVICE_CLOUD = ""
    command = tenant_ops_care.Command()
    assert {one.part.job: one.names for one in command.jobs("robot", ["owner"], 0.0)} == {
        "clones": ["robot"], "collect": ["owner"], "scale": ["owner"], "reconcile": [],
    }  # fmt: skip
    assert [one.part.entrusted for one in command.jobs("robot", ["owner"], 0.0)[1:3]] == [True, True]
    assert [one.part.entrusted for one in command.jobs("", ["owner"], 0.0)[1:3]] == [False, False]


def test_told_to_stop_it_ends_every_job(said: dict[str, Round], monkeypatch: pytest.MonkeyPatch) -> None:
    began = threading.Barrier(len(PARTS))
    left: list[str] = []

    def works(part: Any, names: list[str]) -> list[str]:
        if began.wait(20) == 0:
            os.kill(os.getpid(), 15)
        part.stopped.wait(20)
        return []

    said.update(dict.fromkeys(PARTS, works))
    monkeypatch.setattr(jobs.Job, "leave", lambda job: left.append(job.part.job))
    with pytest.raises(SystemExit) as ended:
        call_command("tenant_ops_care", every=0.01)
    assert (ended.value.code, sorted(left)) == (143, sorted(PARTS))


@pytest.fixture
def entrusted(world: Any, begun: Any, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An environment that its owner entrusted to the service user, whose login stands in clouds.yaml."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(world.keystone.clouds_yaml(tmp_path, "care")))
    settings.TENANT_OPS_SERVICE_CLOUD = "care"
    unattended.give(world.cloud(service_user=id_of("care")), begun)
    world.heat.finish(begun.id)
    return begun


def job(kind: type[rounds.Rounds], every: float = 0.0) -> jobs.Job:
    return jobs.Job(kind(stdout=io.StringIO()), [], every)


@pytest.mark.django_db
def test_a_round_writes_its_heartbeat_and_the_lease_stays_between_rounds(world: Any, entrusted: Any) -> None:
    one = job(tenant_ops_reconcile.Command, 60.0)
    assert one.part.rounds(one.round, 0.0, 0.0) == []
    (beat,) = heartbeats.every()
    assert (beat.job, beat.failures, beat.at is not None) == ("reconcile", 0, True)
    lease = one.lease(beat.region)
    assert notes.take("", lease, "another", timezone.now(), jobs.LEASE) is None
    one.leave()
    assert notes.take("", lease, "another", timezone.now(), jobs.LEASE) is not None


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [tenant_ops_collect.Command, tenant_ops_scale.Command, tenant_ops_reconcile.Command])
def test_where_another_host_is_at_it_nothing_is_done_or_told(
    world: Any, entrusted: Any, kind: type[rounds.Rounds]
) -> None:
    one = job(kind)
    region = world.cloud().region
    assert notes.take("", one.lease(region), "another", timezone.now(), jobs.LEASE) is not None
    world.calls()
    assert one.part.rounds(one.round, 0.0, 0.0) == []
    assert {call for call in world.calls() if "auth/tokens" not in call and "/identity/" not in call} == set()
    assert heartbeats.every() == ()
    assert one.round() is None
    assert world.calls() == [], "once the region is known not even a login is made"


@pytest.mark.django_db
def test_rounds_share_a_login_until_something_goes_wrong(world: Any, entrusted: Any) -> None:
    one = job(tenant_ops_reconcile.Command)
    users = lambda: [login["user"]["id"] for login in world.keystone.logins].count(id_of("care"))  # noqa: E731
    assert (one.round(), one.round(), users()) == ([], [], 1)
    world.wire.trouble["/network/"] = [requests.ConnectionError("no route")] * 40
    assert one.round() != []
    world.wire.trouble.clear()
    assert (one.round(), users()) == ([], 2)


@pytest.mark.django_db
def test_the_older_command_takes_no_lease_and_writes_its_heartbeat(world: Any, entrusted: Any) -> None:
    lease = job(tenant_ops_scale.Command).lease(world.cloud().region)
    assert notes.take("", lease, "another", timezone.now(), jobs.LEASE) is not None
    call_command("tenant_ops_scale")
    assert [one.job for one in heartbeats.every()] == ["scale"]


@pytest.mark.django_db
def test_a_job_of_clones_with_nothing_to_do_is_known_to_be_there(world: Any, entrusted: Any) -> None:
    call_command("tenant_ops_clones", every=0.01, seconds=0.5)
    assert list(heartbeats.last(world.cloud().region)) == ["clones"]
    assert len([one for one in world.keystone.logins if one["user"]["id"] == id_of("care")]) == 1


@pytest.mark.django_db
def test_a_login_that_fails_is_counted(world: Any, entrusted: Any) -> None:
    world.keystone.passwords["care"] = "changed"
    for _ in range(2):
        with pytest.raises(CommandError, match="does not accept this login"):
            call_command("tenant_ops_scale")
    (beat,) = heartbeats.every()
    assert (beat.at, beat.failures) == (None, 2)
    assert "does not accept this login" in beat.said
    with translation.override("fr"):
        assert "n'accepte pas cette connexion" in words.told(beat.said)


def test_a_database_that_is_away_keeps_no_job_from_its_work(
    world: Any, entrusted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise InterfaceError("gone")

    monkeypatch.setattr(heartbeats, "beat", away)
    monkeypatch.setattr(heartbeats, "ended", away)
    call_command("tenant_ops_reconcile", stdout=io.StringIO())
    assert world.things.kept["firewall_groups"]
