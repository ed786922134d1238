"""Tiers side by side, from the internet inwards; boxes of a tier in columns, each in the middle."""

from __future__ import annotations

from itertools import pairwise

from tenant_ops_dashboard.environments.model import Box, Picture
from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.picture import shapes
from tenant_ops_dashboard.panels.picture.placed import Lane, Menu, Placed, chips, columns, gap, network, tiers
from tenant_ops_dashboard.panels.picture.placed import place as set_down


def place(picture: Picture, menu: Menu) -> tuple[tuple[Lane, ...], tuple[Placed, ...]]:
    """Lanes and boxes with their places."""
    shown = tiers(picture)
    tallest = max((_height(column) for tier in shown for column in columns(picture, tier)), default=shapes.TALL)
    foot = max((_foot(chips(picture, tier), len(columns(picture, tier))) for tier in shown), default=0)
    lanes: list[Lane] = []
    boxes: list[Placed] = []
    x = 1
    for tier in shown:
        found = columns(picture, tier)
        pad = 0 if tier == "internet" else shapes.PAD
        inner = sum(map(_width, found)) + shapes.COLUMN_GAP * max(0, len(found) - 1) or shapes.BOX
        height = shapes.HEAD + shapes.PAD + tallest + foot + shapes.PAD
        lanes.append(Lane(tier, words.tier(tier), x, 1, inner + 2 * pad, height, network(picture, tier)))
        left = x + pad
        for column in found:
            boxes += _stack(column, left, 1 + shapes.HEAD + shapes.PAD + (tallest - _height(column)) // 2, menu)
            left += _width(column) + shapes.COLUMN_GAP
        boxes += _row(chips(picture, tier), x + pad, 1 + height - shapes.PAD, inner, len(found), menu)
        x += inner + 2 * pad + shapes.LANE_GAP
    return tuple(lanes), tuple(boxes)


def _size(box: Box) -> shapes.Size:
    return shapes.size(box.kind, len(box.parts))


def _width(column: list[Box]) -> int:
    return max(_size(box).width for box in column)


def _height(column: list[Box]) -> int:
    return sum(_size(box).height for box in column) + sum(gap(a, b, shapes.GAP) for a, b in pairwise(column))


def _foot(boxes: list[Box], wide: int) -> int:
    rows = -(-len(boxes) // max(1, wide))
    return rows * (shapes.SLIM + shapes.CHIP_GAP) + shapes.CHIP_GAP if rows else 0


def _stack(column: list[Box], left: int, top: int, menu: Menu) -> list[Placed]:
    placed: list[Placed] = []
    for box in column:
        if placed:
            top += gap(placed[-1].box, box, shapes.GAP)
        room = _size(box)
        placed.append(set_down(box, left + (_width(column) - room.width) // 2, top, room, menu))
        top += room.height
    return placed


def _row(boxes: list[Box], left: int, bottom: int, inner: int, wide: int, menu: Menu) -> list[Placed]:
    wide = max(1, min(wide, len(boxes)))
    width = (inner - shapes.CHIP_GAP * (wide - 1)) // wide
    rows = -(-len(boxes) // wide)
    top = bottom - rows * shapes.SLIM - (rows - 1) * shapes.CHIP_GAP
    return [
        set_down(
            box,
            left + (number % wide) * (width + shapes.CHIP_GAP),
            top + (number // wide) * (shapes.SLIM + shapes.CHIP_GAP),
            shapes.Size(width, shapes.SLIM),
            menu,
        )
        for number, box in enumerate(boxes)
    ]
