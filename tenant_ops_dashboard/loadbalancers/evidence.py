"""What the network and the servers say around one load balancer: a snapshot the reachability engine can judge."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, CloudError, NotFound, firewall_profile, visible
from tenant_ops_dashboard.loadbalancers.model import Balancer, Member, Pool

Json = dict[str, Any]
_RULE = re.compile(r"rule [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Lists of Neutron: key, path, and whether only the project's own objects are asked for.
_NEUTRON = (
    ("networks", "/networks", False), ("subnets", "/subnets", False), ("routers", "/routers", True),
    ("ports", "/ports", True), ("floatingips", "/floatingips", True), ("security_groups", "/security-groups", True),
    ("address_groups", "/address-groups", False), ("firewall_groups", "/fwaas/firewall_groups", True),
    ("firewall_policies", "/fwaas/firewall_policies", False), ("firewall_rules", "/fwaas/firewall_rules", False),
)  # fmt: skip
# How a stand-in for a port of the load balancer's own servers is called, where this project does not see theirs.
STAND_IN = "stand-in-"
_TRIES = 4096


@dataclass(frozen=True)
class Evidence:
    """`snapshot` as the reachability contract has it, `servers` by id; `silent` says which service did not answer."""

    snapshot: Mapping[str, Any]
    servers: Mapping[str, Mapping[str, Any]] | None
    silent: Mapping[str, str] = field(default_factory=dict)

    def find(self, kind: str, id_: str) -> Mapping[str, Any] | None:
        """An object of Neutron by id."""
        return next((one for one in self.snapshot.get(kind, ()) if one["id"] == id_), None)

    def port_at(self, address: str) -> Mapping[str, Any] | None:
        """A port with this address, in whatever network."""
        ports = self.snapshot.get("ports", ())
        return next((one for one in ports if address in {fixed["ip_address"] for fixed in one["fixed_ips"]}), None)

    def named(self, kind: str, id_: str) -> str:
        """A thing's name, else its id."""
        found = self.find(kind, id_)
        return str(found["name"] or id_) if found else id_

    def ours(self, network_id: str) -> bool:
        """Whether the network is this project's own, so that it sees every port on it."""
        found = self.find("networks", network_id)
        project = self.snapshot["meta"]["project_id"]
        return found is not None and found.get("project_id", project) == project

    def words(self, sentence: str) -> str:
        """The sentence with names in place of ids; a rule has none."""
        sentence = _RULE.sub("a rule", sentence)
        for kind in ("security_groups", "ports", "routers", "networks", "firewall_groups", "firewall_policies"):
            for one in self.snapshot.get(kind, ()):
                if one["id"] in sentence:
                    sentence = sentence.replace(one["id"], f"'{one['name']}'" if one["name"] else one["id"])
        return sentence


def read(cloud: Cloud, balancer: Balancer, member: Member) -> Evidence:
    """Twelve calls, thirteen once an hour, however much the project has; extensions the cloud lacks give empty lists.

    The ports of a load balancer's own servers are another project's: they are seen where the network is ours.
    """
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
        "meta": {"profile": firewall_profile(cloud), "project_id": cloud.project_id, "scope": "project"}
    }
    for key, path, own in _NEUTRON:
        query = {"project_id": cloud.project_id} if own else {}
        rows = ask(lambda path=path, key=key, query=query: cloud.pages("network", path, key, **query))  # type: ignore[misc]
        found[key] = visible(cloud, rows, {one["id"] for one in found.get("networks", ())})
    near = sorted(_networks(found, balancer, member))
    more = ask(lambda: cloud.pages("network", "/ports", "ports", network_id=near)) if near else []
    known = {one["id"] for one in found["ports"]}
    found["ports"] += [one for one in more if one["id"] not in known]
    servers = ask(lambda: cloud.pages("compute", "/servers/detail", "servers")) if cloud.has("compute") else []
    return Evidence(found, None if "Nova" in silent else {str(one["id"]): one for one in servers}, silent)


def _networks(found: Json, balancer: Balancer, member: Member) -> set[str]:
    """The networks the load balancer's own servers are on."""
    of_vip = {str(one["network_id"]) for one in found["ports"] if one["id"] == balancer.vip_port_id}
    return of_vip | {str(one["network_id"]) for one in found["subnets"] if one["id"] == member.subnet_id}


