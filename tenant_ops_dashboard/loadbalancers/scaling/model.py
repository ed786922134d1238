"""What scaling knows and says. Frozen; times are seconds unless they are moments."""

from __future__ import annotations

import datetime
import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from tenant_ops_dashboard.environments.model import Stall
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.sentences import dump, load, say

Action = Literal["out", "in", "hold", "stopped"]
Metric = Literal["connections", "active", "traffic"]
METRICS: tuple[Metric, ...] = ("connections", "active", "traffic")
# What each of the rules may be: the threshold in its metric's unit, the times in seconds.
TIMES = {"window": (60, 3600), "ahead": (0, 1800), "calm": (60, 86400), "cooldown": (30, 86400)}
HIGHEST = 1e12
UNITS: dict[Metric, str] = {"connections": say("connections/s"), "active": say("open connections"), "traffic": "kB/s"}


@dataclass(frozen=True)
class Rules:
    """When to scale. `threshold` is the load per server above which one more is wanted, in the metric's unit.

    `window` is how far back the forecast looks and `ahead` how far it looks forward; `calm` is how long the load must
    have been low before a server goes. `on` lets it happen by itself.
    """

    on: bool = False
    metric: Metric = "connections"
    threshold: float = 50.0
    window: float = 300.0
    ahead: float = 180.0
    calm: float = 600.0
    cooldown: float = 120.0


@dataclass(frozen=True)
class Broken:
    """A member of the group that is no whole server: `lost` was deleted behind Heat's back, others Heat could not make.

    `place` is the group's own stack and the member's name in it, `member_id` Octavia's id of its pool member.
    """

    key: str
    lost: bool
    reason: str
    place: tuple[str, str]
    member_id: str = ""


@dataclass(frozen=True)
class Group:
    """A Heat AutoScalingGroup with its policies.

    `size` counts what Heat counts: lost servers too, failed ones not. `state` and `reason` are of the last change.
    `stuck` says that Heat takes no order for the group before an update of the stack; `rest_until` is the end of
    Heat's own cooldown. `busy` says that Heat is at work, `stall` since when it has stood still over that.
    `flavor` is the servers', `metrics` are Gnocchi's of the alarms to scale out and in.
    `unreadable` says why the rules kept in the template cannot be used: scaling by itself is off then.
    `update_failed` says that the last update of the whole stack did.
    """

    environment_id: str
    environment: str
    path: str
    name: str
    size: int
    minimum: int
    maximum: int
    step: int
    out_policy: str
    in_policy: str
    state: str
    reason: str
    busy: bool
    stamp: str
    rules: Rules = field(default_factory=Rules)
    broken: tuple[Broken, ...] = ()
    stuck: bool = False
    rest_until: datetime.datetime | None = None
    flavor: str = ""
    unreadable: str = ""
    metrics: tuple[str, str] | None = None
    stall: Stall | None = None
    update_failed: bool = False

    @property
    def lost(self) -> tuple[Broken, ...]:
        """Those whose server was deleted behind Heat's back."""
        return tuple(one for one in self.broken if one.lost)

    @property
    def repairable(self) -> bool:
        """Whether an update of the stack would replace or tidy something."""
        return bool(self.broken) or self.stuck or self.stall is not None

    @property
    def free(self) -> bool:
        """Whether Heat takes a repair: it is not at work, or says so and stands still."""
        return not self.busy or self.stall is not None

    def rests(self, now: datetime.datetime) -> int:
        """Seconds until Heat takes the next order, 0 where it does now."""
        return max(0, math.ceil((self.rest_until - now).total_seconds())) if self.rest_until else 0


@dataclass(frozen=True)
class Last:
    """What was done last, and what made scaling stop ('' where it did not).

    `stamp` and `room` are how things stood then: another stamp, or more room in a quota, is a reason to try again.
    `size` is what the group had in the last round.
    """

    action: str = ""
    at: datetime.datetime | None = None
    stopped: str = ""
    stamp: str = ""
    room: tuple[int, ...] = ()
    size: int = -1

    def memory(self) -> dict[str, Any]:
        """As JSON."""
        at = self.at.isoformat() if self.at else ""
        return {**asdict(self), "at": at, "room": list(self.room), "stopped": dump(self.stopped)}

    @classmethod
    def of(cls, memory: dict[str, Any]) -> Last:
        """From JSON."""
        at = datetime.datetime.fromisoformat(memory["at"]) if memory.get("at") else None
        told = {key: memory[key] for key in ("action", "stamp", "size") if key in memory}
        return cls(at=at, stopped=load(memory.get("stopped", "")), room=tuple(memory.get("room", ())), **told)


@dataclass(frozen=True)
class Decision:
    """What to do and why; `current` and `forecast` are the load per server, None where it is not known.

    `after` is the busiest load per server that one step fewer would have had, None where none can be spared.
    `asked` is what was asked of Heat, None where nothing was.
    """

    action: Action
    reason: str
    current: float | None = None
    forecast: float | None = None
    after: float | None = None
    asked: Asked | None = None
