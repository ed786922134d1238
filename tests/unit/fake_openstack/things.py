"""The services' things: plain collections with list, show, create, update and delete, and what a launch form needs."""

from __future__ import annotations

import functools
import ipaddress
import itertools
import json
from collections.abc import Iterator
from typing import Any

from tests.conformance.recorded import examples
from tests.unit.fake_openstack import firewalls, paging, security_groups, servers, sharing, storage
from tests.unit.fake_openstack.filters import (
    filtered,
    neutron_refuses,
    neutron_says,
    neutron_unknown,
    octavia_refuses,
    octavia_says,
    shown,
)
from tests.unit.fake_openstack.server import Answer, Json, Known, Query, Wire

#: By collection: where it is, what one of it is called, and what Neutron says of one that is not there.
COLLECTIONS = {
    "networks": ("network", "NetworkNotFound", "Network {} could not be found."),
    "subnets": ("subnet", "SubnetNotFound", "Subnet {} could not be found."),
    "ports": ("port", "PortNotFound", "Port {} could not be found."),
    "floatingips": ("floatingip", "FloatingIPNotFound", "Floating IP {} could not be found"),
    "security-groups": ("security_group", "SecurityGroupNotFound", "Security group {} does not exist"),
    "routers": ("router", "RouterNotFound", "Router {} could not be found"),
}
#: What an example of this kind tells of a thing that was just made.
KINDS = {
    **{name: one for name, (one, *_) in COLLECTIONS.items()}, **firewalls.KINDS, "servers": "server",
    "rbac-policies": "rbac_policy", "volumes": "volume", "snapshots": "snapshot", "loadbalancers": "load balancer",
    "healthmonitors": "healthmonitor", "trusts": "trust",
}  # fmt: skip
INTERFACE = "network:router_interface"
#: Who makes routers: the providers of OVN's L3 plugin, and of the reference one with its agents.
OVN, AGENTS = ("ovn",), ("dvrha", "dvr", "ha", "single_node")


@functools.cache
def _blank(collection: str) -> str:
    """One of these as a service gives it that has just made it, without what is its own."""
    example = {
        name: value for name, value in examples()[KINDS[collection]].items() if not name.startswith("tenant_ops_")
    }
    return json.dumps(
        {name: type(value)() if isinstance(value, list | dict) else value for name, value in example.items()}
    )


