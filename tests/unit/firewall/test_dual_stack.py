"""The flagship with both IP versions: what its blueprint promises, judged of all packets of either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tenant_ops_dashboard.environments.firewall_group import rules
from tenant_ops_dashboard.environments.template import blueprint, hot
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.intents import check, parse, written
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.snapshot import Seen
from tests.unit.reachability.cloudmaker import Cloud, allow

ANSWERS = {"jump_host": "true", "ip_version": "dual-stack", "ula_prefix": "fd12:3456:789a::/48"}
PREFIX = "fd12:3456:789a"
PORTS = {"application": "app", "database": "data", "balancer": "vip"}
GROUPS = ("application_group", "database_group", "jump_group")
INTERFACES = ("r-dmz", "r-dmz-dmz-6", "r-db", "r-db-db-6")
PROFILES = pytest.mark.parametrize("profile", ["ovn", "l3-agent"])


def made(profile: str) -> Cloud:
    """Both tiers behind one router, whose external network has IPv6, too; groups and rules are the blueprint's own."""
    found = blueprint.find("tomcat-oracle")
    assert found is not None
    template = hot.parse(found.template)
    at = hot.scope(template, ANSWERS, {one: one for one in GROUPS})
    cloud = Cloud()
    for name in GROUPS:
        told = hot.resolve(template["resources"][name]["properties"]["rules"], at)
        ingress = [{"direction": "ingress", **{key: one[key] for key in one if key != "remote_mode"}} for one in told]
        cloud.group(name, *ingress, allow("egress"), allow("egress", version=6))
    cloud.network("ext", "203.0.113.0/24", external=True)
    cloud.network("ext", "2001:db8:1::/64", external=True, subnet="ext-6")
    for name, four, six in (("dmz", "10.20.1.0/24", f"{PREFIX}:1::/64"), ("db", "10.20.2.0/24", f"{PREFIX}:2::/64")):
        cloud.network(name, four)
        cloud.network(name, six, subnet=f"{name}-6")
    cloud.router(
        "r", ("dmz", "10.20.1.1"), ("dmz", f"{PREFIX}:1::1", "dmz-6"), ("db", "10.20.2.1"),
        ("db", f"{PREFIX}:2::1", "db-6"), external="ext", address="203.0.113.2",
    )  # fmt: skip
    outside = cloud.raw["routers"][0]["external_gateway_info"]["external_fixed_ips"]
    outside.append({"subnet_id": "ext-6", "ip_address": "2001:db8:1::2"})
    cloud.port("app", "dmz", "10.20.1.10", f"{PREFIX}:1::10", groups=("application_group",))
    cloud.port("jump", "dmz", "10.20.1.9", f"{PREFIX}:1::9", groups=("jump_group",))
    cloud.port("data", "db", "10.20.2.5", f"{PREFIX}:2::5", groups=("database_group",))
    told = hot.resolve(template["outputs"]["firewall"]["value"], at)
    for flow in told["flows"]:
        if flow["name"] == "web":
            flow["to_address"] = "10.20.1.5"
        if flow["name"] == "ssh-database":
            flow["from_address"] = {4: "10.20.1.9", 6: f"{PREFIX}:1::9"}[flow["ip_version"]]
    wanted = rules.wanted(told, profile)
    assert wanted is not None
    cloud.firewall("fw", INTERFACES, ingress=_kept(wanted.ingress), egress=_kept(wanted.egress))
    cloud.raw["meta"] = {"profile": profile}
    return cloud


def _kept(told: Any) -> list[dict[str, Any]]:
    """Rules as Neutron has them."""
    return [
        {"name": one.name, "protocol": one.protocol, "ip_version": one.ip_version, "action": one.action,
         "source_ip_address": one.source, "source_port": one.source_port,
         "destination_ip_address": one.destination, "destination_port": one.destination_port}
        for one in told
    ]  # fmt: skip


def judged(cloud: Cloud, *more: dict[str, Any]) -> dict[str, tuple[bool | None, str]]:
    """The blueprint's intents about servers, and `more`: whether each holds, and why."""
    found = blueprint.find("tomcat-oracle")
    assert found is not None
    asked = [written(one) for one in found.intents if "balancer" not in one.target]
    for one in asked:
        for end in ("from", "to"):
            one[end] = {f"tier:{{environment}}/{tier}": f"port:{port}" for tier, port in PORTS.items()}.get(one[end], one[end])
    ends = Ends(Seen(cloud.raw), Names(None))
    return {one.intent.says: (one.found.holds, str(one.found)) for one in check(ends.engine, parse([*asked, *more]), ends)}


