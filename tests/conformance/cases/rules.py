"""Heat's template language: what its functions and conditions make of parameters."""

from __future__ import annotations

from typing import Any

from tests.conformance.cases.stacks import becomes, stack
from tests.conformance.registry import case
from tests.conformance.target import Target

PARAMETERS = {
    "text": {"type": "string", "default": "a.b.c"},
    "empty": {"type": "string", "default": ""},
    "count": {"type": "number", "default": 2},
    "flag": {"type": "boolean", "default": False},
    "items": {"type": "comma_delimited_list", "default": "x,y"},
    "none": {"type": "comma_delimited_list", "default": ""},
    "written": {"type": "json", "default": "{}"},
    "tree": {"type": "json", "default": {"k": [1, 2]}},
}
GIVEN = {"flag": "true", "count": "3", "written": '{"k": {"l": [5]}}'}
CONDITIONS = {
    "yes": {"equals": [{"get_param": "flag"}, True]},
    "no": {"not": "yes"},
    "both": {"and": ["yes", {"equals": [{"get_param": "empty"}, ""]}]},
    "either": {"or": ["no", {"equals": [{"get_param": "count"}, 4]}]},
}
#: What each comes to, on a real Heat.
VALUES: dict[str, tuple[Any, Any]] = {
    "text": ({"get_param": "text"}, "a.b.c"),
    "number": ({"get_param": "count"}, 3),
    "boolean": ({"get_param": "flag"}, True),
    "list": ({"get_param": "items"}, ["x", "y"]),
    "empty_list": ({"get_param": "none"}, []),
    "inside_text": ({"get_param": ["written", "k", "l"]}, [5]),
    "inside": ({"get_param": ["tree", "k", 1]}, 2),
    "chosen": ({"if": ["yes", "one", "other"]}, "one"),
    "not_chosen": ({"if": ["no", "one", "other"]}, "other"),
    "of_both": ({"if": ["both", 1, 2]}, 1),
    "of_either": ({"if": ["either", 1, 2]}, 2),
    "written_out": ({"if": [{"equals": [{"get_param": "text"}, "a.b.c"]}, 1, 2]}, 1),
    "joined": ({"list_join": ["-", ["a", {"get_param": "text"}], ["b"]]}, "a-a.b.c-b"),
    "joined_number": ({"list_join": ["-", ["a", {"get_param": "count"}]]}, None),
    "concatenated": ({"list_concat": [[1], {"if": ["yes", [{"get_param": "count"}], []]}]}, [1, 3]),
    "split": ({"str_split": [".", {"get_param": "text"}]}, ["a", "b", "c"]),
    "split_at": ({"str_split": [".", {"get_param": "text"}, 2]}, "c"),
    "replaced": ({"str_replace": {"template": "$a $ab $a", "params": {"$a": "1", "$ab": "$a"}}}, "1 $a 1"),
    "replaced_list": ({"str_replace": {"template": "L", "params": {"L": {"get_param": "items"}}}}, '["x", "y"]'),
    "nested": ({"a": [{"get_param": "count"}, {"b": {"get_param": "empty"}}]}, {"a": [3, {"b": ""}]}),
    "of_a_resource": ({"get_attr": ["held", "value", "deep", 1]}, "y"),
    "stack_name": ({"get_param": "OS::stack_name"}, None),
    "two_keys": ({"get_param": "text", "other": 1}, {"get_param": "text", "other": 1}),
}


@case
def what_templates_say(t: Target) -> None:
    outputs = {name: {"value": value} for name, (value, _) in VALUES.items()}
    template = {
        "heat_template_version": "2021-04-16", "parameters": PARAMETERS, "conditions": CONDITIONS,
        "resources": {
            "held": {"type": "OS::Heat::Value", "properties": {"value": {"deep": {"get_param": "items"}}}},
            "there": {"type": "OS::Heat::TestResource", "condition": "yes", "properties": {"value": {"get_param": "text"}}},
            "away": {"type": "OS::Heat::TestResource", "condition": "no"},
        },
        "outputs": {
            **outputs,
            "shown": {"value": "s", "condition": "yes"},
            "hidden": {"value": "h", "condition": "no"},
            "id": {"value": {"get_resource": "there"}},
        },
    }  # fmt: skip
    path = stack(t, template, environment={"parameters": GIVEN})
    up = becomes(t, path, "CREATE_COMPLETE")
    told = {one["output_key"]: one.get("output_value") for one in up["outputs"]}
    rows = {one["resource_name"]: one for one in t.person().get("orchestration", f"{path}/resources").body["resources"]}
    assert set(rows) == {"held", "there"}
    expected = {name: value for name, (_, value) in VALUES.items()}
    given = {"stack_name": t.name, "id": rows["there"]["physical_resource_id"], "shown": "s"}
    assert told == {**expected, **given, "hidden": None}
    (wrong,) = [one for one in up["outputs"] if "output_error" in one]
    assert (wrong["output_key"], wrong["output_error"]) == (
        "joined_number", "Items to join must be string, map or list not 3"
    )  # fmt: skip
    written = {"text": "a.b.c", "empty": "", "count": "3", "flag": "True", "items": "x,y", "none": "",
               "written": '{"k": {"l": [5]}}', "tree": '{"k": [1, 2]}'}  # fmt: skip
    assert {name: up["parameters"][name] for name in PARAMETERS} == written
