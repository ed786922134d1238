"""What scaling knows and says. Frozen; times are seconds unless they are moments."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any, Literal

Action = Literal["out", "in", "hold", "stopped"]
Metric = Literal["connections", "active", "traffic"]
METRICS: tuple[Metric, ...] = ("connections", "active", "traffic")
UNITS: dict[Metric, str] = {"connections": "connections/s", "active": "open connections", "traffic": "kB/s"}


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
class Group:
    """A Heat AutoScalingGroup with its policies; `state` and `reason` are Heat's of the group's last change."""

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


@dataclass(frozen=True)
class Last:
    """What was done last, and what made scaling stop ('' where it did not)."""

    action: str = ""
    at: datetime.datetime | None = None
    stopped: str = ""
    stamp: str = ""

    def memory(self) -> dict[str, Any]:
        """As JSON."""
        at = self.at.isoformat() if self.at else ""
        return {"action": self.action, "at": at, "stopped": self.stopped, "stamp": self.stamp}

    @classmethod
    def of(cls, memory: dict[str, Any]) -> Last:
        """From JSON."""
        at = datetime.datetime.fromisoformat(memory["at"]) if memory.get("at") else None
        return cls(memory.get("action", ""), at, memory.get("stopped", ""), memory.get("stamp", ""))


@dataclass(frozen=True)
class Decision:
    """What to do and why; `current` and `forecast` are the load per server, None where it is not known."""

    action: Action
    reason: str
    current: float | None = None
    forecast: float | None = None
