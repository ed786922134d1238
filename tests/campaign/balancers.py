"""Load balancers in the campaign: members that people change and take back, one that two tabs create, mutes."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from tenant_ops_dashboard.changes import run as running
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import create, duplicates, joining, refresh, settle, undo, watch
from tenant_ops_dashboard.loadbalancers import status as balancer_status
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.loadbalancers.members import KEPT, Done
from tenant_ops_dashboard.loadbalancers.model import Balancer, Mutes
from tenant_ops_dashboard.loadbalancers.names import Names
from tenant_ops_dashboard.panels.loadbalancers import doing
from tenant_ops_dashboard.panels.loadbalancers.accepted import Told
from tenant_ops_dashboard.panels.loadbalancers.views.member_actions import VERBS
from tenant_ops_dashboard.records import models, muting, notes
from tests.campaign.schedule import Play, Step, schedules
from tests.campaign.stories import PEOPLE, Story
from tests.campaign.wire import FaultyWire
from tests.unit.fake_openstack.server import Json
from tests.unit.loadbalancers.octavia import Octavia

WEB = create.Wanted("web", "subnet", "HTTP", 80, 8080, (("10.0.1.11", "subnet"),))
NEW = {"weight": 3, "name": "new", "subnet_id": "subnet"}
PLACE = ("10.0.1.50", 8080)
#: What nobody may say of what was accepted only.
DONE = re.compile(
    r"(?<!Nothing )\b(?:is|was) (?:disabled|enabled|drained|removed|created|changed)\b|left the pool|seen done"
)
#: With what it answers: what each change of a member sends.
METHODS = {
    "update/pool-member": "PUT",
    "delete/pool-member": "DELETE",
    "create/pool-member": "POST",
    "create/load-balancer": "POST",
}


@dataclass
class Wish:
    """Something that was accepted; `was` says that it was seen so in Octavia itself at some time since."""

    asked: Asked
    balancer: str
    was: bool = False


@dataclass
class Scene:
    """Octavia with one load balancer of two members; `way` is the last way back, an address that anybody may press.

    `had` is the same before it was put into an address.
    """

    octavia: Octavia
    way: undo.Undo | None = None
    had: undo.Undo | None = None
    wishes: list[Wish] = field(default_factory=list)
    seen: refresh.Seen = field(default_factory=refresh.Seen)

    @property
    def members(self) -> dict[str, Json]:
        """Those of the one pool."""
        return self.octavia.members["pool-1"] if "pool-1" in self.octavia.pools else {}

    def first(self) -> str:
        """The id of the member that everybody is at: the first one, or one that is gone."""
        return next(iter(self.members), "member-2")

    def watch(self) -> None:
        """Notes what has become true."""
        for one in self.wishes:
            one.was = one.was or self._so(one)

    def _so(self, wish: Wish) -> bool:
        asked = wish.asked
        if asked.what == "made":
            row = self.octavia.balancers.get(wish.balancer)
            return row is not None and row["provisioning_status"] == "ACTIVE"
        if asked.what == "joined":
            place = (asked.fields["address"], asked.fields["protocol_port"])
            return any((one["address"], one["protocol_port"]) == place for one in self.members.values())
        member = self.members.get(asked.target_id)
        if member is None or asked.what == "left":
            return member is None and asked.what == "left"
        same = all(member[key] == value for key, value in asked.fields.items())
        return same and member["provisioning_status"] == "ACTIVE"


@dataclass(frozen=True)
class Given:
    """What a change gave: what is said of it, what is waited for, and which member or load balancer it is of."""

    told: Told
    balancer: str = "lb-1"
    undone: undo.Undo | None = None
    member: Mapping[str, Any] = field(default_factory=dict)


Run = Callable[[Scene, Cloud, str], Any]


def _member(verb: str, **more: Any) -> Run:
    def run(scene: Scene, cloud: Cloud, who: str) -> Given:
        id_ = scene.first()
        done: Done = VERBS[verb].work(cloud, "lb-1", "pool-1", id_, **more)
        asked = Asked(id_, "left") if verb == "remove" else Asked(id_, "set", done.after)
        way = undo.of(verb, done)
        if way is not None:
            scene.way, scene.had = _travelled(way), way
        return Given(Told(doing.words(verb, id_), done.request_id, done.already, asked, way))

    return run


def _travelled(way: undo.Undo) -> undo.Undo:
    """As it comes out of an address."""
    pairs = parse_qs(urlencode(way.query()), keep_blank_values=True)
    return undo.read({key: values[-1] for key, values in pairs.items()}, pairs.get("before.tag", []))


def _add(scene: Scene, cloud: Cloud, who: str) -> Given:
    done = joining.add(cloud, "lb-1", "pool-1", *PLACE, **NEW)
    place = {"address": PLACE[0], "protocol_port": PLACE[1]}
    return Given(Told("10.0.1.50:8080 is joining the pool", done.request_id, done.already, Asked("", "joined", place)))


def _undo(scene: Scene, cloud: Cloud, who: str) -> Given | None:
    way, had = scene.way, scene.had
    if way is None:
        return None
    done = undo.take_back(cloud, "lb-1", "pool-1", way)
    asked = Asked(way.member_id, "joined" if way.verb == "remove" else "set", dict(done.after))
    if not done.after:
        asked = Asked(way.member_id, "set", {})
    told = Told("member-2 is being made as it was before", done.request_id, done.already, asked)
    return Given(told, undone=had, member=dict(done.member))


def _create(tab: str) -> Run:
    def run(scene: Scene, cloud: Cloud, who: str) -> Given:
        made = create.create(cloud, WEB, f"{tab} of {who}")
        id_ = str(made.row["id"])
        return Given(Told("web is being created", made.request_id, made.repeated, Asked(id_, "made")), id_)

    return run


def _mute(hours: int) -> Run:
    def run(scene: Scene, cloud: Cloud, who: str) -> None:
        now = datetime.datetime.now(datetime.UTC)
        found = watch.by_id(cloud, "lb-1")
        muting.mute(cloud, found, "lb-1", now + datetime.timedelta(hours=hours), now)

    return run


def _look(scene: Scene, cloud: Cloud, who: str) -> None:
    """The page, as it remembers what it read before, and what it helps along."""
    scene.seen = refresh.refresh(cloud, scene.seen, ["lb-1"])
    duplicates.withdraw(cloud, scene.seen.lists.balancers.values())
    now = datetime.datetime.now(datetime.UTC)
    found = {one.id: one for one in balancer_status.balancers(scene.seen, Names(), Mutes(), now)}
    scene.watch()
    for wish in scene.wishes:
        if wish.balancer in found and _says(wish, found[wish.balancer]) == "good":
            assert wish.was, f"{wish.asked} is said to be seen done"


def _says(wish: Wish, found: Balancer) -> str:
    return wish.asked.seen(found) if found.read_at is not None else ""


def _set_by_hand(**fields: Any) -> Run:
    """With Octavia's own client, which is refused while it is at work."""

    def run(scene: Scene, cloud: Cloud, who: str) -> None:
        if scene.members:
            scene.octavia._change("pool-1", scene.first(), [], {"member": fields})

    return run


