"""Addresses of FWaaS v2 and of security groups, and how a change asks them: each call is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from tenant_ops_dashboard.cloud import Cloud, CloudError, Uncertain

GROUPS = "/fwaas/firewall_groups"
POLICIES = "/fwaas/firewall_policies"
RULES = "/fwaas/firewall_rules"
SECURITY_GROUPS = "/security-groups"
SECURITY_GROUP_RULES = "/security-group-rules"
KINDS = {
    GROUPS: "firewall_group", POLICIES: "firewall_policy", RULES: "firewall_rule", SECURITY_GROUPS: "security_group",
    SECURITY_GROUP_RULES: "security_group_rule",
}  # fmt: skip
STALE = 412  # the answer to an If-Match that does not hold (RFC 9110, 15.5.13)
Json = dict[str, Any]


class FirewallApi:
    """Neutron for one change; `calls` are those sent so far, a list counting as one."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.calls = 0

    def listed(self, path: str, **query: Any) -> list[Json]:
        """All that the project sees of a kind. Raises a CloudError."""
        self.calls += 1
        return self.cloud.pages("network", path, path.rpartition("/")[2].replace("-", "_"), **query)

    def one(self, path: str, id_: str) -> Json:
        """One of a kind. Raises a CloudError, NotFound where it is not there."""
        self.calls += 1
        return cast(Json, self.cloud.get("network", f"{path}/{id_}")[KINDS[path]])

    def make(self, path: str, **fields: Any) -> Json:
        """One more of a kind. Raises a CloudError, Uncertain where the answer was lost."""
        self.calls += 1
        return cast(Json, self.cloud.post("network", path, {KINDS[path]: fields})[KINDS[path]])

    def make_all(self, path: str, fields: Sequence[Json]) -> list[Json]:
        """So many more of a kind, all or none. Raises a CloudError, Uncertain where the answer was lost."""
        self.calls += 1
        many = f"{KINDS[path]}s"
        return cast(list[Json], self.cloud.post("network", path, {many: list(fields)})[many])

    def change(self, path: str, id_: str, revision: int | None = None, **fields: Any) -> Json:
        """These fields of one, where a `revision` is named only while it is that. Raises a CloudError; status 412."""
        self.calls += 1
        return cast(Json, self.cloud.put("network", f"{path}/{id_}", {KINDS[path]: fields}, revision)[KINDS[path]])

    def quota(self) -> Json:
        """Limit, used and reserved of the project, by kind. Raises a CloudError."""
        self.calls += 1
        return cast(Json, self.cloud.get("network", f"/quotas/{self.cloud.project_id}/details.json")["quota"])

    def rule_in(self, policy: str, verb: str, rule: str) -> None:
        """`insert_rule` (at the top) or `remove_rule`. Raises a CloudError."""
        self.calls += 1
        self.cloud.put("network", f"{POLICIES}/{policy}/{verb}", {"firewall_rule_id": rule})

    def remove(self, path: str, id_: str) -> bool:
        """Whether it is gone now; where the answer was lost, it is asked once more. False where Neutron refuses."""
        for _ in range(2):
            self.calls += 1
            try:
                self.cloud.delete("network", f"{path}/{id_}")
            except Uncertain:
                continue
            except CloudError:
                return False
            return True
        return False
