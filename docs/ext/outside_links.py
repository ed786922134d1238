"""Links to files outside of the pages: to CONTRIBUTING.md, which is a page here, and from it back into docs/."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

_PAGE = re.compile(r"\]\(\.\./CONTRIBUTING\.md")
_DOCS = re.compile(r"\]\(docs/")
_FILE = re.compile(r"\]\((LICENSE)\)")


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("source-read", lambda _app, _name, source: _read(source))
    app.connect("include-read", lambda _app, _path, _name, source: _included(source))
    return {"parallel_read_safe": True}


def _read(source: list[str]) -> None:
    source[0] = _PAGE.sub("](contributing.md", source[0])


def _included(source: list[str]) -> None:
    source[0] = _FILE.sub(r"](../\1)", _DOCS.sub("](", source[0]))
