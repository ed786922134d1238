"""Which ways a draft can change at all: those that meet, there or back, a filter whose rules for them are other ones.

Only filters differ between the two engines, so every way itself is the same in both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cached_property

from tenant_ops_dashboard.firewall.model import DIRECTIONS
from tenant_ops_dashboard.firewall.security_groups.changed import ChangedGroups
from tenant_ops_dashboard.reachability.boxes import DST, SRC, Box
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.model import FirewallGroup, Port
from tenant_ops_dashboard.reachability.rules import OVN_TIE, FirewallRule
from tenant_ops_dashboard.reachability.scope import Target
from tenant_ops_dashboard.reachability.spans import holds
from tenant_ops_dashboard.reachability.steps import Check, View

#: More rules than this between the first and the last that changed are all taken as changed: it costs time alone.
MANY = 2_000
_Line = tuple[int, Box, str, bool]


class Affected:
    """Says of a way whether the change from one engine to the other can matter to it.

    It is a change of one firewall group (None: of none), and of the rules of these security groups.
    """

    def __init__(
        self, before: Engine, after: Engine, group_id: str | None, security_groups: Collection[str] = ()
    ) -> None:  # fmt: skip
        self.before, self.after = before, after
        self.groups = ChangedGroups(before, after, security_groups)
        old, new = (one.snapshot.firewall_groups.get(group_id or "") for one in (before, after))
        self.ports: Collection[str] = {*(old.ports if old else ()), *(new.ports if new else ())}
        self.lines: dict[bool, list[_Line]] = {}
        self.whole = bool(group_id) and (
            old is None or new is None or (old.ports, old.admin_up) != (new.ports, new.admin_up)
        )
        if old is not None and new is not None:
            # A direction's policy that comes or goes changes what no rule matches, too, on some back ends.
            self.whole |= any(bool(_policy(old, one)) != bool(_policy(new, one)) for one in DIRECTIONS)
            self.whole |= before.profile == "l3-agent" and self._many_groups
            for one in DIRECTIONS:
                sides = [_lines(e, _policy(g, one)) for e, g in ((before, old), (after, new))]
                self.lines[one == "ingress"] = list(changed(*sides))

    @cached_property
    def _many_groups(self) -> bool:
        """Whether some router has several groups: the L3 agent keeps the drop of the one that was changed last."""
        routers = self.before.snapshot.routers.values()
        return any(len(self.before.firewalls.groups_on(router)) > 1 for router in routers)

    def way(self, sender: Port | None, number: int | None, target: Target | None, version: int) -> bool:
        """Whether the way from a port's address (None: from outside) to a target (None: outside) can be affected."""
        first = target.ports[0] if target and target.ports else None
        view = View(version, number, target.address if target else None)
        path = self.before.walk(sender, view, target.protocol if target else None, first)
        if not path.arrives:
            return False
        checks: Iterable[object] = path.steps
        if any(isinstance(one, Check) and self._meets(one) for one in checks):
            return True
        back = self.before.walk_back(path, sender)
        return any(isinstance(one, Check) and self._meets(one, answer=True) for one in back.steps)

    def _meets(self, check: Check, answer: bool = False) -> bool:
        version, src, dst = check.view.version, check.view.src, check.view.dst
        if check.kind == "firewall":
            here = check.port is not None and check.port.id in self.ports
            sides: tuple[bool, ...] = (check.ingress,)
        elif check.kind == "chain":
            ends = [one.id for one in (check.entry, check.exit) if one is not None]
            # Where the group is elsewhere on the router, its drop may still be the one that counts.
            here = any(one in self.ports for one in ends) or (self.whole and check.router is not None)
            sides = (True, False)
        else:
            return check.kind == "group" and self.groups.meets(check, answer)
        return here and (self.whole or any(self._matches(side, version, src, dst) for side in sides))

    def _matches(self, ingress: bool, version: int, src: int | None, dst: int | None) -> bool:
        return any(
            line[0] == version
            and (src is None or holds(line[1][SRC], src))
            and (dst is None or holds(line[1][DST], dst))
            for line in self.lines.get(ingress, ())
        )


def _policy(group: FirewallGroup, direction: str) -> str | None:
    return group.ingress if direction == "ingress" else group.egress


def _lines(engine: Engine, policy: str | None) -> list[_Line]:
    profile = engine.profile
    return [
        (rule.version, match, "allow" if rule.action == "allow" else "deny", profile == "ovn" and place >= OVN_TIE)
        for place, rule in enumerate(engine.firewalls.rules(policy))
        if (match := _match(rule, profile)) is not None
    ]


def _match(rule: FirewallRule, profile: str) -> Box | None:
    return rule.match(profile) if rule.active(profile) else None


def changed(old: Sequence[_Line], new: Sequence[_Line]) -> Iterator[_Line]:
    """Lines that came, went or moved: what is left after lines that both lists have in one order."""
    low = 0
    while low < min(len(old), len(new)) and old[low] == new[low]:
        low += 1
    high = 0
    while high < min(len(old), len(new)) - low and old[-1 - high] == new[-1 - high]:
        high += 1
    first, second = old[low : len(old) - high], new[low : len(new) - high]
    if max(len(first), len(second)) > MANY:
        yield from (*first, *second)
        return
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (*first[a:b], *second[c:d])
