"""What no OpenStack service keeps: written once whoever looks, read for one project, pruned."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import stats, watch
from tenant_ops_dashboard.records import members, models, notes, samples
from tests.unit.loadbalancers.octavia import Octavia

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


def look(cloud: Cloud, seconds: float, project: str = "project") -> list[str]:
    found = members.observe(project, watch.listing(cloud), NOW + SECOND * seconds)
    return [f"{one.was or 'first'} {one.now}" for one in found]


def test_a_change_is_written_once_whoever_looks(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    assert look(cloud, 0) == ["first good", "first good"]
    assert look(cloud, 2) == []
    id_ = octavia.status(shop, 1, "ERROR")
    assert look(cloud, 4) == ["good failed"]
    assert look(cloud, 4.1) == []
    past = members.histories("project", [shop], NOW + SECOND * 10)[id_]
    assert (past.since, past.exact, past.flaps, past.strip[-1]) == (NOW + SECOND * 4, True, 1, "mixed")
    octavia.status(shop, 1, "ONLINE")
    assert look(cloud, 20) == ["failed good"]
    told = members.timeline("project", [shop], NOW - SECOND, 10)
    assert [(one.was, one.now) for one in told] == [("failed", "good"), ("good", "failed")]


def test_an_observer_with_an_older_picture_does_not_write_it_twice(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    look(cloud, 0)
    octavia.status(shop, 0, "ERROR")
    picture = watch.listing(cloud)
    rows = dict(models.MemberState.objects.values_list("member_id", "state"))
    assert len(members.observe("project", picture, NOW + SECOND)) == 1
    # The other host read the states before the first one wrote.
    models.MemberState.objects.update(since=NOW)
    stale = members.member_history.Transition(next(iter(rows)), shop, "x", "good", "failed", NOW)
    assert not members._keep("project", stale, exact=True)
    assert models.MemberChange.objects.exclude(was="").count() == 1


def test_after_a_pause_the_moment_of_a_change_is_not_known(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    look(cloud, 0)
    id_ = octavia.status(shop, 0, "ERROR")
    look(cloud, 4000)
    past = members.histories("project", [shop], NOW + SECOND * 4001)[id_]
    assert not past.exact
    assert models.Watch.objects.count() == 2
    (told,) = members.timeline("project", [shop], NOW, 10)
    assert (told.after, told.at) == (NOW, NOW + SECOND * 4000), "some time in between, and never a moment"


def test_what_was_seen_at_once_is_a_moment(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    look(cloud, 0)
    octavia.status(shop, 0, "ERROR")
    look(cloud, 80)
    assert [one.after for one in members.timeline("project", [shop], NOW, 10)] == [None]


def test_who_joins_a_watched_pool_is_an_event_and_who_leaves_too(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    look(cloud, 0)
    made = octavia._put(octavia.pool(shop), "10.0.1.20", 8080, operating_status="OFFLINE")
    assert look(cloud, 5) == ["new other"]
    made["operating_status"] = "ONLINE"
    assert look(cloud, 10) == ["other good"]
    del octavia.members[octavia.pool(shop)][made["id"]]
    assert look(cloud, 15) == ["good gone"]
    assert look(cloud, 20) == []


def test_looking_often_writes_seldom(octavia: Octavia, cloud: Cloud, shop: str, django_assert_num_queries) -> None:
    look(cloud, 0)
    picture = watch.listing(cloud)
    with django_assert_num_queries(2):
        members.observe("project", picture, NOW + SECOND * 2)
    members.observe("project", picture, NOW + SECOND * 40)
    assert models.Watch.objects.get().end == NOW + SECOND * 40


def test_a_load_balancer_whose_members_were_not_read_changes_nothing(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    octavia.build("other")
    look(cloud, 0)
    shallow = [one for one in watch.listing(cloud, deep=False) if one.read_at is None]
    assert shallow
    assert members.observe("project", shallow, NOW + SECOND) == []


def test_projects_do_not_see_each_other(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    look(cloud, 0)
    notes.note("project", shop, "Drained.", kind="edit", at=NOW)
    notes.mute("project", shop, NOW + SECOND * 60, "owner")
    samples.keep("project", shop, stats.Sample(NOW, 0, 0, 0, 0, 0))
    assert members.histories("other", [shop], NOW) == {}
    assert members.timeline("other", [shop], NOW - SECOND, 9) == notes.notes("other", [shop], NOW - SECOND, 9) == []
    assert samples.since("other", shop, NOW - SECOND) == []
    assert notes.mutes("other", NOW).until == {}
    assert notes.mutes("project", NOW).until == {shop: NOW + SECOND * 60}


def test_what_one_project_keeps_takes_nothing_from_another(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    for number, project in enumerate(("project", "other")):
        assert look(cloud, number, project) == ["first good", "first good"]
        notes.mute(project, shop, NOW + SECOND * (60 + number), project)
        samples.keep(project, shop, stats.Sample(NOW, 0, number, 0, 0, 0))
        assert notes.take(project, "scale shop", f"host-{project}", NOW, 60) == {}
        notes.leave(project, "scale shop", f"host-{project}", NOW, {"of": project})
    for number, project in enumerate(("project", "other")):
        assert len(members.histories(project, [shop], NOW + SECOND)) == 2
        assert notes.mutes(project, NOW).until == {shop: NOW + SECOND * (60 + number)}
        assert [one.total for one in samples.since(project, shop, NOW)] == [number]
        assert notes.recall(project, "scale shop") == {"of": project}


@pytest.mark.django_db(transaction=True)
def test_what_was_kept_before_is_kept_on(shop: str) -> None:
    app = "tenant_ops_dashboard"
    old = MigrationExecutor(connection).migrate([(app, "0001_history")]).apps
    try:
        old.get_model(app, "Mute").objects.create(project_id="project", object_id=shop, until=NOW, who="owner")
        old.get_model(app, "Lease").objects.create(name="scale shop", holder="a", until=NOW)
        old.get_model(app, "Note").objects.create(
            project_id="project", balancer_id=shop, at=NOW, kind="edit", state="good", sentence="Drained."
        )  # fmt: skip
    finally:
        # All the way: the tests that come after it need every table.
        newest = MigrationExecutor(connection)
        newest.migrate(newest.loader.graph.leaf_nodes(app))
    assert notes.mutes("project", NOW - SECOND).until == {shop: NOW}
    assert [(one.sentence, one.wanted, one.seen) for one in notes.notes("project", [shop], NOW, 9)] == [
        ("Drained.", "", None)
    ]
    assert models.Lease.objects.count() == 0
    notes.mute("other", shop, NOW, "somebody")
    assert models.Mute.objects.count() == 2


def test_a_mute_ends_by_itself_and_can_be_ended(shop: str) -> None:
    notes.mute("project", shop, NOW + SECOND * 60, "owner")
    assert not notes.mutes("project", NOW + SECOND * 61).until
    notes.mute("project", shop, NOW, "owner")
    assert not notes.mutes("project", NOW).until


def test_one_sample_a_slot_and_thinned_with_age(shop: str) -> None:
    for seconds in (0, 1, 5, 16):
        samples.keep("project", shop, stats.Sample(NOW + SECOND * seconds, 0, seconds, 0, 0, 0))
    assert [one.total for one in samples.since("project", shop, NOW)] == [0, 16]
    assert not samples.due("project", shop, NOW + SECOND * 3)
    assert samples.due("project", shop, NOW + SECOND * 31)
    for slot in range(240):
        samples.keep("project", shop, stats.Sample(NOW - SECOND * 15 * (slot + 1), 0, 0, 0, 0, 0))
    notes.prune(NOW + datetime.timedelta(hours=4))
    assert 12 <= models.Sample.objects.count() <= 14


def test_what_is_old_goes(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    look(cloud, 0)
    octavia.status(shop, 0, "ERROR")
    look(cloud, 5)
    notes.note("project", shop, "x", kind="edit", at=NOW)
    assert notes.prune(NOW + datetime.timedelta(days=1)) == 0
    notes.prune(NOW + datetime.timedelta(days=31))
    tables = (models.Watch, models.MemberChange, models.MemberState, models.Note)
    assert [table.objects.count() for table in tables] == [0] * 4


def test_of_several_hosts_one_decides(shop: str) -> None:
    assert notes.take("project", "scale shop", "host-a", NOW, 60) == {}
    assert notes.take("project", "scale shop", "host-b", NOW + SECOND, 60) is None
    assert notes.take("project", "scale shop", "host-a", NOW + SECOND, 60) == {}
    notes.leave("project", "scale shop", "host-a", NOW + SECOND * 2, {"last": 7})
    assert notes.take("project", "scale shop", "host-b", NOW + SECOND * 3, 60) == {"last": 7}
    assert notes.take("project", "scale shop", "host-a", NOW + SECOND * 64, 60) == {"last": 7}
    assert notes.recall("project", "scale shop") == {"last": 7}
    assert notes.recall("project", "never") == {}


def test_a_lease_of_a_clock_that_was_set_back_is_not_waited_for(shop: str) -> None:
    hour = SECOND * 3600
    assert notes.take("project", "scale shop", "host-a", NOW, 60) == {}
    assert notes.take("project", "scale shop", "host-b", NOW - SECOND * 59, 60) is None
    assert notes.take("project", "scale shop", "host-b", NOW - hour, 60) == {}
    assert notes.take("project", "scale shop", "host-a", NOW - hour, 60) is None
