"""The list of environments: each one application, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import attempts, data, deletion, judge, stack, summary, wall
from tenant_ops_dashboard.environments.model import Environment, Status
from tenant_ops_dashboard.environments.stack import Stack
from tenant_ops_dashboard.environments.summary import Judgement
from tenant_ops_dashboard.octavia import status

T = TypeVar("T")
Items = Sequence[Mapping[str, Any]]
_OCTAVIA: Mapping[status.State, Judgement] = {
    "warning": Judgement("warning", "Not all of its servers answer the load balancer."),
    "failed": Judgement("failed", "None of its servers answers the load balancer."),
    "building": Judgement("building", "The load balancer waits for its servers' first health checks."),
    "deleting": Judgement("warning", "The load balancer is being deleted."),
    "off": Judgement("warning", "The load balancer is switched off."),
}


def listing(cloud: Cloud) -> tuple[Environment, ...]:
    """All environments of the project, oldest first: six calls, whatever their number (three where there are none).

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
    walls = ask(lambda: wall.groups(cloud), None)
    alive = {one.id for one in stacks}
    gone = _merged(leftovers(cloud, volumes, alive), unowned(cloud, walls or [], alive))
    if not stacks:
        return gone
    balancers: Items = ask(lambda: _balancers(cloud), []) if cloud.has("load-balancer") else []
    servers: Items = ask(lambda: cloud.pages("compute", "/servers/detail", "servers"), [])
    addresses: Items = ask(
        lambda: cloud.pages("network", "/floatingips", "floatingips", project_id=cloud.project_id), []
    )
    by_port = {one["port_id"]: one["floating_ip_address"] for one in addresses if one["port_id"]}
    found = []
    for one in stacks:
        ours = [row for row in balancers if one.id in row["description"]]
        address = next((by_port[row["vip_port_id"]] for row in ours if row["vip_port_id"] in by_port), "")
        judged = summary.heat(one)
        if one.complete:
            quiet = [Judgement("warning", said) for said in silent.values()]
            judged = summary.worse(judged, *_standing(one, ours, servers), *_walled(cloud, one, walls), *quiet)
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


def unowned(cloud: Cloud, groups: Items, alive: set[str]) -> tuple[Environment, ...]:
    """Environments whose stack is gone and whose firewall group is still there: it filtered to the end."""
    found = {}
    for one in groups:
        owner, said = wall.owner(one), f"Its firewall group {one['name']} is being removed."
        if owner and owner not in alive:
            name = str(one["name"]).removesuffix("-fw") or owner
            found[owner] = Environment(owner, name, "deleting", said, "", "", (), None, cloud.project_id)
    return tuple(found.values())


def leftover(cloud: Cloud, name_or_id: str) -> Environment | None:
    """The one of `leftovers` or `unowned` with this name or id: three calls, and two for each of `leftovers`."""
    alive = {one.id for one in stack.environments(cloud)}
    known = leftovers(cloud, data.volumes(cloud), alive) if cloud.has("block-storage") else ()
    known = _merged(known, unowned(cloud, wall.groups(cloud) or [], alive))
    by_id = stack.is_id(name_or_id)
    return next((one for one in known if name_or_id == (one.id if by_id else one.name)), None)


def _merged(first: tuple[Environment, ...], second: tuple[Environment, ...]) -> tuple[Environment, ...]:
    known = {one.id for one in first}
    return (*first, *(one for one in second if one.id not in known))


def _balancers(cloud: Cloud) -> Items:
    found: Items = cloud.balancers("load_balancer_list", project_id=cloud.project_id)["loadbalancers"]
    return found


def _walled(cloud: Cloud, one: Stack, walls: Items | None) -> list[Judgement]:
    if stack.FIREWALL not in one.tags or walls is None:
        return []
    group = next((row for row in walls if wall.owner(row) == one.id), None)
    if group is None and (failure := attempts.failure(cloud, one.id)):
        return [Judgement("failed", f"Its firewall group is missing. {failure.words}")]
    if group is None:
        return [Judgement("building", "All of the stack is up; the firewall group is still to be made.")]
    if group["status"] == "ERROR":
        return [Judgement("failed", "Neutron says ERROR of its firewall group: it filters nothing.")]
    if str(group["status"]).startswith("PENDING"):
        return [Judgement("building", "All of the stack is up; Neutron is still working on the firewall group.")]
    return []


def _standing(one: Stack, balancers: Items, servers: Items) -> list[Judgement]:
    judged = []
    for row in balancers:
        if row["provisioning_status"] == "ERROR":
            judged.append(Judgement("failed", "The load balancer is broken: Octavia could not change it."))
        elif (state := status.row(row)) in _OCTAVIA:
            judged.append(_OCTAVIA[state])
    for row in servers:
        if row["metadata"].get(data.OWNER) == one.id and row["status"] not in ("ACTIVE", "BUILD", "REBOOT"):
            judged.append(Judgement("warning", f"{row['name']} is {row['status'].lower()}."))
    return judged
