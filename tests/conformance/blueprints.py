"""What Heat makes of the blueprints: blueprints.json, recorded of a real one.

`python -m tests.conformance.blueprints` launches them on the sandbox and records them anew; with names only these.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.conformance.target import Json, Person

FILE = Path(__file__).with_name("blueprints.json")
#: Of values: a network that was there before, behind a router that was there, too.
THERE = "a network that was there"
IPV6 = {"ip_version": "dual-stack", "ula_prefix": "fd12:3456:789a::/48"}
#: By name: the blueprint, and the values it is launched with.
LAUNCHES: dict[str, tuple[str, dict[str, str]]] = {
    "tomcat-oracle": ("tomcat-oracle", {}),
    "tomcat-oracle with a jump host": ("tomcat-oracle", {"jump_host": "true", "database_size": "2", "ssh_from": "198.51.100.0/24"}),
    "tomcat-oracle in a network that was there": ("tomcat-oracle", {"existing_dmz": THERE}),
    "tomcat-oracle with IPv6": ("tomcat-oracle", {"jump_host": "true", **IPV6}),
    "web-jump": ("web-jump", {"ssh_from": "198.51.100.0/24"}),
    "web-jump with IPv6": ("web-jump", IPV6),
}
NETWORKS = {"dmz": "10.20.1.0/24", "database": "10.20.2.0/24"}
LISTS = {
    "ports": "/ports", "floatingips": "/floatingips", "security_groups": "/security-groups",
    "loadbalancers": "/lbaas/loadbalancers",
}  # fmt: skip


def recorded() -> dict[str, Json]:
    """What was made, by name of the launch."""
    found: dict[str, Json] = json.loads(FILE.read_text())
    return found


def ready(me: Person, values: Mapping[str, str], name: str) -> tuple[dict[str, str], list[tuple[str, str, Json]]]:
    """The values with the id of a network that is made for them, and what takes it away: method, path and body."""
    if THERE not in values.values():
        return dict(values), []
    made: dict[str, str] = {}

    def make(many: str, one: str, **fields: Any) -> None:
        made[one] = me.post("network", many, {one: {"name": name, **fields}}).body[one]["id"]

    make("/networks", "network")
    make("/subnets", "subnet", network_id=made["network"], cidr="10.77.0.0/24", ip_version=4)
    external = me.get("network", "/networks", **{"router:external": "true"}).body["networks"][0]["id"]
    make("/routers", "router", external_gateway_info={"network_id": external})
    router, port = f"/routers/{made['router']}", {"subnet_id": made["subnet"]}
    me.put("network", f"{router}/add_router_interface", port)
    given = {key: made["subnet"] if value == THERE else value for key, value in values.items()}
    return given, [
        ("PUT", f"{router}/remove_router_interface", port),
        ("DELETE", router, {}),
        ("DELETE", f"/networks/{made['network']}", {}),
    ]


def look(me: Person, path: str) -> Json:
    """What a stack is made of, from a service's answers: `told` of them."""
    answers = {
        "stack": me.get("orchestration", path).body["stack"],
        "resources": me.get("orchestration", f"{path}/resources", nested_depth=2).body["resources"],
    }
    for key, place in LISTS.items():
        service = "load-balancer" if "lbaas" in place else "network"
        answers[key] = _whole(me, service, place, key, project_id=me.project)
    given = _whole(me, "network", "/default-security-group-rules", "default_security_group_rules")
    # What this cloud puts into every new group, and others do not, is no part of a blueprint.
    more = [_plain(one) for one in given if one["used_in_non_default_sg"] and one["direction"] == "ingress"]
    for group in answers["security_groups"]:
        group["security_group_rules"] = [one for one in group["security_group_rules"] if _plain(one) not in more]
    return told(answers)


def _whole(me: Person, service: str, place: str, key: str, **query: str) -> list[Json]:
    """All pages of a list: in a project where much else stands a cloud tells it in several."""
    found: list[Json] = []
    while True:
        body = me.get(service, place, **query).body
        found += body[key]
        if not any(one["rel"] == "next" for one in body.get(f"{key}_links", ())):
            return found
        query["marker"] = found[-1]["id"]


