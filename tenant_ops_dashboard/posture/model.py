"""What a review of a cloud's posture is made of. Boxes are those of `reachability exposure`."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

Box = dict[str, Any]


@dataclass(frozen=True)
class Acknowledged:
    """Somebody's word that a finding may stand: who, why, and until when it counts."""

    by: str
    reason: str
    until: datetime.datetime


@dataclass(frozen=True)
class Finding:
    """One thing that somebody should look at; `id` stays from run to run while the cause is the same.

    `severity` is one of `reachability.lint.LEVELS`, `project` and `object` are ids, `name` is what people call the
    object, `environment` whose it is or ''. `exposed` is the traffic that it lets through, `rules` prove it. `said` is
    `why` with names in the place of ids.
    """

    id: str
    kind: str
    severity: str
    project: str
    object: str
    why: str
    fix: str
    name: str = ""
    environment: str = ""
    rules: tuple[str, ...] = ()
    exposed: tuple[Box, ...] = ()
    acknowledged: Acknowledged | None = None
    said: str = ""


@dataclass(frozen=True)
class Posture:
    """One reading judged: findings worst first. `projects` are names by id; `unknown` is what cannot be told."""

    taken_at: str
    projects: dict[str, str]
    ports: int
    unfiltered: int
    findings: tuple[Finding, ...]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drift:
    """What came and went between two readings: traffic as boxes, findings. `since` is when the older one was taken."""

    since: str
    taken_at: str
    gained: tuple[Box, ...] = ()
    lost: tuple[Box, ...] = ()
    new: tuple[Finding, ...] = ()
    gone: tuple[Finding, ...] = ()
    unknown: tuple[str, ...] = ()
