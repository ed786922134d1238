"""From boxes and arrows to coordinates: tiers side by side on wide screens, one below the other on narrow ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tenant_ops_dashboard.environments.model import Box, Picture
from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.picture import shapes
from tenant_ops_dashboard.panels.picture.lines import Line, connect


@dataclass(frozen=True)
class Placed:
    """A box with its place in whole units and its texts cut to fit."""

    box: Box
    x: int
    y: int
    width: int
    height: int
    icon: str
    title: str
    detail: str
    href: str = ""
    form: str = "card"  # card, slim or round
    parts: tuple[tuple[str, str, int], ...] = ()  # (name, state, x)

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def centre(self) -> float:
        return self.x + self.width / 2

    @property
    def half(self) -> int:
        """Middle of the box in its own coordinates."""
        return self.width // 2

    @property
    def badge(self) -> str:
        """Place and size of the state's mark, on the upper right corner."""
        return f"{self.width - 11} -7 18"


@dataclass(frozen=True)
class Lane:
    """One tier: its area, its name and its network where the picture names one."""

    tier: str
    name: str
    x: int
    y: int
    width: int
    height: int
    network: Box | None = None

    @property
    def right(self) -> int:
        """Where a text that ends with the lane's padding ends."""
        return self.x + self.width - shapes.PAD


@dataclass(frozen=True)
class Drawing:
    """Everything the template needs; `width` and `height` make the viewBox."""

    width: int
    height: int
    lanes: tuple[Lane, ...] = ()
    boxes: tuple[Placed, ...] = ()
    lines: tuple[Line, ...] = ()
    upright: bool = False


@dataclass
class _Column:
    boxes: list[Box] = field(default_factory=list)

    def height(self) -> int:
        return sum(shapes.size(b.kind, len(b.parts)).height for b in self.boxes) + sum(
            _gap(a, b) for a, b in zip(self.boxes, self.boxes[1:], strict=False)
        )

    def width(self) -> int:
        return max(shapes.size(b.kind, len(b.parts)).width for b in self.boxes)


def draw(picture: Picture, link: Callable[[Box], str] = lambda box: "", *, upright: bool = False) -> Drawing:
    """Lay the picture out; `link` gives a box's own page or ''."""
    tiers = [tier for tier in shapes.TIERS if any(box.tier == tier for box in picture.boxes)]
    lanes, boxes = (_down if upright else _across)(picture, tiers, link)
    width = max((lane.x + lane.width for lane in lanes), default=shapes.NARROW)
    height = max((lane.y + lane.height for lane in lanes), default=shapes.TALL)
    places = {placed.box.key: placed for placed in boxes}
    return Drawing(width + 1, height + 1, tuple(lanes), tuple(boxes), connect(picture.arrows, places, upright), upright)