def told(answers: Json) -> Json:
    """Resources with their types, outputs and rules of groups, all that is another each time under its resource's name."""
    rows, stack = answers["resources"], answers["stack"]
    top = {one["resource_name"]: one["physical_resource_id"] for one in rows if "parent_resource" not in one}
    members = {one["resource_name"] for one in rows if one.get("parent_resource") in top}
    names = {**{id_: name for name, id_ in top.items()}, **_addresses(answers, top), stack["id"]: "stack"}
    nested = [one for one in rows if one.get("parent_resource") in members]
    names |= {one["fixed_ips"][0]["ip_address"]: "member" for one in answers["ports"]
              if one["id"] in {row["physical_resource_id"] for row in nested}}  # fmt: skip
    names |= _networks(stack["outputs"])
    return {
        "resources": sorted(_row(one, members) for one in rows),
        "outputs": {one["output_key"]: _named(one["output_value"], names) for one in stack["outputs"]},
        "parameters": sorted(stack["parameters"]),
        "rules": {names[one["id"]]: sorted(_rule(rule, names) for rule in one["security_group_rules"])
                  for one in answers["security_groups"] if one["id"] in names},
    }  # fmt: skip


def _networks(outputs: list[Json]) -> dict[str, str]:
    """Each tier's network as it is where no other environment stands: launches take what is free."""
    told = next((one["output_value"] for one in outputs if one["output_key"] == "firewall"), None) or {"zones": {}}
    zones = {tier: one if isinstance(one, list) else [one] for tier, one in told["zones"].items()}
    return {cidrs[0]: NETWORKS[tier] for tier, cidrs in zones.items()}


def _addresses(answers: Json, top: dict[str, str]) -> dict[str, str]:
    found = {one["id"]: one["fixed_ips"][0]["ip_address"] for one in answers["ports"] if one["fixed_ips"]}
    found |= {one["id"]: one["floating_ip_address"] for one in answers["floatingips"]}
    found |= {one["id"]: one["vip_address"] for one in answers["loadbalancers"]}
    six = {one["id"]: one["fixed_ips"][1]["ip_address"] for one in answers["ports"] if len(one["fixed_ips"]) > 1}
    further = {six[id_]: f"{name}, IPv6" for name, id_ in top.items() if id_ in six}
    return {**{found[id_]: name for name, id_ in top.items() if id_ in found}, **further}


def _row(one: Json, members: set[str]) -> list[str]:
    name, parent = one["resource_name"], one.get("parent_resource", "")
    return ["member" if name in members else name, one["resource_type"], "member" if parent in members else parent]


def _plain(rule: Json) -> list[str]:
    """A rule by itself; anywhere is written in two ways."""
    return _rule(rule, {"0.0.0.0/0": "None"})


def _rule(rule: Json, names: dict[str, str]) -> list[str]:
    fields = (
        "direction",
        "ethertype",
        "protocol",
        "port_range_min",
        "port_range_max",
        "remote_ip_prefix",
        "remote_group_id",
    )
    return [str(names.get(str(rule[name]), rule[name])) for name in fields]


def _named(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _named(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    if isinstance(value, str) and value.endswith("/signal"):
        return value.rpartition("/resources/")[2]
    return names.get(value, value) if isinstance(value, str) else value


def _record() -> None:
    from tenant_ops_dashboard import cloud as clouds
    from tenant_ops_dashboard.environments import delete, follow, launch
    from tenant_ops_dashboard.environments.model import Request
    from tests.conformance.real import Real

    target, found = Real(), recorded()
    for name in sys.argv[1:] or LAUNCHES:
        # A login reads the networks once, and some of these launches make their own.
        me = Person(clouds.from_clouds_yaml("developer", timeout=60))
        blueprint, values = LAUNCHES[name]
        given, after = ready(me, values, target.name)
        made = launch.launch(me.cloud, Request(target.name, blueprint, given))
        path = f"/stacks/{made.name}/{made.id}"
        target.until(
            lambda me=me, path=path: not me.get("orchestration", path).body["stack"]["stack_status"].endswith("PROGRESS")
        )
        found[name] = look(me, path)
        follow.down(me.cloud, delete.delete(me.cloud, target.name, data=True), 600, data=True)
        for method, place, body in after:
            me.ask(method, "network", place, body or None)
    FILE.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    _record()
