"""What of the fake Octavia is beside pools and members: layer 7 policies with rules, and amphorae."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.conformance.recorded import examples
from tests.unit.fake_openstack import paging
from tests.unit.fake_openstack.filters import filtered, octavia_says
from tests.unit.fake_openstack.server import Answer, Json, Query, Wire

ROOT = "/load-balancer/v2.0/lbaas"


class Policies:
    """A part of `Octavia`, which sets these."""

    wire: Wire
    cap: int
    numbers: Iterator[int]
    listeners: dict[str, Json]
    pools: dict[str, Json]
    policies: dict[str, Json]
    rules: dict[str, dict[str, Json]]
    amphorae: dict[str, Json]

    def answer_policies(self) -> None:
        """Let the wire answer what is asked of these; the list of policies is one as any other."""
        self.wire.on("GET", "/load-balancer/v2.0/octavia/amphorae")(self._amphorae)
        self.wire.on("GET", f"{ROOT}/l7policies/([^/]+)/rules")(self._rules)

    def _base(self, kind: str, id_: str, **fields: Any) -> Json:
        raise NotImplementedError

    def _amphorae(self, query: Query, body: Json) -> Answer:
        if not self.wire.who.admin:
            return octavia_says(403, "Policy does not allow this request to be performed.")
        rows = list(filtered(self.amphorae.values(), query))
        return paging.octavia(rows, query, "amphorae", "/v2.0/octavia/amphorae", self.cap)

    def amphora(self, balancer: str, address: str, role: str, status: str = "ALLOCATED") -> str:
        """One of a load balancer's own servers; its id."""
        id_ = f"amphora-{next(self.numbers)}"
        self.amphorae[id_] = {
            **examples()["amphora"], "id": id_, "loadbalancer_id": balancer, "vrrp_ip": address, "role": role, "status": status,
        }  # fmt: skip
        return id_

    def _rules(self, policy: str, query: Query, body: Json) -> Answer:
        if policy not in self.policies:
            return 404, {"code": 404, "title": "Bad Request", "description": f"L7Policy {policy} not found."}
        rows, path = list(self.rules[policy].values()), f"/v2.0/lbaas/l7policies/{policy}/rules"
        return paging.octavia(rows, query, "rules", path, self.cap)

    def policy(self, listener: str, action: str, *rules: Json, **fields: Any) -> str:
        """A layer 7 policy of a listener, behind those it has, with these rules; its id."""
        id_ = f"policy-{next(self.numbers)}"
        ours = self.listeners[listener]["l7policies"]
        kept = {
            (key := f"rule-{next(self.numbers)}"): self._base(
                "l7rule", key, **{"type": "PATH", "compare_type": "STARTS_WITH", "key": None, "value": "/", "invert": False, **one}
            )
            for one in rules
        }  # fmt: skip
        url, prefix = fields.get("redirect_url"), fields.get("redirect_prefix")
        self.policies[id_] = self._base(
            "l7policy", id_, action=action, listener_id=listener, rules=[{"id": key} for key in kept],
            **{"position": len(ours) + 1, "redirect_pool_id": None, "redirect_url": url, "redirect_prefix": prefix,
               "redirect_http_code": 302 if url or prefix else None, **fields},
        )  # fmt: skip
        for one in kept.values():
            del one["name"]
        self.rules[id_] = kept
        self.listeners[listener]["l7policies"] = [*ours, {"id": id_}]
        pool = fields.get("redirect_pool_id")
        # Octavia's own: a pool is of a listener where a policy that leads there is switched on and has a rule.
        if pool and kept and self.policies[id_]["admin_state_up"] and {"id": listener} not in self.pools[pool]["listeners"]:
            self.pools[pool]["listeners"].append({"id": listener})
        return id_
