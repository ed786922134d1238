"""Clones in the campaign: the care job is killed at any call, both projects act, and the records say what the cloud holds."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from tenant_ops_dashboard.changes import run as running
from tenant_ops_dashboard.clones import orphans
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.heat import deletion
from tenant_ops_dashboard.records import clone_golden as goldens
from tenant_ops_dashboard.records import clone_golden_models, clone_models, models, notes
from tenant_ops_dashboard.records import clones as records
from tests.campaign import schedule
from tests.campaign.clone_stories import ASKED, ENDINGS, PEOPLE, STORIES, Asked, Scene, named, standing
from tests.campaign.schedule import Play, Step, schedules
from tests.campaign.wire import DEATHS, KINDS, Fault, FaultyWire
from tests.unit.clones.machine import Machine

CARE = ("care", "care of another host")
#: What is done in the cloud is done by the care job: it is what is killed, at any of its calls.
KILLED = st.builds(Fault, st.sampled_from(DEATHS[:2]), st.integers(0, 20)) | st.builds(
    Fault, st.just(DEATHS[2]), st.integers(0, 7)
)
#: Who is told that what is there is not there, believes it: that alone does not go wrong.
SAID = st.builds(
    Fault, st.sampled_from([one for one in KINDS if one != 404]), st.integers(0, 1) | st.integers(0, 12), st.booleans()
)
OFTEN = (*("care",) * 24, "care of another host", "refresh", "revert", "approve", "all is well", "a lease is over")
MAKING = st.lists(st.builds(Step, st.just("production"), st.just("care"), KILLED), max_size=2)
#: What is done with one that is there; then it is worth more tries, as while it is made.
THERE = st.sampled_from(("refresh", "refresh", "revert", "release", "a lease is over")).map(
    lambda what: [Step("production", "approve"), Step("production", "care goes on"), Step("development", what)]
)
SCHEDULES = st.builds(
    lambda there, making, then: [*there, *making, *then],
    st.just([]) | THERE, MAKING,
    schedules(STORIES, 60, OFTEN, PEOPLE, lambda what: KILLED | KILLED | SAID if what in CARE else SAID),
)  # fmt: skip
TABLES = (
    clone_models.Clone, clone_golden_models.CloneGolden, clone_models.CloneOffer, clone_models.CloneTrust, models.Lease,
)  # fmt: skip


class Clones(Play):
    """Both projects of the tests of clones, on a wire that kills."""

    stories = {**STORIES, **ENDINGS}
    peace = ("all is well", "care goes on", "all leases end", "all is released")
    waits = ((launch, "SETTLE_SECONDS"), (deletion, "BEGINS"), (deletion, "PAUSE"), (running, "PAUSE"))

    def __init__(self, asked: Asked, patched: pytest.MonkeyPatch, folder: Path) -> None:
        super().__init__()
        self.told.append(str(asked))
        self.wire = FaultyWire()
        for table in TABLES:
            table.objects.all().delete()
        self.scene = Scene(Machine(patched, folder, self.wire), asked)
        for module, name in ((records, "save"), (goldens, "save"), (notes, "leave")):
            patched.setattr(module, name, self.deadly(getattr(module, name)))

    def deadly(self, keep: Any) -> Any:
        """Who was killed keeps nothing, and leaves no lease to others."""

        def kept(*arguments: Any, **named_: Any) -> Any:
            self.wire.save()
            return keep(*arguments, **named_)

        return kept

    def login(self, who: str) -> Any:
        return self.scene.machine.owner if who in ("production", "owner") else self.scene.machine.developer

    def begin(self) -> None:
        standing(self.scene)

    def after(self, step: Step, result: Any, answer: str, events: list[dict[str, Any]]) -> None:
        if step.what in self.peace[1:]:
            self.agrees()

    def holds(self) -> None:
        assert not self.scene.wrong, f"{self.scene.wrong}\n{self}"
        for one in (*self.scene.clones(), *goldens.due()):
            assert one.state not in ("parked", "orphaned") or one.says, f"{one.name} waits without a word\n{self}"
            assert one.state not in ("failed", "denied") or one.reason, f"{one.name} ended without a word\n{self}"
            assert not (one.ended and one.ended_at is None), f"{one.name} ended at no time\n{self}"
            assert all(seconds >= 0 for seconds in one.seconds.values()), f"{one.seconds}\n{self}"

    def agrees(self) -> None:
        """Once nothing moves the cloud holds what the records say, and the source serves as if nothing had been."""
        scene, machine = self.scene, self.scene.machine
        stands = (machine.server["status"], machine.server["metadata"])
        assert stands == ("ACTIVE", {"a": "b"}), f"the server of the source is {stands}\n{self}"
        assert scene.gone or machine.volume["status"] == "in-use", f"the source is {machine.volume['status']}\n{self}"
        offers = records.offers(machine.owner)
        golden = {one.id: one for made in goldens.of([one.id for one in offers]).values() for one in made}
        there = [one for one in scene.clones() if not one.ended]
        for one in there:
            still = one.state in ("ready", "requested") or self.rightly(one)
            assert still, f"{one.name} is {one.state}: {one.says}\n{self}"
        ready = [one for one in there if one.state == "ready"]
        mine = {one.volume_id for one in ready if one.served}
        mine |= {one.volume_id for one in golden.values() if one.state == "ready"}
        self.same("copies of production", {one["id"] for one in machine.copies("project")}, mine)
        theirs = {one.volume_id for one in ready if not one.served}
        self.same("copies of development", {one["id"] for one in machine.copies()}, theirs - scene.lost)
        now = {kind: ids - machine.before[kind] for kind, ids in machine.things().items()}
        kept = {one.baseline_id for one in ready if one.volume_id not in scene.lost} - {""}
        self.same("snapshots", now["snapshots"], kept)
        self.same("transfers", now["transfers"], set())
        self.same("stacks", set(machine.world.heat.stacks), {one.environment_id for one in ready} - {""})
        for kind, ids in (("servers", {one.server_id for one in ready if one.served}),
                          ("networks", {one.network_id for one in ready if one.served})):  # fmt: skip
            found = {id_ for id_ in now[kind] if scene.kept[kind][id_]["project_id"] == "project"}
            self.same(f"{kind} of production", found, ids)
        self.same("trusts", now["trusts"], named(scene))
        self.finds_no_orphans(there, golden.values())

    def rightly(self, clone: Clone) -> bool:
        """Whether it waits for what nobody can give: a golden copy of what was deleted."""
        return self.scene.gone and bool(clone.offer.terms.golden) and clone.state == "parked"

    def same(self, what: str, found: set[str], told: set[str]) -> None:
        assert found == told, f"{what}: {sorted(found)} are there, the records say {sorted(told)}\n{self}"

    def finds_no_orphans(self, there: list[Clone], golden: Any) -> None:
        for cloud in (self.scene.machine.owner, self.scene.machine.developer):
            known = [{"id": one.id, "state": one.state, "name": one.name, "volume_id": one.volume_id,
                      "project_id": one.offer.project_id if one.served else one.project_id} for one in there]  # fmt: skip
            copies = [vars(one) for one in golden] if cloud is self.scene.machine.owner else []
            found = orphans.find(cloud, known, [{"golden": {"copies": copies}}])
            lost = {one["id"] for one in known if one["volume_id"] in self.scene.lost}
            lost = lost if cloud is self.scene.machine.developer else set()
            assert {one.id for one in found} == lost, f"{found}\n{self}"

    def left(self) -> None:
        assert all(one.ended for one in self.scene.clones()), f"{[one.says for one in self.scene.clones()]}\n{self}"
        assert self.scene.machine.world.heat.stacks == {}, str(self)
        self.scene.machine.nothing_is_left(but=0)


def play(asked: Asked, steps: list[Step]) -> None:
    """One schedule in a world of its own."""
    with pytest.MonkeyPatch.context() as patched, tempfile.TemporaryDirectory() as folder:
        schedule.play(Clones(asked, patched, Path(folder)), steps)


__all__ = ["ASKED", "SCHEDULES", "play"]
