"""The services' things: plain collections with list, show, create, update and delete, and what a launch form needs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from tests.unit.fake_openstack import firewalls, paging
from tests.unit.fake_openstack.filters import filtered
from tests.unit.fake_openstack.server import Json, Query, Wire

COLLECTIONS = {
    "networks": ("/network/v2.0", "network"),
    "subnets": ("/network/v2.0", "subnet"),
    "ports": ("/network/v2.0", "port"),
    "floatingips": ("/network/v2.0", "floatingip"),
    "security-groups": ("/network/v2.0", "security_group"),
    "routers": ("/network/v2.0", "router"),
}


class Things:
    """Everything but Heat, as dictionaries by collection and id."""

    def __init__(self, wire: Wire, firewall: bool = True) -> None:
        self.wire = wire
        self.cap = paging.CAP
        self.numbers: Iterator[int] = itertools.count(1)
        self.kept: dict[str, dict[str, Json]] = {
            name: {} for name in (*COLLECTIONS, *firewalls.KINDS, "servers", "volumes", "loadbalancers", "trusts")
        }
        self.trees: dict[str, Json] = {}
        self.keypairs = ["team"]
        self.quota: dict[str, int] = {}
        image = {"id": "image-1", "name": "debian-12", "min_disk": 2, "min_ram": 0}
        self.images: list[Json] = [{**image, "visibility": "public", "owner": "admin"}]
        for name, (root, one) in COLLECTIONS.items():
            self._collection(wire, root, name, one)
        self._form(wire, firewall)
        self._balancers(wire)
        self._storage(wire)
        self._trusts(wire)
        if firewall:
            self.firewalls = firewalls.Firewalls(wire, self)

    def add(self, collection: str, **fields: Any) -> Json:
        """Put a thing there; it is the first project's unless told otherwise."""
        made = {"id": f"{collection[:4]}-{next(self.numbers)}", "project_id": "project", **fields}
        self.kept[collection][made["id"]] = made
        return made

    def clear(self, *collections: str) -> None:
        """All of these are gone."""
        for name in collections:
            self.kept[name].clear()

    def _collection(self, wire: Wire, root: str, name: str, one: str) -> None:
        many = name.replace("-", "_")
        path = f"{root.removeprefix('/network')}/{name}"
        wire.on("GET", f"{root}/{name}")(
            lambda query, body: paging.neutron(filtered(self._seen(name), query), query, many, path, self.cap)
        )
        wire.on("GET", f"{root}/{name}/([^/]+)")(lambda id_, query, body: self._show(name, one, id_))
        wire.on("PUT", f"{root}/{name}/([^/]+)")(lambda id_, query, body: {one: self._update(name, id_, body[one])})
        wire.on("DELETE", f"{root}/{name}/([^/]+)")(lambda id_, query, body: self._delete(name, id_))
        wire.on("POST", f"{root}/{name}")(
            lambda query, body: (201, {one: self.add(name, **{"project_id": wire.who.project, **body[one]})})
        )

    def _seen(self, name: str) -> Iterator[Json]:
        """What whoever asks is shown: an administrator all, others what is theirs, on their networks, or public."""
        who, own = self.wire.who, {one["id"] for one in self.kept["networks"].values() if self._own(one)}
        for one in self.kept[name].values():
            if who.sees(one) or one.get("router:external") or (name != "networks" and one.get("network_id") in own):
                yield one

    def _own(self, one: Json) -> bool:
        return bool(one["project_id"] == self.wire.who.project or (one.get("router:external")))

    def of_project(self, name: str) -> list[Json]:
        """Nova and Cinder show the project's own, to administrators too: they have another list for all."""
        return [one for one in self.kept[name].values() if one["project_id"] == self.wire.who.project]

    def _show(self, name: str, one: str, id_: str) -> tuple[int, Json]:
        found = self.kept[name].get(id_)
        return (200, {one: found}) if found else (404, {"NeutronError": {"message": f"{one} {id_} not found"}})

    def _update(self, name: str, id_: str, changes: Json) -> Json:
        self.kept[name][id_].update(changes)
        return self.kept[name][id_]

    def _delete(self, name: str, id_: str) -> tuple[int, Json | None]:
        if self.kept[name].pop(id_, None) is None:
            return 404, {"NeutronError": {"message": f"{id_} not found"}}
        return 204, None

    def _act(self, id_: str, body: Json) -> tuple[int, Json | None]:
        if id_ not in self.kept["servers"]:
            return 404, {"itemNotFound": {"message": f"Instance {id_} could not be found."}}
        self.kept["servers"][id_]["status"] = "REBOOT" if "reboot" in body else "ACTIVE"
        return 202, None

    def _form(self, wire: Wire, firewall: bool) -> None:
        self.add("networks", name="EXT-NET", **{"router:external": True})
        external = next(iter(self.kept["networks"]))
        self.add("subnets", network_id=external, cidr="203.0.113.0/24", ip_version=4)
        wire.on("GET", "/image/v2/images")(
            lambda query, body: paging.glance(
                [one for one in self.images if wire.who.admin or one["visibility"] == "public"],
                query,
                "images",
                "/v2/images",
                self.cap,
            )
        )
        flavors = [("tiny", 1, 512, 1), ("small", 1, 2048, 10), ("medium", 2, 4096, 20)]
        wire.on("GET", "/compute/v2.1/flavors/detail")(
            lambda query, body: paging.nova(
                [
                    {"id": name, "name": name, "vcpus": cpu, "ram": ram, "disk": disk}
                    for name, cpu, ram, disk in flavors
                ],
                query,
                "flavors",
                "/v2.1/flavors/detail",
                self.cap,
            )
        )
        wire.on("GET", "/compute/v2.1/os-keypairs")(
            lambda query, body: paging.nova(
                [{"keypair": {"name": name}} for name in self.keypairs],
                query,
                "keypairs",
                "/v2.1/os-keypairs",
                self.cap,
            )
        )
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
        names += ["firewall_group", "firewall_policy", "firewall_rule"] if firewall else []
        wire.on("GET", "/network/v2.0/quotas/[^/]+/details.json")(
            lambda query, body: {
                "quota": {name: {"limit": self.quota.get(name, 100), "used": 0, "reserved": 0} for name in names}
            }
        )

    def _balancers(self, wire: Wire) -> None:
        root = "/load-balancer/v2.0"
        wire.on("GET", f"{root}/quotas/[^/]+")(
            lambda query, body: {"quota": {"load_balancer": 50, "listener": None, "pool": -1}}
        )
        wire.on("GET", f"{root}/lbaas/quotas/[^/]+")(
            lambda query, body: {"quota": {"load_balancer": 50, "listener": None, "pool": -1}}
        )
        wire.on("GET", f"{root}/lbaas/loadbalancers")(
            lambda query, body: paging.octavia(
                filtered(self._seen("loadbalancers"), query),
                query,
                "loadbalancers",
                "/v2.0/lbaas/loadbalancers",
                self.cap,
            )
        )
        wire.on("GET", f"{root}/lbaas/loadbalancers/([^/]+)")(
            lambda id_, query, body: self._show("loadbalancers", "loadbalancer", id_)
        )
        for kind in ("listeners", "pools", "healthmonitors"):
            wire.on("GET", f"{root}/lbaas/{kind}")(lambda query, body, kind=kind: {kind: []})

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
            lambda query, body: paging.nova(
                self.of_project("servers"), query, "servers", "/v2.1/servers/detail", self.cap
            )
        )
        wire.on("POST", "/compute/v2.1/servers/([^/]+)/action")(lambda id_, query, body: self._act(id_, body))
        wire.on("GET", "/block-storage/v3/volumes/detail")(
            lambda query, body: paging.nova(
                self.of_project("volumes"), query, "volumes", "/v3/volumes/detail", self.cap
            )
        )
        wire.on("DELETE", "/compute/v2.1/servers/([^/]+)")(lambda id_, query, body: self._delete("servers", id_))
        wire.on("PUT", "/network/v2.0/routers/([^/]+)/remove_router_interface")(
            lambda router, query, body: (200, {}) if self._delete("ports", body["port_id"])[0] == 204 else (404, {})
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
            lambda query, body: paging.keystone(
                filtered(self.kept["trusts"].values(), query), query, "trusts", "/v3/OS-TRUST/trusts", self.cap
            )
        )
        wire.on("POST", "/identity/v3/OS-TRUST/trusts")(
            lambda query, body: (201, {"trust": self.add("trusts", **body["trust"])})
        )
        wire.on("DELETE", "/identity/v3/OS-TRUST/trusts/([^/]+)")(lambda id_, query, body: self._delete("trusts", id_))
