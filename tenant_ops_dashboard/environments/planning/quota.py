"""The project's quotas: what each of them allows, what is in use, and what is left after a launch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, lately
from tenant_ops_dashboard.cloud.values import listing, number
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import QuotaLine
from tenant_ops_dashboard.environments.planning import inventory, roles
from tenant_ops_dashboard.sentences import say

Key = tuple[str, str]
#: What is allowed (None: no limit) and what is in use.
State = dict[Key, tuple[int | None, int]]

LABELS: dict[Key, str] = {
    ("compute", "instances"): say("Servers"),
    ("compute", "cores"): say("Cores"),
    ("compute", "ram"): say("RAM (MB)"),
    ("compute", "server_groups"): say("Server groups"),
    ("compute", "key_pairs"): say("Key pairs"),
    ("block-storage", "volumes"): say("Volumes"),
    ("block-storage", "gigabytes"): say("Volume storage (GB)"),
    ("network", "port"): say("Ports"),
    ("network", "network"): say("Networks"),
    ("network", "subnet"): say("Subnets"),
    ("network", "router"): say("Routers"),
    ("network", "floatingip"): say("Floating IPs"),
    ("network", "security_group"): say("Security groups"),
    ("network", "security_group_rule"): say("Security group rules"),
    ("network", "subnetpool"): say("Subnet pools"),
    ("network", "rbac_policy"): say("RBAC policies"),
    ("network", "trunk"): say("Trunks"),
    ("load-balancer", "load_balancer"): say("Load balancers"),
    ("load-balancer", "listener"): say("Listeners"),
    ("load-balancer", "pool"): say("Pools"),
    ("load-balancer", "member"): say("Pool members"),
    ("load-balancer", "health_monitor"): say("Health monitors"),
    ("load-balancer", "l7policy"): say("L7 policies"),
    ("load-balancer", "l7rule"): say("L7 rules"),
    ("network", "firewall_group"): say("Firewall groups"),
    ("network", "firewall_policy"): say("Firewall policies"),
    ("network", "firewall_rule"): say("Firewall rules"),
    ("orchestration", "stacks"): say("Stacks"),
}
_LAYER_7 = ("l7policy", "l7rule")


def lines(cloud: Cloud, needed: Mapping[Key, int], refused: roles.Refused | None = None) -> tuple[QuotaLine, ...]:
    """One line for every quota touched, in the order of `LABELS`: five to seven calls, one more for L7 policies.

    None but that one where the state of lately will do. What Octavia and Heat do not let the login see is kept in
    `refused`, where it is given, and has no line. Raises a CloudError.
    """
    mine = "quotas-all" if refused is None else "quotas-seen"
    others, told_off = lately(cloud, mine, tuple, lambda: _others(cloud, refused))
    state: State = _network(cloud) | others
    if refused is not None:
        refused.told.update(told_off)
    seen = refused is None or "load-balancer" not in refused.told
    if seen and any(needed.get(("load-balancer", name)) for name in _LAYER_7):
        state |= _l7(cloud, state)
    if needed.get(("compute", "key_pairs")):
        # Key pairs are a person's, not a project's: Nova's limits do not tell how many there are.
        limit, _ = state["compute", "key_pairs"]
        state["compute", "key_pairs"] = limit, len(inventory.take(cloud).keypairs)
    told = []
    for key, label in LABELS.items():
        if needed.get(key) and not (refused and key[0] in refused.told):
            limit, used = state.get(key, (None, 0))
            told.append(QuotaLine(*key, label, limit, used, needed[key]))
    return tuple(told)


def has_firewall(cloud: Cloud) -> bool:
    """Whether Neutron has FWaaS v2: its quotas list firewall groups then."""
    return ("network", "firewall_group") in _network(cloud)


def sentence(line: QuotaLine) -> str:
    """Why a line does not fit."""
    # What the launch takes does not count: there may be less than nothing left already.
    told = replace(line, used=min(line.used, line.limit or 0), adds=0).words
    return say(
        "Quota: {title}: {adds} more are needed, {left} of {limit} are left.",
        title=line.title,
        adds=line.words["adds"],
        left=told["left"],
        limit=told["limit"],
    )


def _others(cloud: Cloud, refused: roles.Refused | None) -> tuple[State, dict[str, roles.Lack]]:
    """All but Neutron's, and what was refused meanwhile."""
    # A plan shares what its form asked; who comes back with the same handle has it read anew.
    state = {**(_limits(cloud) if refused is None else _compute(cloud)), **_storage(cloud)}
    if refused is None:
        return {**state, **_balancers(cloud), **_stacks(cloud)}, {}
    nothing: State = {}
    state |= refused.unless("load-balancer", lambda: _balancers(cloud), nothing)
    state |= refused.unless("orchestration", lambda: _stacks(cloud), nothing)
    return state, dict(refused.told)


