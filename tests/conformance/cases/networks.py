"""Neutron: rows, filters, pages, other people's, what is in use and what is not there."""

from __future__ import annotations

from typing import Any

from tenant_ops_dashboard.cloud import back_end
from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Json, Target

#: By path: the key of one, a change that it takes, and what Neutron says of one that is not there.
KINDS: dict[str, tuple[str, Json, str, str]] = {
    "networks": ("network", {"name": "x"}, "NetworkNotFound", "Network ID could not be found."),
    "subnets": ("subnet", {"name": "x"}, "SubnetNotFound", "Subnet ID could not be found."),
    "ports": ("port", {"name": "x"}, "PortNotFound", "Port ID could not be found."),
    "floatingips": ("floatingip", {"description": "x"}, "FloatingIPNotFound", "Floating IP ID could not be found"),
    "security-groups": ("security_group", {"name": "x"}, "SecurityGroupNotFound", "Security group ID does not exist"),
    "routers": ("router", {"name": "x"}, "RouterNotFound", "Router ID could not be found"),
}
#: Lists that refuse to go on behind what is not there, and lists that begin anew; the others are then empty.
STRICT, ANEW = ("networks", "ports"), ("subnets", "security-groups")


def said(kind: str, words: str) -> Json:
    """An error of Neutron's."""
    return {"NeutronError": {"type": kind, "message": words, "detail": ""}}


def network(t: Target) -> str:
    """A network of the owner's with a subnet, by its id."""
    made = str(t.make("network", "/networks", {"network": {"name": t.name}})["id"])
    t.make(
        "network", "/subnets", {"subnet": {"name": t.name, "network_id": made, "cidr": "10.77.0.0/24", "ip_version": 4}}
    )
    return made


def port(t: Target, network_id: str, **fields: Any) -> Json:
    """A port of the owner's there."""
    return t.make("network", "/ports", {"port": {"name": t.name, "network_id": network_id, **fields}})


@case
def who_makes_routers_is_told_to_everybody(t: Target) -> None:
    """And fits the agents, which are told to administrators."""
    told = t.person().get("network", "/service-providers")
    assert told.status == 200
    for row in told.body["service_providers"]:
        t.recorded.like("service provider", row)
    assert t.person("auditor").get("network", "/service-providers").body == told.body
    profile = back_end.read(told.body["service_providers"])
    agents = {"ovn": "OVN Controller", "l3-agent": "L3 agent"}[profile]
    told = t.person("operator").get("network", "/agents")
    assert told.status == 200
    assert any(one["agent_type"].startswith(agents) for one in told.body["agents"])
    assert t.person().get("network", "/agents").body["agents"] == []


@case
def what_new_security_groups_get_is_told_to_everybody(t: Target) -> None:
    told = t.person("auditor").get("network", "/default-security-group-rules")
    assert told.status == 200
    asked = {"direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id"}
    for row in told.body["default_security_group_rules"]:
        assert {*asked, "used_in_non_default_sg"} <= row.keys()


@case
def rows_of_neutron(t: Target) -> None:
    me = t.person()
    there = network(t)
    port(t, there)
    external = me.get("network", "/networks", **{"router:external": "true"}).body["networks"][0]["id"]
    t.make("network", "/floatingips", {"floatingip": {"floating_network_id": external, "description": t.name}})
    t.make("network", "/security-groups", {"security_group": {"name": t.name}})
    t.make("network", "/routers", {"router": {"name": t.name}})
    for path, (key, _, _, _) in KINDS.items():
        many = path.replace("-", "_")
        named = {"description": t.name} if path == "floatingips" else {"name": t.name}
        listed = me.get("network", f"/{path}", **named)
        assert listed.status == 200
        (row,) = listed.body[many]
        t.recorded.like(key, row)
        assert row["project_id"] == row["tenant_id"] == me.project
        shown = me.get("network", f"/{path}/{row['id']}")
        assert (shown.status, set(shown.body)) == (200, {key})
        assert shown.body[key] == row or path == "security-groups"
        changed = me.put("network", f"/{path}/{row['id']}", {key: {"description": "changed"}})
        assert (changed.status, changed.body[key]["description"]) == (200, "changed")


@case
def what_neutron_has_not(t: Target) -> None:
    me = t.person()
    for path, (key, change, kind, words) in KINDS.items():
        one = f"/{path}/{NOTHING}"
        for answer in (me.get("network", one), me.put("network", one, {key: change}), me.delete("network", one)):
            assert answer.refused() == (404, said(kind, words)), path
    assert me.get("network", "/nosuch").refused() == (404, said("HTTPNotFound", "The resource could not be found."))


@case
def what_neutron_does_not_understand(t: Target) -> None:
    me = t.person()
    strange = said("HTTPBadRequest", "['strange'] is invalid attribute for filtering")
    limit = said("BadRequest", "Bad limit request: Limit must be an integer 0 or greater and not 'x'.")
    for path, (key, _, _, _) in KINDS.items():
        assert me.get("network", f"/{path}", strange="1").refused() == (400, strange), path
        assert me.get("network", f"/{path}", limit="x").refused() == (400, limit), path
        body = {key: {"wrong": 1}}
        assert me.post("network", f"/{path}", body).status == 400, path


