"""Every change there is, in a cloud where it can be made: what is added to the registry joins here."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.changes import Change
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import change_volume, delete, launch, restart, trusts, unattended, watch
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
from tenant_ops_dashboard.loadbalancers.scaling import alarms
from tenant_ops_dashboard.loadbalancers.scaling.model import Rules
from tenant_ops_dashboard.posture import look as posture_look
from tenant_ops_dashboard.posture.assess import assess
from tenant_ops_dashboard.posture.keeping import pack
from tenant_ops_dashboard.posture.model import Posture
from tenant_ops_dashboard.records import (
    intending,
    muting,
    posture_changes,
)
from tests.conformance.recorded import examples
from tests.unit.changes import clone_table, walkthrough_table
from tests.unit.changes.scenes import NOW, Balancers, Environments, Recipe
from tests.unit.firewall import standing


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


def _another_volume(scene: Environments, cloud: Cloud) -> Change[Any]:
    row = scene.world.heat.stacks[scene.id]["row"]
    row["parameters"] = {**row["parameters"], "data_volume": "older"}
    return change_volume.ChangeVolume(cloud, scene.id, "older", "newer")


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


#: Changes of the dashboard's own tables: nothing is sent to OpenStack.
OURS = frozenset(
    {
        "loadbalancers.mute", "posture.acknowledge", "posture.withdraw", "posture.review", "firewall.add_intent",
        "firewall.remove_intent", "firewall.switch_intent", "clones.request", "clones.approve", "clones.deny",
        "clones.extend", "clones.pin", "clones.release", "clones.reclaim_now", "clones.refresh",
        "clones.revert", "walkthrough.skip",
    }
)  # fmt: skip
WANTED = create.Wanted("web", "subnet", "HTTP", 80, 8080)
NEW = joining.Wanted("10.0.1.99", 8080)
RECIPES: dict[str, Recipe] = {
    **clone_table.RECIPES,
    **walkthrough_table.RECIPES,
    "environments.launch": Recipe(
        Environments, lambda s, c: launch.Launch(c, Request("another", "tomcat-oracle", {}), (), "form")
    ),
    "environments.delete": Recipe(Environments, lambda s, c: delete.Delete(c, "shop", True)),
    "environments.withdraw": Recipe(Environments, lambda s, c: delete.Withdraw(c, s.found)),
    "environments.keep": Recipe(Environments, _marked, seen=True),
    "environments.remove_volume": Recipe(Environments, lambda s, c: data_actions.RemoveVolume(c, s.free_volume())),
    "environments.change_volume": Recipe(Environments, _another_volume),
    "environments.claim_volume": Recipe(
        Environments, lambda s, c: data_actions.Claim(c, s.volume(), s.id, "shop"), seen=True
    ),
    "environments.release_volume": Recipe(Environments, _brought, seen=True),
    "environments.restart": Recipe(Environments, lambda s, c: restart.Restart(c, "shop", "database")),
    "environments.entrust": Recipe(Environments, lambda s, c: unattended.Give(c, s.id, "shop"), seen=True),
    "environments.revoke": Recipe(Environments, _given, seen=True),
    "environments.go_on": Recipe(Environments, _failed),
    "environments.take_away": Recipe(Environments, _server),
    "environments.build_firewall": Recipe(Environments, _unfiltered, seen=True),
    "environments.fill_firewall": Recipe(Environments, _without_ports),
    "environments.tidy_firewall": Recipe(Environments, _untidy, seen=True),
    "environments.sweep_firewall": Recipe(Environments, _left, seen=True),
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
