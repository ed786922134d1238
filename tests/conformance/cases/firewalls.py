"""FWaaS v2: groups, policies and rules that hold each other."""

from __future__ import annotations

from tests.conformance.cases.networks import network, port, said
from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Json, Target

ROOT = "/fwaas/firewall_"


def rule(t: Target) -> Json:
    made = {"name": t.name, "protocol": "tcp", "action": "allow", "destination_port": "80"}
    return t.make("network", f"{ROOT}rules", {"firewall_rule": made})


def policy(t: Target, *rules: str) -> Json:
    return t.make("network", f"{ROOT}policies", {"firewall_policy": {"name": t.name, "firewall_rules": list(rules)}})


def group(t: Target, policy_id: str, *ports: str) -> Json:
    fields = {"ingress_firewall_policy_id": policy_id, "egress_firewall_policy_id": policy_id, "ports": list(ports)}
    made = t.make("network", f"{ROOT}groups", {"firewall_group": {"name": t.name, "description": "x", **fields}})
    path = f"{ROOT}groups/{made['id']}"
    t.after(lambda: t.person().put("network", path, {"firewall_group": {"ports": []}}))
    return made


def interface(t: Target) -> tuple[str, str]:
    """A port of a server's, by its id, and a router's beside it."""
    me, there = t.person(), network(t)
    one = port(t, there)["id"]
    subnet = me.get("network", "/subnets", network_id=there).body["subnets"][0]["id"]
    router = t.make("network", "/routers", {"router": {"name": t.name}})["id"]
    made = me.put("network", f"/routers/{router}/add_router_interface", {"subnet_id": subnet}).body["port_id"]
    t.after(lambda: me.put("network", f"/routers/{router}/remove_router_interface", {"port_id": made}))
    return one, made


@case
def rows_of_fwaas(t: Target) -> None:
    me = t.person()
    first = rule(t)
    second = policy(t, first["id"])
    third = group(t, second["id"])
    assert third["status"] == "INACTIVE"
    for many, key, made in (("rules", "firewall_rule", first), ("policies", "firewall_policy", second),
                            ("groups", "firewall_group", third)):  # fmt: skip
        listed = me.get("network", f"{ROOT}{many}", name=t.name, limit=1)
        (row,) = listed.body[f"firewall_{many}"]
        t.recorded.like(key, row)
        t.recorded.like(key, made)
        asked = {"name": [t.name], "limit": ["1"], "marker": [row["id"]]}
        assert listed.ways(f"firewall_{many}_links")["next"] == asked
        assert me.get("network", f"{ROOT}{many}/{row['id']}").body[key]["name"] == t.name
        behind = me.get("network", f"{ROOT}{many}", name=t.name, limit=100, marker=NOTHING)
        assert (behind.status, behind.body[f"firewall_{many}"]) == (200, [])
        assert t.person("developer").get("network", f"{ROOT}{many}/{row['id']}").status == 404
        assert t.person("developer").get("network", f"{ROOT}{many}", name=t.name).body[f"firewall_{many}"] == []
        assert len(t.person("operator").get("network", f"{ROOT}{many}", name=t.name).body[f"firewall_{many}"]) == 1
        changed = me.put("network", f"{ROOT}{many}/{row['id']}", {key: {"description": "changed"}})
        assert (changed.status, changed.body[key]["description"]) == (200, "changed")


@case
def what_fwaas_has_not_and_does_not_understand(t: Target) -> None:
    me = t.person()
    for many, key in (("rules", "rule"), ("policies", "policy"), ("groups", "group")):
        one, path = f"{ROOT}{many}/{NOTHING}", f"{ROOT}{many}"
        missing = said(f"Firewall{key.title()}NotFound", f"Firewall {key} ID could not be found.")
        change = {f"firewall_{key}": {"name": "x"}}
        for answer in (me.get("network", one), me.put("network", one, change), me.delete("network", one)):
            assert answer.refused() == (404, missing)
        strange = said("HTTPBadRequest", "['strange'] is invalid attribute for filtering")
        assert me.get("network", path, strange="1").refused() == (400, strange)
        wrong = me.post("network", path, {f"firewall_{key}": {"wrong": 1}})
        assert wrong.refused() == (400, said("HTTPBadRequest", "Unrecognized attribute(s) 'wrong'"))


@case
def what_is_named_must_be_there(t: Target) -> None:
    me = t.person()
    named = me.post("network", f"{ROOT}policies", {"firewall_policy": {"name": t.name, "firewall_rules": [NOTHING]}})
    assert named.refused() == (404, said("FirewallRuleNotFound", "Firewall rule ID could not be found."))
    fields = {"name": t.name, "ingress_firewall_policy_id": NOTHING, "ports": []}
    named = me.post("network", f"{ROOT}groups", {"firewall_group": fields})
    assert named.refused() == (404, said("FirewallPolicyNotFound", "Firewall policy ID could not be found."))
    fields = {"name": t.name, "ports": [NOTHING]}
    named = me.post("network", f"{ROOT}groups", {"firewall_group": fields})
    assert named.refused() == (404, said("PortNotFound", "Port ID could not be found."))


@case
def what_is_in_use_stays(t: Target) -> None:
    me = t.person()
    first = rule(t)["id"]
    second = policy(t, first)["id"]
    third = group(t, second)["id"]
    in_use = said("FirewallRuleInUse", "Firewall rule ID is being used.")
    assert me.delete("network", f"{ROOT}rules/{first}").refused(first) == (409, in_use)
    in_use = said("FirewallPolicyInUse", "Firewall policy ID is being used.")
    assert me.delete("network", f"{ROOT}policies/{second}").refused(second) == (409, in_use)
    for path in (f"{ROOT}groups/{third}", f"{ROOT}policies/{second}", f"{ROOT}rules/{first}"):
        assert me.delete("network", path).status == 204
        assert me.delete("network", path).status == 404


@case
def ports_of_a_group(t: Target) -> None:
    me = t.person()
    server, router = interface(t)
    held = policy(t)["id"]
    made = group(t, held)["id"]
    path = f"{ROOT}groups/{made}"

    def ports(*ids: str) -> tuple[int, object]:
        answer = me.put("network", path, {"firewall_group": {"ports": list(ids)}})
        return (
            answer.refused(server, router)
            if answer.status > 299
            else (answer.status, answer.body["firewall_group"]["ports"])
        )

    assert ports(server) == (409, said("FirewallGroupPortInvalid", "Port ID of firewall group is invalid."))
    assert ports(NOTHING) == (404, said("PortNotFound", "Port ID could not be found."))
    assert ports(router) == (200, [router])
    t.until(lambda: me.get("network", path).body["firewall_group"]["status"] == "ACTIVE")
    other = me.post("network", f"{ROOT}groups", {"firewall_group": {"name": t.name, "ports": [router]}})
    words = "Port(s) ['ID'] provided already associated with other firewall group(s)."
    assert other.refused(router) == (409, said("FirewallGroupPortInUse", words))
    words = "Firewall group ID is still active."
    assert me.delete("network", path).refused(made) == (409, said("FirewallGroupInUse", words))
    assert ports() == (200, [])
    t.until(lambda: me.get("network", path).body["firewall_group"]["status"] == "INACTIVE")
    assert me.delete("network", path).status == 204
