"""What both projects, the care job and the cloud do about clones in the campaign."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tenant_ops_dashboard.care import clones as care
from tenant_ops_dashboard.clones import markers, served
from tenant_ops_dashboard.clones.model import Approve, Clone, Consistency, Deliver, Get
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clone_golden as goldens
from tenant_ops_dashboard.records import clone_refreshing, clone_reverting
from tenant_ops_dashboard.records import clones as records
from tests.campaign.stories import Story
from tests.unit.clones.machine import SCRIPT, Machine
from tests.unit.clones.test_steps_refresh_environment import heat

PEOPLE = ("production", "development")
DAY = 86400


@dataclass(frozen=True)
class Asked:
    """On which terms the volume is offered, and what is asked for."""

    consistency: Consistency = "running"
    mask: str = ""
    golden: int = 0
    deliver: Deliver = "handed-over"
    approve: Approve = "auto"
    get: Get = "volume"
    revertible: bool = False

    @property
    def terms(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("consistency", "mask", "golden", "deliver", "approve")}

    def __str__(self) -> str:
        told = {**self.terms, "mask": bool(self.mask), "get": self.get, "revertible": self.revertible}
        return ", ".join(f"{name} {value}" for name, value in told.items())


ASKED = st.builds(
    Asked, st.sampled_from(("running", "paused", "stopped")), st.sampled_from((SCRIPT, "")), st.sampled_from((0, 0, DAY)),
    st.sampled_from(("handed-over", "handed-over", "served")), st.sampled_from(("auto", "auto", "ask")),
    st.sampled_from(("volume", "server", "environment")), st.booleans(),
)  # fmt: skip


@dataclass
class Scene:
    """Both projects; `masked` are volumes on which the script ran, `lost` those that their holder deleted.

    `taken` are trusts that somebody took away, `wrong` what must not be and was. `processes` are those of the care job.
    """

    machine: Machine
    asked: Asked
    masked: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    processes: dict[str, care.Care] = field(default_factory=dict)
    started: int = 0

    @property
    def kept(self) -> dict[str, dict[str, Any]]:
        """What the cloud holds, by kind."""
        found: dict[str, dict[str, Any]] = self.machine.world.things.kept
        return found

    @property
    def gone(self) -> bool:
        """Whether the source was deleted."""
        return self.machine.volume["id"] not in self.kept["volumes"]

    def meanwhile(self) -> None:
        """Heat goes on; the script has run, or not, on what a server masks; nobody is served what is not masked."""
        heat(self.machine)
        for server in self.kept["servers"].values():
            disks = {one["id"] for one in server["os-extended-volumes:volumes_attached"]}
            if served.SERVES in server["metadata"]:
                self.given(*disks)
            elif "done" in self.machine.world.things.servers.consoles.get(server["id"], ""):
                self.masked |= disks if markers.CLONE in server["metadata"] else set()

    def given(self, *ids: str) -> None:
        """Another project gets these volumes."""
        for id_ in ids:
            row = self.kept["volumes"].get(id_, {})
            if self.asked.mask and not {id_, row.get("source_volid")} & self.masked:
                self.wrong.append(f"the volume {id_} was given, and is not masked")

    def clones(self) -> tuple[Clone, ...]:
        """All that the owner sees, ended ones too."""
        return records.clones(self.machine.owner, datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))

    def request(self, name: str) -> None:
        """As it was asked for at the beginning."""
        one, machine = self.asked, self.machine
        plain = one.deliver == "served"
        changes.request(
            machine.developer, "db", name, "2h", "a test", machine.now, "" if plain else one.get,
            revertible=one.revertible and not plain,
        )  # fmt: skip

    def care(self, holder: str, rounds: int = 3) -> None:
        """Rounds of one host's process; of a new one where that one was killed, or is at work at this moment."""
        self.started += 1
        process = self.processes.pop(holder, None) or self.machine.care(f"{holder}.{self.started}")
        for _ in range(rounds):
            process.round()
            self.machine.forward(2)
        self.processes[holder] = process

    def quiet(self) -> None:
        """The care job goes on until nothing moves any more, also what is tried again later."""
        still, before = 0, None
        while still < 15:
            self.care("host-1", 1)
            self.machine.forward(60)
            now = [(one.id, one.version) for one in (*self.clones(), *goldens.due())]
            still, before = (still + 1 if now == before else 0), now
            if not (records.due(self.machine.now) or goldens.due() or records.spent()):
                break


