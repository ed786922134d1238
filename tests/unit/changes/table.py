"""Every change there is, in a cloud where it can be made: what is added to the registry joins here."""

from __future__ import annotations

import copy
import datetime
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.changes import Change
from tenant_ops_dashboard.clones import authority
from tenant_ops_dashboard.clones.model import Clone, Terms
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, launch, reconcile, restart, trusts, unattended, watch
from tenant_ops_dashboard.environments.data import actions as data_actions
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.firewall_group import actions as firewall_actions
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.firewall_group import rules
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.intent import Intent
from tenant_ops_dashboard.environments.model import Request
from tenant_ops_dashboard.environments.standstill import orphans, standstill
from tenant_ops_dashboard.firewall import apply as firewall_apply
from tenant_ops_dashboard.firewall import create as firewall_create
from tenant_ops_dashboard.firewall import current, flags
from tenant_ops_dashboard.firewall import neutron as firewall_neutron
from tenant_ops_dashboard.firewall import remove as firewall_remove
from tenant_ops_dashboard.firewall import standing as firewall_standing
from tenant_ops_dashboard.firewall import undo as firewall_undo
from tenant_ops_dashboard.firewall.model import Draft
from tenant_ops_dashboard.firewall.model import Rule as FirewallRule
from tenant_ops_dashboard.firewall.security_groups import apply as security_group_apply
from tenant_ops_dashboard.firewall.security_groups.model import Draft as SecurityGroupDraft
from tenant_ops_dashboard.firewall.security_groups.model import Rule as SecurityGroupRule
from tenant_ops_dashboard.firewall.security_groups.model import State as SecurityGroup
from tenant_ops_dashboard.loadbalancers import create, duplicates, joining, member_actions, undo
from tenant_ops_dashboard.loadbalancers import watch as watching
from tenant_ops_dashboard.loadbalancers.scaling import actions as scaling
from tenant_ops_dashboard.loadbalancers.scaling import alarms, group
from tenant_ops_dashboard.loadbalancers.scaling.model import Rules
from tenant_ops_dashboard.posture import look as posture_look
from tenant_ops_dashboard.posture.assess import assess
from tenant_ops_dashboard.posture.keeping import pack
from tenant_ops_dashboard.posture.model import Posture
from tenant_ops_dashboard.records import (
    clone_asking,
    clone_changes,
    clone_models,
    clone_offering,
    intending,
    models,
    muting,
    posture_changes,
)
from tenant_ops_dashboard.records import clones as clone_records
from tenant_ops_dashboard.records.posture_models import PostureAcknowledgement, PostureReview
from tests.conformance.recorded import examples
from tests.unit.fake_openstack.world import World
from tests.unit.firewall import standing
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.loadbalancers.scaling.server_group import ID, Tier
from tests.unit.records.cloning import a_clone, an_offer

CALLER = "192.0.2.7"
NOW = datetime.datetime.now(datetime.UTC)


