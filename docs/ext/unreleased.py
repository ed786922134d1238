"""What reno calls 0.0.0, where no release was tagged yet, is called as all that is not released."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from reno.config import Config
from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    # Before the tables of contents are made of the titles.
    app.connect("doctree-read", _name, priority=100)
    return {"parallel_read_safe": True}


def _name(app: Sphinx, doctree: nodes.document) -> None:
    for title in doctree.findall(nodes.title):
        if title.astext() == "0.0.0":
            title.children = [nodes.Text(Config(str(app.srcdir.parent)).unreleased_version_title)]
