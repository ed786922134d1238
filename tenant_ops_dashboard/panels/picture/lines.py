"""Arrows between placed boxes, as SVG paths with one label for each bundle that says the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tenant_ops_dashboard.panels.picture.placed import Placed

# A line is as far as the less finished of its ends.
_WEAKEST = ("gone", "planned", "building", "deleting", "failed", "warning")


@dataclass(frozen=True)
class Line:
    """One arrow: `path` and its head, the place of its words ('' where a neighbour in the bundle says them)."""

    path: str
    head: str
    words: str
    x: int
    y: int
    state: str


@dataclass(frozen=True)
class _Way:
    """From one point to another; `bend` is where the curve's handles stand, `along` the direction it arrives in."""

    x1: float
    y1: float
    x2: float
    y2: float
    bend: float
    along: str  # right, left, down or up


def connect(arrows: Iterable[tuple[str, str, str]], places: Mapping[str, Placed], narrow: bool) -> tuple[Line, ...]:
    """A line for each arrow whose two ends are in the picture."""
    known = [(a, b, words) for a, b, words in arrows if a in places and b in places]
    ways = {(a, b): _way(places[a], places[b], places, narrow) for a, b, _ in known}
    lines: list[Line] = []
    said: set[tuple[str, str]] = set()
    for start, end, words in known:
        bundle = [ways[a, b] for a, b, w in known if w == words and (a == start or b == end)]
        spoken = (start, words) in said or (end, words) in said
        said |= {(start, words), (end, words)}
        x = sum((way.x1 + way.x2) / 2 for way in bundle) / len(bundle)
        y = sum((way.y1 + way.y2) / 2 for way in bundle) / len(bundle)
        path, head = _draw(ways[start, end])
        state = _state(places[start], places[end])
        lines.append(Line(path, head, "" if spoken else words, round(x), round(y) + (4 if narrow else -6), state))
    return tuple(lines)


def _state(start: Placed, end: Placed) -> str:
    states = {start.box.state, end.box.state}
    return next((state for state in _WEAKEST if state in states), "good")


def _way(start: Placed, end: Placed, places: Mapping[str, Placed], narrow: bool) -> _Way:
    apart = end.x >= start.x + start.width or start.x >= end.x + end.width
    if apart and (not narrow or abs(start.middle - end.middle) < start.height):
        if end.x > start.x:
            x1, x2, along = start.x + start.width, end.x, "right"
        else:
            x1, x2, along = start.x, end.x + end.width, "left"
        return _Way(x1, start.middle, x2, end.middle, (x1 + x2) / 2, along)
    low, high = sorted((start.middle, end.middle))
    cards = [one for one in places.values() if one.form == "card"]
    if any(low < one.middle < high and one.x < start.centre < one.x + one.width for one in cards):
        # Something stands between: around it, on the left.
        left = min(start.x, end.x)
        return _Way(start.x, start.middle, end.x, end.middle, left - 22, "right")
    if end.y >= start.y:
        y1, y2, along = start.y + start.height, end.y, "down"
    else:
        y1, y2, along = start.y, end.y + end.height, "up"
    return _Way(start.centre, y1, end.centre, y2, (y1 + y2) / 2, along)


def _draw(way: _Way) -> tuple[str, str]:
    x, y = way.x2, way.y2
    if way.along in ("right", "left"):
        back = -1 if way.along == "right" else 1
        points = ((way.x1, way.y1), (way.bend, way.y1), (way.bend, y), (x + 2 * back, y))
        head = ((x + 7 * back, y - 4.5), (x + back, y), (x + 7 * back, y + 4.5))
    else:
        back = -1 if way.along == "down" else 1
        points = ((way.x1, way.y1), (way.x1, way.bend), (x, way.bend), (x, y + 2 * back))
        head = ((x - 4.5, y + 7 * back), (x, y + back), (x + 4.5, y + 7 * back))
    start, *curve = (f"{a:g} {b:g}" for a, b in points)
    return f"M{start}C{' '.join(curve)}", "M" + "L".join(f"{a:g} {b:g}" for a, b in head)
