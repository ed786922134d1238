"""`{settings}`: every setting with its words and its default, from the file that operators copy.

The comments and values of conf/local_settings.d/_9000_tenant_ops.py are the one place where settings are described; a
unit test holds that file against the code (tests/unit/panels/test_registration.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

FILE = Path(__file__).parents[2] / "tenant_ops_dashboard/conf/local_settings.d/_9000_tenant_ops.py"
_TITLE = re.compile(r"# --- (.+) ---")
_SWITCHED_OFF = re.compile(r"# [A-Z_]+(\[.+\])? = .+")
_PAGE = re.compile(r"\(docs/([\w-]+)\.md(#[\w-]+)?\)")


class Settings(SphinxDirective):
    """The reference, in the place of the directive."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(FILE))
        found = nodes.section()
        found.document = self.state.document
        self.state.nested_parse(StringList(list(markdown(FILE.read_text())), str(FILE)), 0, found, match_titles=True)
        return found.children


def markdown(text: str) -> Iterator[str]:
    """The settings file as lines of Markdown: its sections as headings, words above the settings that they are of."""
    words: list[str] = []
    code: list[str] = []
    # What stands in front of the first section is about the file itself.
    sections = text[text.index("# ---") :]
    for line in [*sections.splitlines(), ""]:
        if title := _TITLE.fullmatch(line):
            yield from (f"## {title[1]}", "")
        elif line.startswith("# ") and not _SWITCHED_OFF.fullmatch(line):
            words.append(_PAGE.sub(r"([\1](\1.md\2))", line[2:]))
        elif line:
            code.append(line)
        elif code or words:
            yield from (*words, "", "```python", *code, "```", "")
            words, code = [], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("settings", Settings)
    return {"parallel_read_safe": True}
