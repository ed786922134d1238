"""Whether a text is a HOT template as far as its shape goes; what is not has its place in it. Pure.

Source: heat/engine/hot/template.py (sections, keys of a resource and of a parameter) and heat/engine/stack.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, get_args

from tenant_ops_dashboard.cloud.values import cut, printable
from tenant_ops_dashboard.environments.declared import Type
from tenant_ops_dashboard.environments.template.imported.references import references
from tenant_ops_dashboard.sentences import about, say

MOST = 3  # sentences
VERSIONS = frozenset({
    "2013-05-23", "2014-10-16", "2015-04-30", "2015-10-15", "2016-04-08", "2016-10-14", "newton", "2017-02-24", "ocata",
    "2017-09-01", "pike", "2018-03-02", "queens", "2018-08-31", "rocky", "2021-04-16", "wallaby",
})  # fmt: skip
_SECTIONS = frozenset({
    "heat_template_version", "description", "parameter_groups", "parameters", "resources", "outputs", "conditions",
})  # fmt: skip
_RESOURCE = frozenset({
    "type", "properties", "metadata", "depends_on", "deletion_policy", "update_policy", "description", "external_id",
    "condition",
})  # fmt: skip
_PARAMETER = frozenset({
    "type", "description", "default", "label", "hidden", "constraints", "immutable", "tags",
})  # fmt: skip
_PSEUDO = frozenset({"OS::stack_name", "OS::stack_id", "OS::project_id"})


def version(template: Mapping[str, Any]) -> str:
    """The version it says it is written in, a date or a release's name; '' where it says none."""
    found = template.get("heat_template_version")
    return printable(str(found))[:40] if isinstance(found, str | int) and not isinstance(found, bool) else ""


def problems(template: Any) -> tuple[str, ...]:
    """Why Heat would not take it, the first few, each with its place ('resources.web.type: ...')."""
    return tuple(islice(_problems(template), MOST))


def _problems(template: Any) -> Iterator[str]:
    if not isinstance(template, Mapping):
        yield say("This is no template: it is not a mapping with a heat_template_version and resources.")
        return
    if "AWSTemplateFormatVersion" in template or "Resources" in template or "HeatTemplateFormatVersion" in template:
        yield say("This is a CloudFormation template; only templates in HOT, Heat's own language, are read.")
        return
    if not version(template):
        yield about("heat_template_version", say("is missing; write for example 2018-08-31."))
    for section in template:
        if section not in _SECTIONS:
            yield about(_name(section), say("is no section of a template."))
    for section in ("resources", "parameters", "outputs", "conditions"):
        value = template.get(section)
        if not isinstance(value, Mapping) and (section == "resources" or value is not None):
            yield about(section, say("must be a mapping by name."))
    resources, parameters = _mapping(template.get("resources")), _mapping(template.get("parameters"))
    for name, told in resources.items():
        yield from _resource(f"resources.{_name(name)}", told, resources)
    for name, told in parameters.items():
        yield from _parameter(f"parameters.{_name(name)}", told)
    yield from _groups(template.get("parameter_groups"), parameters)
    for name, told in _mapping(template.get("outputs")).items():
        if not isinstance(told, Mapping) or "value" not in told:
            yield about(f"outputs.{_name(name)}", say("has no value."))
    yield from _references(template, resources, parameters)


def _resource(place: str, told: Any, resources: Mapping[Any, Any]) -> Iterator[str]:
    if not isinstance(told, Mapping):
        yield about(place, say("must be a mapping with a type."))
        return
    if not isinstance(told.get("type"), str) or not told["type"]:
        yield about(f"{place}.type", say("must be the name of a resource type."))
    for key in told:
        if key not in _RESOURCE:
            yield about(f"{place}.{_name(key)}", say("is no key of a resource."))
    for key in ("properties", "metadata"):
        if told.get(key) is not None and not isinstance(told[key], Mapping):
            yield about(f"{place}.{key}", say("must be a mapping by name."))
    after = told.get("depends_on")
    for one in after if isinstance(after, list) else [after]:
        if isinstance(one, str) and one not in resources:
            yield about(f"{place}.depends_on", say("there is no resource '{name}'.", name=_name(one)))


def _parameter(place: str, told: Any) -> Iterator[str]:
    if not isinstance(told, Mapping):
        yield about(place, say("must be a mapping with a type."))
        return
    if told.get("type") not in get_args(Type):
        yield about(f"{place}.type", say("must be one of these: {values}.", values=", ".join(get_args(Type))))
    for key in told:
        if key not in _PARAMETER:
            yield about(f"{place}.{_name(key)}", say("is no key of a parameter."))
    constraints = told.get("constraints")
    if constraints is not None and not isinstance(constraints, list):
        yield about(f"{place}.constraints", say("must be a list."))


def _groups(told: Any, parameters: Mapping[Any, Any]) -> Iterator[str]:
    if told is None:
        return
    if not isinstance(told, list):
        yield about("parameter_groups", say("must be a list."))
        return
    for number, group in enumerate(told):
        names = group.get("parameters") if isinstance(group, Mapping) else None
        if not isinstance(names, list):
            yield about(f"parameter_groups[{number}]", say("must be a mapping with a list of parameters."))
            continue
        for name in names:
            if not isinstance(name, str) or name not in parameters:
                place = f"parameter_groups[{number}].parameters"
                yield about(place, say("there is no parameter '{name}'.", name=_name(name)))


def _references(
    template: Mapping[Any, Any], resources: Mapping[Any, Any], parameters: Mapping[Any, Any]
) -> Iterator[str]:
    for found in references(template):
        if found.kind == "get_param" and found.name not in parameters and found.name not in _PSEUDO:
            yield about(found.place, say("there is no parameter '{name}'.", name=_name(found.name)))
        elif found.kind in ("get_resource", "get_attr") and found.name not in resources:
            yield about(found.place, say("there is no resource '{name}'.", name=_name(found.name)))


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _name(value: Any) -> str:
    return cut(printable(str(value)), 60)
