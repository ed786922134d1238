"""A template that somebody brings along, and what it declares of a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SLUG = "imported"
# What problems of a plan are about beside its parameters: one that is called so has its own name for it.
_FIELDS = frozenset({"", "name", "blueprint", "template", "environment", "files"})
Type = Literal["string", "number", "comma_delimited_list", "json", "boolean"]


@dataclass(frozen=True)
class Imported:
    """A template's text, the files it refers to as (name in the template, text), an environment file's text or '', and
    what the template's own file is called.
    """

    template: str
    files: tuple[tuple[str, str], ...] = ()
    environment: str = ""
    called: str = ""


@dataclass(frozen=True)
class Constraint:
    """One rule of Heat's for a value; what it does not say is None. `words` is the template's own sentence for it.

    `length` and `range` are (lowest, highest), `modulo` is (step, offset).
    """

    length: tuple[float | None, float | None] | None = None
    range: tuple[float | None, float | None] | None = None
    values: tuple[str, ...] | None = None
    pattern: str | None = None
    modulo: tuple[int, int] | None = None
    custom: str | None = None
    words: str = ""


@dataclass(frozen=True)
class Declared:
    """A parameter as its template declares it; a value that is left empty is the template's default."""

    type: Type = "string"
    constraints: tuple[Constraint, ...] = ()
    hidden: bool = False
    lines: bool = False  # it may have several


def field(parameter: str) -> str:
    """What a problem with a parameter's answer is filed under: its name, or 'parameters.name' where that is taken."""
    return f"parameters.{parameter}" if parameter in _FIELDS else parameter
