"""`{settings}`: every setting with its words and its default, from the file that operators copy."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from settings_text import FILE, markdown
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Settings(SphinxDirective):
    """The reference, in the place of the directive."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(FILE))
        found = nodes.section()
        found.document = self.state.document
        self.state.nested_parse(StringList(list(markdown(FILE.read_text())), str(FILE)), 0, found, match_titles=True)
        return found.children


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("settings", Settings)
    return {"parallel_read_safe": True}
