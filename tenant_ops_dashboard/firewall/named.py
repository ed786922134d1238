"""Sentences of the engine, which has ids for ports, routers and rules, with the names that people know for these."""

from __future__ import annotations

import re

from tenant_ops_dashboard.firewall import interfaces, limits
from tenant_ops_dashboard.firewall.model import DIRECTIONS, State
from tenant_ops_dashboard.firewall.security_groups import read
from tenant_ops_dashboard.firewall.security_groups import words as group_words
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.firewall.words import Labels
from tenant_ops_dashboard.sentences import join, say, within

_KINDS = ("networks", "routers", "security_groups", "firewall_groups", "firewall_policies", "firewall_rules")
#: An id, or the place of a rule in a draft: 'ingress.rules[3]'.
_WORD = re.compile(r"[\w-]{5,}(?:\.rules\[\d+\])?")


class Named:
    """The names of a snapshot's things by id, and of a draft's rules by their place; `names` has no others."""

    def __init__(self, seen: Seen, labels: Labels, draft: State | None = None) -> None:
        rows = (one for kind in (*_KINDS, "loadbalancers") for one in seen.rows(kind))
        self.names = {str(one["id"]): str(one["name"]) for one in rows if one.get("name")}
        known = group_words.names(seen)
        for group in seen.rows("security_groups"):
            for rule in read.state(group).rules:
                self.names[str(rule.id)] = join("", ("'", group_words.rule(rule, known), "'"))
        for row in seen.rows("ports"):
            id_ = str(row["id"])
            router = row.get("device_owner") in limits.INTERFACES
            self.names[id_] = interfaces.called(seen, row) if router else labels.port(id_)
        for direction in DIRECTIONS if draft else ():
            policy = draft.policy(direction) if draft else None
            for number, new in enumerate(policy.rules if policy else (), 1):
                self.names[f"{direction}.rules[{number - 1}]"] = new.name or say(
                    "number {number} of {direction}", number=number, direction=direction
                )

    def __call__(self, text: str) -> str:
        return within(text, self._told)

    def _told(self, text: str) -> str:
        return self.names.get(text) or _WORD.sub(lambda word: self.names.get(word[0], word[0]), text)
