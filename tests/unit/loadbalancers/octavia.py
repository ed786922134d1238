"""Octavia at the HTTP level: load balancers with listeners, pools and members; busy and silent when told to."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from tenant_ops_dashboard.cloud import Cloud
from tests.conformance.recorded import examples
from tests.unit.fake_openstack import paging
from tests.unit.fake_openstack.filters import filtered, octavia_refuses, octavia_says
from tests.unit.fake_openstack.server import SERVICES, Answer, Json, Known, Query, Wire, connect
from tests.unit.loadbalancers.octavia_policies import ROOT, Policies

ZERO = "2026-11-21T06:00:{:02d}"
# What Octavia's MemberPOST and MemberPUT know; anything else is refused.
SETTABLE = {"name", "admin_state_up", "weight", "backup", "monitor_address", "monitor_port", "tags"}
MAKABLE = {"name", "description", "vip_subnet_id", "vip_network_id", "vip_port_id", "vip_address", "provider", "flavor_id", "tags",
           "listeners", "pools", "admin_state_up", "project_id", "availability_zone"}  # fmt: skip
GIVEN = SETTABLE | {"address", "protocol_port", "subnet_id", "request_sriov"}


class Octavia(Policies):
    """One project's load balancers. `busy` is how often a change is refused as immutable, `pending` how many looks find
    Octavia at work, `slow` how many looks a change takes to be real; `asked` are the
    load balancers that were to be created, `calls()` are the requests since.
    """

    def __init__(self, wire: Wire | None = None) -> None:
        self.wire = wire or Wire()
        self.cap = paging.CAP
        self.numbers = itertools.count(1)
        self.policies, self.rules, self.amphorae = Known(), Known(), Known()
        self.balancers: dict[str, Json] = Known()
        self.listeners: dict[str, Json] = Known()
        self.pools: dict[str, Json] = Known()
        self.monitors: dict[str, Json] = Known()
        self.members: dict[str, dict[str, Json]] = Known()
        ovn = {"service_type": "L3_ROUTER_NAT", "name": "ovn", "default": True}
        self.network: dict[str, list[Json]] = {"service_providers": [ovn]}
        self.servers: list[Json] = []
        self.stats: Json = dict.fromkeys(
            ("active_connections", "total_connections", "bytes_in", "bytes_out", "request_errors"), 0
        )
        self.busy = 0
        self.pending = 0
        self.slow = 0
        self.asked: list[Json] = []
        on = self.wire.on
        for key, kind, kept in (
            ("loadbalancers", "load balancer", self.balancers), ("listeners", "listener", self.listeners),
            ("pools", "pool", self.pools), ("healthmonitors", "healthmonitor", self.monitors),
            ("l7policies", "l7policy", self.policies),
        ):  # fmt: skip
            on("GET", f"{ROOT}/{key}")(
                lambda query, body, key=key, kind=kind, kept=kept: (
                    octavia_refuses(query, kind, self.wire.who.project, self.wire.who.admin)
                    or paging.octavia(self._listed(kept, query), query, key, f"/v2.0/lbaas/{key}", self.cap)
                )
            )
        on("GET", f"{ROOT}/loadbalancers/([^/]+)/status")(self._tree)
        on("GET", f"{ROOT}/loadbalancers/([^/]+)/stats")(
            lambda id_, query, body: {"stats": self.stats} if id_ in self.balancers else _missing("Load Balancer", id_)
        )
        on("GET", f"{ROOT}/loadbalancers/([^/]+)")(self._show)
        on("POST", f"{ROOT}/loadbalancers")(self._make)
        on("DELETE", f"{ROOT}/loadbalancers/([^/]+)")(self._unmake)
        on("GET", f"{ROOT}/pools/([^/]+)")(lambda id_, query, body: self._one("pool", self.pools, id_))
        self.answer_policies()
        members = f"{ROOT}/pools/([^/]+)/members"
        self._of_a_pool("GET", members, self._members)
        self._of_a_pool("POST", members, self._add)
        self._of_a_pool(
            "GET", f"{members}/([^/]+)", lambda pool, id_, query, body: self._one("member", self.members[pool], id_)
        )
        self._of_a_pool("PUT", f"{members}/([^/]+)", self._change)
        self._of_a_pool("DELETE", f"{members}/([^/]+)", self._remove)
        on("GET", "/network/v2.0/(?:fwaas/)?([a-z_-]+)")(
            lambda kind, query, body: paging.neutron(
                self._neutron(kind.replace("-", "_"), query),
                query,
                kind.replace("-", "_"),
                f"/v2.0/{kind}",
                self.cap,
            )
        )
        on("GET", "/compute/v2.1/servers/detail")(
            lambda query, body: paging.nova(self.servers, query, "servers", "/v2.1/servers/detail", self.cap)
        )

    def _of_a_pool(self, method: str, path: str, run: Callable[..., Answer]) -> None:
        """A handler for what is in a pool, where there is such a pool."""

        def handle(pool: str, *more: str, query: Query, body: Json) -> Answer:
            if pool not in self.pools:
                return 404, {"code": 404, "title": "Bad Request", "description": f"Pool {pool} not found."}
            return run(pool, *more, query=query, body=body)

        self.wire.on(method, path)(handle)

    def _members(self, pool: str, query: Query, body: Json) -> Answer:
        return paging.octavia(self._of(pool), query, "members", f"/v2.0/lbaas/pools/{pool}/members", self.cap)

    def cloud(self, *roles: str, services: tuple[str, ...] = tuple(SERVICES), **options: Any) -> Cloud:
        return connect(self.wire, *roles, services=services, **options)

    def calls(self) -> list[str]:
        """What was sent since the last time, without Octavia's root."""
        made = [one.split("?")[0].replace(ROOT, "") for one in self.wire.calls]
        self.wire.calls.clear()
        return made

    def build(self, name: str = "shop", members: int = 2, **changes: Any) -> str:
        """A load balancer with one listener, one pool, a monitor and some members; its id."""
        number = next(self.numbers)
        ids = {kind: f"{kind}-{number}" for kind in ("lb", "listener", "pool", "monitor")}
        owner = [{"id": ids["lb"]}]
        base = self._base
        self.balancers[ids["lb"]] = base(
            "load balancer", ids["lb"], name=f"{name}-lb", description="", vip_address=f"10.0.{number}.5", vip_port_id=f"vip-{number}",
            vip_network_id="net", vip_subnet_id="subnet", provider="amphora", flavor_id=None, tags=[],
        ) | changes  # fmt: skip
        self.listeners[ids["listener"]] = base(
            "listener", ids["listener"], name="http", protocol="HTTP", protocol_port=80, default_pool_id=ids["pool"],
            allowed_cidrs=None, loadbalancers=owner, l7policies=[],
        )  # fmt: skip
        self.monitors[ids["monitor"]] = base(
            "healthmonitor", ids["monitor"], type="HTTP", delay=3, timeout=3, max_retries=3, max_retries_down=3, http_method="GET",
            url_path="/", expected_codes="200", pools=[{"id": ids["pool"]}],
        )  # fmt: skip
        self.pools[ids["pool"]] = base(
            "pool", ids["pool"], name="app", protocol="HTTP", lb_algorithm="ROUND_ROBIN", loadbalancers=owner,
            listeners=[{"id": ids["listener"]}], members=[],
        )  # fmt: skip
        self.members[ids["pool"]] = {}
        for one in range(members):
            self._put(ids["pool"], f"10.0.{number}.{11 + one}", 8080, operating_status="ONLINE")
        return ids["lb"]

    def more_pool(self, balancer: str, name: str, *addresses: str, protocol: str = "HTTP", **fields: Any) -> str:
        """A pool that no listener uses yet, with a member at each of these addresses; its id."""
        id_ = f"pool-{next(self.numbers)}"
        self.pools[id_] = self._base(
            "pool", id_, name=name, protocol=protocol, lb_algorithm="ROUND_ROBIN", loadbalancers=[{"id": balancer}],
            listeners=[], members=[],
        ) | fields  # fmt: skip
        self.members[id_] = {}
        for address in addresses:
            self._put(id_, address, 8080, operating_status="ONLINE")
        return id_

    def networked(self) -> None:
        """The first load balancer's virtual port on a network of the project; nobody else is there."""
        self.network.update(
            networks=[{"id": "net", "name": "dmz"}],
            subnets=[{"id": "subnet", "name": "dmz", "network_id": "net", "cidr": "10.0.1.0/24", "ip_version": 4,
                      "gateway_ip": None}],
            ports=[{"id": "vip-1", "name": "", "network_id": "net", "device_owner": "Octavia", "device_id": "lb",
                    "admin_state_up": False, "status": "DOWN", "security_groups": [],
                    "fixed_ips": [{"subnet_id": "subnet", "ip_address": "10.0.1.5"}]}],
        )  # fmt: skip

    def status(self, balancer: str, index: int, status: str) -> str:
        """A member's health changes, and its pool's and load balancer's with it; the member's id."""
        pool = self.pool(balancer)
        member = list(self.members[pool].values())[index]
        member["operating_status"] = status
        known = {one["operating_status"] for one in self.members[pool].values()}
        whole = "ONLINE" if known <= {"ONLINE"} else "ERROR" if known == {"ERROR"} else "DEGRADED"
        for row in (self.pools[pool], self.balancers[balancer]):
            if row["operating_status"] != whole:
                row.update(operating_status=whole, updated_at=ZERO.format(next(self.numbers) % 60))
        return str(member["id"])

    def pool(self, balancer: str) -> str:
        return next(id_ for id_, row in self.pools.items() if row["loadbalancers"] == [{"id": balancer}])

    def member(self, balancer: str, index: int) -> Json:
        return list(self.members[self.pool(balancer)].values())[index]

    def _base(self, kind: str, id_: str, **fields: Any) -> Json:
        return {
            **examples()[kind], "id": id_, "tenant_id": "project", "name": "", "project_id": "project", "provisioning_status": "ACTIVE",
            "operating_status": "ONLINE", "admin_state_up": True, "created_at": ZERO.format(0),
            "updated_at": ZERO.format(1), **fields,
        }  # fmt: skip

    def _put(self, pool: str, address: str, port: int, **fields: Any) -> Json:
        made = self._base(
            "member", f"member-{next(self.numbers)}", address=address, protocol_port=port, weight=1, backup=False,
            subnet_id="subnet", monitor_address=None, monitor_port=None, tags=[], vnic_type="normal",
        ) | fields  # fmt: skip
        self.members[pool][made["id"]] = made
        self.pools[pool]["members"] = [{"id": id_} for id_ in self.members[pool]]
        return made

    def _one(self, key: str, kept: dict[str, Json], id_: str) -> tuple[int, Json]:
        return (200, {key: kept[id_]}) if id_ in kept else _missing(key, id_)

    def _listed(self, kept: dict[str, Json], query: Query) -> list[Json]:
        return list(filtered([one for one in kept.values() if self.wire.who.sees(one)], query))

    def _neutron(self, kind: str, query: Query) -> list[Json]:
        """Neutron's filters: a field may be named several times; a row that has no such field is let through."""
        wanted: dict[str, set[str]] = {}
        for key, value in query:
            if key in ("project_id", "network_id"):
                wanted.setdefault(key, set()).add(value)
        return [one for one in self.network.get(kind, []) if all(one.get(key) in {None, *all_}
                for key, all_ in wanted.items())]  # fmt: skip

    def _make(self, query: Query, body: Json) -> Answer:
        asked = body["loadbalancer"]
        subnets = [one["id"] for one in self.network.get("subnets", ())]
        if strange := sorted(set(asked) - MAKABLE):
            return octavia_says(400, f"Unknown attribute for argument load_balancer.loadbalancer: {strange[0]}")
        if subnets and (subnet := asked.get("vip_subnet_id")) and subnet not in subnets:
            return octavia_says(400, f"Subnet {subnet} not found.")
        self.asked.append(asked)
        found = {"provisioning_status": "PENDING_CREATE", "operating_status": "OFFLINE"} if self.slow else {}
        made = self.balancers[self.build(members=0, tags=asked.get("tags") or [], **found)]
        made.update(name=asked["name"], created_at=ZERO.format(10))
        for listener in asked.get("listeners") or ():
            for one in (listener.get("default_pool") or {}).get("members") or ():
                self._put(self.pool(made["id"]), one["address"], one["protocol_port"], operating_status="NO_MONITOR")
            for one in listener.get("l7policies") or ():
                first = next(id_ for id_, row in self.listeners.items() if row["loadbalancers"] == [{"id": made["id"]}])
                given = {key: value for key, value in one.items() if key not in ("action", "rules")}
                self.policy(first, one["action"], *one.get("rules") or (), operating_status="OFFLINE", **given)
        self.pending = max(self.pending, self.slow)
        return 201, {"loadbalancer": made}

    def _refused(self, id_: str) -> Answer:
        """Octavia's answer where there is no such load balancer, or it is another's; else None."""
        if id_ not in self.balancers:
            return _missing("loadbalancer", id_)
        if not self.wire.who.sees(self.balancers[id_]):
            return octavia_says(403, "Policy does not allow this request to be performed.")
        return None

    def _unmake(self, id_: str, query: Query, body: Json) -> Answer:
        if refused := self._refused(id_):
            return refused
        if ("cascade", "true") not in query:
            return octavia_says(400, f"Validation failure: Cannot delete Load Balancer {id_} - it has children")
        status = self.balancers[id_]["provisioning_status"]
        if status.startswith("PENDING"):
            return octavia_says(409, f"Invalid state {status} of loadbalancer resource {id_}")
        self.balancers[id_]["provisioning_status"] = "PENDING_DELETE"
        self.pending = self.slow
        if not self.pending:
            self.settle()
        return 204, None

    def _gone(self, id_: str) -> None:
        del self.balancers[id_]
        for kept in (self.listeners, self.pools):
            for one in [key for key, row in kept.items() if row["loadbalancers"] == [{"id": id_}]]:
                for policy in kept[one].get("l7policies") or ():
                    del self.policies[policy["id"]]
                del kept[one]
                self.members.pop(one, None)

    def _show(self, id_: str, query: Query, body: Json) -> Answer:
        if refused := self._refused(id_):
            return refused
        row = self.balancers[id_]
        if self.pending:
            self.pending -= 1
            status = (
                row["provisioning_status"] if row["provisioning_status"].startswith("PENDING") else "PENDING_UPDATE"
            )
            shown = {**row, "provisioning_status": status}
            if not self.pending:
                self.settle()
            return 200, {"loadbalancer": shown}
        pools = [{"id": key} for key, one in self.pools.items() if one["loadbalancers"] == [{"id": id_}]]
        return 200, {"loadbalancer": {**row, "pools": pools}}

    def _tree(self, id_: str, query: Query, body: Json) -> tuple[int, Json]:
        if id_ not in self.balancers:
            return _missing("loadbalancer", id_)
        names = ("id", "name", "operating_status", "provisioning_status")
        listeners = [one for one in self.listeners.values() if one["loadbalancers"] == [{"id": id_}]]
        told = []
        for one in listeners:
            pools = [pool for pool in self.pools.values() if {"id": one["id"]} in pool["listeners"]]
            told.append({**{n: one[n] for n in names}, "pools": [self._branch(pool) for pool in pools]})
        return 200, {"statuses": {"loadbalancer": {**{n: self.balancers[id_][n] for n in names}, "listeners": told}}}

    def _branch(self, pool: Json) -> Json:
        names = ("id", "name", "operating_status", "provisioning_status")
        members = [{n: one[n] for n in (*names, "address", "protocol_port")} for one in self._of(pool["id"])]
        return {**{n: pool[n] for n in names}, "health_monitor": None, "members": members}

    def _of(self, pool: str) -> list[Json]:
        return list(self.members[pool].values())

    def _taken(self, pool: str) -> tuple[int, Json] | None:
        if self.busy:
            self.busy -= 1
            return octavia_says(409, f"Pool {pool} is immutable and cannot be updated.")
        if self.pools[pool]["provisioning_status"].startswith("PENDING"):
            return octavia_says(409, f"Pool {pool} is immutable and cannot be updated.")
        owner = self.pools[pool]["loadbalancers"][0]["id"]
        if self.balancers[owner]["provisioning_status"] != "ACTIVE":
            return 409, {"faultstring": f"Load Balancer {owner} is immutable and cannot be updated."}
        self.balancers[owner]["updated_at"] = ZERO.format(next(self.numbers) % 60)
        return None

    def _change(self, pool: str, id_: str, query: Query, body: Json) -> tuple[int, Json]:
        if refused := self._unknown(body["member"], SETTABLE):
            return refused
        if id_ not in self.members[pool]:
            return _missing("member", id_)
        if refused := self._taken(pool):
            return refused
        self.members[pool][id_].update(body["member"])
        self._begin(pool, id_, "PENDING_UPDATE")
        return 200, {"member": self.members[pool][id_]}

    def _add(self, pool: str, query: Query, body: Json) -> tuple[int, Json]:
        refused = self._unknown(body["member"], GIVEN) or self._taken(pool)
        if refused:
            return refused
        new = dict(body["member"])
        address, port = new.pop("address"), new.pop("protocol_port")
        if any((one["address"], one["protocol_port"]) == (address, port) for one in self._of(pool)):
            said = f"Another member on this pool is already using ip {address} on protocol_port {port}"
            return octavia_says(409, said)
        if new.pop("request_sriov", False):
            new["vnic_type"] = "direct"
        made = self._put(pool, address, port, operating_status="OFFLINE", **new)
        self._begin(pool, made["id"], "PENDING_CREATE")
        return 201, {"member": made}

    def _remove(self, pool: str, id_: str, query: Query, body: Json) -> tuple[int, Json | None]:
        if id_ not in self.members[pool]:
            return _missing("member", id_)
        if refused := self._taken(pool):
            return refused
        self._begin(pool, id_, "PENDING_DELETE")
        return 204, None

    def _begin(self, pool: str, id_: str, status: str) -> None:
        """Octavia answers as soon as its worker has the order; rows are PENDING until it is done."""
        self.members[pool][id_]["provisioning_status"] = status
        for row in (self.pools[pool], self.balancers[self.pools[pool]["loadbalancers"][0]["id"]]):
            row["provisioning_status"] = "PENDING_UPDATE"
        self.pending = self.slow
        if not self.pending:
            self.settle()

    def settle(self) -> None:
        """What was PENDING is done."""
        self.pending = 0
        for id_ in [id_ for id_, one in self.balancers.items() if one["provisioning_status"] == "PENDING_DELETE"]:
            self._gone(id_)
        for pool, known in [(pool, known) for pool, known in self.members.items() if pool in self.pools]:
            for id_ in [id_ for id_, one in known.items() if one["provisioning_status"] == "PENDING_DELETE"]:
                del known[id_]
            self.pools[pool]["members"] = [{"id": one} for one in known]
        for row in (*self.balancers.values(), *self.pools.values(), *(one for all_ in self.members.values() for one in
                    all_.values())):  # fmt: skip
            if row["provisioning_status"].startswith("PENDING"):
                row.update(provisioning_status="ACTIVE", updated_at=ZERO.format(next(self.numbers) % 60))

    def _unknown(self, body: Json, known: set[str]) -> tuple[int, Json] | None:
        if strange := sorted(set(body) - known):
            return octavia_says(400, f"Unknown attribute for argument member_.member: {strange[0]}")
        if (weight := body.get("weight", 1)) is not None and weight > 256:
            words = (
                f"Invalid input for field/attribute weight. Value: '{weight}'. Value should be lower or equal to 256"
            )
            return octavia_says(400, words)
        return None


def _missing(key: str, id_: str) -> tuple[int, Json]:
    called = {"loadbalancer": "Load Balancer", "pool": "Pool", "member": "Member"}.get(key, key)
    return octavia_says(404, f"{called} {id_} not found.")
