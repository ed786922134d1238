"""The list of environments: each one application, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import data, deletion, judge, stack, summary, wall
from tenant_ops_dashboard.environments.model import Environment, Status
from tenant_ops_dashboard.environments.stack import Stack
from tenant_ops_dashboard.environments.summary import Judgement

T = TypeVar("T")
Items = Sequence[Mapping[str, Any]]
_OPERATING = {
    "DEGRADED": Judgement("warning", "Not all of its servers answer the load balancer."),
    "ERROR": Judgement("failed", "None of its servers answers the load balancer."),
    "OFFLINE": Judgement("warning", "The load balancer is switched off."),
}


def listing(cloud: Cloud) -> tuple[Environment, ...]:
    """All environments of the project, oldest first: six calls, whatever their number (two where there are none).

    Raises the CloudError of Heat; other services may be silent, the status says so.
    """
    stacks = stack.environments(cloud)
    silent: dict[str, str] = {}

    def ask(make: Callable[[], T], otherwise: T) -> T:
        try:
            return make()
        except CloudError as error:
            silent.setdefault(error.service, str(error))
            return otherwise

    volumes: Items = ask(lambda: data.volumes(cloud), []) if cloud.has("block-storage") else []
    gone = leftovers(cloud, volumes, {one.id for one in stacks})
    if not stacks:
        return gone
    balancers: Items = ask(lambda: _balancers(cloud), []) if cloud.has("load-balancer") else []
    servers: Items = ask(lambda: cloud.pages("compute", "/servers/detail", "servers"), [])
    addresses: Items = ask(
        lambda: cloud.pages("network", "/floatingips", "floatingips", project_id=cloud.project_id), []
    )
    walls = ask(lambda: wall.groups(cloud), None)
    by_port = {one["port_id"]: one["floating_ip_address"] for one in addresses if one["port_id"]}
    found = []
    for one in stacks:
        ours = [row for row in balancers if one.id in row["description"]]
        address = next((by_port[row["vip_port_id"]] for row in ours if row["vip_port_id"] in by_port), "")
        judged = summary.heat(one)
        if one.complete:
            judged = summary.worse(
                judged, *_standing(one, ours, servers, walls), *(Judgement("warning", said) for said in silent.values())
            )
        found.append(summary.environment(one, judged, address, judge.told(servers, volumes, one.id)))
    return (*found, *gone)


def leftovers(cloud: Cloud, volumes: Items, alive: set[str]) -> tuple[Environment, ...]:
    """Environments whose stack is gone and whose data is marked: two calls for each, none where there are none."""
    marked = [one for one in volumes if data.mark(one) and data.owner(one) not in alive]
    ended = deletion.ended_all(cloud, map(data.owner, marked))
    found: dict[str, Environment] = {}
    for one in marked:
        owner = data.owner(one)
        words = str(one.get("name") or one["id"])
        name = one["metadata"].get(data.NAME) or owner
        going = data.goes_with(one, ended.get(owner, ""))
        said = (
            f"Its data volume {words} is being removed." if going else
            f"It is gone; its data volume {words} was marked by a delete that did not end it, and is kept. "
            "Keep the data for good, or delete it."
        )  # fmt: skip
        status: Status = "deleting" if going else "warning"
        created = stack.moment(one["created_at"])
        found[owner] = Environment(owner, name, status, said, "", "", (), created, cloud.project_id)
    return tuple(found.values())


def leftover(cloud: Cloud, name_or_id: str) -> Environment | None:
    """The one of `leftovers` with this name or id: two calls, and two for each of them."""
    if not cloud.has("block-storage"):
        return None
    alive = {one.id for one in stack.environments(cloud)}
    return next((one for one in leftovers(cloud, data.volumes(cloud), alive) if name_or_id in (one.id, one.name)), None)


def _balancers(cloud: Cloud) -> Items:
    found: Items = cloud.balancers("load_balancer_list", project_id=cloud.project_id)["loadbalancers"]
    return found


def _standing(one: Stack, balancers: Items, servers: Items, walls: Items | None) -> list[Judgement]:
    judged = []
    walled = walls is None or any(wall.mark(one.id) == row["description"] for row in walls)
    if stack.FIREWALL in one.tags and not walled:
        judged.append(Judgement("building", "All of the stack is up; the firewall group is still to be made."))
    for row in balancers:
        if row["provisioning_status"] == "ERROR":
            judged.append(Judgement("failed", "The load balancer is broken: Octavia could not change it."))
        judged += [_OPERATING[row["operating_status"]]] if row["operating_status"] in _OPERATING else []
    for row in servers:
        if row["metadata"].get(data.OWNER) == one.id and row["status"] not in ("ACTIVE", "BUILD", "REBOOT"):
            judged.append(Judgement("warning", f"{row['name']} is {row['status'].lower()}."))
    return judged
