"""Groups, policies and rules that nobody uses."""

from collections.abc import Iterable, Iterator

from tenant_ops_dashboard.sentences import say

from ..engine import Engine
from .findings import Finding


def unused(engine: Engine) -> Iterator[Finding]:
    """Groups and policies nothing refers to. The groups Neutron makes itself ('default') are left out."""
    snapshot = engine.snapshot
    named = {
        remote
        for group in snapshot.security_groups.values()
        for rule in group.rules
        for remote in (rule.remote_group, rule.address_group)
    }
    policies = {policy for group in snapshot.firewall_groups.values() for policy in (group.ingress, group.egress)}
    rules = {rule for policy in snapshot.firewall_policies.values() for rule in policy.rules}
    groups = [g for g in snapshot.security_groups.values() if g.name != "default" and g.id not in named]
    yield from _nobody(
        say("security group"), [g.id for g in groups if g.id not in engine.world.members], say("put it on a port")
    )
    yield from _nobody(
        say("address group"), [i for i in snapshot.address_groups if i not in named], say("use it in a rule")
    )
    empty = [g.id for g in snapshot.firewall_groups.values() if not g.ports and g.name != "default"]
    yield from _nobody(say("firewall group"), empty, say("give it a port"))
    yield from _nobody(
        say("firewall policy"), [i for i in snapshot.firewall_policies if i not in policies], say("give it to a group")
    )
    yield from _nobody(
        say("firewall rule"), [i for i in snapshot.firewall_rules if i not in rules], say("put it into a policy")
    )


def _nobody(what: str, identities: Iterable[str], use: str) -> Iterator[Finding]:
    for identity in identities:
        why = say("nothing uses {what} {identity}", what=what, identity=identity)
        yield Finding(
            "unused",
            "info",
            identity,
            (),
            why,
            say("{use}, or delete {what} {identity}", use=use, what=what, identity=identity),
        )
