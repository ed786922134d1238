"""A Heat environment file: answers, and which type stands for which. Pure.

Source: heat/common/environment_format.py (sections) and heat/engine/environment.py (the registry of types).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tenant_ops_dashboard.cloud.values import cut, mapping, printable
from tenant_ops_dashboard.environments.errors import NotValid
from tenant_ops_dashboard.environments.template import hot
from tenant_ops_dashboard.sentences import about, say

_SECTIONS = frozenset({
    "parameters", "parameter_defaults", "resource_registry", "parameter_merge_strategies", "encrypted_param_names",
    "event_sinks",
})  # fmt: skip
_KEPT = ("parameter_defaults", "resource_registry", "parameter_merge_strategies", "event_sinks")


@dataclass(frozen=True)
class EnvironmentFile:
    """`parameters` answer the template's questions; `kept` are the sections that go to Heat as they are."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def read(text: str, declared: Mapping[str, Any]) -> EnvironmentFile:
    """What the text of a file says to a template with these parameters. Raises NotValid with the place in it."""
    try:
        found = hot.load(text) if text.strip() else None
    except ValueError as error:
        raise NotValid({"environment": f"{error}"}) from error
    if found is None:
        return EnvironmentFile()
    if not isinstance(found, Mapping):
        raise NotValid({"environment": say("This is no environment file: it is not a mapping with parameters.")})
    for section, value in found.items():
        if section not in _SECTIONS:
            raise NotValid({"environment": about(_name(section), say("is no section of an environment file."))})
        if value is not None and not isinstance(value, Mapping | list):
            raise NotValid({"environment": about(_name(section), say("must be a mapping by name."))})
    parameters = mapping(found.get("parameters"))
    for name in parameters:
        if name not in declared:
            place = f"parameters.{_name(name)}"
            raise NotValid({"environment": about(place, say("the template has no such parameter."))})
    defaults = {name: one for name, one in mapping(found.get("parameter_defaults")).items() if name in declared}
    kept = {name: dict(found[name]) for name in _KEPT if isinstance(found.get(name), Mapping) and found[name]}
    return EnvironmentFile({**defaults, **parameters}, kept)


def registry(kept: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """Types of resources by what stands for them: a template's file or another type."""
    found = mapping(kept.get("resource_registry"))
    return {name: value for name, value in found.items() if isinstance(value, str) and value}


def _name(value: Any) -> str:
    return cut(printable(str(value)), 60)
