"""Release notes are what reno reads, whoever wrote them: `make docs` puts them together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.unit.docs.pages import ROOT

SECTIONS = {"features", "issues", "upgrade", "deprecations", "critical", "security", "fixes", "other"}
NOTES = sorted((ROOT / "releasenotes/notes").iterdir())


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note.stem)
def test_a_note_has_sections_that_reno_knows(note: Path) -> None:
    assert note.suffix == ".yaml"
    found = yaml.safe_load(note.read_text())
    prelude = found.pop("prelude", "one line")
    assert isinstance(prelude, str)
    assert set(found) <= SECTIONS
    for section, items in found.items():
        assert items, section
        assert all(isinstance(item, str) and item.strip() for item in items), (
            f"{section}: a colon makes a mapping; write '- |'"
        )


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note.stem)
def test_a_note_is_restructured_text(note: Path) -> None:
    text = note.read_text()
    assert "](" not in text, "a link as in Markdown"
    assert "`" not in re.sub(r"``[^`]+``|:\w+:`[^`]+`", "", text), "code has two backticks"
