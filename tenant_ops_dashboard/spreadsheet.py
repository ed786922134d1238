"""Tables that people open in a spreadsheet: what would be a formula there is a text, and comes back as it was."""

from __future__ import annotations

# What a spreadsheet takes for the beginning of a formula; the full-width ones in some of them.
_FORMULA = tuple("=+-@\t\r＝＋－＠")
_MARK = "'"


def cell(text: str) -> str:
    """A cell that is not calculated: texts that begin like a formula get an apostrophe in front."""
    return f"{_MARK}{text}" if text.startswith(_FORMULA) else text


def text(cell: str) -> str:
    """What was put into a cell by `cell`."""
    return cell[1:] if cell.startswith(_MARK) and cell[1:].startswith(_FORMULA) else cell
