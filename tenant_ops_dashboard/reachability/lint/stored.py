"""What Neutron takes without a word and then stores, places or shows differently from what its author meant."""

from collections.abc import Iterator

from tenant_ops_dashboard.sentences import say

from ..boxes import clip
from ..engine import Engine
from ..model import Policy
from ..policy import ordered
from ..rules import OVN_TIE, FirewallRule
from .findings import Finding


def stored(engine: Engine) -> Iterator[Finding]:
    """The findings of every policy, in use or not, and of the groups that use another project's."""
    for policy in engine.snapshot.firewall_policies.values():
        rules = [r for r in engine.firewalls.rules(policy.id) if r.active(engine.profile)]
        yield from _wide(engine.profile, policy, rules)
        yield from _audited(policy, engine.firewalls.rules(policy.id))
        if engine.profile == "ovn":
            yield from _versions(policy, rules)
            yield from _late(engine, policy)
            yield from _out_of_order(policy, rules)
    yield from _shared(engine)


def _wide(profile: str, policy: Policy, rules: list[FirewallRule]) -> Iterator[Finding]:
    for rule in rules:
        if rule.any_port:
            yield Finding(
                "port-matches-all",
                "high",
                policy.id,
                (rule.id,),
                say(
                    "Neutron keeps a port range that begins at 0 as 'any port': rule {rule_id} matches every port",
                    rule_id=rule.id,
                ),
                say(
                    "begin the port range of rule {rule_id} at 1, or leave the port out if every port is meant",
                    rule_id=rule.id,
                ),
            )
        if rule.any_protocol(profile):
            yield Finding(
                "protocol-matches-all",
                "high",
                policy.id,
                (rule.id,),
                say(
                    "OVN gets no protocol for rule {rule_id} ({protocol}): it matches every protocol",
                    rule_id=rule.id,
                    protocol=rule.protocol,
                ),
                say("remove rule {rule_id} or name tcp, udp, sctp or icmp", rule_id=rule.id),
            )


def _audited(policy: Policy, rules: list[FirewallRule]) -> Iterator[Finding]:
    """Neutron sets the flag back on a change unless the change itself says `audited: true`."""
    later = tuple(rule.id for rule in rules if policy.audited and policy.updated and rule.updated > policy.updated)
    if later:
        yield Finding(
            "audited-but-changed",
            "medium",
            policy.id,
            later,
            say(
                "policy {policy_id} says 'audited', but {later} changed after its last change ({updated})",
                policy_id=policy.id,
                later=", ".join(later[:5]),
                updated=policy.updated,
            ),
            say(
                "review policy {policy_id} again, then set audited anew; until then set it to false",
                policy_id=policy.id,
            ),
        )


def _versions(policy: Policy, rules: list[FirewallRule]) -> Iterator[Finding]:
    for rule in rules:
        if rule.version == 4 and rule.protocol in ("ipv6-icmp", "icmpv6"):
            yield Finding(
                "icmp-of-the-other-version",
                "low",
                policy.id,
                (rule.id,),
                say(
                    "rule {rule_id} names ipv6-icmp in IPv4: OVN matches ICMP of IPv4, and no ICMPv6 packet",
                    rule_id=rule.id,
                ),
                say("set ip_version 6 in rule {rule_id}, or name icmp if IPv4 is meant", rule_id=rule.id),
            )


def _late(engine: Engine, policy: Policy) -> Iterator[Finding]:
    known = engine.snapshot.firewall_rules
    late = tuple(rule for rule in policy.rules[OVN_TIE:] if rule in known and known[rule].enabled)
    if late:
        yield Finding(
            "position-never-matches",
            "high",
            policy.id,
            late,
            say(
                "{n} rules stand at position {ovn_tie} or later (disabled rules count), where OVN's default drop "
                "comes first (or ties)",
                n=len(late),
                ovn_tie=OVN_TIE,
            ),
            say("keep policy {policy_id} under {ovn_tie} rules", policy_id=policy.id, ovn_tie=OVN_TIE),
        )


def _out_of_order(policy: Policy, rules: list[FirewallRule]) -> Iterator[Finding]:
    """Rules that may have been enabled after a `remove_rule`: their place in OVN is then that of the shorter list.

    The driver moves no other rule when one is removed, and counts afresh for the one that is enabled. A snapshot shows
    no more than that the list changed, and the rule after it; whatever writes the list anew puts all in order.
    """
    if not policy.created < policy.updated:
        return
    for version, matches in ordered(rules, "ovn").items():
        for index, match in matches:
            rule = rules[index]
            if rule.updated <= policy.updated:
                continue
            opposed = [
                rules[other].id
                for other, theirs in matches
                if (rules[other].action == "allow") != (rule.action == "allow") and clip(theirs, match) is not None
            ]
            if opposed:
                yield Finding(
                    "order-may-differ",
                    "info",
                    policy.id,
                    (rule.id, *opposed[:3]),
                    say(
                        "rule {rule_id} (IPv{version}) changed after the list of policy {policy_id} did: if it was "
                        "enabled then, and a rule removed before, OVN may hold it at another place than the list, "
                        "before or after {opposed}",
                        rule_id=rule.id,
                        version=version,
                        policy_id=policy.id,
                        opposed=", ".join(opposed[:3]),
                    ),
                    say(
                        "insert a disabled rule into policy {policy_id} and remove it again: OVN then gets the whole "
                        "list",
                        policy_id=policy.id,
                    ),
                )


def _shared(engine: Engine) -> Iterator[Finding]:
    for group in engine.snapshot.firewall_groups.values():
        for policy_id in dict.fromkeys((group.ingress, group.egress)):
            policy = engine.snapshot.firewall_policies.get(policy_id or "")
            how = engine.firewalls.stale(group, policy) if policy is not None else "no"
            if how == "no":
                continue
            already = (
                say("may keep rules that the policy no longer has") if how == "perhaps" else say("is up to date now")
            )
            yield Finding(
                "shared-policy-stale",
                "medium" if how == "perhaps" else "low",
                group.id,
                (),
                say(
                    "firewall group {group_id} uses policy {policy_id} or rules of another project: what that "
                    "project changes does not reach this group on OVN, and it {already}",
                    group_id=group.id,
                    policy_id=policy_id,
                    already=already,
                ),
                say(
                    "give group {group_id} a policy of its own project, or have an administrator make the changes",
                    group_id=group.id,
                ),
            )
