"""Tiers one below the other, for narrow screens: rows of at most two boxes, small things in rows of their own."""

from __future__ import annotations

from tenant_ops_dashboard.environments.model import Box, Picture
from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.picture import shapes
from tenant_ops_dashboard.panels.picture.placed import Lane, Menu, Placed, chips, columns, gap, network, tiers
from tenant_ops_dashboard.panels.picture.placed import place as set_down

ALONE = 216
BETWEEN = 12


def place(picture: Picture, menu: Menu) -> tuple[tuple[Lane, ...], tuple[Placed, ...]]:
    """Lanes and boxes with their places."""
    lanes: list[Lane] = []
    boxes: list[Placed] = []
    y = 1
    for tier in tiers(picture):
        top = y if tier == "internet" else y + shapes.HEAD + shapes.PAD // 2
        before: Box | None = None
        for row in _rows(picture, tier):
            top += gap(before, row[0], shapes.ROW_GAP) if before else 0
            boxes += _beside(row, top, menu)
            top, before = max(placed.y + placed.height for placed in boxes[-len(row) :]), row[0]
        for box in chips(picture, tier):
            room = shapes.Size(shapes.NARROW - 2 * shapes.PAD, shapes.SLIM)
            boxes.append(set_down(box, shapes.PAD, top + shapes.CHIP_GAP, room, menu))
            top += shapes.SLIM + shapes.CHIP_GAP
        bottom = top if tier == "internet" else top + shapes.PAD
        lanes.append(Lane(tier, words.tier(tier), 1, y, shapes.NARROW - 2, bottom - y, network(picture, tier)))
        y = bottom + (shapes.CHIP_GAP if tier == "internet" else shapes.GAP)
    return tuple(lanes), tuple(boxes)


def _rows(picture: Picture, tier: str) -> list[list[Box]]:
    rows: list[list[Box]] = []
    for box in (box for column in columns(picture, tier) for box in column):
        if rows and rows[-1][0].kind == box.kind and len(rows[-1]) < 2:
            rows[-1].append(box)
        else:
            rows.append([box])
    return rows


def _beside(row: list[Box], top: int, menu: Menu) -> list[Placed]:
    wide = ALONE if len(row) == 1 else (shapes.NARROW - 2 * shapes.PAD - BETWEEN) // 2
    left = (shapes.NARROW - wide * len(row) - BETWEEN * (len(row) - 1)) // 2
    rooms = [shapes.size(box.kind, len(box.parts), wide) for box in row]
    return [
        set_down(box, left + number * (wide + BETWEEN), top, room, menu)
        for number, (box, room) in enumerate(zip(row, rooms, strict=True))
    ]
