"""Small pictures as numbers for SVG: sparklines with gaps, the strip of a day, the time line."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from tenant_ops_dashboard.loadbalancers.member_history import Cell
from tenant_ops_dashboard.panels.loadbalancers.history import Event

WIDTH, HEIGHT = 160.0, 36.0
STRIP = 4.0
# Height says it, colour repeats it: tall is good, low is bad, a line is neither, nothing is not known.
_TALL: dict[Cell, float] = {"good": 16.0, "mixed": 9.0, "failed": 4.0, "other": 2.0, "none": 0.0}
LANES = ("members", "scaling", "people")


@dataclass(frozen=True)
class Spark:
    """Paths of a line and of the area below it; each stretch between gaps is one piece. `last` is the last point."""

    line: str
    area: str
    last: tuple[float, float] | None
    most: float


@dataclass(frozen=True)
class Bar:
    """One half hour of a strip."""

    x: float
    y: float
    height: float
    cell: Cell


@dataclass(frozen=True)
class Dot:
    """One event on the time line; one that was noticed late begins at `begin`."""

    x: float
    lane: int
    event: Event
    begin: float | None = None


@dataclass(frozen=True)
class Line:
    """The time line of a day: `hours` are (x, words), `dots` the events."""

    hours: tuple[tuple[float, str], ...]
    dots: tuple[Dot, ...]


def spark(values: Sequence[float | None], floor: float = 0.0) -> Spark:
    """A sparkline; None is a gap and drawn as one. `floor` is the least full height, so that a trickle is no peak."""
    known = [value for value in values if value is not None]
    most = max(floor, max(known, default=0.0))
    step = WIDTH / max(1, len(values) - 1)
    line, area, piece = [], [], []
    last: tuple[float, float] | None = None
    for index, value in enumerate([*values, None]):
        if value is not None:
            last = (round(index * step, 1), round(HEIGHT - 3 - (HEIGHT - 7) * (value / most if most else 0), 1))
            piece.append(last)
            continue
        if piece:
            # A lone point is a short dash, else nobody would see it.
            points = piece if len(piece) > 1 else [(piece[0][0] - 1.5, piece[0][1]), (piece[0][0] + 1.5, piece[0][1])]
            way = " ".join(f"{x} {y}" for x, y in points)
            line.append(f"M{way}")
            area.append(f"M{points[0][0]} {HEIGHT} {way} {points[-1][0]} {HEIGHT}z")
            piece = []
    return Spark("".join(line), "".join(area), last if values and values[-1] is not None else None, most)


def strip(cells: Sequence[Cell]) -> tuple[Bar, ...]:
    """A day in half hours."""
    return tuple(
        Bar(index * STRIP, 16.0 - _TALL[cell], _TALL[cell], cell) for index, cell in enumerate(cells) if cell != "none"
    )


def timeline(events: Sequence[Event], now: datetime.datetime, width: float = 960.0) -> Line:
    """A day of events on one axis, an hour every three."""
    begin = now - datetime.timedelta(hours=24)
    seconds = 24 * 3600.0

    def x(at: datetime.datetime) -> float:
        return round(width * (at - begin).total_seconds() / seconds, 1)

    local = timezone.localtime(begin).replace(minute=0, second=0, microsecond=0) + datetime.timedelta(hours=1)
    hours = [local + datetime.timedelta(hours=n) for n in range(24)]
    marks = tuple((x(hour), hour.strftime("%H:%M")) for hour in hours if hour.hour % 3 == 0)
    dots = tuple(
        Dot(x(one.at), LANES.index(one.lane), one, x(max(begin, one.after)) if one.after else None)
        for one in reversed(events) if one.at >= begin
    )  # fmt: skip
    return Line(marks, dots)