def _added_by_hand(scene: Scene, cloud: Cloud, who: str) -> None:
    """The server that 'add' is about, and one that was removed, with other settings."""
    if "pool-1" in scene.octavia.pools:
        gone = {"10.0.1.11"} - {one["address"] for one in scene.members.values()}
        for address in (*gone, PLACE[0]):
            scene.octavia._add("pool-1", [], {"member": {"address": address, "protocol_port": 8080, "weight": 9}})


def _removed_by_hand(scene: Scene, cloud: Cloud, who: str) -> None:
    if scene.members:
        scene.octavia._remove("pool-1", scene.first(), [], {})


def _created_by_hand(scene: Scene, cloud: Cloud, who: str) -> None:
    """Somebody's own of the same name, without our marks."""
    scene.octavia._make([], {"loadbalancer": {"name": "web"}})


def _deleted_by_hand(scene: Scene, cloud: Cloud, who: str) -> None:
    scene.octavia._unmake("lb-1", [("cascade", "true")], {})


def _pace(slow: int) -> Run:
    def run(scene: Scene, cloud: Cloud, who: str) -> None:
        scene.octavia.slow = slow

    return run


def _ends(scene: Scene, cloud: Cloud, who: str) -> None:
    scene.octavia.settle()


def _fails(scene: Scene, cloud: Cloud, who: str) -> None:
    """Octavia cannot do what it is at."""
    for row in (*scene.octavia.balancers.values(), *scene.octavia.pools.values(), *scene.members.values()):
        if row["provisioning_status"].startswith("PENDING"):
            row["provisioning_status"] = "ERROR"
    scene.octavia.pending = 0


def _repaired(scene: Scene, cloud: Cloud, who: str) -> None:
    """An operator has repaired what was in ERROR."""
    for row in (*scene.octavia.balancers.values(), *scene.octavia.pools.values(), *scene.members.values()):
        if row["provisioning_status"] == "ERROR":
            row["provisioning_status"] = "ACTIVE"


