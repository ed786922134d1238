"""Neutron's RBAC policies of networks, and the tags of what it has."""

from __future__ import annotations

from typing import Any

from tests.unit.fake_openstack import paging
from tests.unit.fake_openstack.filters import filtered, neutron_refuses, neutron_says
from tests.unit.fake_openstack.server import Answer, Json, Query, Wire

ROOT, POLICIES = "/network/v2.0", "rbac-policies"
SHARED = "access_as_shared"


class Sharing:
    """`things` are the fake's, the policies among them."""

    def __init__(self, wire: Wire, things: Any) -> None:
        self.wire, self.things = wire, things
        wire.on("GET", f"{ROOT}/{POLICIES}")(self._list)
        wire.on("POST", f"{ROOT}/{POLICIES}")(lambda query, body: self._create(body["rbac_policy"]))
        wire.on("DELETE", f"{ROOT}/{POLICIES}/([^/]+)")(self._delete)
        wire.on("PUT", f"{ROOT}/(networks|security-groups)/([^/]+)/tags")(self._tag)

    def with_whom(self, network: str) -> set[str]:
        """The projects that a network is shared with."""
        return {one["target_tenant"] for one in self._kept.values() if one["object_id"] == network}

    @property
    def _kept(self) -> dict[str, Json]:
        found: dict[str, Json] = self.things.kept[POLICIES]
        return found

    def _list(self, query: Query, body: Json) -> Answer:
        mine = [one for one in self._kept.values() if self.wire.who.sees(one)]
        refused = neutron_refuses(query, "rbac_policy")
        return refused or paging.neutron(
            filtered(mine, query), query, "rbac_policies", "/v2.0/rbac-policies", self.things.cap
        )

    def _create(self, asked: Json) -> Answer:
        network = self.things._visible("networks", asked["object_id"])
        if network is None:
            return self.things._missing("networks", asked["object_id"])
        if not self.wire.who.sees(network):
            words = "Only admins can manipulate policies on networks they do not own"
            return neutron_says(400, "InvalidInput", f"Invalid input for operation: {words}.")
        if asked["target_tenant"] in self.with_whom(network["id"]):
            return neutron_says(409, "DuplicateRbacPolicy", "An RBAC policy already exists with those values.")
        made = self.things.add(POLICIES, project_id=self.wire.who.project, **asked)
        return 201, {"rbac_policy": made}

    def _delete(self, id_: str, query: Query, body: Json) -> Answer:
        found = self._kept.get(id_) if id_ in self._kept else None
        if found is None or not self.wire.who.sees(found):
            words = f"RBAC policy of type network with ID {id_} not found"
            return neutron_says(404, "RbacPolicyNotFound", words)
        ports = [one for one in self.things.kept["ports"].values() if one["network_id"] == found["object_id"]]
        if any(one["project_id"] == found["target_tenant"] for one in ports):
            why = f"Unable to reconfigure sharing settings for network {found['object_id']}. Multiple projects are using it."
            words = f"RBAC policy on object {found['object_id']} cannot be removed because other objects depend on it."
            return neutron_says(409, "RbacPolicyInUse", f"{words}\nDetails: {why}")
        del self._kept[id_]
        return 204, None

    def _tag(self, kind: str, id_: str, query: Query, body: Json) -> Answer:
        found = self.things.kept[kind].get(id_) if id_ in self.things.kept[kind] else None
        if found is None:
            words = f"Resource {kind.replace('-', '_')} {id_} could not be found."
            return neutron_says(404, "TagResourceNotFound", words)
        if not self.wire.who.sees(found):
            return neutron_says(403, "PolicyNotAuthorized", "It is disallowed by policy")
        found["tags"] = list(body["tags"])
        return 200, {"tags": found["tags"]}