class Environments:
    """A cloud with the environment 'shop', which stands."""

    def __init__(self) -> None:
        self.world = World()
        self.wire = self.world.wire
        self.owner = self.login("member")
        self.id = self.world.once("table of changes", self._stand).id

    def login(self, *roles: str) -> Cloud:
        # Each role is somebody else's: a login is known by its name.
        name = "owner" if "member" in roles else roles[0]
        return self.world.cloud(*roles, name=name, service_user="a" * 32, caller=CALLER)

    @property
    def found(self) -> stack.Stack:
        return stack.find(self.owner, self.id)

    @property
    def firewall_group(self) -> firewall_groups.FirewallGroup:
        found = firewall_groups.read(self.owner, self.id, self.ports)
        assert found is not None
        return found

    @property
    def policy(self) -> str:
        return next(str(id_) for id_, one in self.world.things.kept["firewall_policies"].items() if not one["audited"])

    @property
    def ports(self) -> tuple[str, ...]:
        return reconcile.router_ports(self.owner, self.world.heat.stacks[self.id]["ids"]["router"])

    def volume(self) -> dict[str, Any]:
        (found,) = self.world.things.kept["volumes"].values()
        return found

    def free_volume(self) -> dict[str, Any]:
        found = self.volume()
        found.update(status="available", attachments=[])
        return found

    def remember(self) -> Callable[[], None]:
        """What puts the cloud, and what we keep of posture, back to how it is now."""
        things, heat = self.world.things, self.world.heat
        kept = pickle.dumps((things.kept, things.trees, heat.stacks))
        words, intents = list(PostureAcknowledgement.objects.all()), list(models.FirewallIntent.objects.all())

        def back() -> None:
            things.kept, things.trees, heat.stacks = pickle.loads(kept)
            PostureAcknowledgement.objects.all().delete()
            PostureAcknowledgement.objects.bulk_create(words)
            PostureReview.objects.all().delete()
            models.FirewallIntent.objects.all().delete()
            models.FirewallIntent.objects.bulk_create(intents)

        return back

    def _stand(self) -> Any:
        made = launch.launch(self.owner, Request("shop", "tomcat-oracle", {}), (), "form")
        self.world.heat.finish(made.id)
        reconcile.reconcile(self.owner, made)
        return made


class Clones(Environments):
    """The same, whose project is one of two: the other one is called 'development'."""

    def offers(self, owner: str = "project", to: str = "development") -> Any:
        """What one of them offers to the other."""
        told: dict[str, Any] = {"region": self.owner.region, "project_id": owner, "trust_id": ""}
        return clone_records.add_offer(an_offer(**told, terms=Terms((to,))))

    def asked(self, owner: str = "project", **more: Any) -> Clone:
        """What the other one asked for."""
        other = "development" if owner == "project" else "project"
        made, _ = clone_records.add(a_clone(self.offers(owner, other), project_id=other, **more))
        return made

    def ready(self, owner: str) -> Clone:
        hour = datetime.timedelta(hours=1)
        return self.asked(owner, state="ready", ready_at=NOW, expires_at=NOW + hour, lease=3600)

    def remember(self) -> Callable[[], None]:
        tables = (clone_models.CloneOffer, clone_models.Clone, clone_models.CloneTrust)
        back, rows = super().remember(), [list(one.objects.all()) for one in tables]

        def all_back() -> None:
            back()
            for one in reversed(tables):
                one.objects.all().delete()
            for one, known in zip(tables, rows, strict=True):
                one.objects.bulk_create(known)

        return all_back


class Balancers:
    """A cloud with a load balancer in front of a group of servers."""

    def __init__(self) -> None:
        self.octavia = Octavia()
        self.wire = self.octavia.wire
        self.balancer = self.octavia.build(description=f"Environment {ID}")
        self.pool, self.tier = self.octavia.pool(self.balancer), Tier(self.octavia)
        self.owner = self.login("member")
        self.wire.on("POST", "/metric/v1/metric/.*/measures")(lambda query, body: (202, None))
        self.wire.on("DELETE", "/metric/v1/metric/.*")(lambda query, body: (204, None))

    def login(self, *roles: str) -> Cloud:
        made = self.octavia.cloud(*roles, caller=CALLER)
        return Cloud(**{**vars(made), "endpoints": {"metric": "http://fake/metric"}})

    @property
    def ids(self) -> tuple[str, str, str]:
        return self.balancer, self.pool, str(self.octavia.member(self.balancer, 0)["id"])

    @property
    def group(self) -> group.Group:
        return group.read(self.owner, ID)

    def remember(self) -> Callable[[], None]:
        """What puts the cloud, and what we keep of mutes, back to how it is now."""
        octavia, tier = self.octavia, self.tier
        tables = (octavia.balancers, octavia.listeners, octavia.pools, octavia.monitors, octavia.members)
        kept = copy.deepcopy(tables)
        heat = copy.deepcopy({name: value for name, value in vars(tier).items() if name != "wire"})

        def back() -> None:
            for table, before in zip(tables, kept, strict=True):
                table.clear()
                table.update(before)  # type: ignore[arg-type]
            vars(tier).update(heat)
            models.Mute.objects.all().delete()

        return back


