"""What Neutron takes without a word and then stores, places or shows differently from what its author meant."""

from collections.abc import Iterator

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
                "port-matches-all", "high", policy.id, (rule.id,),
                f"Neutron keeps a port range that begins at 0 as 'any port': rule {rule.id} matches every port",
                f"begin the port range of rule {rule.id} at 1, or leave the port out if every port is meant",
            )  # fmt: skip
        if rule.any_protocol(profile):
            yield Finding(
                "protocol-matches-all", "high", policy.id, (rule.id,),
                f"OVN gets no protocol for rule {rule.id} ({rule.protocol}): it matches every protocol",
                f"remove rule {rule.id} or name tcp, udp, sctp or icmp",
            )  # fmt: skip


def _audited(policy: Policy, rules: list[FirewallRule]) -> Iterator[Finding]:
    """Neutron sets the flag back on a change unless the change itself says `audited: true`."""
    later = tuple(rule.id for rule in rules if policy.audited and policy.updated and rule.updated > policy.updated)
    if later:
        yield Finding(
            "audited-but-changed", "medium", policy.id, later,
            f"policy {policy.id} says 'audited', but {', '.join(later[:5])} changed after its last change "
            f"({policy.updated})",
            f"review policy {policy.id} again, then set audited anew; until then set it to false",
        )  # fmt: skip


def _versions(policy: Policy, rules: list[FirewallRule]) -> Iterator[Finding]:
    for rule in rules:
        if rule.version == 4 and rule.protocol in ("ipv6-icmp", "icmpv6"):
            yield Finding(
                "icmp-of-the-other-version", "low", policy.id, (rule.id,),
                f"rule {rule.id} names ipv6-icmp in IPv4: OVN matches ICMP of IPv4, and no ICMPv6 packet",
                f"set ip_version 6 in rule {rule.id}, or name icmp if IPv4 is meant",
            )  # fmt: skip


def _late(engine: Engine, policy: Policy) -> Iterator[Finding]:
    known = engine.snapshot.firewall_rules
    late = tuple(rule for rule in policy.rules[OVN_TIE:] if rule in known and known[rule].enabled)
    if late:
        yield Finding(
            "position-never-matches", "high", policy.id, late,
            f"{len(late)} rules stand at position {OVN_TIE} or later (disabled rules count), where OVN's default drop "
            "comes first (or ties)",
            f"keep policy {policy.id} under {OVN_TIE} rules",
        )  # fmt: skip


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
                    "order-may-differ", "info", policy.id, (rule.id, *opposed[:3]),
                    f"rule {rule.id} (IPv{version}) changed after the list of policy {policy.id} did: if it was "
                    f"enabled then, and a rule removed before, OVN may hold it at another place than the list, before "
                    f"or after {', '.join(opposed[:3])}",
                    f"insert a disabled rule into policy {policy.id} and remove it again: OVN then gets the whole list",
                )  # fmt: skip


def _shared(engine: Engine) -> Iterator[Finding]:
    for group in engine.snapshot.firewall_groups.values():
        for policy_id in dict.fromkeys((group.ingress, group.egress)):
            policy = engine.snapshot.firewall_policies.get(policy_id or "")
            how = engine.firewalls.stale(group, policy) if policy is not None else "no"
            if how == "no":
                continue
            already = "may keep rules that the policy no longer has" if how == "perhaps" else "is up to date now"
            yield Finding(
                "shared-policy-stale", "medium" if how == "perhaps" else "low", group.id, (),
                f"firewall group {group.id} uses policy {policy_id} or rules of another project: what that project "
                f"changes does not reach this group on OVN, and it {already}",
                f"give group {group.id} a policy of its own project, or have an administrator make the changes",
            )  # fmt: skip
