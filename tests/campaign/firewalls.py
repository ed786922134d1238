"""A firewall group in the campaign: people apply and undo, both ways, while others edit it by hand.

At no moment one direction is new and the other old, but for what both let through where policies keep their ids.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from tenant_ops_dashboard.changes import run as running
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.firewall_group import versions as marks
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.firewall import apply, commit, current, undo
from tenant_ops_dashboard.firewall.in_place import ApplyInPlace
from tenant_ops_dashboard.firewall.model import Draft, Policy, Rule
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tests.campaign.schedule import Play, Step, schedules
from tests.campaign.stories import PEOPLE, Story
from tests.campaign.wire import FaultyWire
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.test_between import passes

PORTS = (22, 80, 443, 8080)
#: What each draft lets through, in and out: no two have a port in common that a third has not.
WISHES = {"one": ("80", "8080"), "other": ("443", "22"), "both": ("80", "443", "22")}
Pair = tuple[frozenset[int], frozenset[int]]


class Scene:
    """One group with a policy a direction; `drafts` are what people had made before they were broken off."""

    def __init__(self, wire: FaultyWire) -> None:
        self.world = World(wire=wire)
        self.kept = self.world.things.kept
        add = self.world.things.add
        self.port = add("ports", device_owner="network:router_interface", device_id="r", network_id="n")["id"]
        none = dict.fromkeys(("source_ip_address", "destination_ip_address", "source_port"))
        shape = {**none, "action": "allow", "protocol": "tcp", "enabled": True, "ip_version": 4, "description": ""}
        rules = [add("firewall_rules", name="web", destination_port="80", **shape)["id"] for _ in range(2)]
        ids = [
            add("firewall_policies", name=name, firewall_rules=[rule], audited=False, description="by hand")["id"]
            for name, rule in zip(("in", "out"), rules, strict=True)
        ]
        self.group = add(
            "firewall_groups", name="edge", ports=[self.port], status="ACTIVE", admin_state_up=True, description="",
            ingress_firewall_policy_id=ids[0], egress_firewall_policy_id=ids[1],
        )  # fmt: skip
        self.by_hand = {*rules, *ids}
        self.foreign = False

    def open(self) -> Pair:
        """The ports that each direction lets through now."""
        ingress, egress = (self._ports(self.group[f"{one}_firewall_policy_id"]) for one in ("ingress", "egress"))
        return ingress, egress

    def _ports(self, policy: str | None) -> frozenset[int]:
        if policy is None:
            return frozenset()
        names = [one.name for one in fields(Rule)]
        rows = [self.kept["firewall_rules"][id_] for id_ in self.kept["firewall_policies"][policy]["firewall_rules"]]
        rules = tuple(Rule(**{key: row[key] for key in names if key in row}) for row in rows)
        return frozenset(port for port in PORTS if passes(rules, (6, 1, 2, port, 1024)))

    @property
    def changing(self) -> bool:
        """Whether a policy in force says that its list is being changed."""
        ids = [self.group[f"{one}_firewall_policy_id"] for one in ("ingress", "egress")]
        return any(marks.unfinished(self.kept["firewall_policies"][id_]) for id_ in ids if id_)


def _wanted(cloud: Cloud, wish: str) -> Draft:
    """Both directions with the wish's ports, rules that stand there keeping their ids."""
    made = current.read(FirewallApi(cloud), "edge").draft
    state = made.state
    for direction in ("ingress", "egress"):
        policy = state.policy(direction) or Policy()  # type: ignore[arg-type]
        there = {rule.destination_port: rule for rule in policy.rules}
        new = Rule(name="ours", action="allow", protocol="tcp")
        rules = tuple(there.get(port) or replace(new, destination_port=port) for port in WISHES[wish])
        state = state.having(direction, replace(policy, rules=rules))  # type: ignore[arg-type]
    return Draft(state, made.base)


def _apply(wish: str, way: type[apply.Apply]) -> Callable[[Scene, Cloud, str], Any]:
    """Who is broken off does the same once more, as people do."""

    def run(scene: Scene, cloud: Cloud, who: str) -> apply.Applied:
        wanted = _wanted(cloud, wish)
        try:
            return apply.apply(cloud, wanted, "edge", wait=0.0, way=way)
        except TenantOpsError:
            return apply.apply(cloud, wanted, "edge", wait=0.0, way=way)

    return run


