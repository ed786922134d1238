"""A template's text as data, and the scope in which its functions are worked out.

A template is data that a tenant may have written: what is malformed is left out, and the work is bounded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

from tenant_ops_dashboard.cloud.values import mapping, real, text
from tenant_ops_dashboard.environments.template.budget import DEEPEST
from tenant_ops_dashboard.environments.template.functions import Scope
from tenant_ops_dashboard.environments.template.unknown import Unknown
from tenant_ops_dashboard.sentences import say

LARGEST = 2**20  # characters of a template's text; Heat takes half of that
MOST_NODES = 400_000  # values of one, with what aliases stand for written out: a mebibyte of short ones has as many
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader, in C where PyYAML has it; a date is a text, as in Heat's common/template_format.py."""


_Loader.yaml_implicit_resolvers = {
    first: [one for one in known if one[0] != _TIMESTAMP]
    for first, known in _Loader.yaml_implicit_resolvers.items()
}  # fmt: skip


class NoTemplate(ValueError):
    """YAML, but no template; `found` is what it holds."""

    def __init__(self, found: Any) -> None:
        super().__init__(say("not a HOT template: it has no resources"))
        self.found = found


@lru_cache(maxsize=64)
def parse(text_: str) -> Mapping[str, Any]:
    """A template's YAML, not to be changed: the same text gives the same object. Raises ValueError where it is none."""
    found = load(text_)
    if not isinstance(found, dict) or not isinstance(found.get("resources"), dict):
        raise NoTemplate(found)
    return found


def load(text_: str) -> Any:
    """What a text of YAML holds. Raises ValueError where it is none, or too large or too deep to be one of ours."""
    if len(text_) > LARGEST:
        raise ValueError(f"not YAML: more than {LARGEST:,} characters")
    try:
        _bound(text_)
        return yaml.load(text_, _Loader)  # noqa: S506 (it is a safe loader)
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"not YAML: {error}") from error


def _bound(text_: str) -> None:
    """Raises ValueError where it is too deep, or too much once its aliases are written out.

    PyYAML builds what is nested by recursion in C, which ends the process where it is deep; and what is merged (`<<`)
    it copies, so that a few lines of aliases of aliases may ask for any amount.
    """
    whole: dict[str, int] = {}  # values inside, by anchor
    open_: list[tuple[str | None, int]] = []
    for event in yaml.parse(text_, _Loader):
        size = 0
        if isinstance(event, yaml.CollectionStartEvent):
            if len(open_) >= DEEPEST:
                raise ValueError(f"more than {DEEPEST} levels inside each other")
            open_.append((event.anchor, 1))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, size = open_.pop()
            whole |= {anchor: size} if anchor else {}
        elif isinstance(event, yaml.AliasEvent):
            anchor = event.anchor or ""
            if anchor in (one for one, _ in open_):
                raise ValueError(f"the alias '{anchor[:60]}' is inside of what it stands for")
            size = whole.get(anchor, 1)
        elif isinstance(event, yaml.ScalarEvent):
            size = 1
            whole |= {event.anchor: 1} if event.anchor else {}
        if open_ and size:
            anchor, before = open_.pop()
            if before + size > MOST_NODES:
                raise ValueError(f"more than {MOST_NODES:,} values, with what its aliases stand for written out")
            open_.append((anchor, before + size))


def scope(
    template: Mapping[str, Any],
    values: Mapping[str, Any],
    name: str = "",
    files: Mapping[str, str] | None = None,
    region: str = "",
    registry: Mapping[str, str] | None = None,
    defaults: Mapping[str, Any] | None = None,
) -> Scope:
    """The scope of a template launched as `name` with `values` (strings); what is not given has its default.

    `registry` and `defaults` are an environment file's, as `Scope` has them.
    """
    parameters: dict[str, Any] = {"OS::stack_name": name, "OS::stack_id": "", "OS::project_id": ""}
    for key, declared in mapping(template.get("parameters")).items():
        told = mapping(declared)
        given = values.get(key, (defaults or {}).get(key))
        parameters[key] = _typed(told.get("default") if given is None else given, text(told.get("type")))
        if parameters[key] is None:
            parameters[key] = Unknown(say("the parameter '{key}', which is not given", key=key[:60]))
    conditions, declared = mapping(template.get("conditions")), mapping(template.get("resources"))
    return Scope(
        parameters, conditions, files=files or {}, declared=declared, region=region, registry=registry or {},
        defaults=defaults or {},
    )  # fmt: skip


def _typed(value: Any, kind: str) -> Any:
    if value is None or isinstance(value, Unknown):
        return value
    if kind == "boolean":
        return text(value).lower() in ("true", "t", "1", "yes", "y", "on") if not isinstance(value, bool) else value
    if kind == "number" and isinstance(value, str):
        found = real(value)
        return value if found is None or not abs(found) < 10**15 or found != int(found) else int(found)
    if kind == "comma_delimited_list" and isinstance(value, str):
        return value.split(",") if value else []
    return _json(value) if kind == "json" and isinstance(value, str) else value


def _json(given: str) -> Any:
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return None
