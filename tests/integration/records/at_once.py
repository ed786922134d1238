"""Several gatherers at one database at the same moment; run by test_databases.py on servers that lock rows."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.core.management import call_command
from django.db import connection, connections

from tenant_ops_dashboard.clones.errors import InTheWay
from tenant_ops_dashboard.clones.model import Clone, Terms
from tenant_ops_dashboard.loadbalancers import stats, watch
from tenant_ops_dashboard.records import clone_models, clones, members, models, notes, samples
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.records.cloning import a_clone, an_offer

T = TypeVar("T")
pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
GATHERERS, ROUNDS = 4, 12


def at_once(work: Callable[[int], T]) -> list[T]:
    """The same work by as many gatherers at the same moment, each with a connection of its own."""
    barrier = threading.Barrier(GATHERERS)

    def run(index: int) -> T:
        connection.ensure_connection()
        barrier.wait(60)
        try:
            return work(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(GATHERERS) as pool:
        return list(pool.map(run, range(GATHERERS)))


def test_each_change_is_kept_by_the_one_who_was_first() -> None:
    octavia = Octavia()
    shop, cloud = octavia.build(members=3), octavia.cloud()
    kept = []
    for index in range(ROUNDS):
        octavia.status(shop, index % 3, "ERROR" if index // 3 % 2 else "ONLINE")
        octavia.status(shop, 0, ("ONLINE", "ERROR")[index % 2])
        picture, at = watch.listing(cloud), NOW + SECOND * 2 * index
        told = at_once(lambda _, picture=picture, at=at: members.observe("project", picture, at))
        kept += [(one.member_id, one.was, one.now, one.at) for found in told for one in found]
    assert len(kept) == len(set(kept))
    assert models.MemberChange.objects.count() == len(kept) > ROUNDS
    assert models.MemberState.objects.count() == 3
    # Nobody wrote from an older picture: what a member came to is what it leaves next.
    for member in models.MemberState.objects.all():
        told_ = list(models.MemberChange.objects.filter(member_id=member.member_id).order_by("at", "id"))
        assert [one.now for one in told_[:-1]] == [one.was for one in told_[1:]]
        assert told_[-1].now == member.state


def test_one_sample_a_slot_whoever_looks() -> None:
    for index in range(ROUNDS):
        sample = stats.Sample(NOW + SECOND * stats.SLOT * index, 1, index, 0, 0, 0)
        at_once(lambda _, sample=sample: samples.keep("project", "lb", sample))
    assert [one.total for one in samples.since("project", "lb", NOW)] == list(range(ROUNDS))


def test_of_many_hosts_one_decides() -> None:
    for index in range(ROUNDS):
        at = NOW + SECOND * 100 * index
        took = at_once(lambda host, at=at: notes.take("project", "scale shop", f"host-{host}", at, 60))
        assert sum(one is not None for one in took) == 1


def test_mutes_at_once_leave_one() -> None:
    at_once(lambda host: notes.mute("project", "lb", NOW + SECOND * 60, f"person-{host}"))
    assert models.Mute.objects.count() == 1


def test_pruning_while_others_write_keeps_what_is_young_and_ends() -> None:
    octavia = Octavia()
    octavia.build(members=3)
    picture = watch.listing(octavia.cloud())
    old = NOW - datetime.timedelta(days=40)
    members.observe("project", picture, old)
    for index in range(500):
        notes.note("project", "lb-1", "old", kind="edit", at=old + SECOND * index)
    later = NOW + SECOND

    def work(index: int) -> int:
        return notes.prune(NOW) if index % 2 else len(members.observe("project", picture, later))

    at_once(work)
    notes.prune(NOW)
    assert models.Note.objects.count() == 0
    assert models.MemberChange.objects.filter(at__lt=NOW - notes.KEPT).count() == 0
    members.observe("project", picture, later + SECOND)
    assert models.MemberState.objects.count() == 3


def test_the_same_offer_and_the_same_name_at_once_are_one() -> None:
    for index in range(ROUNDS):
        source = f"volume-{index}"
        told = at_once(
            lambda host, source=source: clones.add_offer(an_offer(f"{source}-{host}", source_id=source))
        )  # fmt: skip
        (offer,) = {one.id: one for one in told}.values()
        found = at_once(
            lambda host, offer=offer, index=index: clones.add(a_clone(offer, f"ci-{index}", id=f"{index}-{host}"))
        )
        assert sorted(existing for _, existing in found) == [False] + [True] * (GATHERERS - 1)
        assert len({one.id for one, _ in found}) == 1
    assert clone_models.Clone.objects.count() == clone_models.CloneOffer.objects.count() == ROUNDS


def test_no_more_clones_than_the_owner_allows_whoever_asks_at_once() -> None:
    offer = clones.add_offer(an_offer(terms=Terms(("development",), most=2)))

    def ask(host: int) -> bool:
        try:
            return not clones.add(a_clone(offer, f"ci-{host}"))[1]
        except InTheWay:
            return False

    assert sum(at_once(ask)) == clones.live(offer.id) == 2


def test_of_changes_of_one_version_one_counts() -> None:
    made, _ = clones.add(a_clone(clones.add_offer(an_offer())))

    def change(host: int) -> Clone | None:
        try:
            return clones.save(made, says=f"of {host}")
        except clones.Moved:
            return None

    for index in range(ROUNDS):
        (one,) = [found for found in at_once(change) if found is not None]
        assert one.version == index + 1
        assert clones.every(made.region) == (one,)
        made = one


def test_the_tables_come_and_go_without_a_trace() -> None:
    ours = {"tenant_ops_dashboard_memberstate", "tenant_ops_dashboard_sample", "tenant_ops_dashboard_lease"}
    assert ours <= set(connection.introspection.table_names())
    call_command("migrate", "tenant_ops_dashboard", "zero", verbosity=0)
    try:
        left = [one for one in connection.introspection.table_names() if one.startswith("tenant_ops")]
        assert left == []
    finally:
        call_command("migrate", "tenant_ops_dashboard", verbosity=0)
    assert ours <= set(connection.introspection.table_names())
