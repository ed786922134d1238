"""The pages that people read, taken apart: what they link to, name, and show as examples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4,}(\S.*)$")
_SLUG = re.compile(r"[^\w\- ]")


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCED.sub("", page.read_text())


def examples() -> Iterator[tuple[Path, str]]:
    """Each line of an indented block, with its page."""
    for page in PAGES:
        for line in prose(page).splitlines():
            if found := _INDENTED.match(line):
                yield page, found[1]


def anchors(page: Path) -> set[str]:
    """What a link into a page may name, as GitHub and MyST make it of the headings."""
    lines = [line.lstrip("#").strip() for line in prose(page).splitlines() if line.startswith("#")]
    return {_SLUG.sub("", line.lower()).replace(" ", "-") for line in lines}


def named(pattern: str) -> Iterator[tuple[Path, str]]:
    """Each piece of `code` that is of this pattern as a whole, with its page."""
    whole = re.compile(pattern)
    for page in PAGES:
        for found in re.findall(r"`([^`\n]+)`", prose(page)):
            if whole.fullmatch(found):
                yield page, found
