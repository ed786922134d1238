"""Findings about rules that Octavia writes itself: what changes those are its listeners."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tenant_ops_dashboard.sentences import join, say

from ..engine import Engine
from ..model import GroupRule, LoadBalancer, SecurityGroup
from .findings import Finding

#: What helps by kind.
_FIXES = {
    "open-to-world": lambda listeners, _: say(
        "set allowed_cidrs of {listeners} to the addresses that need it", listeners=listeners
    ),
    "firewall-blocks-what-group-allows": lambda listeners, group: say(
        "add an allow rule to firewall group {group}, or delete {listeners}", group=group, listeners=listeners
    ),
}


def by_listeners(engine: Engine, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The same findings; where all rules are Octavia's own, with the listeners as what to change.

    Octavia removes rules that people add to its groups, and writes again what they take away.
    """
    own = _own(engine)
    rules = {rule.id: (own[group.id], rule) for group in _groups(engine, own) for rule in group.rules}
    for finding in findings:
        if finding.kind in _FIXES and finding.rules and all(one in rules for one in finding.rules):
            named = dict.fromkeys(_listener(engine, *rules[one]) for one in finding.rules)
            yield replace(finding, fix=_FIXES[finding.kind](join(", ", named), finding.object))
        else:
            yield finding


def _own(engine: Engine) -> dict[str, LoadBalancer]:
    """Load balancers by the groups on their virtual ports that are not the user's own."""
    found = {}
    for port_id, balancer in engine.world.balancer_of.items():
        port = engine.snapshot.ports.get(port_id)
        for group in port.groups if port is not None and not balancer.in_switch else ():
            if group not in balancer.groups:
                found[group] = balancer
    return found


def _groups(engine: Engine, own: dict[str, LoadBalancer]) -> Iterator[SecurityGroup]:
    return (group for identity in own if (group := engine.snapshot.security_groups.get(identity)) is not None)


def _listener(engine: Engine, balancer: LoadBalancer, rule: GroupRule) -> str:
    for one in engine.snapshot.listeners.values():
        if one.balancer_id == balancer.id and (one.protocol, (one.port, one.port)) == (rule.protocol, rule.ports):
            return say("listener {id}", id=one.id)
    return say("the listeners of load balancer {balancer_id}", balancer_id=balancer.id)
