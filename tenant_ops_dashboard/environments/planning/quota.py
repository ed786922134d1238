"""What a launch takes of each quota of the project, and what is left after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.values import listing, number, text
from tenant_ops_dashboard.environments.firewall_group import rules as firewall_rules
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import QuotaLine
from tenant_ops_dashboard.environments.planning.inventory import Inventory
from tenant_ops_dashboard.environments.template.hot import GROUPS, Resource
from tenant_ops_dashboard.environments.template.picture import is_wrapper

Key = tuple[str, str]

LABELS: dict[Key, str] = {
    ("compute", "instances"): "Servers",
    ("compute", "cores"): "Cores",
    ("compute", "ram"): "RAM (MB)",
    ("block-storage", "volumes"): "Volumes",
    ("block-storage", "gigabytes"): "Volume storage (GB)",
    ("network", "port"): "Ports",
    ("network", "network"): "Networks",
    ("network", "subnet"): "Subnets",
    ("network", "router"): "Routers",
    ("network", "floatingip"): "Floating IPs",
    ("network", "security_group"): "Security groups",
    ("network", "security_group_rule"): "Security group rules",
    ("load-balancer", "load_balancer"): "Load balancers",
    ("load-balancer", "listener"): "Listeners",
    ("load-balancer", "pool"): "Pools",
    ("load-balancer", "member"): "Pool members",
    ("load-balancer", "health_monitor"): "Health monitors",
    ("network", "firewall_group"): "Firewall groups",
    ("network", "firewall_policy"): "Firewall policies",
    ("network", "firewall_rule"): "Firewall rules",
    ("orchestration", "stacks"): "Stacks",
}
_ONE: dict[str, tuple[Key, ...]] = {
    "OS::Neutron::Net": (("network", "network"),),
    "OS::Neutron::Subnet": (("network", "subnet"),),
    "OS::Neutron::Router": (("network", "router"),),
    "OS::Neutron::RouterInterface": (("network", "port"),),
    "OS::Neutron::Port": (("network", "port"),),
    "OS::Neutron::FloatingIP": (("network", "floatingip"),),
    "OS::Neutron::SecurityGroupRule": (("network", "security_group_rule"),),
    "OS::Octavia::LoadBalancer": (("load-balancer", "load_balancer"), ("network", "port")),
    "OS::Octavia::Listener": (("load-balancer", "listener"),),
    "OS::Octavia::Pool": (("load-balancer", "pool"),),
    "OS::Octavia::PoolMember": (("load-balancer", "member"),),
    "OS::Octavia::HealthMonitor": (("load-balancer", "health_monitor"),),
}
_DEFAULT_RULES = 2  # every new security group lets IPv4 and IPv6 out


def needs(resources: Sequence[Resource], found: Inventory, wanted: firewall_rules.Wanted | None) -> Counter[Key]:
    """How much of each quota these resources and the firewall group take."""
    total: Counter[Key] = Counter({("orchestration", "stacks"): 1})
    for resource in resources:
        for key in _ONE.get(resource.type, ()):
            total[key] += resource.copies
        if resource.type in GROUPS or is_wrapper(resource):
            total["orchestration", "stacks"] += resource.copies
        for key, amount in _sized(resource, found).items():
            total[key] += amount * resource.copies
    if wanted is not None:
        total["network", "firewall_group"] += 1
        total["network", "firewall_policy"] += 2
        total["network", "firewall_rule"] += len(wanted.rules)
    return total


def lines(cloud: Cloud, needed: Mapping[Key, int]) -> tuple[QuotaLine, ...]:
    """One line for every quota touched, in the order of `LABELS`: five to seven calls.

    Raises a CloudError.
    """
    state = {**_compute(cloud), **_storage(cloud), **_network(cloud), **_balancers(cloud), **_stacks(cloud)}
    told = []
    for key, label in LABELS.items():
        if needed.get(key):
            limit, used = state.get(key, (None, 0))
            told.append(QuotaLine(*key, label, limit, used, needed[key]))
    return tuple(told)


def has_firewall(cloud: Cloud) -> bool:
    """Whether Neutron has FWaaS v2: its quotas list firewall groups then."""
    return ("network", "firewall_group") in _network(cloud)


def sentence(line: QuotaLine) -> str:
    """Why a line does not fit."""
    left = max(0, (line.limit or 0) - line.used)
    return f"Quota: {line.label}: {line.adds} more are needed, {left} of {line.limit} are left."


def _sized(resource: Resource, found: Inventory) -> Counter[Key]:
    properties = resource.properties
    match resource.type:
        case "OS::Nova::Server":
            flavor = found.flavor(text(properties.get("flavor")))
            networks = listing(properties.get("networks"))
            ports = sum(1 for one in networks if isinstance(one, Mapping) and "port" not in one)
            sizes = {("compute", "cores"): flavor.vcpus, ("compute", "ram"): flavor.ram} if flavor else {}
            return Counter({("compute", "instances"): 1, ("network", "port"): ports, **sizes})
        case "OS::Cinder::Volume":
            return Counter(
                {("block-storage", "volumes"): 1, ("block-storage", "gigabytes"): number(properties.get("size"))}
            )
        case "OS::Neutron::SecurityGroup":
            rules = len([rule for rule in listing(properties.get("rules")) if rule])
            return Counter(
                {("network", "security_group"): 1, ("network", "security_group_rule"): rules + _DEFAULT_RULES}
            )
    return Counter()


def _limit(value: Any) -> int | None:
    found = number(value, -1)
    return None if found < 0 else found


def _compute(cloud: Cloud) -> dict[Key, tuple[int | None, int]]:
    absolute = cloud.get("compute", "/limits")["limits"]["absolute"]
    names = {"instances": ("maxTotalInstances", "totalInstancesUsed"), "cores": ("maxTotalCores", "totalCoresUsed"),
             "ram": ("maxTotalRAMSize", "totalRAMUsed")}  # fmt: skip
    return {("compute", name): (_limit(absolute[top]), absolute[used]) for name, (top, used) in names.items()}


def _storage(cloud: Cloud) -> dict[Key, tuple[int | None, int]]:
    if not cloud.has("block-storage"):
        return {}
    absolute = cloud.get("block-storage", "/limits")["limits"]["absolute"]
    names = {
        "volumes": ("maxTotalVolumes", "totalVolumesUsed"),
        "gigabytes": ("maxTotalVolumeGigabytes", "totalGigabytesUsed"),
    }
    return {("block-storage", name): (_limit(absolute[top]), absolute[used]) for name, (top, used) in names.items()}


def _network(cloud: Cloud) -> dict[Key, tuple[int | None, int]]:
    quota = cloud.once(
        "network quota", lambda: cloud.get("network", f"/quotas/{cloud.project_id}/details.json")["quota"]
    )
    return {("network", name): (_limit(one["limit"]), int(one["used"])) for name, one in quota.items()}


def _balancers(cloud: Cloud) -> dict[Key, tuple[int | None, int]]:
    if not cloud.has("load-balancer"):
        return {}
    quota = cloud.balancers("quota_show", cloud.project_id)
    quota = quota.get("quota", quota)
    balancers = cloud.pages("load-balancer", "/lbaas/loadbalancers", "loadbalancers", project_id=cloud.project_id)
    pools = cloud.pages("load-balancer", "/lbaas/pools", "pools", project_id=cloud.project_id)
    used = {
        "load_balancer": len(balancers),
        "listener": sum(len(one.get("listeners") or ()) for one in balancers),
        "pool": len(pools),
        "member": sum(len(one.get("members") or ()) for one in pools),
        "health_monitor": sum(1 for one in pools if one.get("healthmonitor_id")),
    }
    return {("load-balancer", name): (_limit(quota.get(name)), number) for name, number in used.items()}


def _stacks(cloud: Cloud) -> dict[Key, tuple[int | None, int]]:
    # Heat enforces max_stacks_per_tenant and tells it nobody: how many there are is all that can be said.
    known = stack.ours(cloud, cloud.pages("orchestration", "/stacks", "stacks"))
    return {("orchestration", "stacks"): (None, len(known))}
