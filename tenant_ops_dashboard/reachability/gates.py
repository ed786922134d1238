"""Every filter in one form: lines that match packets, and what happens when none does."""

from dataclasses import dataclass

from .boxes import Box
from .steps import Layer


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as one back end reads it. `id` is None for what is let through without a rule."""

    id: str | None
    owner: str
    match: Box
    allow: bool
    stateful: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """One way a gate may behave: the first line that matches decides, else `default`."""

    lines: tuple[Line, ...]
    default: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """A filter at one place.

    `union`: any matching line lets through (security groups); otherwise the first match decides. `open` says why
    nothing filters here. `others` are further readings that the snapshot cannot rule out, `doubt` says why; where
    they differ on a packet the answer names it unknown. `variants` are such readings that each have their own sentence.
    `never` are lines of packets that the back end drops whatever the rules say, replies too.
    """

    layer: Layer
    title: str
    reading: Reading
    union: bool = False
    open: str | None = None
    others: tuple[Reading, ...] = ()
    doubt: str = ""
    remedy: str = ""
    variants: tuple[tuple[Reading, str], ...] = ()
    never: tuple[Line, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the reading taken for true."""
        return self.reading.lines


def opened(layer: Layer, why: str, doubt: str = "") -> Gate:
    """A gate that lets everything through."""
    return Gate(layer, why, Reading((), True), open=why, doubt=doubt)
