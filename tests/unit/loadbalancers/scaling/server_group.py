"""Heat with one stack that has a group of servers, beside a fake Octavia on the same wire."""

from __future__ import annotations

from typing import Any

from tests.unit.fake_openstack.server import Json, Query
from tests.unit.loadbalancers.octavia import Octavia

ID = "00000000-0000-0000-0000-000000000001"
ROOT = "/orchestration/v1/project"
PATH = f"{ROOT}/stacks/shop/{ID}"


class Tier:
    """The stack 'shop'; `signals` are the policies that were called, `body` is the last update."""

    def __init__(self, octavia: Octavia) -> None:
        self.size, self.state, self.reason = 2, "CREATE_COMPLETE", "state changed"
        self.stack_state, self.signals, self.body = "CREATE_COMPLETE", list[str](), dict[str, Any]()
        self.instances, self.used, self.marked = 10, 2, list[str]()
        # What Heat notes of the group, members it could not make by their reason, members whose server is gone.
        self.live: Json = {}
        self.failed: dict[str, str] = {}
        self.gone: set[str] = set()
        # A member that Heat began to make, and when Heat began its last action with the stack.
        self.begun, self.updated = "", ""
        group = {"type": "OS::Heat::AutoScalingGroup", "metadata": {"tenant_ops": {"title": "Servers"}},
                 "properties": {"min_size": 2, "max_size": 4, "desired_capacity": 2, "cooldown": 30,
                                "resource": {"type": "application.yaml", "properties": {"flavor": "small"}}}}  # fmt: skip
        self.template: Json = {"heat_template_version": "2021-04-16", "resources": {
            "application": group, "scale_out": self._policy(1), "scale_in": self._policy(-1)}}  # fmt: skip
        self.wire, on = octavia.wire, octavia.wire.on
        on("GET", f"{ROOT}/stacks")(self._stacks)
        on("GET", f"{PATH}/template")(lambda query, body: self.template)
        on("GET", f"{PATH}/files")(lambda query, body: {"application.yaml": "heat_template_version: 2021-04-16"})
        on("GET", f"{PATH}/events")(lambda query, body: {"events": []})
        on("GET", f"{PATH}/resources")(lambda query, body: {"resources": self.resources()})
        on("GET", f"{PATH}/resources/application/metadata")(lambda query, body: {"metadata": self.live})
        on("POST", f"{PATH}/resources/([^/]+)/signal")(self._signal)
        on("PATCH", f"{ROOT}/stacks/shop-group/nested/resources/([^/]+)")(self._mark)
        on("GET", "/compute/v2.1/servers/detail")(lambda query, body: {"servers": [
            {"id": f"server-{name}", "name": name, "status": "ACTIVE", "addresses": {}}
            for name in self._names() if name not in self.gone and name not in self.failed]})  # fmt: skip
        # Before the one of the fake Octavia, which knows no such servers.
        octavia.wire.handlers.insert(0, octavia.wire.handlers.pop())
        on("GET", "/compute/v2.1/flavors/detail")(lambda query, body: {"flavors": [
            {"id": "small", "name": "small", "vcpus": 2, "ram": 2048}]})  # fmt: skip
        on("GET", PATH)(lambda query, body: {"stack": self.row()})
        on("PATCH", PATH)(self._update)
        on("GET", "/compute/v2.1/limits")(lambda query, body: {"limits": {"absolute": {
            "maxTotalInstances": self.instances, "totalInstancesUsed": self.used, "maxTotalCores": 20,
            "totalCoresUsed": 2, "maxTotalRAMSize": 51200, "totalRAMUsed": 4096}}})  # fmt: skip
        on("GET", "/block-storage/v3/limits")(lambda query, body: {"limits": {"absolute": {
            "maxTotalVolumes": 10, "totalVolumesUsed": 0, "maxTotalVolumeGigabytes": 100,
            "totalGigabytesUsed": 0}}})  # fmt: skip
        on("GET", "/network/v2.0/quotas/project/details.json")(
            lambda query, body: {"quota": {"port": {"limit": 100, "used": 9, "reserved": 0}}}
        )
        for path in ("", "/lbaas"):
            on("GET", f"/load-balancer/v2.0{path}/quotas/project")(lambda query, body: {"quota": {"member": 50}})

    def rules(self, **fields: Any) -> None:
        """What the group's metadata say."""
        self.template["resources"]["application"]["metadata"]["tenant_ops"]["scaling"] = fields

    def row(self) -> Json:
        return {"id": ID, "stack_name": "shop", "stack_status": self.stack_state, "stack_status_reason": "", "tags":
                ["tenant-ops"], "creation_time": "2026-11-21T06:00:00Z", "updated_time": self.updated or None, "parameters": {},
                "outputs": []}  # fmt: skip

    def resources(self) -> list[Json]:
        rows = [self._row("application", "OS::Heat::AutoScalingGroup", self.state, self.reason)]
        for name in self._names():
            told = ("CREATE_FAILED", self.failed[name]) if name in self.failed else ("CREATE_COMPLETE", "")
            if name == self.begun:
                told = ("CREATE_IN_PROGRESS", "state changed")
            if name in self.marked:
                told = ("CHECK_FAILED", "Its server was deleted.")
            rows.append({**self._row(name, "application.yaml", *told), "parent_resource": "application",
                         "links": [{"rel": "stack", "href": "http://fake/shop-group/nested"}]})  # fmt: skip
            inside = self._row("server", "OS::Nova::Server", *(told if name in self.failed else ()))
            rows.append({**inside, "parent_resource": name, "physical_resource_id": f"server-{name}"})
        return rows

    def _names(self) -> list[str]:
        return [f"abc{number}" for number in range(self.size)] + list(self.failed)

    def _mark(self, member: str, query: Query, body: Json) -> tuple[int, None]:
        assert body["mark_unhealthy"]
        self.marked.append(member)
        return 200, None

    def _row(self, name: str, kind: str, status: str = "CREATE_COMPLETE", reason: str = "state changed") -> Json:
        return {"resource_name": name, "resource_type": kind, "resource_status": status, "physical_resource_id": name,
                "resource_status_reason": reason, "creation_time": "2026-11-21T06:00:00Z",
                "links": [{"rel": "self", "href": "http://fake"}, {"rel": "stack", "href": f"http://fake/{ID}"}]}  # fmt: skip

    def _policy(self, amount: int) -> Json:
        return {"type": "OS::Heat::ScalingPolicy", "properties": {
            "auto_scaling_group_id": {"get_resource": "application"}, "adjustment_type": "change_in_capacity",
            "scaling_adjustment": amount, "cooldown": 30}}  # fmt: skip

    def _stacks(self, query: Query, body: Json) -> Json:
        if dict(query).get("id") == "nested":
            return {"stacks": [{**self.row(), "id": "nested", "stack_name": "shop-group"}]}
        return {"stacks": [self.row()] if self._asked(query) else []}

    def _asked(self, query: Query) -> bool:
        asked = dict(query)
        return asked.get("id", ID) == ID and asked.get("name", "shop") == "shop"

    def _signal(self, policy: str, query: Query, body: Json) -> tuple[int, None]:
        self.signals.append(policy)
        return 200, None

    def _update(self, query: Query, body: Json) -> tuple[int, None]:
        self.body, self.template = body, body["template"]
        # What Heat does with an update: new members for those marked unhealthy, none for those it could not make.
        self.failed, self.marked, self.gone, self.begun, self.live = {}, [], set(), "", {}
        self.updated = f"{self.wire.now:%Y-%m-%dT%H:%M:%SZ}"
        self.state, self.reason = "UPDATE_COMPLETE", "state changed"
        return 202, None
