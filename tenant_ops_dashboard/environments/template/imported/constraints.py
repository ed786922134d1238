"""Whether a value is what its parameter's type and constraints ask for. Pure.

Source: heat/engine/parameters.py and heat/engine/constraints.py. What only Heat can judge (a custom constraint, a
pattern that may take for ever) is left to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from tenant_ops_dashboard.cloud.values import cut
from tenant_ops_dashboard.environments.declared import Constraint, Declared
from tenant_ops_dashboard.sentences import say

LONGEST = 32_768  # characters of one value
_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?")
# A pattern whose work grows with a small power of the value's length: pieces in a row, none inside another.
_PIECE = r"(?:\[\^?\]?(?:[^\]\\\[]|\\.)*\]|\\[wdsWDS.\-_/]|[A-Za-z0-9_@:/, -]|\.)"
_SIMPLE = re.compile(rf"\^?(?:{_PIECE}(?:[*+?]|\{{\d{{1,3}}(?:,\d{{0,3}})?\}})?){{1,40}}\$?")
_REPEATS, _MATCHED = 3, 2_000


def wrong(declared: Declared, value: str) -> str:
    """What is wrong with a value that is given, as a sentence; '' where nothing is."""
    if len(value) > LONGEST:
        return say("At most {most:,} characters; these are {n:,}.", most=LONGEST, n=len(value))
    if "\0" in value or any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        return say("Only printable characters.")
    try:
        told = _TYPES[declared.type](value)
        broken = next((one for one in declared.constraints if not _meets(one, told)), None)
    except (ValueError, InvalidOperation, RecursionError):
        return _NO_SUCH[declared.type]
    return "" if broken is None else broken.words or _why(broken)


def patterned(pattern: str) -> re.Pattern[str] | None:
    """A pattern that can be tried on anything at once; None for one that only Heat tries."""
    if not _SIMPLE.fullmatch(pattern) or len(re.findall(r"[*+{]", pattern)) > _REPEATS:
        return None
    try:
        return re.compile(pattern)
    except (re.error, OverflowError):
        return None


def _number(value: str) -> Decimal:
    if not _NUMBER.fullmatch(value):
        raise ValueError(value)
    return Decimal(value)


def _boolean(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError(value)
    return value == "true"


def _json(value: str) -> Any:
    found = json.loads(value)
    if not isinstance(found, dict | list):
        raise ValueError(value)
    return found


_TYPES: dict[str, Callable[[str], Any]] = {
    "string": str, "number": _number, "boolean": _boolean, "json": _json,
    "comma_delimited_list": lambda value: value.split(","),
}  # fmt: skip
_NO_SUCH = {
    "string": say("Give a text."),
    "number": say("Give a number."),
    "boolean": say("Say true or false."),
    "json": say("Give a JSON object or list."),
    "comma_delimited_list": say("Give a list with commas between."),
}


def _meets(one: Constraint, value: Any) -> bool:
    if one.length is not None and isinstance(value, str | list | dict) and not _between(len(value), one.length):
        return False
    if one.range is not None and isinstance(value, Decimal) and not _between(value, one.range):
        return False
    if one.modulo is not None and isinstance(value, Decimal):
        step, offset = one.modulo
        if step and (value - offset) % step:
            return False
    if one.values is not None:
        # Heat compares numbers by their value: 10 is 10.0.
        return all(_same(item, one.values) for item in (value if isinstance(value, list) else [value]))
    if one.pattern is not None and isinstance(value, str) and len(value) <= _MATCHED:
        found = patterned(one.pattern)
        match = found.match(value) if found else None
        return found is None or (match is not None and match.end() == len(value))
    return True


def _same(value: Any, known: tuple[str, ...]) -> bool:
    if isinstance(value, Decimal):
        return any(_NUMBER.fullmatch(one) and Decimal(one) == value for one in known)
    return (str(value).lower() if isinstance(value, bool) else value) in known


def _between(value: Any, bounds: tuple[float | None, float | None]) -> bool:
    low, high = bounds
    return (low is None or value >= low) and (high is None or value <= high)


def _why(one: Constraint) -> str:
    if one.length is not None:
        return _length(*_ends(one.length))
    if one.range is not None:
        return _range(*_ends(one.range))
    if one.modulo is not None:
        return say("It must be {offset} and a multiple of {step}.", step=one.modulo[0], offset=one.modulo[1])
    if one.values is not None:
        return say("It must be one of these: {values}.", values=cut(", ".join(one.values), 300))
    return say("It must match the pattern {pattern}.", pattern=cut(one.pattern or "", 200))


def _length(low: str, high: str) -> str:
    if not low:
        return say("Its length must be at most {high}.", high=high)
    if not high:
        return say("Its length must be at least {low}.", low=low)
    return say("Its length must be from {low} to {high}.", low=low, high=high)


def _range(low: str, high: str) -> str:
    if not low:
        return say("It must be at most {high}.", high=high)
    if not high:
        return say("It must be at least {low}.", low=low)
    return say("It must be from {low} to {high}.", low=low, high=high)


def _ends(bounds: tuple[float | None, float | None]) -> tuple[str, str]:
    low, high = ("" if end is None else f"{end:g}" for end in bounds)
    return low, high