def _undo(scene: Scene, cloud: Cloud, who: str) -> apply.Applied:
    return undo.undo(cloud, "edge", wait=0.0)


def _rule_by_hand(scene: Scene, cloud: Cloud, who: str) -> None:
    """Somebody puts a rule of his own at the end of the list in force."""
    policy = scene.kept["firewall_policies"][scene.group["ingress_firewall_policy_id"]]
    theirs = scene.world.things.add(
        "firewall_rules", name="theirs", action="deny", protocol="udp", enabled=True, ip_version=4, description="",
        **dict.fromkeys(("source_ip_address", "destination_ip_address", "source_port", "destination_port")),
    )  # fmt: skip
    policy["revision_number"] += policy["audited"] is True
    policy.update(firewall_rules=[*policy["firewall_rules"], theirs["id"]], audited=False)
    scene.by_hand.add(theirs["id"])


def _named_by_hand(scene: Scene, cloud: Cloud, who: str) -> None:
    scene.group.update(description="seen", revision_number=scene.group["revision_number"] + 1)


STORIES: dict[str, Story] = {
    **{f"apply {wish}": Story("firewall.apply", _apply(wish, apply.Apply)) for wish in WISHES},
    **{f"apply {wish}, keep the policies": Story("firewall.apply", _apply(wish, ApplyInPlace)) for wish in WISHES},
    "undo": Story("firewall.undo", _undo),
    "a rule by hand": Story("", _rule_by_hand, by_hand=True),
    "named by hand": Story("", _named_by_hand, by_hand=True),
}
SCHEDULES = schedules(STORIES, calls=24, often=("undo", "undo", "apply one, keep the policies"))


class Watching(FaultyWire):
    """After each call it is noted what is open."""

    scene: Scene | None = None

    def send(self, *arguments: Any, **named: Any) -> Any:
        try:
            return super().send(*arguments, **named)
        finally:
            if self.scene is not None:
                self.seen_open.append(self.scene.open())

    seen_open: list[Pair]


class Firewalls(Play):
    """What must hold of a group whatever people, faults and others do."""

    stories = STORIES
    peace = ("apply both", "apply both, keep the policies", "apply both")
    waits = ((commit, "PAUSE"), (running, "PAUSE"), (apply.Apply, "patience"), (undo.Undo, "patience"))

    def __init__(self) -> None:
        super().__init__()
        self.wire = Watching()
        self.scene = Scene(self.wire)
        self.whole: set[Pair] = set()

    def login(self, who: str) -> Any:
        return self.scene.world.cloud(*PEOPLE[who], name=who)

    def begin(self) -> None:
        self.whole = {self.scene.open(), *((frozenset(map(int, told)),) * 2 for told in WISHES.values())}
        self.wire.seen_open = []
        self.wire.scene = self.scene

    def after(self, step: Step, result: Any, answer: str, events: list[dict[str, Any]]) -> None:
        if isinstance(result, apply.Applied) and not self.wire.came and step.what != "undo":
            told = frozenset(map(int, WISHES[step.what.split(",")[0].split()[1]]))
            assert self.scene.open() == (told, told), f"it is told as applied and is not\n{self}"

    def holds(self) -> None:
        both = {ingress & egress for ingress, egress in self.whole}
        for ingress, egress in self.wire.seen_open:
            through = ingress & egress
            assert any(through <= one for one in both), f"more is open than before or after: {sorted(through)}\n{self}"
        self.wire.seen_open.clear()
        if not self.scene.changing:
            assert self.scene.open() in self.whole, f"half of both directions: {self.scene.open()}\n{self}"

    def left(self) -> None:
        told = frozenset(map(int, WISHES["both"]))
        assert self.scene.open() == (told, told), f"the last wish counts: {self.scene.open()}\n{self}"
        assert not self.scene.changing, f"a policy says that it is being changed\n{self}"
        kept, group = self.scene.kept, self.scene.group
        used = {group[f"{one}_firewall_policy_id"] for one in ("ingress", "egress")}
        stray = [
            one["name"] for id_, one in kept["firewall_policies"].items()
            if id_ not in used | self.scene.by_hand and marks.mark(one) is None and not marks.token(one["name"])
        ]  # fmt: skip
        assert not stray, f"policies that nobody uses: {stray}\n{self}"
