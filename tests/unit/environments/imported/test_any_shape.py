"""Whatever somebody brings along gives a plan or a sentence with its place; never an error, never for ever."""

from __future__ import annotations

import os
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.declared import SLUG, Imported
from tenant_ops_dashboard.environments.errors import NotValid
from tenant_ops_dashboard.environments.model import Plan, Request
from tenant_ops_dashboard.environments.planning import plan
from tenant_ops_dashboard.environments.template.imported import files
from tenant_ops_dashboard.panels.environments import plan_presenters
from tests.unit.fake_openstack.world import World

EXAMPLES = int(os.environ.get("TENANT_OPS_EXAMPLES", "60"))
NAMES = st.sampled_from(["web", "data", "front", "net", "name", "size", "x", ""])
FUNCTIONS = st.sampled_from([
    "get_param", "get_attr", "get_resource", "get_file", "str_replace", "str_replace_strict", "str_replace_vstrict",
    "list_join", "repeat", "digest", "map_merge", "map_replace", "yaql", "if", "and", "or", "not", "equals", "contains",
    "filter", "list_concat", "list_concat_unique", "str_split", "make_url", "resource_facade", "Fn::Join", "Ref",
])  # fmt: skip
TYPES = st.sampled_from([
    "OS::Nova::Server", "OS::Cinder::Volume", "OS::Cinder::VolumeAttachment", "OS::Neutron::Net", "OS::Neutron::Port",
    "OS::Neutron::FloatingIP", "OS::Neutron::FloatingIPAssociation", "OS::Neutron::SecurityGroup", "OS::Neutron::Router",
    "OS::Octavia::LoadBalancer", "OS::Octavia::Listener", "OS::Octavia::Pool", "OS::Octavia::PoolMember",
    "OS::Heat::ResourceGroup", "OS::Heat::AutoScalingGroup", "OS::Heat::InstanceGroup", "OS::Heat::ResourceChain",
    "OS::Heat::Stack", "OS::Heat::Value", "AWS::EC2::Instance", "OS::Trove::Instance", "My::Own", "inner.yaml", "", "::",
])  # fmt: skip
KEYS = st.sampled_from([
    "type", "properties", "condition", "metadata", "tenant_ops", "count", "resource_def", "resource", "resources",
    "template", "params", "for_each", "keys", "values", "networks", "port", "flavor", "image", "size", "rules", "arrows",
    "index_var", "desired_capacity", "pool", "address", "listener", "loadbalancer", "protocol_port", "port_id",
    "floatingip_id", "each", "parts", "titles", "part_of", "tier", "kind", "constraints", "default", "range", "length",
    "allowed_values", "allowed_pattern", "modulo", "min", "max", "step", "hidden", "label", "description", "value",
    "external_id", "depends_on", "block_device_mapping_v2", "external_gateway_info", "<<",
])  # fmt: skip
PLAIN = st.one_of(
    NAMES, TYPES, st.integers(-3, 2**70), st.floats(), st.booleans(), st.none(), st.dates(),
    st.text(max_size=8), st.sampled_from(["%index%", "a,b", "{}", "[1", "1e999", "2016-10-14", "(a+)+$", "\u202e"]),
)  # fmt: skip
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(KEYS, NAMES, st.integers(), st.none()), inner, max_size=3),
        st.dictionaries(FUNCTIONS, inner, min_size=1, max_size=1),
    ),
    max_leaves=14,
)
RESOURCE = st.one_of(VALUES, st.fixed_dictionaries(
    {"type": TYPES, "properties": st.dictionaries(KEYS, VALUES, max_size=4)},
    optional={"condition": VALUES, "metadata": VALUES, "depends_on": VALUES},
))  # fmt: skip
PARAMETER = st.one_of(VALUES, st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "number", "json", "comma_delimited_list", "boolean", "text"])},
    optional={"default": VALUES, "constraints": st.one_of(VALUES, st.lists(
        st.dictionaries(KEYS, VALUES, max_size=3), max_size=3)), "hidden": VALUES, "label": VALUES, "description": VALUES},
))  # fmt: skip
TEMPLATE = st.fixed_dictionaries(
    {"heat_template_version": st.one_of(st.sampled_from(["2021-04-16", "wallaby", "2013-05-23"]), VALUES),
     "resources": st.one_of(VALUES, st.dictionaries(NAMES, RESOURCE, max_size=4))},
    optional={
        "parameters": st.one_of(VALUES, st.dictionaries(NAMES, PARAMETER, max_size=3)), "outputs": VALUES,
        "conditions": st.one_of(VALUES, st.dictionaries(NAMES, VALUES, max_size=3)), "parameter_groups": VALUES,
    },
)  # fmt: skip
ENVIRONMENT = st.one_of(VALUES, st.dictionaries(
    st.sampled_from(["parameters", "parameter_defaults", "resource_registry", "event_sinks", "x"]),
    st.one_of(VALUES, st.dictionaries(TYPES, st.one_of(TYPES, VALUES), max_size=3)), max_size=3,
))  # fmt: skip


