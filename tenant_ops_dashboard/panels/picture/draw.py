"""From boxes and arrows to a drawing: what the template needs, in whole units."""

from __future__ import annotations

from dataclasses import dataclass

from tenant_ops_dashboard.environments.model import Picture
from tenant_ops_dashboard.panels.picture import across, shapes, upright
from tenant_ops_dashboard.panels.picture.lines import Line, connect
from tenant_ops_dashboard.panels.picture.placed import Lane, Menu, Placed


@dataclass(frozen=True)
class Drawing:
    """`width` and `height` make the viewBox; `upright` drawings are for narrow screens."""

    width: int
    height: int
    lanes: tuple[Lane, ...] = ()
    boxes: tuple[Placed, ...] = ()
    lines: tuple[Line, ...] = ()
    upright: bool = False

    @property
    def menus(self) -> tuple[Placed, ...]:
        """The boxes that have one, in reading order."""
        return tuple(placed for placed in self.boxes if placed.menu)


def draw(picture: Picture, menu: Menu = lambda box: (), *, narrow: bool = False) -> Drawing:
    """Lay the picture out, tiers side by side or, for narrow screens, one below the other.

    `menu` says what a person may do from a box.
    """
    lanes, boxes = (upright if narrow else across).place(picture, menu)
    width = max((lane.x + lane.width for lane in lanes), default=shapes.NARROW)
    height = max((lane.y + lane.height for lane in lanes), default=shapes.TALL)
    places = {placed.box.key: placed for placed in boxes}
    return Drawing(width + 1, height + 1, lanes, boxes, connect(picture.arrows, places, narrow), narrow)
