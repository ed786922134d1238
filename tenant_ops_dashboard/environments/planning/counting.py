"""What the resources of a template take of each quota, what cannot be told, and what Heat would refuse. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tenant_ops_dashboard.environments.firewall_group import rules as firewall_rules
from tenant_ops_dashboard.environments.planning import free, networking, servers
from tenant_ops_dashboard.environments.planning.offered import Offered
from tenant_ops_dashboard.environments.planning.quota import Key
from tenant_ops_dashboard.environments.planning.taking import Taking
from tenant_ops_dashboard.environments.template.budget import Budget, Exhausted
from tenant_ops_dashboard.environments.template.hot import GROUPS, TOO_LARGE, Resource
from tenant_ops_dashboard.environments.template.members import STACK
from tenant_ops_dashboard.environments.template.picture import is_wrapper
from tenant_ops_dashboard.sentences import say

_ONE: dict[str, tuple[Key, ...]] = {
    "OS::Nova::ServerGroup": (("compute", "server_groups"),),
    "OS::Nova::KeyPair": (("compute", "key_pairs"),),
    "OS::Nova::FloatingIP": (("network", "floatingip"),),
    "OS::Neutron::Net": (("network", "network"),),
    "OS::Neutron::ProviderNet": (("network", "network"),),
    "OS::Neutron::Subnet": (("network", "subnet"),),
    "OS::Neutron::SubnetPool": (("network", "subnetpool"),),
    "OS::Neutron::RBACPolicy": (("network", "rbac_policy"),),
    "OS::Neutron::Trunk": (("network", "trunk"),),
    "OS::Neutron::SecurityGroupRule": (("network", "security_group_rule"),),
    "OS::Octavia::LoadBalancer": (("load-balancer", "load_balancer"), ("network", "port")),
    "OS::Octavia::Listener": (("load-balancer", "listener"),),
    "OS::Octavia::Pool": (("load-balancer", "pool"),),
    "OS::Octavia::PoolMember": (("load-balancer", "member"),),
    "OS::Octavia::HealthMonitor": (("load-balancer", "health_monitor"),),
    "OS::Octavia::L7Policy": (("load-balancer", "l7policy"),),
    "OS::Octavia::L7Rule": (("load-balancer", "l7rule"),),
    # As Heat's engine/resources/aws/ec2 makes them: a VPC with a router, a subnet with an interface of it.
    "AWS::EC2::VPC": (("network", "network"), ("network", "router")),
    "AWS::EC2::Subnet": (("network", "subnet"), ("network", "port")),
    "AWS::EC2::RouteTable": (("network", "router"),),
    "AWS::EC2::NetworkInterface": (("network", "port"),),
    "AWS::EC2::EIP": (("network", "floatingip"),),
}
_MORE: dict[str, Callable[[Resource, Taking], None]] = {**servers.TYPES, **networking.TYPES}


@dataclass(frozen=True)
class Needs:
    """`amounts` by quota are certain; `unknown` says what may come on top, `refused` why Heat would not take it."""

    amounts: Counter[Key]
    unknown: tuple[str, ...]
    refused: tuple[str, ...]


def needs(
    resources: Sequence[Resource], offered: Offered, wanted: firewall_rules.Wanted | None, budget: Budget
) -> Needs:
    """How much of each quota these resources and the firewall group take; `budget` knows what their values hide."""
    taking = Taking(offered, budget, networking.own(resources))
    taking.amounts["orchestration", "stacks"] = 1
    try:
        for resource in resources:
            if not resource.stands and not resource.elsewhere:
                taking.copies = resource.copies
                _count(resource, taking)
    except Exhausted:
        budget.tell(TOO_LARGE)
    if budget.problems:
        budget.doubt(say("Only a part of what this template takes is counted."))
    if wanted is not None:
        taking.amounts["network", "firewall_group"] += 1
        taking.amounts["network", "firewall_policy"] += 2
        taking.amounts["network", "firewall_rule"] += len(wanted.rules)
    return Needs(taking.amounts, tuple(budget.unknown), tuple(budget.refused))


def _count(resource: Resource, taking: Taking) -> None:
    kind = resource.type
    for key in _ONE.get(kind, ()):
        taking.add(key)
    if kind in GROUPS or kind == STACK or is_wrapper(resource) or kind in free.GROUPS:
        taking.add(("orchestration", "stacks"))
    elif kind in _MORE:
        _MORE[kind](resource, taking)
    elif kind and kind not in _ONE and not free.takes_nothing(kind):
        taking.doubt(
            say("What {called} takes cannot be told: {kind} is not known here.", called=resource.called, kind=kind[:60])
        )
    elif not kind and not resource.group:
        taking.doubt(say("What {called} takes cannot be told: it has no type.", called=resource.called))
