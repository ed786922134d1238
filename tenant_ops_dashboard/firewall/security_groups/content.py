"""When two rules are one to Neutron, what an edit makes and takes away, and what somebody else changed.

Neutron takes a rule for a duplicate whose protocol is the same by number, whose ports and remote are the same, where
no prefix and the whole of the addresses are one; a description makes no difference (neutron/db/securitygroups_db.py).
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tenant_ops_dashboard.firewall.content import Difference
from tenant_ops_dashboard.firewall.security_groups.model import Rule, State
from tenant_ops_dashboard.reachability import protocols
from tenant_ops_dashboard.sentences import join, say

Key = tuple[object, ...]
#: Neutron keeps a rule with all of these as one without ports.
ALL_PORTS = (1, 65535)
_WHOLE = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True)
class Moves:
    """What turns one state into another: rules to be made, and those to be taken away."""

    new: tuple[Rule, ...]
    gone: tuple[Rule, ...]


def key(rule: Rule) -> Key:
    """What Neutron tells rules apart by."""
    ports = (rule.port_range_min, rule.port_range_max)
    return (
        rule.direction, rule.ethertype, number(rule), *((None, None) if ports == ALL_PORTS else ports), _prefix(rule),
        rule.remote_group_id, rule.remote_address_group_id,
    )  # fmt: skip


def said(rule: Rule) -> Key:
    """All that a rule says, its description too."""
    return (*key(rule), rule.description)


def number(rule: Rule) -> int | str | None:
    """The number of a rule's protocol; what has none is itself."""
    if rule.protocol is None:
        return None
    try:
        return protocols.number_of(rule.protocol, int(rule.ethertype[-1]))
    except ValueError:
        return rule.protocol


def moves(was: Sequence[Rule], wanted: Sequence[Rule]) -> Moves:
    """What an apply makes and takes away. Of equal rules all stay or all go: OVN may have one ACL for them."""
    there, asked = {key(one) for one in was}, {key(one) for one in wanted}
    new = {key(one): replace(one, id=None) for one in wanted if key(one) not in there}
    return Moves(tuple(new.values()), tuple(one for one in was if key(one) not in asked))


def same(first: State, second: State) -> bool:
    """Whether two states let the same through by the same rules."""
    return {key(one) for one in first.rules} == {key(one) for one in second.rules}


def differences(was: State, now: State, wanted: State | None = None) -> tuple[Difference, ...]:
    """What somebody changed from one to the other; what is as `wanted` already is none."""
    before, after = ({key(one): one for one in state.rules} for state in (was, now))
    asked = before if wanted is None else {key(one) for one in wanted.rules}
    gone = [one for id_, one in before.items() if id_ not in after and id_ in asked]
    new = [one for id_, one in after.items() if id_ not in before and id_ not in asked]
    told = [Difference("rules", say("was taken out"), called(one)) for one in gone]
    return (*told, *(Difference("rules", say("was added"), called(one)) for one in new))


def called(rule: Rule) -> str:
    """A rule in a few words, for lists of differences and the audit trail."""
    remote = rule.remote_ip_prefix or rule.remote_group_id or rule.remote_address_group_id or "any"
    ports = ""
    if rule.port_range_min is not None or rule.port_range_max is not None:
        low, high = rule.port_range_min, rule.port_range_max
        ports = f" {low}" if low == high or high is None else f" {low}-{high}"
    told = join(" ", (rule.direction, rule.ethertype, rule.protocol or say("any protocol"))) + ports
    if rule.direction == "ingress":
        return say("{rule} from {remote}", rule=told, remote=remote)
    return say("{rule} to {remote}", rule=told, remote=remote)


def digest(state: State, revision: int | None) -> str:
    """A short name of an edit: of the group, the rules it shall have and the revision that it was made of."""
    told = json.dumps([state.id, revision, sorted(repr(said(one)) for one in state.rules)])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _prefix(rule: Rule) -> str | None:
    told = rule.remote_ip_prefix
    if told is None:
        return None
    try:
        # Neutron keeps host bits, and takes 10.0.0.5/24 and 10.0.0.0/24 for two.
        written = str(ipaddress.ip_interface(told))
    except ValueError:
        return told
    return None if written in _WHOLE else written