class Things:
    """Everything but Heat, as dictionaries by collection and id."""

    def __init__(self, wire: Wire, firewall: bool = True) -> None:
        self.wire = wire
        self.cap = paging.CAP
        self.numbers: Iterator[int] = itertools.count(1)
        self.kept: dict[str, dict[str, Json]] = {
            name: Known()
            for name in (*COLLECTIONS, *firewalls.KINDS, "servers", "volumes", "snapshots", "loadbalancers", "healthmonitors", "trusts",
                         sharing.POLICIES)
        }  # fmt: skip
        self.trees: dict[str, Json] = {}
        self.keypairs = ["team"]
        self.quota: dict[str, int] = {}
        self.providers = ["amphora", "ovn"]
        #: Flavors of Octavia's with their descriptions.
        self.balancer_flavors: dict[str, str] = {}
        #: Aliases of Neutron's extensions.
        self.extensions = ["router", "net-mtu"]
        #: Availability zones of Nova and of Cinder, and those of them that take nothing.
        self.zones, self.volume_zones, self.closed = ["nova"], ["nova"], set[str]()
        #: Flavors of Nova's: name, cores, MB of RAM and GB of disk; and which of them are disabled.
        self.disabled: set[str] = set()
        self.flavors = [("tiny", 1, 512, 1), ("small", 1, 2048, 10), ("medium", 2, 4096, 20)]
        self.agents = ["OVN Controller agent"]
        self.routers: tuple[str, ...] = OVN
        #: What a new security group has from the beginning: Neutron's own two, until an operator changes it.
        bare = dict.fromkeys(("protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id"))
        self.given: list[Json] = [
            {**bare, "direction": "egress", "ethertype": one, "used_in_non_default_sg": True} for one in ("IPv4", "IPv6")
        ]
        image = {**examples()["image"], "id": "image-1", "name": "debian-12", "min_disk": 2, "min_ram": 0}
        self.images: list[Json] = [{**image, "visibility": "public", "owner": "admin"}]
        for name in COLLECTIONS:
            self._collection(wire, name)
        wire.on("PUT", "/network/v2.0/routers/([^/]+)/add_router_interface")(self._add_interface)
        wire.on("PUT", "/network/v2.0/routers/([^/]+)/remove_router_interface")(self._remove_interface)
        self._form(wire, firewall)
        self._balancers(wire)
        self.sharing = sharing.Sharing(wire, self)
        self.storage = storage.Storage(wire, self)
        self.servers = servers.Servers(wire, self)
        self.security_group_rules = security_groups.SecurityGroupRules(wire, self)
        #: What the operator has Neutron give every new security group, beside its own.
        self.template_rules: list[Json] = []
        if firewall:
            self.firewalls = firewalls.Firewalls(wire, self)

    def add(self, collection: str, **fields: Any) -> Json:
        """Put a thing there, as a real one is that was just made; it is the first project's unless told otherwise."""
        id_ = f"{collection[:4]}-{next(self.numbers)}"
        made: Json = {**json.loads(_blank(collection)), "id": id_, "project_id": "project", **fields}
        for name in ("tenant_id", "os-vol-tenant-attr:tenant_id", "os-extended-snapshot-attributes:project_id"):
            if name in made:
                made[name] = made["project_id"]
        self.kept[collection][made["id"]] = made
        return made

    def clear(self, *collections: str) -> None:
        """All of these are gone."""
        for name in collections:
            self.kept[name].clear()

    def settle(self) -> None:
        """What Nova and Cinder had begun is done."""
        self.servers.settle()
        self.storage.settle()

    def _collection(self, wire: Wire, name: str) -> None:
        many, (one, _, _) = name.replace("-", "_"), COLLECTIONS[name]
        path = f"/v2.0/{name}"

        def listed(query: Query, body: Json) -> Answer:
            missing = self._missing(name, dict(query).get("marker", "")) if name in ("networks", "ports") else None
            return neutron_refuses(query, one) or paging.neutron(
                filtered(self._seen(name), query), query, many, path, self.cap, missing
            )

        wire.on("GET", f"/network{path}")(listed)
        wire.on("GET", f"/network{path}/([^/]+)")(lambda id_, query, body: self._show(name, id_))
        wire.on("PUT", f"/network{path}/([^/]+)")(lambda id_, query, body: self._update(name, id_, body[one]))
        wire.on("DELETE", f"/network{path}/([^/]+)")(lambda id_, query, body: self._delete(name, id_))
        wire.on("POST", f"/network{path}")(lambda query, body: self._create(name, body[one]))

    def _seen(self, name: str) -> Iterator[Json]:
        """What whoever asks is shown: an administrator all, others what is theirs, on their networks, or public."""
        who, own = self.wire.who, {one["id"] for one in self.kept["networks"].values() if self._own(one)}
        for one in self.kept[name].values():
            network = {"networks": one["id"], "subnets": one.get("network_id")}.get(name)
            if who.sees(one) or (network and who.project in self.sharing.with_whom(network)) or one.get("router:external") or (name != "networks" and one.get("network_id") in own):
                yield one

    def _own(self, one: Json) -> bool:
        return bool(one["project_id"] == self.wire.who.project or (one.get("router:external")))

    def of_project(self, name: str) -> list[Json]:
        """Nova and Cinder show the project's own, to administrators too: they have another list for all."""
        return [shown(one) for one in self.kept[name].values() if one["project_id"] == self.wire.who.project]

    def _visible(self, name: str, id_: str) -> Json | None:
        return next((one for one in self._seen(name) if one["id"] == id_), None)

    def _missing(self, name: str, id_: str) -> tuple[int, Json]:
        _, kind, words = COLLECTIONS[name]
        return neutron_says(404, kind, words.format(id_))

    def _show(self, name: str, id_: str) -> tuple[int, Json]:
        found = self._visible(name, id_)
        return (200, {COLLECTIONS[name][0]: found}) if found else self._missing(name, id_)

    def _create(self, name: str, fields: Json) -> tuple[int, Json]:
        one = COLLECTIONS[name][0]
        if refused := neutron_unknown(fields, one):
            return refused
        made = self.add(name, **{"project_id": self.wire.who.project, **fields})
        if name == "security-groups":
            rules = [{**one, "id": f"rule-{next(self.numbers)}"} for one in self.template_rules]
            made["security_group_rules"] = [*made["security_group_rules"], *rules]
        for one_ in made["fixed_ips"] if name == "ports" else ():
            one_.setdefault("ip_address", self._free(one_["subnet_id"]))
        if name == "floatingips":
            made["floating_ip_address"] = made["floating_ip_address"] or "203.0.113.60"
        return 201, {one: dict(made)}

    def _free(self, subnet: str) -> str:
        """The first address of a subnet that no port has."""
        known = {ip.get("ip_address") for one in self.kept["ports"].values() for ip in one["fixed_ips"]}
        hosts = ipaddress.ip_network(self.kept["subnets"][subnet]["cidr"]).hosts()
        return next(str(one) for one in hosts if str(one) not in known)

    def _update(self, name: str, id_: str, changes: Json) -> tuple[int, Json]:
        found = self._visible(name, id_)
        if found is None:
            return self._missing(name, id_)
        found.update(changes)
        return 200, {COLLECTIONS[name][0]: found}

    def _delete(self, name: str, id_: str) -> tuple[int, Json | None]:
        found = self._visible(name, id_)
        if found is None:
            return self._missing(name, id_)
        if name in ("networks", "subnets") and not self.wire.who.sees(found):
            return neutron_says(403, "PolicyNotAuthorized", f"rule:delete_{COLLECTIONS[name][0]} is disallowed by policy")
        if name == "ports" and found["device_owner"] == INTERFACE:
            words = f"Port {id_} cannot be deleted directly via the port API: has device owner {INTERFACE}."
            return neutron_says(409, "ServicePortInUse", words)
        if name == "security-groups" and any(id_ in one["security_groups"] for one in self.kept["ports"].values()):
            return neutron_says(409, "SecurityGroupInUse", f"Security Group {id_} in use.")
        users = [port["id"] for port in self.kept["ports"].values() if port.get("network_id") == id_]
        if name == "networks" and users:
            words = f"Unable to complete operation on network {id_}. There are one or more ports still in use on the network"
            return neutron_says(409, "NetworkInUse", f"{words}, id for these ports is: {','.join(users)}.")
        del self.kept[name][id_]
        if name == "networks":
            policies = self.kept[sharing.POLICIES]
            for one in [key for key, it in policies.items() if it["object_id"] == id_]:
                del policies[one]
            subnets = self.kept["subnets"]
            self.kept["subnets"] = {key: one for key, one in subnets.items() if one.get("network_id") != id_}
        return 204, None

    def _add_interface(self, router: str, query: Query, body: Json) -> Answer:
        subnet = self.kept["subnets"][body["subnet_id"]]
        fixed = [{"subnet_id": subnet["id"], "ip_address": "10.77.0.1"}]
        port = self.add("ports", device_id=router, device_owner=INTERFACE, network_id=subnet["network_id"], fixed_ips=fixed,
                        status="ACTIVE", project_id=self.wire.who.project)  # fmt: skip
        return 200, _interface(router, port)

    def _remove_interface(self, router: str, query: Query, body: Json) -> Answer:
        port = self._visible("ports", body["port_id"])
        if port is None or port["device_id"] != router:
            words = f"Router {router} does not have an interface with id {body['port_id']}"
            return neutron_says(404, "RouterInterfaceNotFound", words)
        del self.kept["ports"][port["id"]]
        return 200, _interface(router, port)

    def one(self, name: str, id_: str) -> Json | None:
        """A server or a volume of the project's, or any for administrators."""
        found = self.kept[name].get(id_)
        return found if found is not None and self.wire.who.sees(found) else None

    def _form(self, wire: Wire, firewall: bool) -> None:
        self.add("networks", name="EXT-NET", **{"router:external": True})
        external = next(iter(self.kept["networks"]))
        self.add("subnets", network_id=external, cidr="203.0.113.0/24", ip_version=4)
        wire.on("GET", "/image/v2/images")(
            lambda query, body: paging.glance(
                [one for one in self.images if _listed(one, dict(query)) and (wire.who.admin or one["visibility"] == "public")],
                query,
                "images",
                "/v2/images",
                self.cap,
            )
        )
        wire.on("GET", "/compute/v2.1/flavors/detail")(
            lambda query, body: paging.nova(
                [
                    {**examples()["flavor"], "id": name, "name": name, "vcpus": cpu, "ram": ram, "disk": disk,
                     "OS-FLV-DISABLED:disabled": name in self.disabled}
                    for name, cpu, ram, disk in self.flavors
                ],
                query,
                "flavors",
                "/v2.1/flavors/detail",
                self.cap,
            )
        )
        wire.on("GET", "/compute/v2.1/flavors")(
            lambda query, body: paging.nova(
                [{"id": name, "name": name, "links": []} for name, *_ in self.flavors],
                query,
                "flavors",
                "/v2.1/flavors",
                self.cap,
            )
        )
        wire.on("GET", "/compute/v2.1/os-availability-zone")(
            lambda query, body: {"availabilityZoneInfo": [{**self._zone(one), "hosts": None} for one in self.zones]}
        )
        wire.on("GET", "/block-storage/v3/os-availability-zone")(
            lambda query, body: {"availabilityZoneInfo": [self._zone(one) for one in self.volume_zones]}
        )
        wire.on("GET", "/compute/v2.1/os-keypairs")(
            lambda query, body: paging.nova(
                [{"keypair": {**examples()["key pair"], "name": name}} for name in self.keypairs],
                query,
                "keypairs",
                "/v2.1/os-keypairs",
                self.cap,
            )
        )
        wire.on("GET", "/compute/v2.1/limits")(
            lambda query, body: {
                "limits": {
                    "rate": [],
                    "absolute": {
                        **examples()["limits of nova"],
                        "maxServerGroups": self.quota.get("server_groups", 10),
                        "maxTotalInstances": self.quota.get("instances", 10),
                        "totalInstancesUsed": 1,
                        "maxTotalCores": 20,
                        "totalCoresUsed": 2,
                        "maxTotalRAMSize": self.quota.get("ram", 51200),
                        "totalRAMUsed": 4096,
                    },
                }
            }
        )
        names = ["network", "subnet", "port", "router", "floatingip", "security_group", "security_group_rule"]
        names += ["firewall_group", "firewall_policy", "firewall_rule"] if firewall else []

        wire.on("GET", "/network/v2.0/extensions")(
            lambda query, body: {"extensions": [{**examples()["extension"], "alias": one} for one in self.extensions]}
        )

        wire.on("GET", "/network/v2.0/default-security-group-rules")(
            lambda query, body: {"default_security_group_rules": self.given}
        )

        @wire.on("GET", "/network/v2.0/service-providers")
        def service_providers(query: Query, body: Json) -> Json:
            told = [("L3_ROUTER_NAT", name) for name in self.routers]
            told += [("FIREWALL_V2", "fwaas_db")] if firewall else []
            rows = [{"service_type": kind, "name": name, "default": name in ("ovn", "fwaas_db")} for kind, name in told]
            return {"service_providers": rows}

        wire.on("GET", "/network/v2.0/agents")(
            lambda query, body: {"agents": [{"agent_type": one} for one in self.agents if wire.who.admin]}
        )

        @wire.on("GET", "/network/v2.0/quotas/([^/]+)/details.json")
        def quotas(project: str, query: Query, body: Json) -> Answer:
            if not self.wire.who.admin and project != self.wire.who.project:
                words = "User does not have admin privileges: Only admin is authorized to access quotas for another project."
                return neutron_says(403, "AdminRequired", words)
            return {
                "quota": {
                    name: {"limit": self.quota.get(name, 100), "used": self._used(name), "reserved": 0}
                    for name in names
                }
            }

    def _zone(self, name: str) -> Json:
        return {"zoneName": name, "zoneState": {"available": name not in self.closed}}

    def routed_by_agents(self) -> None:
        """From here on routers are made by Neutron's reference plugin."""
        self.routers, self.agents = AGENTS, ["DHCP agent", "L3 agent", "Open vSwitch agent"]

    def _used(self, name: str) -> int:
        """What counts against a quota, of firewalls and security groups; other kinds have room enough."""
        if name == "security_group_rule":
            return self.security_group_rules.used
        many = firewalls.MANY.get(name, "")
        return sum(one["project_id"] == self.wire.who.project for one in self.kept[many].values()) if many else 0

    def _balancers(self, wire: Wire) -> None:
        root = "/load-balancer/v2.0"
        quota = {**examples()["quota of octavia"], "load_balancer": 50, "listener": None, "pool": -1}
        wire.on("GET", f"{root}/lbaas/providers")(
            lambda query, body: {"providers": [{"name": one, "description": f"{one}."} for one in self.providers]}
        )
        wire.on("GET", f"{root}/lbaas/flavors")(
            lambda query, body: paging.octavia(
                [
                    {"id": f"flavor-{one}", "name": one, "description": words, "enabled": True, "flavor_profile_id": "profile"}
                    for one, words in self.balancer_flavors.items()
                ],
                query,
                "flavors",
                "/v2.0/lbaas/flavors",
                self.cap,
            )
        )
        for place in ("quotas", "lbaas/quotas"):
            wire.on("GET", f"{root}/{place}/[^/]+")(lambda query, body: {"quota": quota})
        for kind, example in (("loadbalancers", "load balancer"), ("listeners", "listener"), ("pools", "pool"),
                              ("healthmonitors", "healthmonitor")):  # fmt: skip
            wire.on("GET", f"{root}/lbaas/{kind}")(
                lambda query, body, kind=kind, example=example: (
                    octavia_refuses(query, example, self.wire.who.project, self.wire.who.admin)
                    or paging.octavia(
                        filtered(self._seen(kind) if kind in self.kept else (), query),
                        query,
                        kind,
                        f"/v2.0/lbaas/{kind}",
                        self.cap,
                    )
                )
            )

        @wire.on("GET", f"{root}/lbaas/loadbalancers/([^/]+)")
        def show(id_: str, query: Query, body: Json) -> Answer:
            found = self.one("loadbalancers", id_)
            return {"loadbalancer": found} if found else _no_balancer(id_)

        @wire.on("GET", f"{root}/lbaas/pools/([^/]+)/members")
        def members(id_: str, query: Query, body: Json) -> Answer:
            pools = (pool for tree in self.trees.values() for one in tree["listeners"] for pool in one["pools"])
            found = next((pool for pool in pools if pool["id"] == id_), None)
            if found is None:
                return octavia_says(404, f"Pool {id_} not found.")
            rows = [{**examples()["member"], **one} for one in found["members"]]
            return paging.octavia(rows, query, "members", f"/v2.0/lbaas/pools/{id_}/members", self.cap)

        @wire.on("DELETE", f"{root}/lbaas/loadbalancers/([^/]+)")
        def delete(id_: str, query: Query, body: Json) -> Answer:
            if self.one("loadbalancers", id_) is None:
                return _no_balancer(id_)
            if ("cascade", "true") not in query:
                return octavia_says(400, f"Validation failure: Cannot delete Load Balancer {id_} - it has children")
            del self.kept["loadbalancers"][id_]
            return 204, None

        @wire.on("GET", f"{root}/lbaas/loadbalancers/([^/]+)/status")
        def status(id_: str, query: Query, body: Json) -> Answer:
            tree = self.trees.get(id_)
            return {"statuses": {"loadbalancer": tree}} if tree else _no_balancer(id_)


def _listed(image: Json, asked: dict[str, str]) -> bool:
    """Glance leaves hidden ones out where nobody asks for them, and those of another status than is asked for."""
    return not image.get("os_hidden") and asked.get("status") in (None, image["status"])


def _interface(router: str, port: Json) -> Json:
    subnet = port["fixed_ips"][0]["subnet_id"]
    told = {"id": router, "project_id": port["project_id"], "port_id": port["id"], "network_id": port["network_id"]}
    return {**told, "subnet_id": subnet, "subnet_ids": [subnet]}


def _no_balancer(id_: str) -> tuple[int, Json]:
    return octavia_says(404, f"Load Balancer {id_} not found.")
