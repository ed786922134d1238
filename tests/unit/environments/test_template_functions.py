"""Heat's functions as its own source works them out; what cannot be worked out is unknown, with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.environments.template import functions, hot
from tenant_ops_dashboard.environments.template.unknown import Unknown

TEMPLATE: dict[str, Any] = {
    "parameters": {
        "list": {"type": "comma_delimited_list", "default": "a,b,c"},
        "tree": {"type": "json", "default": '{"x": [{"y": 5}]}'},
        "on": {"type": "boolean", "default": "yes"},
        "none": {"type": "string"},
    },
    "conditions": {"on": {"get_param": "on"}, "odd": {"get_param": "list"}, "dark": {"yaql": {}}},
    "resources": {
        "value": {"type": "OS::Heat::Value", "properties": {"value": {"a": [7, {"get_param": ["list", 0]}]}}},
        "circle": {"type": "OS::Heat::Value", "properties": {"value": {"get_attr": ["circle", "value"]}}},
        "server": {"type": "OS::Nova::Server"},
    },
}


def work_out(value: Any) -> Any:
    return functions.resolve(value, hot.scope(TEMPLATE, {}, "shop"))


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"get_param": ["list", "1"]}, "b"),
        ({"get_param": ["list", -1]}, "c"),
        ({"get_param": ["list", 9]}, ""),
        ({"get_param": ["tree", "x", "0", "y"]}, 5),
        ({"get_param": ["tree", "z", 1]}, ""),
        ({"get_attr": ["value", "value", "a", 1]}, "a"),
        ({"str_split": [",", "a,b"]}, ["a", "b"]),
        ({"str_split": [",", "a,b", "-1"]}, "b"),
        ({"str_split": [",", None]}, None),
        ({"repeat": {"for_each": {"%a%": ["1", "2"], "%b%": ["x"]}, "template": "%a%%b%"}}, ["1x", "2x"]),
        ({"repeat": {"for_each": {"%a%": None}, "template": "%a%"}}, []),
        ({"repeat": {"for_each": {"a": ["1", "2"], "b": ["x", "y"]}, "permutations": False, "template": {"a": "b"}}},
         [{"1": "x"}, {"2": "y"}]),
        ({"repeat": {"for_each": {"o": [{"get_param": ["list", 2]}]},
                     "template": {"repeat": {"for_each": {"i": ["1"]}, "template": "oi"}}}}, [["c1"]]),
        ({"list_concat": [["a"], None, ["a"]]}, ["a", "a"]),
        ({"list_concat_unique": [["a"], ["b", "a"]]}, ["a", "b"]),
        ({"map_merge": [{"a": 1}, None, {"a": 2, "b": 3}]}, {"a": 2, "b": 3}),
        ({"map_replace": [{"a": "x", "b": ["x"]}, {"keys": {"a": "c"}, "values": {"x": "y"}}]}, {"c": "y", "b": ["x"]}),
        ({"filter": [["a"], {"get_param": "list"}]}, ["b", "c"]),
        ({"filter": [[], ["a"]]}, ["a"]),
        ({"contains": ["a", {"get_param": "list"}]}, True),
        ({"contains": ["z", "abc"]}, False),
        ({"digest": ["md5", "x"]}, "9dd4e461268c8034f5c8564e155c67a6"),
        ({"make_url": {"scheme": "http", "username": "u@", "password": "p", "host": "h", "query": {"a": "b c/"}}},
         "http://u%40:p@h?a=b+c/"),
        ({"make_url": {"scheme": "http", "host": "h", "port": 80, "fragment": "x y"}}, "http://h:80#x%20y"),
        ({"if": ["on", 1, 2]}, 1),
        ([1, {"if": [{"not": "on"}, 2]}, 3], [1, 3]),
        ({"a": {"if": [{"not": "on"}, 2]}, "b": 3}, {"b": 3}),
        ({"if": [{"and": ["dark", {"not": "on"}]}, 1, 2]}, 2),
        ({"if": [{"or": ["dark", "on"]}, 1, 2]}, 1),
    ],
)  # fmt: skip
def test_it_is_worked_out(value: Any, result: Any) -> None:
    assert work_out(value) == result


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"get_attr": ["server", "first_address"]}, "get_attr"),
        ({"get_attr": ["value", "show"]}, "get_attr"),
        ({"get_resource": "server"}, "the id of 'server'"),
        ({"get_param": "none"}, "'none', which is not given"),
        ({"get_param": "missing"}, "'missing', which the template does not have"),
        ({"get_param": {"a": 1}}, "get_param, written in a way"),
        ({"get_file": "x.sh"}, "'x.sh', which is not in"),
        ({"yaql": {"expression": "$"}}, "yaql"),
        ({"resource_facade": "metadata"}, "resource_facade"),
        ({"Fn::Select": [0, ["a"]]}, "Fn::Select"),
        ({"if": ["dark", 1, 2]}, "yaql"),
        ({"if": ["odd", 1, 2]}, "neither true nor false"),
        ({"if": ["on"]}, "if, written"),
        ({"not": "dark"}, "yaql"),
        ({"and": ["on", "dark"]}, "yaql"),
        ({"equals": [{"get_attr": ["server", "name"]}, "x"]}, "get_attr"),
        ({"equals": [1]}, "equals, written"),
        ({"repeat": {"for_each": {"%a%": {"yaql": {}}}, "template": "%a%"}}, "yaql"),
        ({"repeat": {"for_each": {"%a%": "abc"}, "template": "%a%"}}, "repeat, written"),
        ({"repeat": {"for_each": {"a": ["1"], "b": []}, "permutations": False, "template": "a"}}, "repeat, written"),
        ({"repeat": {"for_each": {"a": ["1"]}}}, "repeat, written"),
        ({"list_concat": [["a"], {"yaql": {}}]}, "yaql"),
        ({"list_concat": [["a"], "b"]}, "list_concat, written"),
        ({"list_concat_unique": {"yaql": {}}}, "yaql"),
        ({"map_merge": [{"a": 1}, {"get_attr": ["server", "x"]}]}, "get_attr"),
        ({"map_merge": "a"}, "map_merge, written"),
        ({"map_merge": ["a"]}, "map_merge, written"),
        ({"map_replace": [{"a": 1, "b": 2}, {"keys": {"a": "b"}}]}, "map_replace, written"),
        ({"map_replace": [{"a": 1}, {"what": {}}]}, "map_replace, written"),
        ({"map_replace": [{"a": 1}]}, "map_replace, written"),
        ({"filter": [["a"]]}, "filter, written"),
        ({"filter": ["a", ["a"]]}, "filter, written"),
        ({"contains": ["a", 7]}, "contains, written"),
        ({"contains": [7, "7"]}, "contains, written"),
        ({"str_split": ["", "a"]}, "str_split, written"),
        ({"str_split": [",", "a", 4]}, "str_split, written"),
        ({"str_split": [",", 7]}, "str_split, written"),
        ({"digest": ["no-such", "x"]}, "digest, written"),
        ({"digest": ["md5", 7]}, "digest, written"),
        ({"make_url": "x"}, "make_url, written"),
        ({"str_replace": {"template": "a" * 60_000, "params": {"a": "bbbb"}}}, "too long"),
    ],
)
def test_it_is_unknown_with_the_reason(value: Any, why: str) -> None:
    found = work_out(value)
    assert isinstance(found, Unknown)
    assert why in found.why
    assert hot.resolve({"a": [value]}, hot.scope(TEMPLATE, {}, "shop")) == {"a": [None]}


@pytest.mark.parametrize(
    "value",
    [
        {"get_attr": ["circle", "value"]},
        {"repeat": {"for_each": {"a": ["x"] * 600, "b": ["y"] * 600}, "template": {"a": "b"}}},
        {"filter": [["x"] * 600, ["y"] * 600]},
        {"list_concat_unique": [[str(number) for number in range(9_000)]]},
    ],
)
def test_what_is_too_much_work_is_told(value: Any) -> None:
    at = hot.scope(TEMPLATE, {}, "shop")
    assert hot.resolve(value, at) is None
    assert at.budget.problems == [hot.TOO_LARGE]


def test_many_doubts_are_counted_no_further() -> None:
    made = {
        f"r{number}": {"type": "OS::Heat::ResourceGroup", "properties": {"count": {"yaql": {}}}} for number in range(90)
    }
    at = hot.scope({"resources": made}, {})
    hot.resources({"resources": made}, at)
    assert len(at.budget.unknown) == 21
    assert at.budget.unknown[-1] == "And more of the kind."


def test_numbers_in_a_repeat_are_counted_and_heat_would_refuse_them() -> None:
    at = hot.scope(TEMPLATE, {}, "shop")
    assert hot.resolve({"repeat": {"for_each": {"%p%": [22, "80"]}, "template": "%p%"}}, at) == ["22", "80"]
    assert at.budget.refused == [
        "Heat would refuse it: repeat takes lists of text, and 22 is none; write it in quotes."
    ]
