"""A tier under a load curve: servers take their time to come, samples can be missing, and everything is written down."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from tenant_ops_dashboard.loadbalancers.scaling.decide import decide
from tenant_ops_dashboard.loadbalancers.scaling.model import Group, Last, Rules
from tenant_ops_dashboard.loadbalancers.stats import Rate

T0 = datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)
SAMPLE, ROUND, BOOT = 15, 30, 60
RULES = Rules(on=True, threshold=50.0, window=300.0, ahead=180.0, calm=600.0, cooldown=120.0)


def group(size: int = 2, minimum: int = 2, maximum: int = 8, rules: Rules = RULES) -> Group:
    return Group("env", "shop", "/stacks/shop/env", "application", size, minimum, maximum, 1, "scale_out", "scale_in",
                 "good", "", False, "stamp", rules)  # fmt: skip


@dataclass
class Told:
    """What happened: sizes and loads per server at every second round, and each change."""

    moves: list[tuple[int, str]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    overload: int = 0

    @property
    def turns(self) -> int:
        """How often out followed in or in followed out."""
        ways = [way for _, way in self.moves]
        return sum(one != two for one, two in itertools.pairwise(ways))

    def first(self, way: str) -> int:
        return next(second for second, move in self.moves if move == way)


def run(
    load: Callable[[int], float | None], seconds: int, start: int = 2, rules: Rules = RULES, **limits: int
) -> Told:  # fmt: skip
    """Run the real decision on a load in connections a second; None is a sample that nobody took."""
    told, size, joining = Told(), start, []
    looked_at = int(max(rules.window, rules.calm) / SAMPLE) + 2  # nothing older has a say
    last, rates = Last(), list[Rate | None]()
    for second in range(0, seconds, SAMPLE):
        now = T0 + datetime.timedelta(seconds=second)
        amount = load(second)
        rates.append(None if amount is None else Rate(now, amount, 0, 0, 0, 0))
        joining = [ready for ready in joining if ready > second]
        up = size - len(joining)
        if amount is not None and amount / max(1, up) > rules.threshold:
            told.overload += SAMPLE
        if second % ROUND:
            continue
        found = decide(dataclasses.replace(group(size, rules=rules, **limits)), up, rates[-looked_at:], now, last)
        if found.action == "out":
            size, joining = size + 1, [*joining, second + BOOT]
        elif found.action == "in":
            size -= 1
        if found.action in ("in", "out"):
            told.moves.append((second, found.action))
            last = Last(found.action, now)
        told.sizes.append(size)
    return told
