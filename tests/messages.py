"""The catalogues of `locale/`: every message of the sources, its translations, and what Django reads. Run by `make messages`.

Python's messages are those of Django's functions in the panels and of `say` and `say_many` everywhere else; a
template's are found by Django itself, a blueprint's are what it tells people. A message that the sources have no more is forgotten with its translation.
"""

from __future__ import annotations

import datetime
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from babel.messages import Catalog, mofile, pofile
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "tenant_ops_dashboard"
LOCALES = PACKAGE / "locale"
KEYWORDS = {
    **DEFAULT_KEYWORDS, "gettext_lazy": None, "ngettext_lazy": (1, 2), "pgettext_lazy": ((1, "c"), 2),
    "gettext_noop": None, "say": None, "say_many": (1, 2),
}  # fmt: skip
# Commands tell English; what the care job says is kept for pages.
ENGLISH = (PACKAGE / "cli",)
_NEVER = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
# Of its head whatever a program fills in by itself.
_FILLED_IN = re.compile(r'^"(?:P\S+-Date|Generated-By|Project-Id|Report-|Last-|Language-Team)[^\n]*\n', re.MULTILINE)


def extracted() -> Catalog:
    """Every message of the sources, with the files that have it."""
    found = Catalog(project="Tenant Ops Dashboard", charset="utf-8", fuzzy=False)
    for path in _sources(PACKAGE, "*.py"):
        _add(found, path, path.read_text())
    for path in _sources(PROJECT / "templates", "*.html"):
        # What is no message is crossed out; Python's reader needs it without the indentation.
        told = templatize(path.read_text(), origin=str(path))
        _add(found, path, "\n".join(line.strip() for line in told.splitlines()))
    for path in _sources(PACKAGE / "environments" / "blueprints", "*.yaml"):
        for words in _told(yaml.safe_load(path.read_text()), path.name == "blueprint.yaml"):
            found.add(words, locations=[(str(path.relative_to(PROJECT)), 0)])
    return found


def _told(node: Any, ours: bool) -> Iterator[str]:
    """What a blueprint tells people, and what its templates do in their metadata, which are `ours` alone."""
    if isinstance(node, list):
        for one in node:
            yield from _told(one, ours)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if ours and key in ("title", "summary", "label", "help", "says", "part", "volume") and isinstance(value, str):
            yield value
        elif ours and key == "titles":
            yield from value.values()
        elif ours and key == "parts":
            yield from value
        else:
            yield from _told(value, ours or key in ("tenant_ops", "parameter_groups"))


def _sources(folder: Path, names: str) -> Iterator[Path]:
    links = [one for one in PACKAGE.iterdir() if one.is_symlink()]
    for path in sorted(folder.rglob(names)):
        if folder != PACKAGE or not any(one in path.parents for one in (*links, *ENGLISH)):
            yield path


def _add(catalog: Catalog, path: Path, text: str) -> None:
    place = str(path.relative_to(PROJECT))
    for _line, message, _comments, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
        if message and message != ("", ""):
            catalog.add(message, locations=[(place, 0)], context=context)


def merged(language: str) -> Catalog:
    """A language's catalogue with exactly the messages of the sources."""
    catalog = read(language)
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def read(language: str) -> Catalog:
    """A language's catalogue as it is kept; empty where there is none yet."""
    file = _file(language)
    if not file.exists():
        return Catalog(locale=language, project="Tenant Ops Dashboard", charset="utf-8", fuzzy=False)
    with file.open("rb") as opened:
        return pofile.read_po(opened, locale=language)


def languages() -> list[str]:
    """Those that there are catalogues for."""
    return sorted(one.name for one in LOCALES.iterdir() if one.is_dir())


def written(catalog: Catalog) -> str:
    """The text of a catalogue's file: no dates and no line numbers, so that two changes seldom touch the same line."""
    catalog.header_comment = "# Messages of Tenant Ops Dashboard. 'make messages' brings them up to date."
    out = io.BytesIO()
    pofile.write_po(out, catalog, width=120, sort_output=True, include_lineno=False)
    return _FILLED_IN.sub("", out.getvalue().decode())


def compiled(catalog: Catalog) -> bytes:
    """What Django reads of it: the same bytes for the same messages, whenever it is made."""
    catalog.creation_date = catalog.revision_date = _NEVER
    out = io.BytesIO()
    mofile.write_mo(out, catalog)
    return out.getvalue()


def missing(catalog: Catalog) -> list[Any]:
    """Messages without a translation."""
    return [one for one in catalog if one.id and not all(one.string if one.pluralizable else [one.string])]


def _file(language: str, ending: str = "po") -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"django.{ending}"


def main(asked: list[str]) -> int:
    """Bring the catalogues of these languages (of all that there are) up to date, and say what they lack."""
    lacking = 0
    for language in asked or languages():
        catalog = merged(language)
        _file(language).parent.mkdir(parents=True, exist_ok=True)
        _file(language).write_text(written(catalog))
        _file(language, "mo").write_bytes(compiled(read(language)))
        lacks = missing(catalog)
        lacking += len(lacks)
        print(f"{language}: {len(catalog)} messages, {len(lacks)} without a translation")
        for one in lacks[:20]:
            print(f"  {one.id!r}")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