STORIES: dict[str, Story] = {
    "drain": Story("loadbalancers.drain", _member("drain")),
    "enable": Story("loadbalancers.enable", _member("enable")),
    "disable": Story("loadbalancers.disable", _member("disable")),
    "weigh": Story("loadbalancers.weigh", _member("weigh", weight=7)),
    "remove": Story("loadbalancers.remove", _member("remove")),
    "add": Story("loadbalancers.add", _add),
    "undo": Story("loadbalancers.put_back", _undo),
    "create": Story("loadbalancers.create", _create("one tab")),
    "create in another tab": Story("loadbalancers.create", _create("another tab")),
    "mute": Story("loadbalancers.mute", _mute(4)),
    "unmute": Story("loadbalancers.mute", _mute(0)),
    "look": Story("", _look),
    "weighed by hand": Story("", _set_by_hand(weight=5), by_hand=True),
    "disabled by hand": Story("", _set_by_hand(admin_state_up=False), by_hand=True),
    "added by hand": Story("", _added_by_hand, by_hand=True),
    "removed by hand": Story("", _removed_by_hand, by_hand=True),
    "created by hand": Story("", _created_by_hand, by_hand=True),
    "deleted by hand": Story("", _deleted_by_hand, by_hand=True),
    "Octavia takes its time": Story("", _pace(3), by_hand=True),
    "Octavia is quick": Story("", _pace(0), by_hand=True),
    "Octavia ends": Story("", _ends, by_hand=True),
    "Octavia fails": Story("", _fails, by_hand=True),
    "repaired": Story("", _repaired, by_hand=True),
}
OFTEN = (
    *("remove", "undo", "undo", "undo") * 2, *("drain", "weigh", "disable", "create", "create in another tab", "look"),
    *("added by hand", "weighed by hand", "look"),
)  # fmt: skip
SCHEDULES = schedules(STORIES, calls=10, often=OFTEN)


class Watching(FaultyWire):
    """After each call it is noted what has become true."""

    scene: Scene | None = None

    def send(self, *arguments: Any, **named: Any) -> Any:
        try:
            return super().send(*arguments, **named)
        finally:
            if self.scene is not None:
                self.scene.watch()


class Balancers(Play):
    """What was wished last of the mute, and what must hold of load balancers and members."""

    stories = STORIES
    peace = ("Octavia ends", "repaired", "look", "look")
    waits = (
        (settle, "PAUSE"), (create, "SETTLE"), (create.Create, "patience"), (running, "PAUSE"),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.wire = Watching()
        self.scene = Scene(Octavia(self.wire))
        self.muted = False

    def login(self, who: str) -> Any:
        return self.scene.octavia.cloud(*PEOPLE[who], name=who)

    def begin(self) -> None:
        models.Mute.objects.all().delete()
        self.scene.octavia.slow = 2
        self.scene.octavia.build()
        self.scene.octavia.member("lb-1", 0).update(
            name="app one & more", weight=4, backup=True, monitor_address="10.0.9.9", monitor_port=9000, tags=["a&b"]
        )
        self.wire.scene = self.scene

    def after(self, step: Step, result: Any, answer: str, events: list[dict[str, Any]]) -> None:
        if STORIES[step.what].by_hand:
            self.scene.watch()
        alone = not self.wire.came
        for event in events if alone else ():
            method = METHODS.get(event["action"], "")
            if event["outcome"] == "failure" and method in self.wire.taken:
                raise AssertionError(f"a change that Octavia took is told as failed: {event}\n{self}")
            # What was adopted after a lost answer may be another's; here nobody else was at it.
            before = event.get("reason", {}).get("reasonCode") == "it was asked for already"
            if event["outcome"] == "pending" and method and method not in self.wire.taken and not before:
                raise AssertionError(f"a change that Octavia never took is told as accepted: {event}\n{self}")
        if step.what in ("mute", "unmute") and answer == "done":
            self.muted = step.what == "mute"
        if isinstance(result, Given):
            self.given(result, alone)

    def given(self, one: Given, alone: bool) -> None:
        """What the page says, and what an undo gave."""
        words, told = one.told.sentence(), one.told
        assert not DONE.search(words), f"{words}\n{self}"
        assert not (alone and "accepted it" in words and not self.wire.taken), f"{words}\n{self}"
        if told.asked and not told.already:
            self.scene.wishes.append(Wish(told.asked, one.balancer))
            self.scene.watch()
        if one.undone is not None:
            # Whatever an undo gives but a sentence: it is as it was.
            way = one.undone
            keys = [key for key in KEPT if way.verb == "remove" or key in way.before]
            was, found = ({key: one_.get(key) or None for key in keys} for one_ in (way.before, one.member))
            assert found == was, f"the undo is none\n{self}"

    def holds(self) -> None:
        places = Counter((one["address"], one["protocol_port"]) for one in self.scene.members.values())
        assert all(number == 1 for number in places.values()), f"members doubled: {places}\n{self}"

    def left(self) -> None:
        marks = Counter(
            (one["name"], tag)
            for one in self.scene.octavia.balancers.values()
            for tag in one["tags"]
            if duplicates.WISH in tag
        )
        assert all(number == 1 for number in marks.values()), f"load balancers doubled: {marks}\n{self}"
        now = datetime.datetime.now(datetime.UTC)
        assert notes.mutes("project", now).has("lb-1", now) is self.muted, f"the last wish about a mute counts\n{self}"