# The same where the shape is Heat's, so that all of it is worked out.
DECLARED = ["size", "list", "words", "tree", "on"]
PARAMETERS = {
    "size": {"type": "number", "default": 2, "constraints": [{"range": {"min": 1}}, {"modulo": {"step": 1}}]},
    "list": {"type": "comma_delimited_list", "default": "a,b"},
    "words": {"type": "string", "default": "a", "constraints": [{"allowed_pattern": "[a-z]+"}]},
    "tree": {"type": "json", "default": {"a": [1]}},
    "on": {"type": "boolean", "default": True},
}  # fmt: skip
MADE = ["web", "data", "front", "net"]
_REFERENCE = st.one_of(
    st.builds(lambda name: {"get_param": name}, st.sampled_from(DECLARED)),
    st.builds(lambda name, path: {"get_param": [name, *path]}, st.sampled_from(DECLARED), st.lists(PLAIN, max_size=2)),
    st.builds(lambda name: {"get_resource": name}, st.sampled_from(MADE)),
    st.builds(lambda name, path: {"get_attr": [name, path]}, st.sampled_from(MADE), NAMES),
    st.just({"get_file": "inner.yaml"}),
)
_WORKING = st.sampled_from([
    "str_replace", "list_join", "repeat", "digest", "map_merge", "map_replace", "yaql", "if", "and", "or", "not", "equals",
    "contains", "filter", "list_concat", "list_concat_unique", "str_split", "make_url", "resource_facade", "Fn::Select",
])  # fmt: skip
ARGUMENTS = st.recursive(
    st.one_of(PLAIN, _REFERENCE),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(KEYS, NAMES), inner, max_size=3),
        st.builds(lambda name, argument: {name: argument}, _WORKING, st.one_of(inner, st.lists(inner, max_size=3))),
        st.builds(lambda each, made: {"repeat": {"for_each": each, "template": made}},
                  st.dictionaries(st.sampled_from(["%a%", "x"]), inner, max_size=2), inner),
        st.builds(lambda words, by: {"str_replace": {"template": words, "params": by}}, inner,
                  st.dictionaries(NAMES, inner, max_size=2)),
    ),
    max_leaves=12,
)  # fmt: skip
WELL_MADE = st.fixed_dictionaries(
    {"type": TYPES.filter(bool), "properties": st.dictionaries(KEYS, ARGUMENTS, max_size=4)},
    optional={
        "condition": st.one_of(st.sampled_from(["yes", "odd"]), ARGUMENTS),
        "metadata": st.dictionaries(KEYS, ARGUMENTS, max_size=2),
    },
)
WELL_SHAPED = st.fixed_dictionaries({
    "heat_template_version": st.sampled_from(["2021-04-16", "wallaby", "2013-05-23", "2099-01-01"]),
    "parameters": st.just(PARAMETERS),
    "conditions": st.fixed_dictionaries({"yes": ARGUMENTS, "odd": st.one_of(st.just("yes"), st.just("odd"), ARGUMENTS)}),
    "resources": st.fixed_dictionaries(dict.fromkeys(MADE, WELL_MADE)),
    "outputs": st.dictionaries(st.sampled_from(["address", "database", "firewall"]),
                               st.fixed_dictionaries({"value": ARGUMENTS}), max_size=3),
})  # fmt: skip


def text(value: Any) -> str:
    return yaml.dump(value, allow_unicode=True)


def asked(cloud: Cloud, template: str, environment: str = "", **values: str) -> Plan | None:
    """The plan, as pages and commands have it; None where the files were refused with a sentence."""
    try:
        beside = files.gather(template, environment, files.beside({"inner.yaml": template}))
    except NotValid as error:
        assert set(error.problems) == {"files"}
        return None
    made = plan.plan(cloud, Request("shop", SLUG, values, Imported(template, beside, environment, "mine.yaml")))
    assert all(isinstance(said, str) and said for said in (*made.problems.values(), *made.unknown, *made.unproven))
    assert plan_presenters.context(made)["verdict"].words
    return made


@given(TEMPLATE, ENVIRONMENT, st.dictionaries(NAMES, st.text(max_size=9), max_size=2))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_template_is_planned_or_refused_with_a_sentence(
    template: dict[str, Any], environment: Any, values: dict[str, str]
) -> None:
    asked(World().cloud(), text(template), text(environment), **values)


@given(WELL_SHAPED, st.dictionaries(TYPES, st.one_of(TYPES, st.just("inner.yaml")), max_size=2))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_template_of_heats_shape_is_worked_out(template: dict[str, Any], registry: dict[str, str]) -> None:
    made = asked(World().cloud(), text(template), text({"resource_registry": registry}))
    assert made is None or made.blueprint is not None or "YAML" in str(made.problems), made.problems


@given(st.text(max_size=200))
@settings(max_examples=EXAMPLES, deadline=None)
def test_any_text_is_planned_or_refused_with_a_sentence(words: str) -> None:
    made = asked(World().cloud(), words, words)
    assert made is None or made.problems
