"""Neutron: a network is marked, found by its mark, and shared with another project that takes a port in it."""

from __future__ import annotations

from tests.conformance.cases.networks import network
from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Json, Target

POLICIES = "/rbac-policies"


@case
def what_is_found_by_description_and_tag(t: Target) -> None:
    me, developer = t.person(), t.person("developer")
    for path, key in (("networks", "network"), ("security-groups", "security_group")):
        many = path.replace("-", "_")
        made = t.make("network", f"/{path}", {key: {"name": t.name, "description": f"note of {t.name}"}})
        other = t.make("network", f"/{path}", {key: {"name": t.name, "description": "another"}})
        found = me.get("network", f"/{path}", description=f"note of {t.name}", project_id=me.project).body[many]
        assert [one["id"] for one in found] == [made["id"]]
        own = f"/{path}/{made['id']}"
        tagged = me.put("network", f"{own}/tags", {"tags": [f"tag-{t.name}"]})
        assert (tagged.status, tagged.body) == (200, {"tags": [f"tag-{t.name}"]})
        assert me.get("network", own).body[key]["tags"] == [f"tag-{t.name}"]
        found = me.get("network", f"/{path}", tags=f"tag-{t.name}").body[many]
        assert [one["id"] for one in found] == [made["id"]], other["id"]
        assert developer.put("network", f"{own}/tags", {"tags": ["x"]}).status in (403, 404)
        assert me.get("network", own).body[key]["tags"] == [f"tag-{t.name}"]


@case
def a_network_that_is_shared(t: Target) -> None:
    me, developer = t.person(), t.person("developer")
    there = network(t)

    def asked(of: str = there) -> Json:
        fields = {"object_type": "network", "object_id": of, "action": "access_as_shared"}
        return {"rbac_policy": {**fields, "target_tenant": developer.project}}

    assert developer.get("network", f"/networks/{there}").status == 404
    made = me.post("network", POLICIES, asked())
    assert (made.status, set(made.body)) == (201, {"rbac_policy"})
    policy = made.body["rbac_policy"]
    path = f"{POLICIES}/{policy['id']}"
    t.after(lambda: me.delete("network", path))
    t.recorded.like("rbac_policy", policy)
    assert (policy["project_id"], policy["target_tenant"]) == (me.project, developer.project)
    again = me.post("network", POLICIES, asked())
    assert (again.status, again.body["NeutronError"]["type"]) == (409, "DuplicateRbacPolicy")
    (row,) = me.get("network", POLICIES, object_id=there).body["rbac_policies"]
    assert row == policy
    assert me.get("network", POLICIES, object_id=NOTHING).body["rbac_policies"] == []
    assert developer.get("network", POLICIES, object_id=there).body["rbac_policies"] == []
    shown = developer.get("network", f"/networks/{there}").body["network"]
    assert (shown["id"], shown["project_id"]) == (there, me.project)
    assert len(developer.get("network", "/subnets", network_id=there).body["subnets"]) == 1
    assert developer.post("network", POLICIES, asked()).status >= 400, "it is not his to share"
    assert developer.delete("network", f"/networks/{there}").status in (403, 404)
    taken = developer.post("network", "/ports", {"port": {"name": t.name, "network_id": there}})
    assert taken.status == 201
    port = taken.body["port"]
    t.after(lambda: developer.delete("network", f"/ports/{port['id']}"))
    assert port["project_id"] == developer.project
    seen = me.get("network", "/ports", network_id=there).body["ports"]
    assert [one["id"] for one in seen if one["project_id"] == developer.project] == [port["id"]], "its owner sees it"
    used = me.delete("network", path)
    assert (used.status, used.body["NeutronError"]["type"]) == (409, "RbacPolicyInUse")
    held = me.delete("network", f"/networks/{there}")
    assert (held.status, held.body["NeutronError"]["type"]) == (409, "NetworkInUse")
    assert developer.delete("network", f"/ports/{port['id']}").status == 204
    assert me.delete("network", path).status == 204
    assert me.delete("network", path).status == 404
    assert developer.get("network", f"/networks/{there}").status == 404


@case
def a_port_in_a_subnet_has_an_address(t: Target) -> None:
    me = t.person()
    made = t.make("network", "/networks", {"network": {"name": t.name}})["id"]
    asked = {"name": t.name, "network_id": made, "cidr": "10.78.0.0/28", "ip_version": 4, "gateway_ip": None}
    subnet = t.make("network", "/subnets", {"subnet": asked})
    assert (subnet["cidr"], subnet["gateway_ip"]) == ("10.78.0.0/28", None)
    group = t.make("network", "/security-groups", {"security_group": {"name": t.name}})["id"]
    fields = {"security_groups": [group], "fixed_ips": [{"subnet_id": subnet["id"]}]}
    port = t.make("network", "/ports", {"port": {"name": t.name, "network_id": made, **fields}})
    (address,) = port["fixed_ips"]
    assert (address["subnet_id"], address["ip_address"].startswith("10.78.0.")) == (subnet["id"], True)
    used = me.delete("network", f"/security-groups/{group}")
    assert (used.status, used.body["NeutronError"]["type"]) == (409, "SecurityGroupInUse")
