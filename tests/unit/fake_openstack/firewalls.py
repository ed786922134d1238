"""Neutron's FWaaS v2: groups, policies and rules that hold each other, as neutron-fwaas does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from tests.unit.fake_openstack import firewall_fields, paging, revisions
from tests.unit.fake_openstack.filters import filtered, neutron_refuses, neutron_says, neutron_unknown
from tests.unit.fake_openstack.server import Json, Query, Wire

ROOT = "/network/v2.0/fwaas"
KINDS = {"firewall_groups": "firewall_group", "firewall_policies": "firewall_policy", "firewall_rules": "firewall_rule"}
MANY = {one: many for many, one in KINDS.items()}
INTERFACES = (
    "network:router_interface", "network:ha_router_replicated_interface", "network:router_interface_distributed",
)  # fmt: skip
Answer = tuple[int, Json | None]
#: What a rule has that says nothing else (API reference).
_NEW_RULE = {
    "action": "deny", "enabled": True, "protocol": None, "ip_version": 4, "source_ip_address": None, "source_port": None,
    "destination_ip_address": None, "destination_port": None,
}  # fmt: skip


class Firewalls:
    """`becomes` is the status a group has once it was made; a project's things are its own, but for administrators."""

    def __init__(self, wire: Wire, things: Any) -> None:
        self.wire, self.things = wire, things
        self.becomes = "ACTIVE"
        for many, one in KINDS.items():
            wire.on("GET", f"{ROOT}/{many}")(self._list(many))
            wire.on("GET", f"{ROOT}/{many}/([^/]+)")(self._show(many, one))
            wire.on("PUT", f"{ROOT}/{many}/([^/]+)")(self._update(many, one))
            wire.on("DELETE", f"{ROOT}/{many}/([^/]+)")(self._delete(many, one))
            wire.on("POST", f"{ROOT}/{many}")(self._create(many, one))
        wire.on("PUT", f"{ROOT}/firewall_policies/([^/]+)/(insert|remove)_rule")(self._move)

    @property
    def kept(self) -> dict[str, dict[str, Json]]:
        found: dict[str, dict[str, Json]] = self.things.kept
        return found

    def _list(self, many: str) -> Callable[..., Any]:
        def run(query: Query, body: Json) -> Any:
            if refused := neutron_refuses(query, KINDS[many]):
                return refused
            found = filtered([one for one in self.kept[many].values() if self._sees(one)], query)
            return paging.neutron(found, query, many, f"/v2.0/fwaas/{many}", self.things.cap)

        return run

    def _show(self, many: str, one: str) -> Callable[..., Answer]:
        def run(id_: str, query: Query, body: Json) -> Answer:
            found = self._mine(many, id_)
            return (200, {one: found}) if found else _missing(one, id_)

        return run

    def _create(self, many: str, one: str) -> Callable[..., Answer]:
        def run(query: Query, body: Json) -> Answer:
            fields = body[one]
            if unknown := neutron_unknown(fields, one):
                return cast(Answer, unknown)
            limit = self.things.quota.get(many)
            if limit is not None and len(self.kept[many]) >= limit:
                return neutron_says(409, "OverQuota", f"Quota exceeded for resources: ['{one}'].")
            if refused := firewall_fields.refused(many, fields) or self._refused(many, fields):
                return refused
            if many == "firewall_rules":
                fields = {**_NEW_RULE, **firewall_fields.stored(fields)}
            extra = {"status": self.becomes if fields.get("ports") else "INACTIVE"} if many == "firewall_groups" else {}
            return 201, {one: dict(self.things.add(many, **extra, **{"project_id": self.wire.who.project, **fields}))}

        return run

    def _refused(self, many: str, fields: Json) -> Answer | None:
        for key, kind in (("firewall_rules", "firewall_rule"), ("ingress_firewall_policy_id", "firewall_policy"),
                          ("egress_firewall_policy_id", "firewall_policy")):  # fmt: skip
            named = fields.get(key) or []
            if key == "firewall_rules" and len(set(named)) < len(named):
                words = f"Invalid input for firewall_rules. Reason: Duplicate items in the list: '{', '.join(named)}'."
                return neutron_says(400, "HTTPBadRequest", words)
            for id_ in [named] if isinstance(named, str) else named:
                if not self._mine(MANY[kind], id_):
                    return _missing(kind, id_)
        return self._ports_refused(fields.get("ports", [])) if many == "firewall_groups" else None

    def _ports_refused(self, ports: list[str], but: str = "") -> Answer | None:
        for id_ in ports:
            port = self._mine("ports", id_)
            if port is None:
                return neutron_says(404, "PortNotFound", f"Port {id_} could not be found.")
            if port["device_owner"] not in INTERFACES:
                return neutron_says(409, "FirewallGroupPortInvalid", f"Port {id_} of firewall group is invalid.")
        held = {port for one in self.kept["firewall_groups"].values() if one["id"] != but for port in one["ports"]}
        if taken := [port for port in ports if port in held]:
            words = f"Port(s) {taken} provided already associated with other firewall group(s)."
            return neutron_says(409, "FirewallGroupPortInUse", words)
        return None

    def _update(self, many: str, one: str) -> Callable[..., Answer]:
        def run(id_: str, query: Query, body: Json) -> Answer:
            found = self._mine(many, id_)
            if found is None:
                return _missing(one, id_)
            fields = body[one]
            if unknown := neutron_unknown(fields, one):
                return cast(Answer, unknown)
            if refused := revisions.stale(found, self.wire.headers):
                return refused
            if refused := self._sharing_refused(one, found, fields):
                return refused
            whole = {**found, **fields} if many == "firewall_rules" else fields
            if refused := firewall_fields.refused(many, whole) or self._refused(many, {**fields, "ports": []}):
                return refused
            if many == "firewall_groups" and "ports" in body[one]:
                if refused := self._ports_refused(body[one]["ports"], id_):
                    return refused
                found["status"] = self.becomes if body[one]["ports"] else "INACTIVE"
            fields = firewall_fields.stored(fields) if many == "firewall_rules" else fields
            revisions.change(many, found, fields, lambda: list(self.kept["firewall_policies"].values()))
            return 200, {one: found}

        return run

    def _delete(self, many: str, one: str) -> Callable[..., Answer]:
        def run(id_: str, query: Query, body: Json) -> Answer:
            if self._mine(many, id_) is None:
                return _missing(one, id_)
            if self._used(many, id_):
                words = "still active" if many == "firewall_groups" else "being used"
                return neutron_says(409, f"{_kind(one)}InUse", f"{_called(one)} {id_} is {words}.")
            if refused := revisions.stale(self.kept[many][id_], self.wire.headers):
                return refused
            del self.kept[many][id_]
            return 204, None

        return run

    def _move(self, id_: str, verb: str, query: Query, body: Json) -> Answer:
        policy = self._mine("firewall_policies", id_)
        if policy is None:
            return _missing("firewall_policy", id_)
        rule = str(body["firewall_rule_id"])
        if not self._mine("firewall_rules", rule):
            return _missing("firewall_rule", rule)
        if refused := revisions.stale(policy, self.wire.headers):
            return refused
        there = list(policy["firewall_rules"])
        if verb == "insert" and rule in there:
            words = (
                f"Operation cannot be performed since firewall rule {rule} is already associated with firewall policy"
            )
            return neutron_says(409, "FirewallRuleAlreadyAssociated", f"{words} {id_}.")
        if verb == "remove" and rule not in there:
            words = f"Firewall rule {rule} is not associated with firewall policy {id_}."
            return neutron_says(400, "FirewallRuleNotAssociatedWithPolicy", words)
        if verb == "insert":
            before, after = body.get("insert_before"), body.get("insert_after")
            there.insert(there.index(before) if before else there.index(after) + 1 if after else 0, rule)
        else:
            there.remove(rule)
        policy["firewall_rules"] = there
        revisions.falls(policy)
        return 200, policy

    def _used(self, many: str, id_: str) -> bool:
        groups, policies = self.kept["firewall_groups"].values(), self.kept["firewall_policies"].values()
        if many == "firewall_groups":
            return bool(self.kept[many][id_]["ports"])
        if many == "firewall_rules":
            return any(id_ in one["firewall_rules"] for one in policies)
        return any(id_ in (one["ingress_firewall_policy_id"], one["egress_firewall_policy_id"]) for one in groups)

    def _mine(self, many: str, id_: str) -> Json | None:
        found: Any = self.kept[many].get(id_)
        return found if found is not None and self._sees(found) else None

    def _sees(self, thing: Json) -> bool:
        return self.wire.who.sees(thing) or thing.get("shared") is True

    def _sharing_refused(self, one: str, found: Json, fields: Json) -> Answer | None:
        """Administrators share; a policy's rules first; what another project uses stays shared."""
        id_, rule = found["id"], f"rule:update_{one}"
        if not self.wire.who.sees(found):
            return neutron_says(403, "PolicyNotAuthorized", f"{rule} is disallowed by policy")
        if "shared" not in fields:
            return None
        if not self.wire.who.admin:
            return neutron_says(403, "PolicyNotAuthorized", f"({rule} and {rule}:shared) is disallowed by policy")
        if one != "firewall_policy":
            return None
        if not fields["shared"]:
            users = [
                group for group in self.kept["firewall_groups"].values()
                if id_ in (group["ingress_firewall_policy_id"], group["egress_firewall_policy_id"])
            ]  # fmt: skip
            if any(group["project_id"] != found["project_id"] for group in users):
                return neutron_says(409, "FirewallPolicyInUse", f"Firewall policy {id_} is being used.")
            return None
        for held in found["firewall_rules"]:
            if not self.kept["firewall_rules"][held]["shared"]:
                words = f"Operation cannot be performed. Before sharing firewall policy {id_}, share associated"
                return neutron_says(409, "FirewallPolicySharingConflict", f"{words} firewall rule {held}.")
        return None


def _kind(one: str) -> str:
    return one.title().replace("_", "")


def _called(one: str) -> str:
    return one.replace("_", " ").capitalize()


def _missing(one: str, id_: str) -> Answer:
    return neutron_says(404, f"{_kind(one)}NotFound", f"{_called(one)} {id_} could not be found.")
