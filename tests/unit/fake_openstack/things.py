"""The services' things: plain collections with list, show, create, update and delete, and what a launch form needs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from tests.unit.fake_openstack.server import Json, Query, Wire

COLLECTIONS = {
    "networks": ("/network/v2.0", "network"),
    "subnets": ("/network/v2.0", "subnet"),
    "ports": ("/network/v2.0", "port"),
    "floatingips": ("/network/v2.0", "floatingip"),
    "security-groups": ("/network/v2.0", "security_group"),
    "firewall_groups": ("/network/v2.0/fwaas", "firewall_group"),
    "firewall_policies": ("/network/v2.0/fwaas", "firewall_policy"),
    "firewall_rules": ("/network/v2.0/fwaas", "firewall_rule"),
}


class Things:
    """Everything but Heat, as dictionaries by collection and id."""

    def __init__(self, wire: Wire, firewall: bool = True) -> None:
        self.numbers: Iterator[int] = itertools.count(1)
        self.kept: dict[str, dict[str, Json]] = {
            name: {} for name in (*COLLECTIONS, "servers", "volumes", "loadbalancers", "trusts")
        }
        self.trees: dict[str, Json] = {}
        self.quota: dict[str, int] = {}
        for name, (root, one) in COLLECTIONS.items():
            if firewall or not name.startswith("firewall"):
                self._collection(wire, root, name, one)
        self._form(wire)
        self._balancers(wire)
        self._storage(wire)
        self._trusts(wire)
        if firewall:
            self._rules_of_firewalls(wire)

    def add(self, collection: str, **fields: Any) -> Json:
        """Put a thing there."""
        made = {"id": f"{collection[:4]}-{next(self.numbers)}", **fields}
        self.kept[collection][made["id"]] = made
        return made

    def _collection(self, wire: Wire, root: str, name: str, one: str) -> None:
        many = name.replace("-", "_")
        wire.on("GET", f"{root}/{name}")(lambda query, body: {many: list(_filter(self.kept[name].values(), query))})
        wire.on("GET", f"{root}/{name}/([^/]+)")(lambda id_, query, body: self._show(name, one, id_))
        wire.on("PUT", f"{root}/{name}/([^/]+)")(lambda id_, query, body: {one: self._update(name, id_, body[one])})
        wire.on("DELETE", f"{root}/{name}/([^/]+)")(lambda id_, query, body: self._delete(name, id_))
        if not name.startswith("firewall"):
            wire.on("POST", f"{root}/{name}")(lambda query, body: (201, {one: self.add(name, **body[one])}))

    def _show(self, name: str, one: str, id_: str) -> tuple[int, Json]:
        found = self.kept[name].get(id_)
        return (200, {one: found}) if found else (404, {"NeutronError": {"message": f"{one} {id_} not found"}})

    def _update(self, name: str, id_: str, changes: Json) -> Json:
        self.kept[name][id_].update(changes)
        return self.kept[name][id_]

    def _delete(self, name: str, id_: str) -> tuple[int, Json | None]:
        if name == "firewall_groups" and self.kept[name].get(id_, {}).get("ports"):
            return 409, {"NeutronError": {"message": f"Firewall group {id_} is still active."}}
        if self.kept[name].pop(id_, None) is None:
            return 404, {"NeutronError": {"message": f"{id_} not found"}}
        return 204, None

    def _act(self, id_: str, body: Json) -> tuple[int, Json | None]:
        if id_ not in self.kept["servers"]:
            return 404, {"itemNotFound": {"message": f"Instance {id_} could not be found."}}
        self.kept["servers"][id_]["status"] = "REBOOT" if "reboot" in body else "ACTIVE"
        return 202, None

    def _rules_of_firewalls(self, wire: Wire) -> None:
        @wire.on("POST", "/network/v2.0/fwaas/(firewall_rules|firewall_policies|firewall_groups)")
        def create(name: str, query: Query, body: Json) -> tuple[int, Json]:
            one, fields = next(iter(body.items()))
            limit = self.quota.get(name)
            if limit is not None and len(self.kept[name]) >= limit:
                return 409, {"NeutronError": {"message": f"Quota exceeded for resources: ['{one}']."}}
            if name == "firewall_policies" and not set(fields["firewall_rules"]) <= set(self.kept["firewall_rules"]):
                return 404, {"NeutronError": {"message": "Firewall rule could not be found."}}
            taken = {port for group in self.kept["firewall_groups"].values() for port in group["ports"]}
            if name == "firewall_groups" and taken & set(fields["ports"]):
                return 409, {"NeutronError": {"message": "Port(s) already associated with another firewall group."}}
            extra = {"status": "ACTIVE"} if name == "firewall_groups" else {}
            return 201, {one: self.add(name, **extra, **fields)}

    def _form(self, wire: Wire) -> None:
        self.add("networks", name="EXT-NET", **{"router:external": True})
        external = next(iter(self.kept["networks"]))
        self.add("subnets", network_id=external, cidr="203.0.113.0/24", ip_version=4)
        wire.on("GET", "/image/v2/images")(
            lambda query, body: {"images": [{"id": "image-1", "name": "debian-12", "min_disk": 2, "min_ram": 0}]}
        )
        flavors = [("tiny", 1, 512, 1), ("small", 1, 2048, 10), ("medium", 2, 4096, 20)]
        wire.on("GET", "/compute/v2.1/flavors/detail")(
            lambda query, body: {
                "flavors": [
                    {"id": name, "name": name, "vcpus": cpu, "ram": ram, "disk": disk}
                    for name, cpu, ram, disk in flavors
                ]
            }
        )
        wire.on("GET", "/compute/v2.1/os-keypairs")(lambda query, body: {"keypairs": [{"keypair": {"name": "team"}}]})
        wire.on("GET", "/compute/v2.1/limits")(
            lambda query, body: {
                "limits": {
                    "absolute": {
                        "maxTotalInstances": self.quota.get("instances", 10),
                        "totalInstancesUsed": 1,
                        "maxTotalCores": 20,
                        "totalCoresUsed": 2,
                        "maxTotalRAMSize": self.quota.get("ram", 51200),
                        "totalRAMUsed": 4096,
                    }
                }
            }
        )
        wire.on("GET", "/block-storage/v3/limits")(
            lambda query, body: {
                "limits": {
                    "absolute": {
                        "maxTotalVolumes": 10,
                        "totalVolumesUsed": 0,
                        "maxTotalVolumeGigabytes": 1000,
                        "totalGigabytesUsed": 0,
                    }
                }
            }
        )
        names = ["network", "subnet", "port", "router", "floatingip", "security_group", "security_group_rule"]
        names += (
            ["firewall_group", "firewall_policy", "firewall_rule"]
            if any(h[1].match("/network/v2.0/fwaas/firewall_groups") for h in wire.handlers)
            else []
        )
        wire.on("GET", "/network/v2.0/quotas/project/details.json")(
            lambda query, body: {
                "quota": {name: {"limit": self.quota.get(name, 100), "used": 0, "reserved": 0} for name in names}
            }
        )

    def _balancers(self, wire: Wire) -> None:
        root = "/load-balancer/v2.0"
        wire.on("GET", f"{root}/quotas/project")(
            lambda query, body: {"quota": {"load_balancer": 50, "listener": None, "pool": -1}}
        )
        wire.on("GET", f"{root}/lbaas/quotas/project")(
            lambda query, body: {"quota": {"load_balancer": 50, "listener": None, "pool": -1}}
        )
        wire.on("GET", f"{root}/lbaas/loadbalancers")(
            lambda query, body: {"loadbalancers": list(self.kept["loadbalancers"].values())}
        )
        wire.on("GET", f"{root}/lbaas/pools")(lambda query, body: {"pools": []})

        @wire.on("DELETE", f"{root}/lbaas/loadbalancers/([^/]+)")
        def delete(id_: str, query: Query, body: Json) -> tuple[int, Json]:
            if ("cascade", "true") not in query:
                return 400, {"faultstring": "has children"}
            return self._delete("loadbalancers", id_)

        @wire.on("GET", f"{root}/lbaas/loadbalancers/([^/]+)/status")
        def status(id_: str, query: Query, body: Json) -> tuple[int, Json]:
            tree = self.trees.get(id_)
            return (200, {"statuses": {"loadbalancer": tree}}) if tree else (404, {"faultstring": "not found"})

    def _storage(self, wire: Wire) -> None:
        wire.on("GET", "/compute/v2.1/servers/detail")(
            lambda query, body: {"servers": list(self.kept["servers"].values())}
        )
        wire.on("POST", "/compute/v2.1/servers/([^/]+)/action")(lambda id_, query, body: self._act(id_, body))
        wire.on("GET", "/block-storage/v3/volumes/detail")(
            lambda query, body: {"volumes": list(self.kept["volumes"].values())}
        )
        wire.on("DELETE", "/block-storage/v3/volumes/([^/]+)")(lambda id_, query, body: self._delete("volumes", id_))

        @wire.on("POST", "/block-storage/v3/volumes/([^/]+)/metadata")
        def mark(id_: str, query: Query, body: Json) -> Json:
            self.kept["volumes"][id_]["metadata"].update(body["metadata"])
            return {"metadata": self.kept["volumes"][id_]["metadata"]}

        @wire.on("DELETE", "/block-storage/v3/volumes/([^/]+)/metadata/([^/]+)")
        def unmark(id_: str, key: str, query: Query, body: Json) -> tuple[int, Json | None]:
            known = self.kept["volumes"].get(id_, {}).get("metadata", {})
            if known.pop(key, None) is None:
                return 404, {"itemNotFound": {"message": f"Volume {id_} has no metadata with key {key}."}}
            return 200, None

    def _trusts(self, wire: Wire) -> None:
        wire.on("GET", "/identity/v3/OS-TRUST/trusts")(
            lambda query, body: {"trusts": list(_filter(self.kept["trusts"].values(), query))}
        )
        wire.on("POST", "/identity/v3/OS-TRUST/trusts")(
            lambda query, body: (201, {"trust": self.add("trusts", **body["trust"])})
        )
        wire.on("DELETE", "/identity/v3/OS-TRUST/trusts/([^/]+)")(lambda id_, query, body: self._delete("trusts", id_))


def _filter(items: Any, query: Query) -> Iterator[Json]:
    wanted: dict[str, set[str]] = {}
    for name, value in query:
        if name not in ("limit", "marker"):
            wanted.setdefault(name, set()).add(value)
    for one in list(items):
        if all(name not in one or str(one[name]).lower() in values for name, values in wanted.items()):
            yield one
