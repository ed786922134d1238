"""The files that a template refers to: which they are, and what they are called where Heat looks for them. Pure.

Heat looks for a file by the words that refer to it; nothing is fetched from an address, and nothing is read that is
outside of the template's own folder.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tenant_ops_dashboard.cloud.values import cut, mapping, printable
from tenant_ops_dashboard.environments.errors import NotValid
from tenant_ops_dashboard.environments.template import hot
from tenant_ops_dashboard.environments.template.imported.references import Reference, references
from tenant_ops_dashboard.environments.template.members import is_file
from tenant_ops_dashboard.environments.template.source import LARGEST
from tenant_ops_dashboard.sentences import about, join, say

MOST_FILES = 50
_TOLD = 5
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+@ -]{0,99}|\.[A-Za-z0-9_][A-Za-z0-9._-]{0,98}")
Get = Callable[[str], str | None]


def gather(template: str, environment: str, get: Get) -> tuple[tuple[str, str], ...]:
    """What the template, its environment file and the templates among the files refer to, by the words that do so.

    `get` has the text of a file by its path from the template's folder, None where there is none. Raises NotValid that
    names what is missing, each with its place.
    """
    found: dict[str, tuple[str, str]] = {}  # by the words that refer to it: path, text
    wrong: list[str] = []
    open_ = [(one, "") for one in (*_of(template), *_registered(environment))]
    size = len(template) + len(environment)
    while open_:
        one, folder = open_.pop(0)
        path = posixpath.normpath(posixpath.join(folder, one.name))
        if one.name in found:
            if found[one.name][0] != path:
                wrong.append(about(one.place, say("two files are called '{name}' here.", name=_name(one.name))))
            continue
        if one.kind == "type" and "://" in one.name:
            continue
        text = get(path) if _inside(path) else None
        if text is None:
            wrong.append(about(one.place, _missing(one.name, path)))
            continue
        size += len(text)
        found[one.name] = (path, text)
        if size > LARGEST or len(found) > MOST_FILES:
            raise NotValid({"files": _too_much()})
        if one.kind == "type":
            open_.extend((inner, posixpath.dirname(path)) for inner in _of(text))
    if wrong:
        more = say(" And {n} more of the kind.", n=len(wrong) - _TOLD) if len(wrong) > _TOLD else ""
        raise NotValid({"files": join(" ", dict.fromkeys(wrong[:_TOLD])) + more})
    return tuple((name, text) for name, (_, text) in found.items())


def by_path(template: str, environment: str, given: Mapping[str, str]) -> dict[str, str]:
    """The same files by their paths from the template's folder, where clients that read them look for them."""
    found: dict[str, str] = {}
    open_ = [(one, "") for one in (*_of(template), *_registered(environment))]
    while open_:
        one, folder = open_.pop()
        path = posixpath.normpath(posixpath.join(folder, one.name))
        if one.name not in given or path in found or not _inside(path):
            continue
        found[path] = given[one.name]
        if one.kind == "type":
            open_.extend((inner, posixpath.dirname(path)) for inner in _of(given[one.name]))
    return found


def beside(given: Mapping[str, str]) -> Get:
    """Files by their own names, as a browser sends them: folders do not travel along."""
    return lambda path: given.get(path, given.get(posixpath.basename(path)))


def _too_much() -> str:
    return say("More than {most} files, or more than {size:,} characters in all.", most=MOST_FILES, size=LARGEST)


def _missing(name: str, path: str) -> str:
    if "://" in name:
        return say("'{name}' is at an address, and nothing is fetched: put the file beside.", name=_name(name))
    if not _inside(path):
        return say("'{name}' is outside of the template's folder: put the file there.", name=_name(name))
    return say("the file '{name}' is not there: add it.", name=_name(name))


def _inside(path: str) -> bool:
    return len(path) <= 255 and all(_PART.fullmatch(part) for part in path.split("/"))


def _of(text: str) -> Iterator[Reference]:
    try:
        template: Mapping[str, Any] = hot.parse(text)
    except ValueError:
        return
    yield from (one for one in references(template) if one.kind in ("get_file", "type"))


def _registered(environment: str) -> Iterator[Reference]:
    try:
        registry = mapping(mapping(hot.load(environment) if environment else {}).get("resource_registry"))
    except ValueError:
        return
    for name, value in registry.items():
        if isinstance(value, str) and is_file(value):
            yield Reference("type", value, f"resource_registry.{_name(name)}")


def _name(value: str) -> str:
    return cut(printable(value), 100)
