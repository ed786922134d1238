"""Reading one API object field by field; every complaint names the object and the field in one line."""

from collections.abc import Iterator, Mapping
from typing import Any

from tenant_ops_dashboard.sentences import join, say

from . import spans
from .errors import BadInput

Raw = Mapping[str, Any]


PATH = 4096  # characters that the path of a file may have (Linux, limits.h)


def plain(text: object, longest: int = 80) -> str:
    """A piece of foreign text made safe for one line of a terminal, at most so many characters."""
    return "".join(c if c.isprintable() else "?" for c in str(text)[:longest])


class Fields:
    """One API object and where it stands."""

    __slots__ = ("raw", "where")

    def __init__(self, raw: object, where: str) -> None:
        if not isinstance(raw, Mapping):
            raise BadInput(where, say("must be an object"))
        self.raw: Raw = raw
        self.where = where

    def bad(self, key: str, what: str) -> BadInput:
        """The complaint about a field."""
        return BadInput(self.where, join(" ", (key, what)))

    def text(self, key: str) -> str:
        """A text that must be there and not be empty."""
        value = self.raw.get(key)
        if not isinstance(value, str) or not value:
            raise self.bad(key, say("is missing") if value is None else say("must be a text"))
        return value

    def maybe_text(self, key: str) -> str | None:
        """A text, None where it is missing, null or empty."""
        value = self.raw.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self.bad(key, say("must be a text"))
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false; `default` where it is missing or null."""
        value = self.raw.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.bad(key, say("must be true or false"))
        return value

    def number(self, key: str, low: int, high: int) -> int | None:
        """A whole number of low..high; None where it is missing."""
        value = self.raw.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.bad(key, say("must be a whole number from {low} to {high}", low=low, high=high))
        return value

    def must_number(self, key: str, low: int, high: int) -> int:
        """A whole number of low..high that must be there."""
        value = self.number(key, low, high)
        if value is None:
            raise self.bad(key, say("is missing"))
        return value

    def items(self, key: str) -> list[Any]:
        """A list; empty where it is missing or null."""
        value = self.raw.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.bad(key, say("must be a list"))
        return value

    def objects(self, key: str) -> Iterator["Fields"]:
        """The objects of a list."""
        for index, item in enumerate(self.items(key)):
            yield Fields(item, f"{self.where}: {key}[{index}]")

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self.items(key)
        if not all(isinstance(item, str) and item for item in found):
            raise self.bad(key, say("must be a list of texts"))
        return tuple(found)

    def address(self, key: str) -> tuple[int, int]:
        """An address as (version, number)."""
        try:
            return spans.address(self.raw.get(key))
        except ValueError as error:
            raise self.bad(key, say("must be an IP address: {plain}", plain=plain(error))) from None

    def maybe_address(self, key: str) -> tuple[int, int] | None:
        """An address, None where it is missing."""
        return None if self.raw.get(key) in (None, "") else self.address(key)

    def network(self, key: str, host_bits: bool = False) -> tuple[int, spans.Span]:
        """An address or CIDR as (version, span); bits behind the prefix only where `host_bits` allows them."""
        try:
            version, low, high, extra = spans.network(self.raw.get(key))
        except ValueError as error:
            raise self.bad(key, say("must be a CIDR: {plain}", plain=plain(error))) from None
        if extra and not host_bits:
            raise self.bad(key, say("has host bits set: {plain}", plain=plain(self.raw.get(key))))
        return version, (low, high)
