"""What the network and the servers say around one load balancer: a snapshot the reachability engine can judge."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, CloudError, NotFound, visible
from tenant_ops_dashboard.loadbalancers.model import Balancer, Member

Json = dict[str, Any]
_RULE = re.compile(r"rule [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Lists of Neutron: key, path, and whether only the project's own objects are asked for.
_NEUTRON = (
    ("networks", "/networks", False), ("subnets", "/subnets", False), ("routers", "/routers", True),
    ("ports", "/ports", True), ("floatingips", "/floatingips", True), ("security_groups", "/security-groups", True),
    ("address_groups", "/address-groups", False), ("firewall_groups", "/fwaas/firewall_groups", True),
    ("firewall_policies", "/fwaas/firewall_policies", False), ("firewall_rules", "/fwaas/firewall_rules", False),
)  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """`snapshot` as the reachability contract has it, `servers` by id; `silent` says which service did not answer."""

    snapshot: Mapping[str, Any]
    servers: Mapping[str, Mapping[str, Any]] | None
    silent: Mapping[str, str] = field(default_factory=dict)

    def port_of(self, address: str, subnet_id: str, network_id: str) -> Mapping[str, Any] | None:
        """The port with this address in the subnet, or (subnet '') in the network."""
        for port in self.snapshot.get("ports", ()):
            for one in port["fixed_ips"]:
                there = one["subnet_id"] == subnet_id if subnet_id else port["network_id"] == network_id
                if there and one["ip_address"] == address:
                    found: Mapping[str, Any] = port
                    return found
        return None

    def named(self, kind: str, id_: str) -> str:
        """A thing's name, else its id."""
        found = next((one for one in self.snapshot.get(kind, ()) if one["id"] == id_), None)
        return str(found["name"] or id_) if found else id_

    def words(self, sentence: str) -> str:
        """The sentence with names in place of ids; a rule has none."""
        sentence = _RULE.sub("a rule", sentence)
        for kind in ("security_groups", "ports", "routers", "networks", "firewall_groups", "firewall_policies"):
            for one in self.snapshot.get(kind, ()):
                if one["id"] in sentence:
                    sentence = sentence.replace(one["id"], f"'{one['name']}'" if one["name"] else one["id"])
        return sentence


def read(cloud: Cloud) -> Evidence:
    """Eleven calls, however much the project has; extensions the cloud lacks give empty lists."""
    silent: dict[str, str] = {}

    def ask(make: Callable[[], list[Json]]) -> list[Json]:
        try:
            return make()
        except NotFound:
            return []
        except CloudError as error:
            silent.setdefault(error.service or "OpenStack", error.sentence)
            return []

    found: Json = {
        "meta": {"profile": cloud.options.firewall_profile, "project_id": cloud.project_id, "scope": "project"}
    }
    for key, path, own in _NEUTRON:
        query = {"project_id": cloud.project_id} if own else {}
        rows = ask(lambda path=path, key=key, query=query: cloud.pages("network", path, key, **query))  # type: ignore[misc]
        found[key] = visible(cloud, rows, {one["id"] for one in found.get("networks", ())})
    servers = ask(lambda: cloud.pages("compute", "/servers/detail", "servers")) if cloud.has("compute") else []
    return Evidence(found, None if "Nova" in silent else {str(one["id"]): one for one in servers}, silent)


def between(evidence: Evidence, balancer: Balancer, member: Member) -> Json | None:
    """The packet from a load balancer's own port to a member, as the probe takes it; None where there is no port.

    Octavia switches virtual ports off on purpose (its servers hold the address): the probe is asked with it on.
    """
    vip = next((one for one in evidence.snapshot["ports"] if one["id"] == balancer.vip_port_id), None)
    network = str(vip["network_id"]) if vip else ""
    port = evidence.port_of(member.address, member.subnet_id or "", network)
    if vip is None or port is None:
        return None
    # A pool's health is what its monitor finds; it may ask elsewhere than where the traffic goes.
    address, number = member.monitor_address or member.address, member.monitor_port or member.port
    return {
        "src": {"port": vip["id"]}, "dst": {"port": port["id"], "ip": address}, "protocol": "tcp", "dst_port": number,
    }  # fmt: skip


def for_probe(snapshot: Mapping[str, Any], balancer: Balancer) -> Json:
    """The snapshot with the load balancer in it, and its virtual port switched on."""
    own = {
        "id": balancer.id, "name": balancer.name, "vip_address": balancer.vip, "vip_port_id": balancer.vip_port_id,
        "provider": balancer.provider,
    }  # fmt: skip
    ports = [{**one, "admin_state_up": True} if one["id"] == balancer.vip_port_id else one for one in snapshot["ports"]]
    return {**snapshot, "ports": ports, "loadbalancers": [own]}
