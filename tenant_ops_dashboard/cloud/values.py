"""From what a tenant or a service wrote to a value of a known type and size. Pure; nothing here raises.

Names, metadata, templates and outputs are data: whoever may write them may write anything. What cannot be read is the
empty value of its type, and never an error of the page that shows it.
"""

from __future__ import annotations

import datetime
import ipaddress
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

# Characters of one text, entries of one list or mapping: more than any name, reason or metadata of OpenStack has.
LONGEST = 4_000
MOST = 50_000
Reader = Callable[[Any], Any]
Shape = Mapping[str, Reader]

_YEARS = range(1971, 3000)
_DIGITS = 20
# Format characters that turn the direction of what follows, in a page as in a terminal.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_PLAIN = re.compile(r"[ -~]*")


def text(value: Any, most: int = LONGEST) -> str:
    """A text, of a number its digits, else ''; at most so many characters, made `printable`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, int) and abs(value) > 10**_DIGITS:
        return ""
    return printable(cut(str(value), most))


def optional(value: Any) -> str | None:
    """The same, None where there is none."""
    return text(value) or None


def cut(words: str, most: int) -> str:
    """At most so many characters, the last one an ellipsis where some are left out."""
    return words if len(words) <= most else words[: most - 1] + "…"


def printable(words: str) -> str:
    """The same with a mark for what moves a cursor or turns the direction of the text."""
    if _PLAIN.fullmatch(words):
        return words
    return "".join("\ufffd" if _moves(letter) else letter for letter in words)


def number(value: Any, otherwise: int = 0, low: int = 0, high: int = 10**15) -> int:
    """A whole number, also from a text; `otherwise` where it is none or not from `low` to `high`."""
    found = real(value)
    return otherwise if found is None or not low <= found <= high else int(found)


def real(value: Any) -> float | None:
    """A finite number, also from a text of a few digits; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str) and len(value) > _DIGITS:
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def mapping(value: Any, most: int = MOST) -> dict[str, Any]:
    """A mapping with texts as keys, as it stands inside; {} where it is none."""
    if not isinstance(value, Mapping):
        return {}
    pairs = ((_name(key), value[key]) for key in list(value)[:most])
    return {key: item for key, item in pairs if key}


def texts(value: Any, most: int = 100) -> dict[str, str]:
    """A mapping from texts to texts, such as metadata; what is neither is left out."""
    return {key: text(item) for key, item in mapping(value, most).items() if isinstance(item, str | int | float)}


def listing(value: Any, most: int = MOST) -> list[Any]:
    """A list, or [] where it is none; a text is none."""
    return list(value[:most]) if isinstance(value, list | tuple) else []


def names(value: Any) -> list[str]:
    """A list of texts; what is none, or empty, is left out."""
    return [one for one in map(text, listing(value)) if one]


def switch(value: Any) -> bool:
    """Whether something is on; what nobody can tell is."""
    return bool(value) if isinstance(value, bool | int) else True


def moment(value: Any) -> datetime.datetime | None:
    """A time as OpenStack writes it (UTC, with or without Z), in UTC; None where it is none of this age."""
    if not isinstance(value, str) or not value or len(value) > 40:
        return None
    try:
        found = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    if found.year not in _YEARS:
        return None
    return found.astimezone(datetime.UTC) if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def network(value: Any) -> str:
    """An address or a network of IPv4 or IPv6 as it was written, '' where it is none."""
    try:
        ipaddress.ip_network(value if isinstance(value, str) else "", strict=False)
    except ValueError:
        return ""
    return str(value)


def row(value: Any, shape: Shape) -> dict[str, Any]:
    """One of a service's objects: every field of `shape` is there and of its type, the others are as they came."""
    raw = value if isinstance(value, Mapping) else {}
    return {**raw, **{name: read(raw.get(name)) for name, read in shape.items()}}


def rows(value: Iterable[Any], shape: Shape) -> list[dict[str, Any]]:
    """A service's list; where the shape has an id, what has none is left out."""
    found = (row(one, shape) for one in value)
    return [one for one in found if "id" not in shape or one["id"]]


def each(shape: Shape) -> Reader:
    """A reader of lists of such objects, with or without ids."""
    return lambda value: [row(one, shape) for one in listing(value) if isinstance(one, Mapping)]


def _name(key: Any) -> str:
    if isinstance(key, str):
        return key if len(key) <= LONGEST else ""
    return text(key)


def _moves(letter: str) -> bool:
    return letter in _TURNING or (unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t")