def _across(picture: Picture, tiers: list[str], link: Callable[[Box], str]) -> tuple[list[Lane], list[Placed]]:
    columns = {tier: _columns(_inside(picture, tier), tier) for tier in tiers}
    tallest = max((c.height() for found in columns.values() for c in found), default=shapes.TALL)
    height = tallest + shapes.HEAD + 2 * shapes.PAD
    lanes: list[Lane] = []
    boxes: list[Placed] = []
    x = 1
    for tier in tiers:
        inner = sum(c.width() for c in columns[tier]) + shapes.COLUMN_GAP * max(0, len(columns[tier]) - 1)
        pad = 0 if tier == "internet" else shapes.PAD
        lanes.append(Lane(tier, words.tier(tier), x, 1, inner + 2 * pad, height, _network(picture, tier)))
        left = x + pad
        for column in columns[tier]:
            boxes += _stack(column, left, 1 + shapes.HEAD + shapes.PAD + (tallest - column.height()) // 2, link)
            left += column.width() + shapes.COLUMN_GAP
        x += inner + 2 * pad + shapes.LANE_GAP
    return lanes, boxes


def _stack(column: _Column, left: int, top: int, link: Callable[[Box], str]) -> list[Placed]:
    placed: list[Placed] = []
    for box in column.boxes:
        if placed:
            top += _gap(placed[-1].box, box)
        room = shapes.size(box.kind, len(box.parts))
        placed.append(_place(box, left + (column.width() - room.width) // 2, top, room, link))
        top += room.height
    return placed


def _down(picture: Picture, tiers: list[str], link: Callable[[Box], str]) -> tuple[list[Lane], list[Placed]]:
    lanes: list[Lane] = []
    boxes: list[Placed] = []
    y = 1
    for tier in tiers:
        top = y + shapes.HEAD + shapes.PAD // 2
        for row in _rows(_inside(picture, tier), tier):
            wide = (shapes.NARROW - 2 * shapes.PAD - 12 * (len(row) - 1)) // max(2, len(row)) if len(row) > 1 else 216
            left = (shapes.NARROW - wide * len(row) - 12 * (len(row) - 1)) // 2
            if boxes and row[0].kind in shapes.ATTACHED and boxes[-1].box.kind == shapes.ATTACHED[row[0].kind]:
                top -= shapes.GAP - 4
            rooms = [shapes.size(box.kind, len(box.parts), wide) for box in row]
            for place, (box, room) in enumerate(zip(row, rooms, strict=True)):
                boxes.append(_place(box, left + place * (wide + 12), top, room, link))
            top += max(room.height for room in rooms) + shapes.GAP
        bottom = top - shapes.GAP + shapes.PAD
        lanes.append(Lane(tier, words.tier(tier), 1, y, shapes.NARROW - 2, bottom - y, _network(picture, tier)))
        y = bottom + shapes.GAP
    return lanes, boxes


def _inside(picture: Picture, tier: str) -> list[Box]:
    found = [box for box in picture.boxes if box.tier == tier and box.kind not in shapes.HEADINGS]
    rank = {kind: place for place, kind in enumerate(shapes.ORDER)}
    return sorted(found, key=lambda box: rank.get(box.kind, len(rank)))


def _network(picture: Picture, tier: str) -> Box | None:
    return next((box for box in picture.boxes if box.tier == tier and box.kind in shapes.HEADINGS), None)


def _columns(boxes: Iterable[Box], tier: str) -> list[_Column]:
    columns: dict[int, _Column] = {}
    for box in boxes:
        place = 0 if tier in shapes.ONE_COLUMN else shapes.COLUMN.get(box.kind, 1)
        columns.setdefault(place, _Column()).boxes.append(box)
    return [columns[place] for place in sorted(columns)]


def _rows(boxes: list[Box], tier: str) -> list[list[Box]]:
    rows: list[list[Box]] = []
    for column in _columns(boxes, tier):
        for box in column.boxes:
            if rows and rows[-1][0].kind == box.kind and len(rows[-1]) < 2:
                rows[-1].append(box)
            else:
                rows.append([box])
    return rows


def _gap(above: Box, below: Box) -> int:
    return 4 if shapes.ATTACHED.get(below.kind) == above.kind else shapes.GAP


def _place(box: Box, x: int, y: int, room: shapes.Size, link: Callable[[Box], str]) -> Placed:
    form = "slim" if box.kind in shapes.SLIM_KINDS else "round" if room.width == shapes.ROUND else "card"
    text = room.width - (12 if form == "round" else 50)
    step = (room.width - 20) // max(1, len(box.parts))
    parts = tuple((shapes.fit(name, step - 14, 10), state, 10 + i * step) for i, (name, state) in enumerate(box.parts))
    return Placed(
        box=box,
        x=x,
        y=y,
        width=room.width,
        height=room.height,
        icon=shapes.ICONS.get(box.kind, shapes.ICONS["other"]),
        title=shapes.fit(box.title, text, 12 if form == "slim" else 13),
        detail=shapes.fit(box.detail, text, 11) if form == "card" else "",
        href=link(box),
        form=form,
        parts=parts,
    )
