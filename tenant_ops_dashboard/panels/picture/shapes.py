"""Sizes, icons and the place of every kind of box in its tier. One unit is one pixel where a picture is not scaled."""

from __future__ import annotations

from dataclasses import dataclass

BOX = 172
ROUND = 76
TALL = 64
SLIM = 28
PARTS = 20
PAD = 14
HEAD = 30
GAP = 26
CHIP_GAP = 8
ROW_GAP = 36
ATTACHED_GAP = 12
LANE_GAP = 44
COLUMN_GAP = 74
NARROW = 348

TIERS = ("internet", "edge", "dmz", "database", "other")

# Column of a kind within its tier, from the internet inwards; what is not named stands in column 1.
COLUMN = {
    "internet": 0,
    "floating_ip": 0,
    "router": 0,
    "firewall": 0,
    "load_balancer": 0,
    "jump_host": 0,
}
# Order within a column.
ORDER = ("internet", "floating_ip", "router", "firewall", "load_balancer", "jump_host", "server", "database", "volume")
ONE_COLUMN = frozenset({"internet", "edge", "database"})
HEADINGS = frozenset({"network"})
SLIM_KINDS = frozenset({"security_group", "subnet", "port", "keypair"})
ATTACHED = {"firewall": "router"}

# Line icons on a 24 x 24 grid.
ICONS = {
    "internet": (
        "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M3 12h18M12 3c3 2.6 4 5.6 4 9s-1 6.4-4 9c-3-2.6-4-5.6-4-9s1-6.4 4-9"
    ),
    "floating_ip": (
        "M12 21c4.6-4.9 7-8.4 7-11.3A7 7 0 0 0 5 9.7C5 12.6 7.4 16.1 12 21"
        "M12 7.3a2.4 2.4 0 1 0 0 4.8a2.4 2.4 0 1 0 0-4.8"
    ),
    "router": (
        "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M7.5 9.5h6.5M11.8 7l2.6 2.5l-2.6 2.5M16.5 14.5H10M12.2 12l-2.6 2.5l2.6 2.5"
    ),
    "firewall": (
        "M3.5 5h17v14h-17zM3.5 9.7h17M3.5 14.3h17M9 5v4.7M15 5v4.7M6 9.7v4.6M12 9.7v4.6M18 9.7v4.6M9 14.3V19M15 14.3V19"
    ),
    "load_balancer": "M12 3.5v4M12 7.5L5 15M12 7.5V15M12 7.5L19 15M3 15h4v5H3zM10 15h4v5h-4zM17 15h4v5h-4z",
    "server": "M4 4h16v6.5H4zM4 13.5h16V20H4zM7.3 7.3h.1M7.3 16.8h.1M11 7.3h6M11 16.8h6",
    "database": (
        "M4.5 6.5C4.5 4.8 7.9 3.5 12 3.5s7.5 1.3 7.5 3s-3.4 3-7.5 3s-7.5-1.3-7.5-3"
        "M4.5 6.5v11c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3v-11M4.5 12c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3"
    ),
    "volume": "M3.5 13.5L6.5 5h11l3 8.5V19h-17zM3.5 13.5h17M16.8 16.3h.1M13.5 16.3h.1",
    "jump_host": "M4 4.5h16v15H4zM7.5 9l3 3l-3 3M12.5 15H16.5",
    "security_group": "M12 3.2l7.5 2.6v5.7c0 4.4-3 7.7-7.5 9.3c-4.5-1.6-7.5-4.9-7.5-9.3V5.8z",
    "network": "M9.5 3.5h5v5h-5zM3.5 15.5h5v5h-5zM15.5 15.5h5v5h-5zM12 8.5V12M6 15.5V12h12v3.5",
    "other": "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5l8-4.5M12 12v9",
}


@dataclass(frozen=True)
class Size:
    """Width and height of one box."""

    width: int
    height: int


def size(kind: str, parts: int, width: int = BOX) -> Size:
    """How much room a box of this kind takes."""
    if kind == "internet" and width == BOX:
        width = ROUND
    return Size(width, SLIM if kind in SLIM_KINDS else TALL + (PARTS if parts else 0))


def short(title: str) -> str:
    """A title for a small box, where the icon says half of it."""
    return title.replace("Security group of the ", "Group: ", 1)


# The mean width of a character in font sizes, of plain and of bold text, in the widest font that a system may have.
PLAIN, BOLD = 0.56, 0.66


def lines(text: str, width: float, pixels: float) -> tuple[str, ...]:
    """Bold `text` on one line, or on two where it is too long for one and has a space or hyphen to break at."""
    room = max(4, int(width / (pixels * BOLD)))
    breaks = [place for place in range(1, min(room, len(text)) + 1) if text[place - 1] in " -"]
    if len(text) <= room or not breaks:
        return (fit(text, width, pixels, BOLD),)
    return text[: breaks[-1]].rstrip(), fit(text[breaks[-1] :], width, pixels, BOLD)


def fit(text: str, width: float, pixels: float, em: float = PLAIN) -> str:
    """`text` cut with an ellipsis to about `width` at a font size of `pixels`; the picture's table has it whole."""
    room = max(4, int(width / (pixels * em)))
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"
