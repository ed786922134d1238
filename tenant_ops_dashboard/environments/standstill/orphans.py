"""What Heat had made and never wrote down, because its engine died in between: it makes that anew, and trips over it.

Only what is this environment's own beyond doubt is taken away: an interface of its own router into a subnet of its own
or one that was there and that it uses, one of a router that was there and that it uses into its own subnet, a port
with the name that Heat gives one and with nothing attached to it, a load balancer that carries its mark; servers only
of a launch that never ended well. Of an environment that was up nothing is taken before somebody deletes it, and then
once Heat has accepted that. Volumes are never touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, values
from tenant_ops_dashboard.environments import interfaces, services
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import resources
from tenant_ops_dashboard.environments.heat.resources import Row
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.standstill import before

Item = Mapping[str, Any]
_INTERFACE, _SERVER = "OS::Neutron::RouterInterface", "OS::Nova::Server"
_BALANCER, _PORT = "OS::Octavia::LoadBalancer", "OS::Neutron::Port"
_ROUTER, _SUBNET, _NETWORK = "OS::Neutron::Router", "OS::Neutron::Subnet", "OS::Neutron::Net"


@dataclass(frozen=True)
class Orphan:
    """`type` is Heat's; `router` is of an interface, whose `id` is its port's, `vip` a load balancer's port.

    `going`: it is being deleted already.
    """

    type: str
    id: str
    router: str = ""
    going: bool = False
    vip: str = ""


def find(
    cloud: Cloud, found: Stack, heat: Sequence[Row], *, servers: bool, replaced: bool = False,
    there: Sequence[Row] | None = None,
) -> tuple[Orphan, ...]:  # fmt: skip
    """What Heat lost: no call where every resource has its id, else one for each kind that lacks one.

    Of interfaces it is one for each router, and of these and of ports two that tell which networks and router were
    there before, unless `there` has them (`before.rows`). `servers` too, where nothing ever served. With `replaced`
    what Heat replaced when it went on counts as well, which it shows no more. Raises a CloudError.
    """
    types = {row.type for row in heat}
    lacking = types & {_SERVER, _BALANCER, _PORT} if replaced else set()
    lacking |= {row.type for row in heat if not row.resource_id or row.state == "gone"}
    known = {row.resource_id for row in heat if row.resource_id and row.state != "gone"}
    lost: list[Orphan] = []
    interface = _INTERFACE in lacking or _lost_interface(heat)
    if there is None:
        there = before.rows(cloud, found, heat) if interface or _PORT in lacking else ()
    if interface:
        lost += _interfaces(cloud, heat, known, there)
    if _PORT in lacking:
        lost += _ports(cloud, found, heat, known, there)
    if servers and _SERVER in lacking:
        listed = values.rows(cloud.pages("compute", "/servers/detail", "servers"), services.SERVER)
        ours = [one for one in listed if one["metadata"].get(data_volumes.OWNER) == found.id]
        lost += [
            Orphan(_SERVER, str(one["id"]), going=one.get("OS-EXT-STS:task_state") == "deleting")
            for one in ours
            if one["id"] not in known
        ]
    if _BALANCER in lacking:
        query = {"project_id": cloud.project_id}
        balancers = values.rows(
            cloud.pages("load-balancer", "/lbaas/loadbalancers", "loadbalancers", **query), services.BALANCER
        )
        ours = [one for one in balancers if one["description"] == f"Environment {found.id}"]
        lost += [
            Orphan(
                _BALANCER,
                str(one["id"]),
                going=one.get("provisioning_status") == "PENDING_DELETE",
                vip=str(one.get("vip_port_id") or ""),
            )
            for one in ours
            if one["id"] not in known
        ]
    return tuple(lost)


class TakeAway(Change[None]):
    """Removes one of them from the service that has it."""

    name = "environments.take_away"
    rule = "environments:delete"
    action = "delete"
    kind = "lost-resource"
    destroys = True

    def __init__(self, cloud: Cloud, lost: Orphan, environment: str) -> None:
        super().__init__(cloud)
        self.lost = lost
        self.target = Target(lost.id, environment)
        self.says = f"{lost.type}: Heat's engine died before it knew it"

    def send(self) -> None:
        if self.lost.type == _INTERFACE:
            place = f"/routers/{self.lost.router}/remove_router_interface"
            self.cloud.put("network", place, {"port_id": self.lost.id})
        elif self.lost.type == _SERVER:
            self.cloud.delete("compute", f"/servers/{self.lost.id}")
        elif self.lost.type == _PORT:
            self.cloud.delete("network", f"/ports/{self.lost.id}")
        else:
            self.cloud.delete("load-balancer", f"/lbaas/loadbalancers/{self.lost.id}?cascade=true")


def take_away(cloud: Cloud, found: Stack, lost: Sequence[Orphan]) -> None:
    """Remove them, each a change of its own. Raises NotAllowed or a CloudError."""
    for one in lost:
        if not one.going:
            perform(TakeAway(cloud, one, found.name))


def replaced(cloud: Cloud, found: Stack) -> tuple[Orphan, ...]:
    """Load balancers and ports that Heat replaced while it made this stack, and that nothing leads to, until they go.

    At most eight calls.

    None while Heat is at work on any part of it. Raises a CloudError.
    """
    heat = resources.read(cloud, found)
    if found.state != "COMPLETE" or any(row.state in ("building", "deleting") for row in heat):
        return ()
    seen = find(cloud, found, heat, servers=False, replaced=True)
    old = [one for one in seen if one.type in (_BALANCER, _PORT)]
    if not old:
        return ()
    # Heat may have made one while it was looked for, or be making one.
    again = resources.read(cloud, found)
    if any(row.state in ("building", "deleting") for row in again):
        return ()
    known = {row.resource_id for row in again}
    query = {"project_id": cloud.project_id}
    led = {one.get("port_id") for one in cloud.pages("network", "/floatingips", "floatingips", **query)}
    return tuple(one for one in old if one.id not in known and not {one.vip, one.id} & led)


def as_rows(lost: Sequence[Orphan]) -> list[Row]:
    """As if Heat knew them: what is theirs is not a stranger's."""
    return [Row(f"lost-{number}", one.type, "good", "", one.id, ("", "")) for number, one in enumerate(lost)]


