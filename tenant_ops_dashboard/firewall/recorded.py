"""What an apply leaves with whoever keeps records of it; without one an undo goes by what kept policies say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.firewall import content, versions
from tenant_ops_dashboard.firewall.current import Current
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction, State

_FIELDS = ("name", "admin_state_up", "ports")


@dataclass(frozen=True)
class Recorded:
    """An apply: its id, how the group was, and how it was to be."""

    apply: str
    before: State
    after: State

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Those that it changed."""
        was, is_ = self.before, self.after
        return tuple(one for one in DIRECTIONS if content.chain(was.policy(one)) != content.chain(is_.policy(one)))

    def in_force(self, now: Current) -> bool:
        """Whether the group is as it made it."""
        said = versions.description(now)
        return content.same(versions.plain(now.state, said), versions.plain(self.after, said))

    def fields(self, now: Current) -> tuple[dict[str, Any], list[str]]:
        """Of the group's own fields those that go back, and names of those that somebody changed since."""
        back: dict[str, Any] = {}
        others = []
        for name in _FIELDS:
            was, made, here = (_value(one.group, name) for one in (self.before, self.after, now.state))
            if was == made:
                continue
            if here == made:
                back[name] = list(self.before.group.ports) if name == "ports" else was
            elif here != was:
                others.append(name)
        return back, others


#: Called before the first call that puts something in force.
Remember = Callable[[Recorded], None]


def _value(group: Any, name: str) -> Any:
    found = getattr(group, name)
    return frozenset(found) if name == "ports" else found
