"""The way from a source to its clone as a picture: boxes from left to right. The list beside it says the same."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.panels.clones import presenters

#: Units of the drawing: a box, the way between two, and how many fit side by side.
WIDTH, HEIGHT, GAP, MOST = 150, 56, 34, 5
#: Letters that fit into a box.
_TITLE, _DETAIL = 17, 22


@dataclass(frozen=True)
class Box:
    """`title` and `detail` as far as they fit, `whole` all of it; `way` is where the line to it begins, -1 for none."""

    x: int
    title: str
    detail: str
    whole: str
    mark: str
    way: int = -1


@dataclass(frozen=True)
class Picture:
    """`words` tell it to who does not see it."""

    boxes: tuple[Box, ...]
    words: str
    width: int = MOST * WIDTH + (MOST - 1) * GAP
    height: int = HEIGHT


def picture(one: Clone, now: datetime.datetime) -> Picture:
    """Source, golden copy, mask, clone, and what was launched on it, as far as there are such."""
    offer, size = one.offer, _("%s GB") % one.offer.size
    there = bool(one.ready_at) or one.state == "ready"
    found = [(offer.source_name, f"{offer.project_name}, {size}", "good")]
    if one.golden_id:
        at = presenters.day(one.data_at, now) if one.data_at else ""
        found.append((_("Golden copy"), at, "good"))
    if offer.terms.mask:
        done = bool(one.golden_id) or "mask" in one.seconds
        mark = "good" if done else "building" if one.step == "mask" else "planned"
        found.append((_("Masked"), _("by its owner's script"), mark))
    state = str(presenters.STATES.get(one.state, one.state))
    holder = offer.project_name if one.served else one.project_name
    found.append((one.name, f"{holder}, {state}", presenters.MARKS.get(one.state, "building")))
    if one.get in presenters.BUILT:
        mark = "gone" if one.ended else "good" if there else "planned"
        found.append((str(presenters.BUILT[one.get]), one.address if one.served else one.blueprint, mark))
    boxes = tuple(
        Box(
            at * (WIDTH + GAP), _short(title, _TITLE), _short(detail, _DETAIL),
            ", ".join(filter(None, (title, detail))), mark, at * (WIDTH + GAP) - GAP if at else -1,
        )
        for at, (title, detail, mark) in enumerate(found)
    )  # fmt: skip
    return Picture(boxes, _("From the source to the copy: %s.") % "; ".join(one.whole for one in boxes))


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
