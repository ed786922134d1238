"""A template's parameters as questions: their types and constraints are Heat's, and what only Heat can judge is left to it."""

from __future__ import annotations

import time

import pytest
import yaml

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.declared import SLUG, Imported
from tenant_ops_dashboard.environments.model import Plan, Request
from tenant_ops_dashboard.environments.planning import plan
from tenant_ops_dashboard.environments.template.imported import constraints

NET = {"net": {"type": "OS::Neutron::Net"}}


def asked(cloud: Cloud, parameters: dict[str, object], **values: str) -> Plan:
    template = {"heat_template_version": "rocky", "parameters": parameters, "resources": NET}
    return plan.plan(cloud, Request("shop", SLUG, values, Imported(yaml.safe_dump(template))))


NUMBER, LIST = {"type": "number"}, {"type": "comma_delimited_list"}


@pytest.mark.parametrize(
    ("declared", "good", "bad", "said"),
    [
        (NUMBER, ["7", "-1", "2.5", ".5", "1e3"], ["seven", "0x7", "1_0", "nan", "inf"], "Give a number."),
        ({"type": "json"}, ['{"a": 1}', "[1]"], ["{", "7", "[" * 5_000], "Give a JSON object or list."),
        ({"type": "string"}, ["a", "ü" * 900, "two\nlines"], ["x" * 40_000], "At most 32,768 characters"),
        ({**NUMBER, "constraints": [{"range": {"min": 1, "max": 2.5}}]}, ["1", "2.5"], ["0", "2.6"], "from 1 to 2.5."),
        ({**NUMBER, "constraints": [{"range": {"max": 9}}]}, ["-4"], ["10"], "It must be at most 9."),
        ({**NUMBER, "constraints": [{"modulo": {"step": 5, "offset": 1}}]}, ["11", "1"], ["10"], "a multiple of 5"),
        ({**NUMBER, "constraints": [{"allowed_values": [1, 10]}]}, ["10", "10.0"], ["2"], "one of these: 1, 10."),
        ({"type": "string", "constraints": [{"length": {"min": 2}}]}, ["ab"], ["a"], "Its length must be at least 2."),
        ({**LIST, "constraints": [{"length": {"max": 2}}]}, ["a,b"], ["a,b,c"], "Its length must be at most 2."),
        ({**LIST, "constraints": [{"allowed_values": ["a", "b"]}]}, ["a", "b,a"], ["a,c"], "one of these: a, b."),
        ({"type": "string", "constraints": [{"allowed_pattern": "[a-z]+[0-9]{1,2}"}]}, ["ab1", "a12"], ["1", "a123"],
         "It must match the pattern [a-z]+[0-9]{1,2}."),
        ({"type": "string", "constraints": [{"allowed_pattern": "[A-Z]*", "description": "Capitals, please."}]},
         ["AB"], ["ab"], "Capitals, please."),
        ({"type": "boolean"}, ["true", "false"], ["maybe"], "Say true or false."),
    ],
)  # fmt: skip
def test_an_answer_is_what_its_type_and_constraints_ask_for(
    cloud: Cloud, declared: dict[str, object], good: list[str], bad: list[str], said: str
) -> None:
    for value in good:
        assert asked(cloud, {"it": declared}, it=value).problems == {}, value
    for value in bad:
        assert said in asked(cloud, {"it": declared}, it=value).problems["it"], value


def test_a_pattern_that_may_take_for_ever_is_left_to_heat(cloud: Cloud) -> None:
    began = time.process_time()
    for pattern in ("(a+)+$", "(a|a)*b", "(.*)*x", r"(\w+\s?)*", "a*a*a*a*a*b", "[", "(?=x)", r"\1", "a{1,999}{1,999}"):
        assert constraints.patterned(pattern) is None, pattern
        declared = {"type": "string", "constraints": [{"allowed_pattern": pattern}]}
        assert asked(cloud, {"it": declared}, it="a" * 2_000 + "!").problems == {}
    assert constraints.patterned("a*a*a*b") is not None
    assert time.process_time() - began < 60


@pytest.mark.parametrize(
    ("declared", "kind", "default"),
    [
        ({"type": "string", "constraints": [{"custom_constraint": "glance.image"}]}, "image", "debian-12"),
        ({"type": "string", "constraints": [{"custom_constraint": "nova.flavor"}]}, "flavor", ""),
        ({"type": "string", "constraints": [{"custom_constraint": "nova.keypair"}]}, "keypair", ""),
        ({"type": "string", "constraints": [{"custom_constraint": "cinder.volume"}]}, "volume", ""),
        ({"type": "string", "constraints": [{"custom_constraint": "neutron.network"}]}, "text", ""),
        ({"type": "boolean", "default": "yes"}, "boolean", "true"),
        ({"type": "json", "default": {"a": [1]}}, "text", '{"a": [1]}'),
        ({**LIST, "default": ["a", "b"]}, "text", "a,b"),
        ({"type": "string", "default": "2020-01-01"}, "text", "2020-01-01"),
    ],
)
def test_its_kind_and_default_are_read(cloud: Cloud, declared: dict[str, object], kind: str, default: str) -> None:
    blueprint = asked(cloud, {"it": declared}).blueprint
    assert blueprint is not None
    (one,) = blueprint.parameters
    assert one.kind == kind
    assert one.required == ("default" not in declared and kind != "boolean")
    if kind in ("text", "boolean"):
        assert one.default == default


def test_what_has_no_default_is_asked_for_and_what_is_empty_is_the_default(cloud: Cloud) -> None:
    made = asked(cloud, {"name": {"type": "string"}, "size": {"type": "number", "default": 3}}, size="")
    assert made.problems == {"parameters.name": "Give a value."}
    made = asked(cloud, {"name": {"type": "string"}, "size": {"type": "number", "default": 3}}, name="a", size="")
    assert yaml.safe_load(made.environment_file) == {"parameters": {"name": "a", "size": "3"}}
    assert asked(cloud, {}, other="a").problems == {"other": "This blueprint does not ask for it."}


def test_allowed_values_are_offered(cloud: Cloud) -> None:
    blueprint = asked(cloud, {"it": {"type": "string", "constraints": [{"allowed_values": ["a", "b"]}]}}).blueprint
    assert blueprint is not None
    assert [choice.value for choice in blueprint.parameters[0].choices] == ["a", "b"]
