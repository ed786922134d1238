"""What Heat did, newest first: one bounded call, words for people, filters, nothing told twice."""

from __future__ import annotations

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud, Unreachable
from tenant_ops_dashboard.environments import delete, watch
from tenant_ops_dashboard.environments.heat import events
from tenant_ops_dashboard.environments.model import Details, Environment
from tenant_ops_dashboard.environments.proofs import prove
from tests.unit.fake_openstack.world import World

REQUEST = "req-0a0b0c0d-1111-2222-3333-444455556666"


@pytest.fixture
def details(cloud: Cloud, standing: Environment) -> Details:
    return watch.details(cloud, "shop")


def test_newest_first_with_times_and_a_person_s_words(world: World, cloud: Cloud, details: Details) -> None:
    world.things.cap = 500
    world.calls()
    found = events.recent(cloud, details, most=200)
    (call,) = world.calls()
    assert "/events?" in call
    assert "limit=400" in call
    times = [one.at for one in found.events]
    assert times == sorted(times, reverse=True)
    assert (found.events[0].title, found.events[0].words, found.events[0].state) == (
        "The environment",
        "was created",
        "good",
    )
    assert not found.more
    told = {f"{one.title} {one.words}" for one in found.events}
    assert {"Load balancer creation began", "Load balancer was created", "Application server 2 was created"} <= told
    # The group's wrappers only repeat what their members tell.
    assert not [one for one in found.events if one.name in ("application-1", "application-2")]


def test_it_is_bounded_and_says_so(cloud: Cloud, details: Details) -> None:
    found = events.recent(cloud, details, most=5)
    assert (len(found.events), found.more) == (5, True)


def test_it_finds_by_name_and_reason(cloud: Cloud, details: Details) -> None:
    found = events.recent(cloud, details, about="LOAD bal")
    assert {one.name for one in found.events} == {"balancer"}
    assert events.recent(cloud, details, about="nothing like it").events == ()


def test_only_what_went_wrong(world: World, cloud: Cloud, building: Environment) -> None:
    world.heat.fail(building.id, "database", f"ResourceInError: resources.database: No valid host ({REQUEST})")
    details = watch.details(cloud, "shop")
    itself, failed = events.recent(cloud, details, failures=True).events
    assert (itself.title, itself.words) == ("The environment", "could not be created")
    assert (failed.title, failed.words, failed.state) == ("Database server", "could not be created", "failed")
    assert failed.reason == f"No valid host ({REQUEST})"
    assert failed.request_id == REQUEST
    world.heat.stacks[building.id]["resources"].clear()
    assert [one.title for one in events.recent(cloud, details, failures=True).events] == ["The environment"]


def test_heat_forgets_with_the_stack(world: World, cloud: Cloud, details: Details) -> None:
    delete.delete(cloud, "shop")
    world.wire.trouble["GET .*/events"] = [404]
    assert events.recent(cloud, details) == events.Events(())


def test_a_silent_heat_is_an_error(world: World, cloud: Cloud, details: Details) -> None:
    world.wire.trouble["GET .*/events"] = [requests.ConnectionError("no route")] * 2
    with pytest.raises(Unreachable):
        events.recent(cloud, details)


def test_every_proof_says_when_it_was_seen(cloud: Cloud, details: Details, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {one.at for one in details.proofs} == {details.as_of}
    monkeypatch.setattr(prove.sending.Way, "get", lambda *_: prove.sending.Answer(200, "app-1", 7, ""))
    monkeypatch.setattr(prove.sending.Way, "opens", lambda *_: False)
    sent = [one for one in prove.prove(cloud, details) if one.name in prove.OUTSIDE]
    assert len(sent) == 3
    assert all(one.at is not None and one.at >= details.as_of for one in sent)
