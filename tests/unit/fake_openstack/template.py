"""Heat's template language as a real Heat was seen to work it out: see tests/conformance/cases/rules.py.

Nothing here is the product's: what it believes of templates is held to this.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

Json = dict[str, Any]
GROUPS = ("OS::Heat::AutoScalingGroup", "OS::Heat::ResourceGroup")
TRUE = ("t", "true", "on", "y", "yes", "1")


class Refused(Exception):
    """Heat does not take it: the type of its error, and its words."""


@dataclass(frozen=True)
class Part:
    """One resource that a template makes: `key` is its path ('application-1.server'), `needs` what it is made after."""

    key: str
    type: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    group: str = ""
    index: int = 0
    needs: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.key.rpartition(".")[2]


def read(text: Any) -> Json:
    """A template's text or its JSON."""
    found = yaml.safe_load(text) if isinstance(text, str) else text
    if not isinstance(found, dict):
        words = "Template not in valid format: The template is not a JSON object or YAML mapping."
        raise Refused("HTTPBadRequest", words)
    return found


@dataclass
class Template:
    """A template with what it was launched with; `look` gives an attribute of a resource that exists, by its path."""

    body: Json
    given: Mapping[str, Any]
    own: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    look: Callable[[str, list[Any]], Any] = lambda name, path: None
    wrong: str = ""

    def __post_init__(self) -> None:
        declared = self.body.get("parameters") or {}
        for name in self.given:
            if name not in declared:
                raise Refused("UnknownUserParameter", f"The Parameter ({name}) was not defined in template.")
        for name, one in declared.items():
            if name not in self.given and "default" not in one:
                raise Refused("UserParameterMissing", f"The Parameter ({name}) was not provided.")
        values = {name: self.given.get(name, one.get("default")) for name, one in declared.items()}
        self.parameters = {
            **self.own,
            **{name: _typed(value, declared[name]["type"]) for name, value in values.items()},
        }
        self.written = {**self.own, **{name: _written(value, declared[name]["type"]) for name, value in values.items()}}

    def parts(self) -> Iterator[Part]:
        """Everything it makes; a group is followed by its members, and they by what their own templates make."""
        for name, declared in (self.body.get("resources") or {}).items():
            if "condition" in declared and not self.holds(declared["condition"]):
                continue
            properties = self.value(declared.get("properties") or {})
            part = Part(name, declared["type"], properties, needs=frozenset(_named(declared)))
            yield part
            if part.type in GROUPS:
                yield from self._members(part)

    def _members(self, group: Part) -> Iterator[Part]:
        wanted = group.properties.get("resource") or group.properties["resource_def"]
        sizes = (group.properties.get(name) for name in ("desired_capacity", "count", "min_size"))
        numbered = group.type == "OS::Heat::ResourceGroup"
        for index in range(1, int(next(one for one in sizes if one is not None)) + 1):
            key = str(index - 1) if numbered else f"{group.key}-{index}"
            member = Part(key, wanted["type"], wanted.get("properties") or {}, group.key, index)
            yield member
            if member.type in self.files:
                inside = Template(read(self.files[member.type]), member.properties, self.own, self.files)
                for one in inside.parts():
                    yield replace(one, key=f"{key}.{one.key}", group=group.key, index=index)

    def outputs(self) -> list[Json]:
        """What it tells; where a condition does not hold, nothing under the same name."""
        return [self._output(name, one) for name, one in (self.body.get("outputs") or {}).items()]

    def _output(self, name: str, one: Json) -> Json:
        self.wrong = ""
        value = self.value(one.get("value")) if self.holds(one.get("condition", True)) else None
        told = {"output_key": name, "description": one.get("description", "No description given")}
        return {**told, **({"output_error": self.wrong} if self.wrong else {}), "output_value": value}

    def holds(self, condition: Any) -> bool:
        """Whether a condition is true, named or written out."""
        if isinstance(condition, str):
            return self.holds(self.body["conditions"][condition])
        if not isinstance(condition, dict):
            return bool(condition)
        ((name, argument),) = condition.items()
        match name:
            case "not":
                return not self.holds(argument)
            case "and":
                return all(map(self.holds, argument))
            case "or":
                return any(map(self.holds, argument))
            case "equals":
                first, second = (self.value(one) for one in argument)
                return bool(first == second)
        return bool(self.value(condition))

    def value(self, given: Any) -> Any:
        """A value with its functions worked out."""
        if isinstance(given, list):
            return [self.value(one) for one in given]
        if not isinstance(given, dict):
            return given
        if len(given) == 1:
            ((name, argument),) = given.items()
            if known := getattr(self, f"_{name}", None) if name in FUNCTIONS else None:
                return known(argument)
        return {name: self.value(one) for name, one in given.items()}

    def _get_param(self, argument: Any) -> Any:
        name, *path = argument if isinstance(argument, list) else [argument]
        found: Any = self.parameters[name]
        for step in path:
            found = found[step]
        return found

    def _get_resource(self, argument: str) -> Any:
        return self.ids.get(argument)

    def _get_attr(self, argument: list[Any]) -> Any:
        name, *path = argument
        return self.look(name, path)

    def _get_file(self, argument: str) -> Any:
        return self.files[argument]

    def _if(self, argument: list[Any]) -> Any:
        condition, *values = argument
        return self.value(values[0] if self.holds(condition) else values[1] if len(values) > 1 else None)

    def _list_join(self, argument: list[Any]) -> Any:
        between, *lists = self.value(argument)
        parts = [part for one in lists for part in one or []]
        if None in parts:
            return None
        if strangers := [part for part in parts if not isinstance(part, str | dict | list)]:
            self.wrong = f"Items to join must be string, map or list not {strangers[0]}"
            return None
        return between.join(part if isinstance(part, str) else json.dumps(part) for part in parts)

    def _list_concat(self, argument: list[Any]) -> Any:
        return [part for one in self.value(argument) for part in one or []]

    def _str_split(self, argument: list[Any]) -> Any:
        between, text, *at = self.value(argument)
        parts = None if text is None else text.split(between)
        return parts[int(at[0])] if parts and at else parts

    def _str_replace(self, argument: Json) -> Any:
        given = self.value(argument)
        changes = {key: one if isinstance(one, str) else json.dumps(one) for key, one in given["params"].items()}
        longest = sorted(changes, key=len, reverse=True)
        return re.sub("|".join(map(re.escape, longest)), lambda found: changes[found[0]], given["template"])


FUNCTIONS = {
    "get_param", "get_resource", "get_attr", "get_file", "if", "list_join", "list_concat", "str_split", "str_replace",
}  # fmt: skip


def _typed(value: Any, kind: str) -> Any:
    match kind:
        case "boolean":
            return str(value).lower() in TRUE
        case "number":
            return float(value) if "." in str(value) else int(value)
        case "comma_delimited_list":
            return (value.split(",") if value else []) if isinstance(value, str) else value
        case "json":
            return json.loads(value) if isinstance(value, str) else value
    return value if isinstance(value, str) else str(value)


def _written(value: Any, kind: str) -> str:
    match kind:
        case "boolean":
            return str(_typed(value, kind))
        case "json":
            return json.dumps(_typed(value, kind))
        case "comma_delimited_list":
            return ",".join(_typed(value, kind))
    return str(value)


def _named(value: Any) -> Iterator[str]:
    """The resources that a declaration names."""
    if isinstance(value, list):
        for one in value:
            yield from _named(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name == "get_resource" or name == "depends_on":
                yield from [one] if isinstance(one, str) else one
            elif name == "get_attr":
                yield str(one[0])
            else:
                yield from _named(one)