def _limit(value: Any) -> int | None:
    found = number(value, -1)
    return None if found < 0 else found


def server_groups(cloud: Cloud) -> int | None:
    """How many more server groups the project may have, None where there is no limit. Raises a CloudError."""
    limit, used = _compute(cloud)["compute", "server_groups"]
    return None if limit is None else limit - used


def _compute(cloud: Cloud) -> State:
    return cloud.once("limits of nova", lambda: lately(cloud, "limits of nova", dict, lambda: _limits(cloud)))


def _limits(cloud: Cloud) -> State:
    absolute = cloud.get("compute", "/limits")["limits"]["absolute"]
    names = {"instances": ("maxTotalInstances", "totalInstancesUsed"), "cores": ("maxTotalCores", "totalCoresUsed"),
             "ram": ("maxTotalRAMSize", "totalRAMUsed")}  # fmt: skip
    more = {"server_groups": ("maxServerGroups", "totalServerGroupsUsed"), "key_pairs": ("maxTotalKeypairs", "")}
    return {
        **{("compute", name): (_limit(absolute[top]), absolute[used]) for name, (top, used) in names.items()},
        **{
            ("compute", name): (_limit(absolute.get(top)), number(absolute.get(used)))
            for name, (top, used) in more.items()
        },
    }


def _storage(cloud: Cloud) -> State:
    if not cloud.has("block-storage"):
        return {}
    absolute = cloud.get("block-storage", "/limits")["limits"]["absolute"]
    names = {
        "volumes": ("maxTotalVolumes", "totalVolumesUsed"),
        "gigabytes": ("maxTotalVolumeGigabytes", "totalGigabytesUsed"),
    }
    return {("block-storage", name): (_limit(absolute[top]), absolute[used]) for name, (top, used) in names.items()}


def _network(cloud: Cloud) -> State:
    return cloud.once("network quota", lambda: lately(cloud, "network quota", dict, lambda: _details(cloud)))


def _details(cloud: Cloud) -> State:
    quota = cloud.get("network", f"/quotas/{cloud.project_id}/details.json")["quota"]
    return {("network", name): (_limit(one["limit"]), int(one["used"])) for name, one in quota.items()}


def _balancers(cloud: Cloud) -> State:
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
    used |= dict.fromkeys(_LAYER_7, 0)  # not known yet: see `_l7`
    return {("load-balancer", name): (_limit(quota.get(name)), number) for name, number in used.items()}


def _l7(cloud: Cloud, state: State) -> State:
    """How many policies and rules on layer 7 are in use, asked only where they are limited: as a rule they are not."""
    limits = {key: state[key][0] for name in _LAYER_7 if (key := ("load-balancer", name)) in state}
    if all(limit is None for limit in limits.values()):
        return {}
    policies = cloud.pages("load-balancer", "/lbaas/l7policies", "l7policies", project_id=cloud.project_id)
    used = {"l7policy": len(policies), "l7rule": sum(len(listing(one.get("rules"))) for one in policies)}
    return {key: (limit, used[key[1]]) for key, limit in limits.items()}


def _stacks(cloud: Cloud) -> State:
    # Heat enforces max_stacks_per_tenant and tells it nobody: how many there are is all that can be said.
    known = stack.ours(cloud, cloud.pages("orchestration", "/stacks", "stacks"))
    return {("orchestration", "stacks"): (None, len(known))}