NEVER, READS = "The database is never reachable from the internet.", "The application reaches its database."
IN, OUT, BOTH = "Nothing comes in by IPv6.", "Nothing gets out by IPv6.", "It reaches its database by IPv6, too."
MORE = [
    {"expect": "allow", "from": f"{PREFIX}:1::10/128", "to": f"{PREFIX}:2::5/128", "protocol": "tcp", "dst_port": 1521,
     "says": BOTH},
    {"expect": "deny", "from": "2000::/3", "to": f"{PREFIX}::/48", "says": IN},
    {"expect": "deny", "from": "port:app", "to": "2000::/3", "says": OUT},
]


def states(cloud: Cloud) -> dict[str, bool | None]:
    return {says: holds for says, (holds, _) in judged(cloud, *MORE).items()}


@PROFILES
def test_the_first_of_them_holds_where_the_external_network_has_ipv4_alone(profile: str) -> None:
    cloud = made(profile)
    cloud.raw["subnets"] = [one for one in cloud.raw["subnets"] if one["id"] != "ext-6"]
    cloud.raw["routers"][0]["external_gateway_info"]["external_fixed_ips"].pop()
    found = states(cloud)
    assert (found[NEVER], found[READS], found[BOTH], found[IN]) == (True,) * 4, judged(cloud, *MORE)


@PROFILES
def test_its_promises_hold_for_both(profile: str) -> None:
    assert states(made(profile)) == dict.fromkeys((NEVER, READS, BOTH, IN, OUT), True), judged(made(profile), *MORE)


def no_rule(cloud: Cloud) -> None:
    group = next(one for one in cloud.raw["security_groups"] if one["id"] == "database_group")
    group["security_group_rules"] = [
        one for one in group["security_group_rules"] if (one["ethertype"], one.get("port_range_min")) != ("IPv6", 1521)
    ]


def no_firewall_rule(cloud: Cloud) -> None:
    for one in cloud.raw["firewall_rules"]:
        one["enabled"] = one["name"].removesuffix("-ipv6") == one["name"] or not one["name"].startswith("database-")


def open_to_all(cloud: Cloud) -> None:
    """By IPv6 alone: at the security group, and at the router."""
    group = next(one for one in cloud.raw["security_groups"] if one["id"] == "database_group")
    group["security_group_rules"].append(
        {"id": "hole", "security_group_id": "database_group", **allow("ingress", "tcp", 1521, version=6)}
    )
    cloud.raw["firewall_groups"][0]["ports"] = ["r-dmz", "r-db"]


@PROFILES
@pytest.mark.parametrize(("change", "broken"), [(no_rule, {BOTH}), (no_firewall_rule, {BOTH}), (open_to_all, {NEVER, IN, OUT})])
def test_what_fails_by_ipv6_alone_breaks_them(profile: str, change: Callable[[Cloud], None], broken: set[str]) -> None:
    cloud = made(profile)
    change(cloud)
    found = states(cloud)
    assert {says for says, holds in found.items() if holds is not True} == broken, judged(cloud, *MORE)


@PROFILES
def test_of_two_ports_with_one_address_the_one_that_is_asked_for_is_judged(profile: str) -> None:
    """Two environments of a project may have one prefix, each behind its own router."""
    cloud = made(profile)
    cloud.group("open", allow("ingress", "tcp", 1521, version=6), allow("egress"), allow("egress", version=6))
    cloud.network("db2", "10.30.2.0/24")
    cloud.network("db2", f"{PREFIX}:2::/64", subnet="db2-6")
    cloud.router("r2", ("db2", "10.30.2.1"), ("db2", f"{PREFIX}:2::1", "db2-6"), external="ext", address="203.0.113.3")
    outside = cloud.raw["routers"][1]["external_gateway_info"]["external_fixed_ips"]
    outside.append({"subnet_id": "ext-6", "ip_address": "2001:db8:1::3"})
    cloud.port("data2", "db2", "10.30.2.5", f"{PREFIX}:2::5", groups=("open",))
    asked = {"expect": "deny", "from": "internet", "to": "port:data2", "says": "The second one is closed."}
    found = judged(cloud, asked)
    assert (found[asked["says"]][0], found[NEVER][0]) == (False, True)
