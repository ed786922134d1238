"""A load balancer as lines of text: its listeners, their policies and pools, and the members of these."""

from __future__ import annotations

from collections.abc import Sequence

from tenant_ops_dashboard.loadbalancers import layer7, tls, watch
from tenant_ops_dashboard.loadbalancers.model import Balancer, Policy, Pool


def lines(one: Balancer) -> list[str]:
    """One thing a line, each behind its state."""
    told = []
    for listener in one.listeners:
        certificate = tls.told(listener, watch.now())
        more = f", {certificate}" if certificate else ""
        told.append(f"{listener.state:8} {listener.protocol} :{listener.port}{more}")
        told += [f"{policy.state:8}   {_policy(policy)}" for policy in listener.policies]
        told += [f"{'':8}   {rest}" for rest in [layer7.otherwise(listener)] if rest]
        told += [line for pool in listener.pools for line in _pool(pool, listener.led(pool))]
    return told + [line for pool in one.spare for line in _pool(pool)]


def _policy(one: Policy) -> str:
    """'policy static: hands it to pool static, where the path starts with /static/'."""
    rules = " and ".join(rule.told for rule in one.rules or () if rule.enabled)
    where = f", where {rules}" if rules else "" if one.rules is not None else ", its rules were not read"
    return f"policy {one.label}: {one.told}{where}" + (f" ({one.idle})" if one.idle else "")


def _pool(pool: Pool, led: Sequence[Policy] = ()) -> list[str]:
    by = f"by policy {', '.join(one.label for one in led)} " if led else ""
    told = [f"{pool.state:8}   pool {pool.name or pool.id} {pool.algorithm} {by}{pool.reason}".rstrip()]
    return told + [f"{one.state:8}     {one.label} {one.place} weight {one.weight}" for one in pool.members or ()]
