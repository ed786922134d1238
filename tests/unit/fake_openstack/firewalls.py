"""Neutron's FWaaS v2: groups, policies and rules that hold each other, as neutron-fwaas does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.fake_openstack import paging
from tests.unit.fake_openstack.filters import filtered
from tests.unit.fake_openstack.server import Json, Query, Wire

ROOT = "/network/v2.0/fwaas"
KINDS = {"firewall_groups": "firewall_group", "firewall_policies": "firewall_policy", "firewall_rules": "firewall_rule"}
INTERFACES = (
    "network:router_interface", "network:ha_router_replicated_interface", "network:router_interface_distributed",
)  # fmt: skip
Answer = tuple[int, Json | None]


class Firewalls:
    """`becomes` is the status a group has once it was made; a project's things are its own, but for administrators."""

    def __init__(self, wire: Wire, things: Any) -> None:
        self.wire, self.things = wire, things
        self.becomes = "ACTIVE"
        for many, one in KINDS.items():
            wire.on("GET", f"{ROOT}/{many}")(self._list(many))
            wire.on("GET", f"{ROOT}/{many}/([^/]+)")(self._show(many, one))
            wire.on("PUT", f"{ROOT}/{many}/([^/]+)")(self._update(many, one))
            wire.on("DELETE", f"{ROOT}/{many}/([^/]+)")(self._delete(many))
            wire.on("POST", f"{ROOT}/{many}")(self._create(many, one))

    @property
    def kept(self) -> dict[str, dict[str, Json]]:
        found: dict[str, dict[str, Json]] = self.things.kept
        return found

    def _list(self, many: str) -> Callable[..., Any]:
        def run(query: Query, body: Json) -> Any:
            found = filtered([one for one in self.kept[many].values() if self.wire.who.sees(one)], query)
            return paging.neutron(found, query, many, f"/v2.0/fwaas/{many}", self.things.cap)

        return run

    def _show(self, many: str, one: str) -> Callable[..., Answer]:
        def run(id_: str, query: Query, body: Json) -> Answer:
            found = self._mine(many, id_)
            return (200, {one: found}) if found else _no(404, f"{one} {id_} could not be found.")

        return run

    def _create(self, many: str, one: str) -> Callable[..., Answer]:
        def run(query: Query, body: Json) -> Answer:
            fields = body[one]
            limit = self.things.quota.get(many)
            if limit is not None and len(self.kept[many]) >= limit:
                return _no(409, f"Quota exceeded for resources: ['{one}'].")
            if refused := self._refused(many, fields):
                return refused
            extra = {"status": self.becomes if fields.get("ports") else "INACTIVE"} if many == "firewall_groups" else {}
            return 201, {one: dict(self.things.add(many, **extra, **{"project_id": self.wire.who.project, **fields}))}

        return run

    def _refused(self, many: str, fields: Json) -> Answer | None:
        if many == "firewall_policies" and not all(
            self._mine("firewall_rules", id_) for id_ in fields["firewall_rules"]
        ):
            return _no(404, "Firewall rule could not be found.")
        if many != "firewall_groups":
            return None
        for key in ("ingress_firewall_policy_id", "egress_firewall_policy_id"):
            if fields.get(key) and not self._mine("firewall_policies", fields[key]):
                return _no(404, f"Firewall policy {fields[key]} could not be found.")
        return self._ports_refused(fields["ports"])

    def _ports_refused(self, ports: list[str], but: str = "") -> Answer | None:
        for id_ in ports:
            port = self._mine("ports", id_)
            if port is None:
                return _no(404, f"Port {id_} could not be found.")
            if port["device_owner"] not in INTERFACES:
                return _no(409, f"Firewall group port {id_} is invalid.")
        taken = {port for one in self.kept["firewall_groups"].values() if one["id"] != but for port in one["ports"]}
        return _no(409, "Port(s) already associated with another firewall group.") if taken & set(ports) else None

    def _update(self, many: str, one: str) -> Callable[..., Answer]:
        def run(id_: str, query: Query, body: Json) -> Answer:
            found = self._mine(many, id_)
            if found is None:
                return _no(404, f"{one} {id_} could not be found.")
            if many == "firewall_groups" and "ports" in body[one]:
                if refused := self._ports_refused(body[one]["ports"], id_):
                    return refused
                found["status"] = self.becomes if body[one]["ports"] else "INACTIVE"
            found.update(body[one])
            return 200, {one: found}

        return run

    def _delete(self, many: str) -> Callable[..., Answer]:
        def run(id_: str, query: Query, body: Json) -> Answer:
            if self._mine(many, id_) is None:
                return _no(404, f"{id_} could not be found.")
            if self._used(many, id_):
                return _no(409, f"{id_} is being used.")
            del self.kept[many][id_]
            return 204, None

        return run

    def _used(self, many: str, id_: str) -> bool:
        groups, policies = self.kept["firewall_groups"].values(), self.kept["firewall_policies"].values()
        if many == "firewall_groups":
            return bool(self.kept[many][id_]["ports"])
        if many == "firewall_rules":
            return any(id_ in one["firewall_rules"] for one in policies)
        return any(id_ in (one["ingress_firewall_policy_id"], one["egress_firewall_policy_id"]) for one in groups)

    def _mine(self, many: str, id_: str) -> Json | None:
        found: Any = self.kept[many].get(id_)
        return found if found is not None and self.wire.who.sees(found) else None


def _no(status: int, words: str) -> Answer:
    return status, {"NeutronError": {"message": words}}