def with_balancer(snapshot: Mapping[str, Any], balancer: Balancer, pool: Pool, member: Member) -> Json:
    """The snapshot with the load balancer, the pool's monitor and the one member in it.

    Octavia's own servers are let send what they send: their groups are not to be seen. Where they themselves are not,
    a stand-in has an address of each subnet they must have a port in.
    """
    own = {
        "id": balancer.id, "name": balancer.name, "vip_address": balancer.vip, "vip_port_id": balancer.vip_port_id,
        "provider": balancer.provider,
    }  # fmt: skip
    row = {
        "id": member.id, "pool_id": pool.id, "address": member.address, "protocol_port": member.port,
        "subnet_id": member.subnet_id or None, "monitor_address": member.monitor_address or None,
        "monitor_port": member.monitor_port or None,
    }  # fmt: skip
    monitors = [{"id": pool.monitor.id, "pool_id": pool.id, "type": pool.monitor.type}] if pool.monitor else []
    return {
        **snapshot, "ports": _with_legs(snapshot, balancer, member), "loadbalancers": [own],
        "pools": [{"id": pool.id}], "members": [row], "healthmonitors": monitors,
    }  # fmt: skip


def _with_legs(snapshot: Mapping[str, Any], balancer: Balancer, member: Member) -> list[Json]:
    ports = [dict(one) for one in snapshot["ports"]]
    vip = next((one for one in ports if one["id"] == balancer.vip_port_id), None)
    if vip is None or balancer.provider == "ovn":
        return ports
    pairs = {"ip_address": balancer.vip}
    holders = [
        one for one in ports
        if one["network_id"] == vip["network_id"] and one is not vip
        and any(pair["ip_address"].partition("/")[0] == balancer.vip for pair in one.get("allowed_address_pairs") or ())
    ]  # fmt: skip
    device = next((str(one["device_id"]) for one in holders if one["device_id"]), "")
    if not device:
        device = f"{STAND_IN}{balancer.id}"
        vip_subnet = next((fixed["subnet_id"] for fixed in vip["fixed_ips"]), "")
        ports += _stand_in(snapshot, ports, vip_subnet, device, [pairs])
    legs = [one for one in ports if one["device_id"] == device]
    if member.subnet_id and not any(_in(one, member.subnet_id) for one in legs):
        ports += _stand_in(snapshot, ports, member.subnet_id, device, [])
    devices = {device, *(str(one["device_id"]) for one in holders)} - {""}
    return [{**one, "port_security_enabled": False} if one["device_id"] in devices else one for one in ports]


def _in(port: Mapping[str, Any], subnet_id: str) -> bool:
    return any(fixed["subnet_id"] == subnet_id for fixed in port["fixed_ips"])


def _stand_in(
    snapshot: Mapping[str, Any], ports: list[Json], subnet_id: str, device: str, pairs: list[Json]
) -> list[Json]:  # fmt: skip
    subnet = next((one for one in snapshot["subnets"] if one["id"] == subnet_id), None)
    address = _free(subnet, ports) if subnet else ""
    if subnet is None or not address:
        return []
    return [{
        "id": f"{STAND_IN}{subnet_id}", "name": "", "network_id": subnet["network_id"], "device_id": device,
        "device_owner": "compute:octavia", "admin_state_up": True, "status": "ACTIVE", "security_groups": [],
        "port_security_enabled": False, "allowed_address_pairs": pairs,
        "fixed_ips": [{"subnet_id": subnet_id, "ip_address": address}],
    }]  # fmt: skip


def _free(subnet: Mapping[str, Any], ports: list[Json]) -> str:
    """An address of the subnet that nobody is known to have, from its far end; '' where there is none."""
    net = ipaddress.ip_network(subnet["cidr"], strict=False)
    taken = {fixed["ip_address"] for one in ports for fixed in one["fixed_ips"]} | {subnet.get("gateway_ip")}
    last = int(net.broadcast_address) - (1 if net.num_addresses > 2 else 0)
    for number in range(last, max(int(net.network_address), last - _TRIES), -1):
        text = str(ipaddress.ip_address(number) if net.version == 4 else ipaddress.IPv6Address(number))
        if text not in taken:
            return text
    return ""