Act = Callable[[Machine, Cloud], object]


def _of(act: Act) -> Callable[[Scene, Cloud, str], object]:
    return lambda scene, cloud, who: act(scene.machine, cloud)


def _room(scene: Scene, cloud: Cloud, who: str) -> None:
    scene.machine.world.things.storage.limits[cloud.project_id] = {"gigabytes": 30 if who == "production" else 10}


def _no_authority(scene: Scene, cloud: Cloud, who: str) -> None:
    for id_ in [id_ for id_, one in scene.kept["trusts"].items() if one["project_id"] == cloud.project_id]:
        scene.taken[id_] = scene.kept["trusts"].pop(id_)


def _authority(scene: Scene, cloud: Cloud, who: str) -> None:
    if who == "production":
        scene.machine.offer(**scene.asked.terms)
    else:
        changes.trust_give(cloud, scene.machine.now)


def _in_error(scene: Scene, cloud: Cloud, who: str) -> None:
    """Cinder cannot make what it is at."""
    for one in list(scene.kept["volumes"].values()):
        if one["status"] == "creating":
            scene.machine.world.things.storage.fail(one["id"], "no back end has room")


def _source_deleted(scene: Scene, cloud: Cloud, who: str) -> None:
    source = scene.machine.volume["id"]
    if scene.kept["volumes"].pop(source, None):
        scene.machine.before["volumes"].discard(source)
    for id_ in [id_ for id_, one in scene.kept["snapshots"].items() if one["volume_id"] == source]:
        del scene.kept["snapshots"][id_]


def _attached(scene: Scene, cloud: Cloud, who: str) -> None:
    """A server of development's own has the copy."""
    for one in scene.machine.copies():
        if one["status"] == "available":
            server = scene.machine.world.things.add("servers", name="tests", status="ACTIVE", project_id="development")
            scene.machine.before["servers"].add(server["id"])
            scene.machine.world.things.servers._attach(server, one)


def _deleted(scene: Scene, cloud: Cloud, who: str) -> None:
    """Development deletes the copy with Cinder's own client."""
    for one in scene.machine.copies():
        if one["status"] == "available":
            scene.machine.by_hand("development")
            scene.machine.world.things.storage.delete(one["id"], [("cascade", "true")], {})
            scene.lost.add(one["id"])


def _peace(scene: Scene, cloud: Cloud, who: str) -> None:
    """There is room, masks work, nothing is locked, and the authority that is still counted on holds again."""
    machine = scene.machine
    machine.world.things.storage.limits.clear()
    machine.guest, machine.server["locked"] = "done", False
    known = named(scene)
    scene.kept["trusts"].update({id_: one for id_, one in scene.taken.items() if id_ in known})
    scene.taken.clear()


def named(scene: Scene) -> set[str]:
    """The trusts that the records name, and count on."""
    machine = scene.machine
    known = {one.trust_id for one in records.offers(machine.owner)}
    known |= {one.trust_id for one in scene.clones() if one.own_trust and (one.step or not one.ended)}
    known |= {one.id for one in records.holding(machine.developer.region, "development", machine.now)}
    return known - {""}


def _ends(scene: Scene, cloud: Cloud, who: str) -> None:
    """Every lease is over, by whoever's clock."""
    machine = scene.machine
    for one in scene.clones():
        if one.pinned_by and not one.ended:
            changes.pin(machine.owner, one.id, False, machine.now)
    ends = [one.expires_at for one in scene.clones() if one.expires_at and not one.ended]
    machine.forward(max([0.0, *((one - machine.now).total_seconds() + 1 for one in ends)]))
    scene.quiet()
    assert not [one for one in scene.clones() if one.state == "ready"], "a lease is over, and the clone is there"


