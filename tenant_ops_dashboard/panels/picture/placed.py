"""A box and a lane with their places, and what of a picture belongs into a lane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tenant_ops_dashboard.environments.model import Box, Picture
from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.picture import shapes


@dataclass(frozen=True)
class Way:
    """One line of a box's menu. With `act`, the words while it goes on, a script does it without leaving the page."""

    href: str
    words: str
    act: str = ""


Menu = Callable[[Box], tuple[Way, ...]]


@dataclass(frozen=True)
class Placed:
    """A box with its place in whole units and its texts cut to fit."""

    box: Box
    x: int
    y: int
    width: int
    height: int
    icon: str
    title: tuple[tuple[str, int], ...]  # (line, y)
    detail: str
    below: int  # where the detail stands
    menu: tuple[Way, ...] = ()
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
    def text(self) -> int:
        """Where its texts begin, or have their middle in a round one."""
        return {"slim": 30, "round": self.half}.get(self.form, 44)

    @property
    def name(self) -> str:
        """What its menu is called in the page."""
        return "menu-" + "".join(letter if letter.isalnum() else "-" for letter in self.box.key)

    @property
    def dots(self) -> str:
        """Where the three dots begin that say there is a menu."""
        return f"{self.width - 24} 55"

    @property
    def badge(self) -> str:
        """Place and size of the state's mark: on the upper right corner, or inside a slim box."""
        return f"{self.width - 22} 7 14" if self.form == "slim" else f"{self.width - 11} -7 18"


@dataclass(frozen=True)
class Lane:
    """One tier: its area, its name and its network where the picture names one; `rules` light up with it."""

    tier: str
    name: str
    x: int
    y: int
    width: int
    height: int
    network: Box | None = None
    rules: str = ""

    @property
    def right(self) -> int:
        """Where a text that ends with the lane's padding ends."""
        return self.x + self.width - shapes.PAD


def tiers(picture: Picture) -> list[str]:
    """The tiers that have something to show, from the internet inwards."""
    return [tier for tier in shapes.TIERS if any(box.tier == tier for box in picture.boxes)]


def network(picture: Picture, tier: str) -> Box | None:
    """The network that names the lane."""
    return next((box for box in picture.boxes if box.tier == tier and box.kind in shapes.HEADINGS), None)


def columns(picture: Picture, tier: str) -> list[list[Box]]:
    """The lane's boxes by column, each in its order from top to bottom."""
    rank = {kind: place for place, kind in enumerate(shapes.ORDER)}
    own = [box for box in picture.boxes if box.tier == tier and box.kind not in shapes.HEADINGS | shapes.SLIM_KINDS]
    found: dict[int, list[Box]] = {}
    for box in sorted(own, key=lambda box: rank.get(box.kind, len(rank))):
        place = 0 if tier in shapes.ONE_COLUMN else shapes.COLUMN.get(box.kind, 1)
        found.setdefault(place, []).append(box)
    return [found[place] for place in sorted(found)]


def chips(picture: Picture, tier: str) -> list[Box]:
    """The small things at the lane's foot."""
    return [box for box in picture.boxes if box.tier == tier and box.kind in shapes.SLIM_KINDS]


def gap(above: Box, below: Box, usual: int) -> int:
    """The room between two boxes of a column; what belongs together stands close."""
    return shapes.ATTACHED_GAP if shapes.ATTACHED.get(below.kind) == above.kind else usual


def place(box: Box, x: int, y: int, room: shapes.Size, menu: Menu) -> Placed:
    """The box at a place, with its texts cut to its size."""
    form = "slim" if box.kind in shapes.SLIM_KINDS else "round" if room.width == shapes.ROUND else "card"
    text = room.width - (0 if form == "round" else 50)
    title: tuple[str, ...] = (shapes.fit(shapes.short(words.told(box.title)), text, 12),)
    if form == "card":
        title = shapes.lines(words.told(box.title), text, 13)
    first = {"slim": 18, "round": 51}.get(form, 37 - 8 * (len(title) - 1) - (8 if box.detail else 0))
    return Placed(
        box=box,
        x=x,
        y=y,
        width=room.width,
        height=room.height,
        icon=shapes.ICONS.get(box.kind, shapes.ICONS["other"]),
        title=tuple((line, first + 15 * number) for number, line in enumerate(title)),
        detail=shapes.fit(words.told(box.detail), text - 14, 11) if form == "card" else "",
        below=first + 15 * (len(title) - 1) + 17,
        menu=menu(box),
        form=form,
        parts=_parts(box, room.width),
    )


def _parts(box: Box, width: int) -> tuple[tuple[str, str, int], ...]:
    told = [(words.told(name), state) for name, state in box.parts]
    names = [name for name, _ in told]
    room = width - 14 - 19 * len(names)
    wanted = sum(len(name) for name in names) * 5.4
    squeeze = min(1.0, room / wanted) if wanted else 1.0
    step = 25 if wanted + 6 * len(names) < room else 19
    found, x = [], 10.0
    for name, state in told:
        own = len(name) * 5.4 * squeeze
        found.append((shapes.fit(name, own + 1, 9.5), state, round(x)))
        x += own + step
    return tuple(found)
