"""What tenants may write is data: it costs the environment that has it a part of its page, and nobody anything else."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, errors, launch, listing, reconcile, watch
from tenant_ops_dashboard.environments.heat import events
from tenant_ops_dashboard.environments.model import Details, Environment, Request
from tenant_ops_dashboard.environments.template import picture
from tests.unit.fake_openstack import garbage
from tests.unit.fake_openstack.world import World

Change = Callable[[World, dict[str, Any]], None]
# What the services make themselves, or the fake needs to find the thing.
OURS = {"id", "stack_name", "stack_status", "resource_status", "project", "key", "network_id"}
EXAMPLES = int(os.environ.get("TENANT_OPS_EXAMPLES", "25"))


def standing() -> tuple[World, Cloud, Environment, dict[str, Any]]:
    world = World()
    cloud = world.cloud()

    def make() -> Environment:
        made = launch.launch(cloud, Request("shop", "tomcat-oracle", {}), (), "token")
        world.heat.finish(made.id)
        reconcile.reconcile(cloud, made)
        return made

    made = world.once("standing", make)
    return world, cloud, made, world.heat.stacks[made.id]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "SETTLE_SECONDS", 0.0)


def stands(cloud: Cloud, made: Environment) -> Details:
    """List, page, events, losses and delete: none raises but what is known, nothing was unforeseen."""
    (row,) = watch.listing(cloud)
    assert (row.id, row.status_reason) != (made.id, listing.UNSHOWN)
    details = watch.details(cloud, made.id)
    assert not [said for said in details.unreadable if "cannot be shown" in said]
    assert watch.version(details)
    events.recent(cloud, details)
    try:
        delete.losses(cloud, made)
        assert delete.delete(cloud, made.id).status == "deleting"
    except errors.Blocked as error:
        assert "Delete what is not part of" in str(error)
    return details


def outputs(stack: dict[str, Any], **values: Any) -> None:
    known = {one["output_key"]: one["output_value"] for one in stack["row"]["outputs"]}
    stack["row"]["outputs"] = [
        {"output_key": key, "output_value": value} for key, value in {**known, **values}.items()
    ]  # fmt: skip


FIREWALLS = [
    ("open", "needs zones and flows"),
    ({"zones": "all", "flows": []}, "needs zones and flows"),
    ({"zones": {"dmz": "10.20.1.0/240"}, "flows": []}, "the zone 'dmz' is no network"),
    ({"zones": {"dmz": "10.20.1.0/24"}, "flows": "all"}, "its flows are no list"),
    ({"zones": {"dmz": "10.20.1.0/24"}, "flows": ["all"]}, "flow 1 has no name"),
    ({"zones": {"dmz": "10.20.1.0/24"}, "flows": [{"name": "web", "from": "mars", "to": "dmz"}]}, "goes from no zone"),
    (
        {"zones": {"dmz": "10.20.1.0/24"}, "flows": [{"name": "w", "from": "internet", "to": "dmz", "port": 1e300}]},
        "no port from 1 to 65535",
    ),
    ({"zones": {"dmz": "10.20.1.0/24"}, "flows": [{"name": ["w"], "from": {}, "to": []}]}, "flow 1 has no name"),
    ({"zones": {"dmz": "10.20.1.0/24"}, "flows": [{}, {"a": 1}] * 60}, "at most 50"),
]


@pytest.mark.parametrize(("output", "said"), FIREWALLS)
def test_a_firewall_that_cannot_be_read_is_a_promise_not_kept(output: object, said: str) -> None:
    _world, cloud, made, stack = standing()
    outputs(stack, firewall=output)
    details = stands(cloud, made)
    (proof,) = [one for one in details.proofs if one.name == "firewall"]
    assert proof.state == "failed"
    assert proof.evidence.startswith('This blueprint\'s output "firewall" cannot be read: ')
    assert said in proof.evidence
    assert proof.evidence.endswith("no firewall group is made.")
    assert details.environment.status_reason.endswith(proof.evidence)


def test_nothing_is_built_for_a_firewall_that_cannot_be_read() -> None:
    world, cloud, made, stack = standing()
    for kept in ("firewall_groups", "firewall_policies", "firewall_rules"):
        world.things.kept[kept].clear()
    outputs(stack, firewall={"router": "x", "zones": {}, "flows": ["all"]})
    reconcile.reconcile(cloud, made)
    assert not world.things.kept["firewall_rules"]


def _name(collection: str, value: Any) -> Change:
    def change(world: World, stack: dict[str, Any]) -> None:
        for one in world.things.kept[collection].values():
            one["name"] = value

    return change


def _without(collection: str, *fields: str) -> Change:
    def change(world: World, stack: dict[str, Any]) -> None:
        for one in world.things.kept[collection].values():
            for name in fields:
                one.pop(name, None)

    return change


def _set(collection: str, **fields: Any) -> Change:
    def change(world: World, stack: dict[str, Any]) -> None:
        for one in world.things.kept[collection].values():
            one.update(fields)

    return change


def _outputs(**values: Any) -> Change:
    return lambda world, stack: outputs(stack, **values)


def _meta(**meta: Any) -> Change:
    def change(world: World, stack: dict[str, Any]) -> None:
        for one in stack["template"]["resources"].values():
            one["metadata"] = {"tenant_ops": meta}

    return change


def _template(**parts: Any) -> Change:
    return lambda world, stack: stack["template"].update(parts)


def _rows(**fields: Any) -> Change:
    def change(world: World, stack: dict[str, Any]) -> None:
        for one in stack["resources"]:
            one.update(fields)

    return change


ODD: dict[str, Change] = {
    "outputs that are strings": _outputs(firewall="x", address=["a"], database={"a": 1}, servers="s"),
    "outputs that are numbers": _outputs(address=1e300, database=float("nan"), servers=[None, {}, 3]),
    "outputs that are none": lambda world, stack: stack["row"].update(outputs="none"),
    "metadata of odd types": _meta(title=["a"], tier={"a": 1}, kind=3, arrows=["a"], parts="b", titles=7, each=[]),
    "metadata that are none": lambda world, stack: [
        one.update(metadata="x") for one in stack["template"]["resources"].values()
    ],
    "a tier of its own": _meta(tier="mars", kind="<script>", arrows={"a": {"b": 1}}),
    "resources that are none": _template(resources={"a": None, "b": "x", "c": [], "d": {"type": 7}}),
    "a template that is a list of lists": _template(resources=[[]], parameters=[], conditions="x", outputs=[1]),
    "conditions in a circle": _template(conditions={"a": {"not": "b"}, "b": {"not": "a"}}, resources={"s": {
        "type": "OS::Nova::Server", "condition": "a"}}),
    "functions of nothing": _template(resources={"s": {"type": "OS::Neutron::SecurityGroup", "properties": {
        "rules": {"repeat": 1}, "name": {"list_join": 7}, "a": {"if": []}, "b": {"str_replace": [1]},
        "c": {"get_param": {}}, "d": {"equals": [1]}, "e": {"list_concat": "x"}, "f": {"get_resource": []}}}}),
    "a group of infinitely many": _template(resources={"g": {"type": "OS::Heat::ResourceGroup", "properties": {
        "count": float("inf"), "resource_def": {"type": "OS::Nova::Server"}}}}),
    "parameters of odd types": lambda world, stack: stack["row"].update(parameters=["a"]),
    "times that are none": lambda world, stack: stack["row"].update(creation_time="soon", updated_time=7),
    "times out of reach": lambda world, stack: stack["row"].update(creation_time="0001-01-01T00:00:00+14:00"),
    "tags of odd types": lambda world, stack: stack["row"]["tags"].extend([None, 7, {"a": 1}]),
    "rows without links": _rows(links=None, parent_resource=None),
    "rows of odd types": _rows(resource_type=None, resource_status_reason=["a"], creation_time=7),
    "no names": _name("servers", None),
    "empty names": _name("volumes", ""),
    "names with a slash": _name("volumes", "../../a/b"),
    "names that turn the text": _name("servers", "\u202e\x1b[2Jgood"),
    "long names": _name("servers", "x" * 255),
    "servers without metadata": _without("servers", "metadata", "addresses", "name", "status"),
    "servers with odd metadata": _set("servers", metadata=["a"], addresses=[], status=7),
    "addresses of odd types": _set("servers", addresses={"net": [None, "x", {"addr": 7}, {}]}),
    "volumes without metadata": _without("volumes", "metadata", "attachments", "size", "status"),
    "volumes with odd metadata": _set("volumes", metadata={"tenant_ops_environment": 7}, size="huge", attachments="a"),
    "volumes without times": _set("volumes", created_at="soon", attachments=[None, {}]),
    "ports of nobody": _without("ports", "device_id", "device_owner", "fixed_ips", "name"),
    "ports of odd types": _set("ports", fixed_ips=[None, {"ip_address": 7}], device_owner=None, device_id=7),
    "addresses without ports": _without("floatingips", "port_id", "fixed_ip_address"),
    "load balancers without words": _set("loadbalancers", description=None, vip_port_id=None),
    "load balancers without statuses": _without("loadbalancers", "provisioning_status", "operating_status"),
    "trees that are none": lambda world, stack: [tree.update(listeners="x") for tree in world.things.trees.values()],
    "trees without statuses": lambda world, stack: world.things.trees.update(
        {id_: {"listeners": [{"pools": [{"members": [{}, None]}]}]} for id_ in world.things.trees}
    ),
    "security groups without rules": _without("security-groups", "security_group_rules", "name"),
    "rules of odd types": _set("security-groups", security_group_rules=[None, {"port_range_min": "x"}]),
    "firewall groups without ports": _without("firewall_groups", "ports", "description", "status"),
    "firewall rules without fields": _without("firewall_rules", "name", "protocol", "enabled", "action"),
    "policies of odd types": _set("firewall_policies", firewall_rules="x", description=7),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
def test_odd_data_of_one_environment_takes_no_page_down(what: str) -> None:
    world, cloud, made, stack = standing()
    ODD[what](world, stack)
    stands(cloud, made)


def test_a_neighbour_keeps_its_row_whatever_nobody_foresaw(monkeypatch: pytest.MonkeyPatch) -> None:
    _world, cloud, _made, _stack = standing()
    launch.launch(cloud, Request("other", "tomcat-oracle", {}), (), "token-2")
    told = listing.summary.heat
    monkeypatch.setattr(
        listing.summary, "heat", lambda one: told(one) if one.name == "other" else 1 / 0  # type: ignore[attr-defined]
    )  # fmt: skip
    shop, other = watch.listing(cloud)
    assert (shop.name, shop.status, shop.status_reason) == ("shop", "warning", listing.UNSHOWN)
    assert "its stack can still be deleted" in shop.status_reason
    assert (other.name, other.status) == ("other", "building")


def test_a_part_that_nobody_foresaw_costs_itself_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _world, cloud, made, _stack = standing()
    monkeypatch.setattr(picture, "draw", lambda *arguments: 1 / 0)
    details = watch.details(cloud, made.id)
    assert details.picture.boxes == ()
    assert len(details.proofs) > 3
    assert details.progress.done == details.progress.total
    assert details.unreadable == (
        "Its picture cannot be shown; the stack can still be deleted. Your operator's log says why.",
    )
    assert (details.environment.status, details.environment.status_reason) == ("warning", details.unreadable[0])
    assert "ZeroDivisionError" in caplog.text
    assert delete.delete(cloud, made.id).status == "deleting"


def test_an_answer_too_deep_to_read_is_told_and_the_stack_can_be_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    _world, cloud, made, _stack = standing()
    whole = requests.Response.json

    def json(response: requests.Response, **options: Any) -> Any:
        # What Python's reader of JSON does with 100,000 opening brackets.
        if str(response.url).partition("?")[0].endswith(made.id):
            raise RecursionError
        return whole(response, **options)

    monkeypatch.setattr(requests.Response, "json", json)
    details = watch.details(cloud, made.id)
    assert details.unreadable == ("Its outputs cannot be read: Heat's answer is nested too deeply to be read.",)
    assert [one.state for one in details.proofs if one.name == "firewall"] == ["failed"]
    assert delete.delete(cloud, made.id).status == "deleting"


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(data=st.data())
def test_whatever_stands_in_a_stack_is_no_error(data: st.DataObject) -> None:
    _world, cloud, made, stack = standing()
    part = data.draw(st.sampled_from(["template", "row", "resources"]))
    for _ in range(data.draw(st.integers(1, 4))):
        found = [
            path for path in garbage.places(stack[part]) if path and not OURS & set(map(str, path)) and "tags" not in path
        ]  # fmt: skip
        found = [path for path in found if part != "resources" or len(path) > 1] or [()]
        path = data.draw(st.sampled_from(found))
        if path:
            stack[part] = garbage.put(stack[part], path, data.draw(garbage.json))
    stands(cloud, made)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(data=st.data())
def test_whatever_the_services_say_is_no_error(data: st.DataObject) -> None:
    world, cloud, made, _stack = standing()
    kept = {**world.things.kept, "trees": world.things.trees}
    collection = data.draw(st.sampled_from(sorted(name for name in kept if kept[name] and name != "trusts")))
    for _ in range(data.draw(st.integers(1, 4))):
        id_ = data.draw(st.sampled_from(sorted(kept[collection])))
        found = [path for path in garbage.places(kept[collection][id_]) if path and not OURS & set(map(str, path))]
        if found:
            kept[collection][id_] = garbage.put(
                kept[collection][id_], data.draw(st.sampled_from(found)), data.draw(garbage.json)
            )
    stands(cloud, made)
