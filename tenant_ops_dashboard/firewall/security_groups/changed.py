"""Which ways a change of security groups' rules can matter to: those that meet a port whose rules for them changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.model import GroupRule
from tenant_ops_dashboard.reachability.spans import Spans, holds
from tenant_ops_dashboard.reachability.steps import Check

#: The remote addresses of a rule that changed, by direction (ingress: True) and IP version; None is any.
_Remotes = dict[tuple[bool, int], list[Spans | None]]


class ChangedGroups:
    """Says of a check of a port's security groups whether it can be another one in `after`.

    `ports` are all whose traffic a change can be of. Members are the same on both sides, only rules differ.
    """

    def __init__(self, before: Engine, after: Engine, groups: Collection[str]) -> None:
        known = before.snapshot.security_groups
        self.stateless = {one.id for one in known.values() if not one.stateful}
        self.remotes: dict[str, _Remotes] = {}
        self.tracked: set[str] = set()
        self.ports: set[str] = set()
        for id_ in groups:
            old, new = (one.snapshot.security_groups[id_].rules for one in (before, after))
            if moved := {_bare(one) for one in old} ^ {_bare(one) for one in new}:
                self.remotes[id_] = _remotes(before, moved)
                self.ports |= {port.id for port in before.world.members.get(id_, ())}
        if self.remotes and before.profile == "ovn":
            # Where the last stateful rule on a switch goes, or the first comes, connections of all its ports change.
            networks = {port.network_id for port in before.snapshot.ports.values()}
            self.tracked = {one for one in networks if before.groups.tracks(one) != after.groups.tracks(one)}
            self.ports |= {one.id for one in before.snapshot.ports.values() if one.network_id in self.tracked}

    def meets(self, check: Check, answer: bool = False) -> bool:
        """Whether this check, of a port's security groups, can be another one; an `answer` passes stateful ones."""
        port, view = check.port, check.view
        if port is None or port.id not in self.ports:
            return False
        if port.network_id in self.tracked:
            return True
        if answer and self.stateless.isdisjoint(port.groups):
            return False
        number = view.src if check.ingress else view.dst
        return any(
            spans is None or number is None or holds(spans, number)
            for group in port.groups
            for spans in self.remotes.get(group, {}).get((check.ingress, view.version), ())
        )


def _bare(rule: GroupRule) -> GroupRule:
    return replace(rule, id="")


def _remotes(engine: Engine, rules: Collection[GroupRule]) -> _Remotes:
    found: _Remotes = {}
    known = engine.snapshot
    for one in rules:
        spans: Spans | None = None
        if one.prefix is not None:
            spans = (one.prefix,)
        elif one.remote_group is not None and one.remote_group in known.security_groups:
            spans = engine.world.group_addresses(one.remote_group, one.version)
        elif one.address_group is not None and one.address_group in known.address_groups:
            spans = known.address_groups[one.address_group].spans[one.version]
        found.setdefault((one.ingress, one.version), []).append(spans)
    return found
