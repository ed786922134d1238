"""What the services say of one environment's resources right now, next to what Heat remembers of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from tenant_ops_dashboard.cloud import Cloud, CloudError, values
from tenant_ops_dashboard.environments import first_checks, given_rules, interfaces, services
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.firewall_group.group import FirewallGroup
from tenant_ops_dashboard.environments.heat.resources import Row, routers

T = TypeVar("T")
Item = Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """Each part by id; None where its service did not answer, which `silent` tells in words, by service.

    `given` asks what this cloud puts into every new security group, None where nobody answers: only where one has more
    than was planned.
    """

    servers: Mapping[str, Item] | None = None
    volumes: Mapping[str, Item] | None = None
    balancers: Mapping[str, Item] | None = None
    ports: Mapping[str, Item] | None = None
    addresses: Mapping[str, Item] | None = None
    groups: Mapping[str, Item] | None = None
    firewall_group: FirewallGroup | None = None
    project_id: str = ""
    silent: Mapping[str, str] = field(default_factory=dict)
    given: Callable[[], Sequence[Item] | None] = field(default=tuple, compare=False)

    @cached_property
    def members(self) -> dict[str, Item]:
        """Pool members of all load balancers, by id."""
        return {one["id"]: one for pool in self.pools.values() for one in pool["members"]}

    @cached_property
    def listeners(self) -> dict[str, Item]:
        """Listeners of all load balancers, by id."""
        return {one["id"]: one for tree in (self.balancers or {}).values() for one in tree.get("listeners") or ()}

    @cached_property
    def monitors(self) -> frozenset[str]:
        """Ids of the pools' health monitors."""
        return frozenset(pool["health_monitor"]["id"] for pool in self.pools.values())

    @cached_property
    def attached(self) -> frozenset[str]:
        """Ids of attachments and of volumes that are attached: Heat keeps the one that Nova gave."""
        entries = [entry for one in (self.volumes or {}).values() for entry in one["attachments"]]
        return frozenset(entry[name] for entry in entries for name in ("attachment_id", "volume_id"))

    @cached_property
    def pools(self) -> dict[str, Item]:
        """Pools of all load balancers, by id."""
        return {pool["id"]: pool for listener in self.listeners.values() for pool in listener["pools"]}


def read(cloud: Cloud, environment_id: str, rows: Sequence[Row], firewall: bool) -> Facts:
    """At most nine calls, however large the environment; a service that is silent leaves its part out.

    Where a member is not up one more, and one for each pool with such a member.
    """
    silent: dict[str, str] = {}

    def ask(make: Callable[[], T]) -> T | None:
        try:
            return make()
        except CloudError as error:
            silent.setdefault(error.service or "OpenStack", error.sentence)
            return None

    networks = _ids(rows, "OS::Neutron::Net")
    ports = ask(
        lambda: (
            _by_id(cloud.pages("network", "/ports", "ports", network_id=networks), services.PORT) if networks else {}
        )
    )
    inside = interfaces.of((ports or {}).values(), routers(rows), cloud.project_id)
    servers = ask(lambda: _by_id(cloud.pages("compute", "/servers/detail", "servers"), services.SERVER))
    own = [one for one in (servers or {}).values() if one["metadata"].get(data_volumes.OWNER) == environment_id]
    return Facts(
        servers=servers,
        volumes=ask(lambda: {one["id"]: one for one in data_volumes.volumes(cloud)})
        if _ids(rows, "OS::Cinder::Volume")
        else {},
        balancers=ask(
            lambda: first_checks.completed(
                cloud, {id_: tree(cloud, id_) for id_ in _ids(rows, "OS::Octavia::LoadBalancer")}, own
            )
        ),
        ports=ports,
        addresses=ask(
            lambda: _by_id(
                cloud.pages("network", "/floatingips", "floatingips", project_id=cloud.project_id), services.FLOATING_IP
            )
        ),
        groups=ask(lambda: _security_groups(cloud, _ids(rows, "OS::Neutron::SecurityGroup"))),
        firewall_group=ask(lambda: firewall_groups.read(cloud, environment_id, inside)) if firewall else None,
        project_id=cloud.project_id,
        silent=silent,
        given=lambda: cloud.once("given rules", lambda: ask(lambda: given_rules.read(cloud) or [])),
    )


def tree(cloud: Cloud, balancer: str) -> Item:
    """A load balancer's status tree: one call; {} where there is no such one. Raises a CloudError."""
    try:
        answer = cloud.balancers("load_balancer_status_show", balancer)
    except CloudError as error:
        if error.status != 404:
            raise
        return {}
    found = values.mapping(values.mapping(answer.get("statuses")).get("loadbalancer"))
    return values.row(found, services.TREE) if found else {}


def _security_groups(cloud: Cloud, ids: Sequence[str]) -> dict[str, Item]:
    if not ids:
        return {}
    known = cloud.pages("network", "/security-groups", "security_groups", id=list(ids), project_id=cloud.project_id)
    return _by_id(known, services.SECURITY_GROUP)


def _by_id(items: Iterable[Item], shape: values.Shape) -> dict[str, Item]:
    return {one["id"]: one for one in values.rows(items, shape)}


def _ids(rows: Sequence[Row], kind: str) -> list[str]:
    return [row.resource_id for row in rows if row.type == kind and row.resource_id]