def _released(scene: Scene, cloud: Cloud, who: str) -> None:
    """Whatever is left is given back, by both projects."""
    machine = scene.machine
    for one in scene.clones():
        if not one.ended:
            changes.release(machine.developer, one.id, machine.now)
    for offer in records.offers(machine.owner):
        changes.withdraw(machine.owner, offer.id, machine.now)
    for trust in records.holding(machine.developer.region, "development", machine.now):
        if trust.id not in {one.trust_id for one in scene.clones() if not one.ended}:
            changes.trust_revoke(machine.developer, trust.id, machine.now)
    scene.quiet()


def _set(what: str, value: object) -> Callable[[Scene, Cloud, str], object]:
    return lambda scene, cloud, who: setattr(scene.machine, what, value)


def _change(name: str, act: Act) -> Story:
    return Story(f"clones.{name}", _of(act))


def _world(act: Callable[[Scene, Cloud, str], object]) -> Story:
    return Story("", act, by_hand=True)


STORIES: Mapping[str, Story] = {
    "care": Story("", lambda scene, cloud, who: scene.care("host-1")),
    "care of another host": Story("", lambda scene, cloud, who: scene.care("host-2")),
    "request": Story("clones.request", lambda scene, cloud, who: scene.request("ci")),
    "request another": Story("clones.request", lambda scene, cloud, who: scene.request("second")),
    "approve": _change("approve", lambda m, cloud: changes.approve(m.owner, "ci", m.now)),
    "deny": _change("deny", lambda m, cloud: changes.deny(m.owner, "ci", "not today", m.now)),
    "extend": _change("extend", lambda m, cloud: changes.extend(m.developer, "ci", "1h", m.now)),
    "refresh": _change("refresh", lambda m, cloud: clone_refreshing.refresh(m.developer, "ci", m.now)),
    "revert": _change("revert", lambda m, cloud: clone_reverting.revert(m.developer, "ci", m.now)),
    "pin": _change("pin", lambda m, cloud: changes.pin(m.owner, "ci", True, m.now)),
    "unpin": _change("pin", lambda m, cloud: changes.pin(m.owner, "ci", False, m.now)),
    "release": _change("release", lambda m, cloud: changes.release(cloud, "ci", m.now)),
    "withdraw": _change("withdraw", lambda m, cloud: changes.withdraw(m.owner, "db", m.now)),
    "authority is given": Story("clones.give_trust", _authority),
    "no authority": _world(_no_authority),
    "no room": _world(_room),
    "a copy comes to nothing": _world(_in_error),
    "the source is deleted": _world(_source_deleted),
    "the copy is attached": _world(_attached),
    "the copy is deleted": _world(_deleted),
    "the script fails": _world(_set("guest", "failed")),
    "the script says nothing": _world(_set("guest", "silent")),
    "the server is locked": _world(lambda scene, cloud, who: scene.machine.server.update(locked=True)),
    "a lease is over": _world(lambda scene, cloud, who: scene.machine.forward(7300)),
    "a day is over": _world(lambda scene, cloud, who: scene.machine.forward(DAY)),
    "the clock is set back": _world(lambda scene, cloud, who: _back(scene.machine)),
    "all is well": _world(_peace),
    "care goes on": _world(lambda scene, cloud, who: scene.quiet()),
}  # fmt: skip
#: How every schedule ends.
ENDINGS: Mapping[str, Story] = {"all leases end": _world(_ends), "all is released": _world(_released)}


def _back(machine: Machine) -> None:
    machine.now -= datetime.timedelta(hours=5)


def hooked(scene: Scene, give: Callable[[dict[str, str]], object], asked: dict[str, str]) -> object:
    """Cinder's transfer, looked at."""
    scene.given(asked["volume_id"])
    return give(asked)


def standing(scene: Scene) -> None:
    """What every schedule begins with: the volume is offered, a clone is asked for, and the cloud is watched."""
    transfers = scene.machine.world.things.storage.transfers
    transfers.give = functools.partial(hooked, scene, transfers.give)  # type: ignore[method-assign]
    scene.machine.meanwhile = scene.meanwhile
    scene.machine.offer(**scene.asked.terms)
    scene.request("ci")