@case
def pages_of_neutron(t: Target) -> None:
    me = t.person()
    there = network(t)
    made = {port(t, there)["id"] for _ in range(3)}
    first = me.get("network", "/ports", limit=2, network_id=there)
    assert len(first.body["ports"]) == 2
    top, marker = (one["id"] for one in first.body["ports"])
    asked = {"limit": ["2"], "network_id": [there]}
    back = {**asked, "page_reverse": ["True"]}
    assert first.ways("ports_links") == {"next": {**asked, "marker": [marker]}, "previous": {**back, "marker": [top]}}
    last = me.get("network", "/ports", limit=2, network_id=there, marker=marker)
    assert len(last.body["ports"]) == 1
    end = last.body["ports"][0]["id"]
    assert last.ways("ports_links") == {"previous": {**back, "marker": [end]}}
    assert {one["id"] for one in (*first.body["ports"], *last.body["ports"])} == made
    behind = me.get("network", "/ports", limit=2, network_id=there, marker=end)
    assert (behind.body["ports"], behind.ways("ports_links")) == ([], {"previous": back})
    # Without a limit the cloud's own longest page counts, where it has one.
    assert "next" not in me.get("network", "/ports", network_id=there).ways("ports_links")


@case
def a_page_behind_what_has_gone(t: Target) -> None:
    me = t.person()
    there = network(t)
    port(t, there)
    external = me.get("network", "/networks", **{"router:external": "true"}).body["networks"][0]["id"]
    t.make("network", "/floatingips", {"floatingip": {"floating_network_id": external, "description": t.name}})
    t.make("network", "/security-groups", {"security_group": {"name": t.name}})
    t.make("network", "/routers", {"router": {"name": t.name}})
    for path, (_, _, kind, words) in KINDS.items():
        named = {"description": t.name} if path == "floatingips" else {"name": t.name}
        answer = me.get("network", f"/{path}", limit=100, marker=NOTHING, **named)
        if path in STRICT:
            assert answer.refused() == (404, said(kind, words))
        else:
            assert len(answer.body[path.replace("-", "_")]) == (1 if path in ANEW else 0), path


@case
def filters_of_neutron(t: Target) -> None:
    me = t.person()
    there = network(t)
    one, other = port(t, there, device_id="a"), port(t, there, device_id="b")

    def ids(**query: Any) -> set[str]:
        return {row["id"] for row in me.get("network", "/ports", network_id=there, **query).body["ports"]}

    assert ids(device_id="a") == {one["id"]}
    assert ids(device_id=["a", "b"]) == {one["id"], other["id"]}
    assert ids(device_id="c") == set()
    assert ids(device_owner=["", "compute:nova"]) == {one["id"], other["id"]}
    assert ids(id=[one["id"], NOTHING]) == {one["id"]}
    assert ids(project_id=me.project) == {one["id"], other["id"]}


@case
def whose_it_is_in_neutron(t: Target) -> None:
    there = network(t)
    made = port(t, there)
    for name, seen in (("owner", True), ("auditor", True), ("operator", True), ("developer", False)):
        who = t.person(name)
        assert (who.get("network", f"/ports/{made['id']}").status == 200) is seen, name
        assert bool(who.get("network", "/ports", network_id=there).body["ports"]) is seen, name
    developer = t.person("developer")
    words = said("PortNotFound", "Port ID could not be found.")
    assert developer.delete("network", f"/ports/{made['id']}").refused(made["id"]) == (404, words)
    assert (
        t.person("operator").get("network", "/ports", network_id=there, project_id=developer.project).body["ports"]
        == []
    )
    assert developer.get("network", "/networks", **{"router:external": "true"}).body["networks"]


@case
def what_is_in_use_in_neutron(t: Target) -> None:
    me = t.person()
    there = network(t)
    made = port(t, there)
    status, body = me.delete("network", f"/networks/{there}").refused(there, made["id"])
    assert (status, body["NeutronError"]["type"]) == (409, "NetworkInUse")
    subnet = me.get("network", "/subnets", network_id=there).body["subnets"][0]["id"]
    router = t.make("network", "/routers", {"router": {"name": t.name}})["id"]
    added = me.put("network", f"/routers/{router}/add_router_interface", {"subnet_id": subnet})
    interface = added.body["port_id"]
    remove = f"/routers/{router}/remove_router_interface"
    t.after(lambda: me.put("network", remove, {"port_id": interface}))
    t.recorded.like("router_interface", added.body)
    words = "Port ID cannot be deleted directly via the port API: has device owner network:router_interface."
    assert me.delete("network", f"/ports/{interface}").refused(interface) == (409, said("ServicePortInUse", words))
    words = "Router ID does not have an interface with id ID"
    assert me.put("network", remove, {"port_id": NOTHING}).refused(router) == (
        404,
        said("RouterInterfaceNotFound", words),
    )
    taken = me.put("network", remove, {"port_id": interface})
    assert (taken.status, taken.body) == (200, added.body)
    assert me.get("network", f"/ports/{interface}").status == 404
    assert me.delete("network", f"/ports/{made['id']}").status == 204
    assert me.delete("network", f"/subnets/{subnet}").status == 204
    assert me.delete("network", f"/networks/{there}").status == 204


@case
def quotas_of_neutron(t: Target) -> None:
    me = t.person()
    answer = me.get("network", f"/quotas/{me.project}/details.json")
    assert answer.status == 200
    for name in ("network", "port", "floatingip", "security_group", "firewall_group", "firewall_rule"):
        t.recorded.like("quota of neutron", answer.body["quota"][name])
    refused = t.person("developer").get("network", f"/quotas/{me.project}/details.json")
    words = "User does not have admin privileges: Only admin is authorized to access quotas for another project."
    assert refused.refused() == (403, said("AdminRequired", words))


@case
def extensions_of_neutron(t: Target) -> None:
    answer = t.person().get("network", "/extensions")
    assert (answer.status, set(answer.body)) == (200, {"extensions"})
    t.recorded.like("extension", answer.body["extensions"][0])
    assert {"router", "net-mtu"} <= {one["alias"] for one in answer.body["extensions"]}
