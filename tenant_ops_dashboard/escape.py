"""Words of tenants on their way to a terminal or a spreadsheet: nothing in them acts there."""

from __future__ import annotations

# What a spreadsheet takes for the beginning of a formula; the full-width ones in some of them.
_FORMULA = tuple("=+-@\t\r＝＋－＠")


def line(text: str) -> str:
    """The text with what a terminal would act on written out ('\\x1b'); its line breaks too."""
    return "".join(letter if letter.isprintable() else _escape(letter) for letter in text)


def lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(map(line, text.split("\n")))


def cell(text: str) -> str:
    """For CSV: what would be a formula is a text."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def uncell(text: str) -> str:
    """What was made a cell by `cell`."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
