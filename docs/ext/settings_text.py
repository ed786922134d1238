"""The settings file that operators copy, as a page.

The comments and values of conf/local_settings.d/_9000_tenant_ops.py are the one place where settings are described;
tests/unit/panels/test_registration.py holds its values against the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).parents[2] / "tenant_ops_dashboard/conf/local_settings.d/_9000_tenant_ops.py"
_TITLE = re.compile(r"# --- (.+) ---")
_SWITCHED_OFF = re.compile(r"# [A-Z_]+(\[.+\])? = .+")
_PAGE = re.compile(r"\(docs/([\w-]+)\.md(#[\w-]+)?\)")


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
