"""The id of a finding: the same as long as its cause is.

A digest of the kind, the project, what it is about, and the CONTENT of the rules that prove it: so a rule that was made
again, the next version of a policy, another order, another name or another time keep it, and no rule that proves
nothing changes it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from tenant_ops_dashboard.posture.internet import REACHED
from tenant_ops_dashboard.posture.look import Look
from tenant_ops_dashboard.posture.model import Box
from tenant_ops_dashboard.reachability import protocols
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.lint import Finding
from tenant_ops_dashboard.reachability.model import GroupRule
from tenant_ops_dashboard.reachability.rules import FirewallRule
from tenant_ops_dashboard.reachability.spans import TOP, Span

#: Kinds in which the first rule is what the others are compared with.
_FIRST = ("shadowed", "redundant", "generalization", "correlation")
_PAIRS = "pair-not-in-remote-group"
#: Words of a finding's reason that tell two causes about one object apart.
_WORDS = re.compile(r"\b(ingress|egress|IPv4|IPv6)\b")
#: Kinds whose reason names objects only as examples.
_EXAMPLES = ("open-to-world",)
#: Kinds that are worse where the internet really comes in: whoever let the lesser one stand has not seen that.
_BY_REACH = ("open-to-world", "nothing-filters")
_ID = re.compile(r"[^\s,:;()']+")


class Causes:
    """Ids of findings in one reading."""

    def __init__(self, look: Look) -> None:
        engine: Engine = look.seen.engine
        self.snapshot = engine.snapshot
        self._group_rules: dict[str, GroupRule] = {
            rule.id: rule for group in self.snapshot.security_groups.values() for rule in group.rules
        }
        self._owners = {
            row["id"]: str(row.get("project_id") or row.get("tenant_id") or "")
            for row in look.seen.rows("security_groups")
        }
        self._users: dict[str, list[str]] = {}
        for group in self.snapshot.firewall_groups.values():
            for side, policy in (("ingress", group.ingress), ("egress", group.egress)):
                if policy is not None:
                    self._users.setdefault(policy, []).append(f"{group.id} {side}")
        self._virtual = engine.world.balancer_of
        # What tells causes apart where a finding has no rules: other objects that its reason names.
        self._named = {
            *self.snapshot.security_groups, *self.snapshot.address_groups, *self.snapshot.firewall_groups,
            *self.snapshot.routers,
        }  # fmt: skip

    def id(self, found: Finding, project: str, boxes: Iterable[Box] = ()) -> str:
        """The id of one of lint's findings, or of one about the `boxes` that the internet reaches."""
        rules = [self.rule(one) for one in found.rules if not self._hidden(one, project)]
        about = self.about(found.object)
        if found.kind == "routing-loop":
            about = ""
        more = [] if found.kind in _EXAMPLES else self._apart(found)
        if found.kind in (REACHED, *_BY_REACH) and (not rules or found.object in self._virtual):
            # No rule lets it in, or none that all are shown: what comes in is the cause.
            more += sorted({json.dumps([box["protocol"], box.get("dst_port"), sorted(box["src"])]) for box in boxes})
        if found.kind in _BY_REACH:
            more += [found.severity]
        if found.kind == _PAIRS:
            # Any of the rules that name the group proves it.
            rules, port = [], self.snapshot.ports.get(found.object)
            more += sorted(str(pair.span) for pair in port.pairs) if port else []
        ordered = [*rules[:1], *sorted(rules[1:])] if found.kind in _FIRST else sorted(rules)
        return digest(found.kind, project, about, ordered, more)

    def about(self, id_: str) -> str:
        """An object: a policy in use by who uses it, a firewall rule by its content, everything else by its id."""
        if id_ in self._users:
            return "policy of " + ", ".join(sorted(self._users[id_]))
        return self.rule(id_) if id_ in self.snapshot.firewall_rules else id_

    def rule(self, id_: str) -> str:
        """The content of a rule, whatever its id, its name and its place; its id where the reading does not have it."""
        if (rule := self.snapshot.firewall_rules.get(id_)) is not None:
            return _firewall_rule(rule)
        if (one := self._group_rules.get(id_)) is not None:
            return _group_rule(one)
        return id_

    def _hidden(self, rule: str, project: str) -> bool:
        """Whether a rule is of another project's security group, such as Octavia's own: not all see those."""
        known = self._group_rules.get(rule)
        return known is not None and self._owners.get(known.group_id, project) not in ("", project)

    def _apart(self, found: Finding) -> list[str]:
        words = _WORDS.findall(found.why)
        named = {one for one in _ID.findall(found.why) if one in self._named and one != found.object}
        if found.kind == "routing-loop":
            named |= {found.object}
        return sorted({*words, *named})


def digest(kind: str, project: str, about: str, rules: Sequence[Any] = (), more: Iterable[str] = ()) -> str:
    """Twenty hexadecimal digits of a cause."""
    told = json.dumps([kind, project, about, list(rules), list(more)], ensure_ascii=True)
    return hashlib.sha256(told.encode()).hexdigest()[:20]


def _firewall_rule(rule: FirewallRule) -> str:
    kind = None if rule.protocol is None else protocols.number_of(rule.protocol, rule.version)
    return json.dumps([
        "firewall", rule.action, rule.enabled, rule.version, kind, _whole(rule.source, rule.version),
        _whole(rule.destination, rule.version), rule.source_port, rule.destination_port,
    ])  # fmt: skip


def _group_rule(rule: GroupRule) -> str:
    return json.dumps([
        "group", rule.group_id, rule.ingress, rule.version, rule.protocol, rule.ports,
        _whole(rule.prefix, rule.version), rule.remote_group, rule.address_group,
    ])  # fmt: skip


def _whole(span: Span | None, version: int) -> Span | None:
    return None if span == (0, TOP[version]) else span