@dataclass(frozen=True)
class Recipe:
    """`make` has the change made by `cloud`; `seen` says that a look right after it can see it done.

    `roles` are those that it takes.
    """

    scene: type[Environments] | type[Balancers]
    make: Callable[[Any, Cloud], Change[Any]]
    seen: bool = False
    roles: tuple[str, ...] = ("member",)


def _marked(scene: Environments, cloud: Cloud) -> Change[Any]:
    scene.volume()["metadata"][data_volumes.MARK] = "of another delete"
    return data_actions.Keep(cloud, scene.id)


def _brought(scene: Environments, cloud: Cloud) -> Change[Any]:
    scene.volume()["metadata"][data_volumes.BROUGHT] = scene.id
    return data_actions.Release(cloud, scene.volume())


def _given(scene: Environments, cloud: Cloud) -> Change[Any]:
    unattended.give(scene.owner, watch.details(scene.owner, scene.id).environment)
    return trusts.Revoke(cloud, scene.id, "shop")


def _failed(scene: Environments, cloud: Cloud) -> Change[Any]:
    scene.world.heat.become(scene.id, "UPDATE_FAILED")
    return standstill.GoOn(cloud, scene.found)


def _edited(scene: Environments) -> Draft:
    """The firewall group of 'shop' with one rule more."""
    now = current.read(firewall_neutron.FirewallApi(scene.owner), "shop-fw")
    assert now.state.ingress is not None
    rules_ = (
        FirewallRule(name="more", action="allow", protocol="tcp", destination_port="8443"),
        *now.state.ingress.rules,
    )
    return Draft(replace(now.state, ingress=replace(now.state.ingress, rules=rules_)), now.base)


def _applied(scene: Environments, cloud: Cloud) -> Change[Any]:
    firewall_apply.apply(scene.owner, _edited(scene), wait=0.0)
    return firewall_undo.Undo(cloud, "shop-fw", wait=0.0)


def _inner(scene: Environments, cloud: Cloud) -> Change[Any]:
    made = firewall_create.create(scene.owner, firewall_create.wanted("inner", (), "open"))
    return firewall_remove.Remove(cloud, made.id)


def _opened(scene: Environments, cloud: Cloud) -> Change[Any]:
    """A security group with one rule, which another one takes the place of."""
    rule = {**examples()["security_group"]["security_group_rules"][0], "id": "old", "direction": "ingress"}
    found = scene.world.things.add("security-groups", name="edited", security_group_rules=[rule])
    wanted = SecurityGroup(found["id"], "edited", (SecurityGroupRule(protocol="tcp"),))
    return security_group_apply.Apply(cloud, SecurityGroupDraft(wanted))


def _server(scene: Environments, cloud: Cloud) -> Change[Any]:
    lost = orphans.Orphan("OS::Nova::Server", next(iter(scene.world.things.kept["servers"])))
    return orphans.TakeAway(cloud, lost, "shop")


def _unfiltered(scene: Environments, cloud: Cloud) -> Change[Any]:
    for kind in ("firewall_groups", "firewall_policies", "firewall_rules"):
        scene.world.things.kept[kind].clear()
    found = stack.full(scene.owner, scene.found)
    wanted = rules.wanted(found.outputs["firewall"], "ovn")
    assert wanted is not None
    return firewall_actions.Build(cloud, found, wanted, scene.ports, scene.firewall_group)


def _without_ports(scene: Environments, cloud: Cloud) -> Change[Any]:
    ports = scene.ports
    next(iter(scene.world.things.kept["firewall_groups"].values()))["ports"] = []
    return firewall_actions.Fill(cloud, scene.firewall_group, ports)


