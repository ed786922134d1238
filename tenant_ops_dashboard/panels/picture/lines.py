"""Arrows between placed boxes, as SVG paths with one label for each bundle that says the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from tenant_ops_dashboard.environments.model import Box


class _Place(Protocol):
    @property
    def box(self) -> Box: ...
    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...
    @property
    def middle(self) -> float: ...
    @property
    def centre(self) -> float: ...


@dataclass(frozen=True)
class Line:
    """One arrow: `path` and its head, the place of its words ('' where a neighbour in the bundle says them)."""

    path: str
    head: str
    words: str
    x: int
    y: int
    state: str


def connect(arrows: Iterable[tuple[str, str, str]], places: Mapping[str, _Place], upright: bool) -> tuple[Line, ...]:
    """A line for each arrow whose two ends are in the picture."""
    known = [(a, b, words) for a, b, words in arrows if a in places and b in places]
    lines: list[Line] = []
    said: set[tuple[str, str]] = set()
    for start, end, words in known:
        bundle = [(a, b) for a, b, w in known if w == words and (a == start or b == end)]
        spoken = (start, words) in said or (end, words) in said
        said |= {(start, words), (end, words)}
        spots = [_spot(places[a], places[b], upright) for a, b in bundle]
        x, y = (sum(values) / len(spots) for values in zip(*spots, strict=True))
        path, head = _path(places[start], places[end], upright)
        state = _state(places[start], places[end])
        lines.append(Line(path, head, "" if spoken else words, round(x), round(y) - 6, state))
    return tuple(lines)


def _state(start: _Place, end: _Place) -> str:
    """A line is as far as the less finished of its ends."""
    states = {start.box.state, end.box.state}
    return next((s for s in ("gone", "planned", "building", "deleting", "failed", "warning") if s in states), "good")


def _sideways(start: _Place, end: _Place, upright: bool) -> bool:
    apart = end.x >= start.x + start.width or start.x >= end.x + end.width
    return apart and (not upright or abs(start.middle - end.middle) < start.height)


def _ends(start: _Place, end: _Place, upright: bool) -> tuple[float, float, float, float]:
    if _sideways(start, end, upright):
        if end.x > start.x:
            return start.x + start.width, start.middle, end.x, end.middle
        return start.x, start.middle, end.x + end.width, end.middle
    if end.y >= start.y:
        return start.centre, start.y + start.height, end.centre, end.y
    return start.centre, start.y, end.centre, end.y + end.height


def _spot(start: _Place, end: _Place, upright: bool) -> tuple[float, float]:
    x1, y1, x2, y2 = _ends(start, end, upright)
    return (x1 + x2) / 2, (y1 + y2) / 2


def _path(start: _Place, end: _Place, upright: bool) -> tuple[str, str]:
    x1, y1, x2, y2 = _ends(start, end, upright)
    if _sideways(start, end, upright):
        way = 1 if x2 > x1 else -1
        bend = (x1 + x2) / 2
        head = f"M{x2 - 7 * way:.1f} {y2 - 4.5:.1f}L{x2 - way:.1f} {y2:.1f}L{x2 - 7 * way:.1f} {y2 + 4.5:.1f}"
        return f"M{x1:.1f} {y1:.1f}C{bend:.1f} {y1:.1f} {bend:.1f} {y2:.1f} {x2 - 2 * way:.1f} {y2:.1f}", head
    way = 1 if y2 > y1 else -1
    bend = (y1 + y2) / 2
    head = f"M{x2 - 4.5:.1f} {y2 - 7 * way:.1f}L{x2:.1f} {y2 - way:.1f}L{x2 + 4.5:.1f} {y2 - 7 * way:.1f}"
    return f"M{x1:.1f} {y1:.1f}C{x1:.1f} {bend:.1f} {x2:.1f} {bend:.1f} {x2:.1f} {y2 - 2 * way:.1f}", head