def _lost_interface(heat: Sequence[Row]) -> bool:
    # A delete has forgotten the interface that it never knew, and fails at what the interface holds.
    return any(row.type in (_ROUTER, _SUBNET) and (row.action, row.state) == ("DELETE", "failed") for row in heat)


def _interfaces(cloud: Cloud, heat: Sequence[Row], known: set[str], there: Sequence[Row]) -> list[Orphan]:
    """Of the stack's own router into all its subnets, of one that was `there` into those of its own."""
    own, others = resources.routers(heat), _ids(there, _ROUTER)
    made = _ids(heat, _SUBNET)
    used = made | _ids(there, _SUBNET)
    lost = []
    for router in sorted(own | others):
        subnets = used if router in own else made
        for port in values.rows(cloud.pages("network", "/ports", "ports", device_id=router), services.PORT):
            into = [one["subnet_id"] for one in port["fixed_ips"]]
            names = {f"{router}:subnet_id={subnet}" for subnet in into} | {f"{router}:port_id={port['id']}"}
            inner = port["device_owner"] in interfaces.OWNERS
            if inner and subnets & set(into) and not names & known:
                lost.append(Orphan(_INTERFACE, str(port["id"]), router))
    return lost


def _ports(cloud: Cloud, found: Stack, heat: Sequence[Row], known: set[str], there: Sequence[Row]) -> list[Orphan]:
    """By the name that Heat gives what the template gives none: stack, resource, 12 characters (short_id.py).

    A stack in this one is named so, too, so its ports' names begin with the group's. An administrator, and a network's
    owner, are shown ports of other projects, where somebody's stack may have the same name.
    """
    own, others = _ids(heat, _NETWORK), _ids(there, _NETWORK)
    if not own | others:
        return []
    kinds = {True: set[str](), False: set[str]()}
    for row in heat:
        kinds[row.type == _PORT].add(re.escape(row.place[1]))
    ports, groups = ("|".join(sorted(kinds[which])) for which in (True, False))
    ours = re.compile(
        rf"{re.escape(found.name)}-(?P<inner>(?:{groups})-[a-z2-7]{{12}}-(?:.+-)?)?(?:{ports})-[a-z2-7]{{12}}"
    )
    where, mine = sorted(own | others), cloud.project_id
    lost = []
    listed = cloud.pages("network", "/ports", "ports", network_id=where, project_id=mine)
    for port in values.rows(listed, services.PORT):
        named = ours.fullmatch(port["name"])
        here = named and (port["network_id"] in own or not named["inner"])
        if here and port["project_id"] == mine and not port["device_id"] and port["id"] not in known:
            lost.append(Orphan(_PORT, str(port["id"])))
    return lost


def _ids(rows: Sequence[Row], kind: str) -> set[str]:
    return {row.resource_id for row in rows if row.type == kind and row.resource_id}