def _untidy(scene: Environments, cloud: Cloud) -> Change[Any]:
    scene.world.things.add(
        "firewall_policies", name="spare", firewall_rules=[], description=firewall_groups.mark(scene.id)
    )
    return firewall_actions.Tidy(cloud, scene.firewall_group)


def _left(scene: Environments, cloud: Cloud) -> Change[Any]:
    scene.world.heat.gone(scene.id)
    kept = scene.world.things.kept
    groups = list(kept["firewall_groups"].values())
    return firewall_actions.Sweep(cloud, groups, list(kept["firewall_policies"]), list(kept["firewall_rules"]))


def _broken(scene: Balancers, cloud: Cloud) -> Change[Any]:
    scene.tier.gone = {"abc1"}
    return scaling.Repair(cloud, scene.group)


def _removed(scene: Balancers, cloud: Cloud) -> Change[Any]:
    done = member_actions.remove(scene.owner, *scene.ids)
    way = undo.of("remove", done)
    assert way is not None
    return undo.BringBack(cloud, scene.balancer, scene.pool, way, 0.0)


def _drained(scene: Balancers, cloud: Cloud) -> Change[Any]:
    way = undo.of("drain", member_actions.drain(scene.owner, *scene.ids))
    assert way is not None
    return undo.PutBack(cloud, scene.balancer, scene.pool, way, 0.0)


def _disabled(scene: Balancers, cloud: Cloud) -> Change[Any]:
    scene.octavia.member(scene.balancer, 0)["admin_state_up"] = False
    return member_actions.Enable(cloud, *scene.ids, 0.0)


def _mute(scene: Balancers, cloud: Cloud) -> Change[Any]:
    balancer = watching.by_id(scene.owner, scene.balancer)
    return muting.Mute(cloud, balancer, scene.balancer, NOW + datetime.timedelta(hours=1), NOW)


def _intended(scene: Environments, cloud: Cloud) -> Change[Any]:
    standing.complete(scene.world)
    return intending.Remove(cloud, intending.add(scene.owner, CLOSED, "shop").id)


def _switched(scene: Environments, cloud: Cloud) -> Change[Any]:
    return intending.Switch(cloud, firewall_standing.of_blueprints({scene.id: "tomcat-oracle"})[0], "for a test")


def _add(scene: Environments, cloud: Cloud) -> Change[Any]:
    standing.complete(scene.world)
    return intending.Add(cloud, CLOSED, "shop")


CLOSED = Intent("deny", "internet", "tier:shop/jump", "tcp", (22, 22), "Nobody logs in from outside.")


def _seen(scene: Environments) -> tuple[Posture, str, bytes]:
    now = posture_look.look(scene.owner)
    return assess(now), "digest", pack(now)


def _acknowledge(scene: Environments, cloud: Cloud) -> Change[Any]:
    found, *_ = _seen(scene)
    return posture_changes.Acknowledge(cloud, found, found.findings[0].id, "it may stand", "30d", NOW)


def _withdraw(scene: Environments, cloud: Cloud) -> Change[Any]:
    found, *_ = _seen(scene)
    posture_changes.acknowledge(scene.owner, found, found.findings[0].id, "it may stand", "30d", NOW)
    return posture_changes.Withdraw(cloud, ["project"], found.findings[0].id, NOW)


def _offer(scene: Clones, cloud: Cloud) -> Change[Any]:
    return clone_offering.MakeOffer(cloud, scene.volume()["id"], Terms(("development",)), NOW)


def _offered(scene: Clones, cloud: Cloud) -> Change[Any]:
    made, _ = clone_changes.offer(scene.owner, scene.volume()["id"], Terms(("development",)), NOW)
    return clone_offering.Withdraw(cloud, made.id, NOW)


def _request(scene: Clones, cloud: Cloud) -> Change[Any]:
    until = NOW + datetime.timedelta(days=90)
    told = (scene.owner.region, "project", "user-1", "owner", ("member",), until, NOW)
    clone_records.keep_trust(clone_records.Trust("trust-2", *told))
    return clone_asking.Request(cloud, scene.offers("development", "project").id, "ci", "", "", NOW)


def _lent(scene: Clones, cloud: Cloud) -> Change[Any]:
    return clone_asking.RevokeTrust(cloud, clone_changes.trust_give(scene.owner, NOW).id, NOW)


def _trusted(scene: Clones, cloud: Cloud) -> str:
    return clone_changes.trust_give(scene.owner, NOW).id


#: Changes of the dashboard's own tables: nothing is sent to OpenStack.
OURS = frozenset(
    {
        "loadbalancers.mute", "posture.acknowledge", "posture.withdraw", "posture.review", "firewall.add_intent",
        "firewall.remove_intent", "firewall.switch_intent", "clones.request", "clones.approve", "clones.deny",
        "clones.extend", "clones.pin", "clones.release",
    }
)  # fmt: skip
WANTED = create.Wanted("web", "subnet", "HTTP", 80, 8080)
NEW = joining.Wanted("10.0.1.99", 8080)
RECIPES: dict[str, Recipe] = {
    "environments.launch": Recipe(
        Environments, lambda s, c: launch.Launch(c, Request("another", "tomcat-oracle", {}), (), "form")
    ),
    "environments.delete": Recipe(Environments, lambda s, c: delete.Delete(c, "shop", True)),
    "environments.withdraw": Recipe(Environments, lambda s, c: delete.Withdraw(c, s.found)),
    "environments.keep": Recipe(Environments, _marked, seen=True),
    "environments.remove_volume": Recipe(Environments, lambda s, c: data_actions.RemoveVolume(c, s.free_volume())),
    "environments.claim_volume": Recipe(
        Environments, lambda s, c: data_actions.Claim(c, s.volume(), s.id, "shop"), seen=True
    ),
    "environments.release_volume": Recipe(Environments, _brought, seen=True),
    "environments.restart": Recipe(Environments, lambda s, c: restart.Restart(c, "shop", "database")),
    "environments.entrust": Recipe(
        Environments, lambda s, c: unattended.Give(c, watch.details(s.owner, s.id).environment), seen=True
    ),
    "environments.revoke": Recipe(Environments, _given, seen=True),
    "environments.go_on": Recipe(Environments, _failed),
    "environments.take_away": Recipe(Environments, _server),
    "environments.build_firewall": Recipe(Environments, _unfiltered, seen=True),
    "environments.fill_firewall": Recipe(Environments, _without_ports),
    "environments.tidy_firewall": Recipe(Environments, _untidy, seen=True),
    "environments.sweep_firewall": Recipe(Environments, _left, seen=True),
    "clones.offer": Recipe(Clones, _offer, seen=True),
    "clones.withdraw": Recipe(Clones, _offered, seen=True),
    "clones.request": Recipe(Clones, _request, seen=True),
    "clones.approve": Recipe(Clones, lambda s, c: clone_offering.Approve(c, s.asked().id, NOW), seen=True),
    "clones.deny": Recipe(Clones, lambda s, c: clone_offering.Deny(c, s.asked().id, "not now", NOW), seen=True),
    "clones.pin": Recipe(Clones, lambda s, c: clone_offering.Pin(c, s.ready("project").id, True, NOW), seen=True),
    "clones.extend": Recipe(
        Clones, lambda s, c: clone_asking.Extend(c, s.ready("development").id, "1h", NOW), seen=True
    ),
    "clones.release": Recipe(Clones, lambda s, c: clone_asking.Release(c, s.asked("development").id, NOW), seen=True),
    "clones.give_trust": Recipe(Clones, lambda s, c: clone_asking.GiveTrust(c, NOW), seen=True),
    "clones.revoke_trust": Recipe(Clones, _lent, seen=True),
    "clones.entrust_offer": Recipe(Clones, lambda s, c: authority.ForOffer(c, "offer-1", "db"), seen=True),
    "clones.entrust_clone": Recipe(Clones, lambda s, c: authority.ForClone(c, "clone-1", "ci", 3600), seen=True),
    "clones.entrust_project": Recipe(Clones, lambda s, c: authority.ForProject(c), seen=True),
    "clones.take_back": Recipe(Clones, lambda s, c: authority.TakeBack(c, _trusted(s, c)), seen=True),
    "clones.take_back_offers": Recipe(Clones, lambda s, c: authority.TakeBackOffers(c, _trusted(s, c)), seen=True),
    "firewall.apply": Recipe(Environments, lambda s, c: firewall_apply.Apply(c, _edited(s), wait=0.0), seen=True),
    "firewall.create": Recipe(
        Environments, lambda s, c: firewall_create.Create(c, firewall_create.wanted("inner", (), "open")), seen=True
    ),
    "firewall.delete": Recipe(Environments, _inner, seen=True),
    "firewall.audit": Recipe(Environments, lambda s, c: flags.Audit(c, s.policy, True), seen=True),
    "firewall.share": Recipe(Environments, lambda s, c: flags.Share(c, s.policy, True), True, ("admin", "member")),
    "security_group.apply": Recipe(Environments, _opened, seen=True),
    "firewall.undo": Recipe(Environments, _applied, seen=True),
    "firewall.add_intent": Recipe(Environments, _add, seen=True),
    "firewall.remove_intent": Recipe(Environments, _intended, seen=True),
    "firewall.switch_intent": Recipe(Environments, _switched, seen=True),
    "loadbalancers.create": Recipe(Balancers, lambda s, c: create.Create(c, WANTED, "form")),
    "loadbalancers.withdraw": Recipe(Balancers, lambda s, c: duplicates.Withdraw(c, s.octavia.balancers[s.balancer])),
    "loadbalancers.add": Recipe(Balancers, lambda s, c: joining.Add(c, s.balancer, s.pool, NEW, 0.0)),
    "loadbalancers.drain": Recipe(Balancers, lambda s, c: member_actions.Drain(c, *s.ids, 0.0)),
    "loadbalancers.weigh": Recipe(Balancers, lambda s, c: member_actions.Weigh(c, *s.ids, 0.0, 7)),
    "loadbalancers.enable": Recipe(Balancers, _disabled),
    "loadbalancers.disable": Recipe(Balancers, lambda s, c: member_actions.Disable(c, *s.ids, 0.0)),
    "loadbalancers.remove": Recipe(Balancers, lambda s, c: member_actions.Remove(c, *s.ids, 0.0)),
    "loadbalancers.put_back": Recipe(Balancers, _drained),
    "loadbalancers.bring_back": Recipe(Balancers, _removed),
    "loadbalancers.mute": Recipe(Balancers, _mute, seen=True),
    "posture.acknowledge": Recipe(Environments, _acknowledge, seen=True),
    "posture.withdraw": Recipe(Environments, _withdraw, seen=True),
    "posture.review": Recipe(
        Environments, lambda s, c: posture_changes.KeepReview(c, "project", *_seen(s), NOW), seen=True
    ),
    "scaling.now": Recipe(Balancers, lambda s, c: scaling.Now(c, s.group, "out", 2)),
    "scaling.rules": Recipe(Balancers, lambda s, c: scaling.NewRules(c, s.group, Rules(on=True), 2, 5, 1)),
    "scaling.repair": Recipe(Balancers, _broken),
    "scaling.feed": Recipe(Balancers, lambda s, c: alarms.Feed(c, s.group, [("metric", "out", 1.5)], NOW)),
    "scaling.forget": Recipe(Balancers, lambda s, c: alarms.Forget(c, {"id": "metric", "name": "tenant-ops-scale"})),
}
