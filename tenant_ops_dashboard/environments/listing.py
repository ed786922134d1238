"""The list of environments: each one application, whatever it is made of."""

from __future__ import annotations

import datetime
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from tenant_ops_dashboard.cloud import Cloud, CloudError, values
from tenant_ops_dashboard.environments import facts, first_checks, services
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.errors import NotFound
from tenant_ops_dashboard.environments.firewall_group import attempts
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.heat import deletion, stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import Environment, Status
from tenant_ops_dashboard.environments.standstill import stall
from tenant_ops_dashboard.environments.status import judge, summary
from tenant_ops_dashboard.environments.status.summary import Judgement
from tenant_ops_dashboard.octavia import first_check, status
from tenant_ops_dashboard.sentences import say

T = TypeVar("T")
UNSHOWN = say("It cannot be shown; its stack can still be deleted. Your operator's log says why.")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"[A-Za-z][\w.-]{0,254}", re.ASCII)  # what Heat takes as a stack's name
_LOG = logging.getLogger(__name__)
Items = Sequence[Mapping[str, Any]]
Trees = Mapping[str, Mapping[str, Any]]
_OCTAVIA: Mapping[status.State, Judgement] = {
    "warning": Judgement("warning", say("Not all of its servers answer the load balancer.")),
    "failed": Judgement("failed", say("None of its servers answers the load balancer.")),
    "building": Judgement("building", say("The load balancer waits for its servers' first health checks.")),
    "deleting": Judgement("warning", say("The load balancer is being deleted.")),
    "off": Judgement("warning", say("The load balancer is switched off.")),
}


@dataclass(frozen=True)
class _There:
    """What the services list of one environment; `trees` are load balancers' whose rows do not tell enough, by id."""

    balancers: Items
    servers: Items
    volumes: Items
    trees: Trees

    @property
    def all(self) -> Items:
        return [*self.servers, *self.volumes, *self.balancers]

    @property
    def serves(self) -> bool:
        """Whether a server runs, and nothing in front of the servers is broken."""
        broken = [
            row for row in self.balancers if row["operating_status"] == "ERROR" or row["provisioning_status"] == "ERROR"
        ]
        return not broken and any(row["status"] == "ACTIVE" for row in self.servers)


def listing(cloud: Cloud) -> tuple[Environment, ...]:
    """All environments of the project, oldest first: six calls, whatever their number (three where there are none).

    Where members of a load balancer may be within their first health checks, one more and two for each such.
    One that cannot be told costs its own row alone, which says so; the log has the error. Raises the CloudError of
    Heat; other services may be silent, the status says so.
    """
    stacks = stack.environments(cloud)
    silent: dict[str, str] = {}

    def ask(make: Callable[[], T], otherwise: T) -> T:
        try:
            return make()
        except CloudError as error:
            silent.setdefault(error.service, error.sentence)
            return otherwise

    volumes: Items = ask(lambda: data_volumes.volumes(cloud), []) if cloud.has("block-storage") else []
    groups_there = ask(lambda: firewall_groups.groups(cloud), None)
    alive = {one.id for one in stacks}
    alive |= ask(lambda: _living(cloud, volumes, groups_there or [], alive), alive)
    gone = _merged(leftovers(cloud, volumes, alive), unowned(cloud, groups_there or [], alive))
    if not stacks:
        return gone
    balancers: Items = ask(lambda: _balancers(cloud), []) if cloud.has("load-balancer") else []
    servers: Items = ask(lambda: values.rows(cloud.pages("compute", "/servers/detail", "servers"), services.SERVER), [])
    addresses: Items = ask(
        lambda: values.rows(
            cloud.pages("network", "/floatingips", "floatingips", project_id=cloud.project_id), services.FLOATING_IP
        ),
        [],
    )
    by_port = {one["port_id"]: one["floating_ip_address"] for one in addresses if one["port_id"]}
    serving, running, stored = _in_front(balancers), _owned(servers), _owned(volumes)
    trees: Trees = ask(lambda: _changed(cloud, serving, running), {})
    quiet, now = tuple(silent.values()), cloud.now()
    groups = None if groups_there is None else {firewall_groups.owner(row): row for row in reversed(groups_there)}

    def environment(one: Stack) -> Environment:
        there = _There(serving.get(one.id, []), running.get(one.id, []), stored.get(one.id, []), trees)
        address = next((by_port[row["vip_port_id"]] for row in there.balancers if row["vip_port_id"] in by_port), "")
        judged = _judged(one, there, _filtered(cloud, one, groups), quiet, now)
        return summary.environment(one, judged, address, judge.told(there.servers, there.volumes, one.id))

    return (*(_shown(one, environment) for one in stacks), *gone)


def _judged(
    one: Stack, there: _There, walled: Sequence[Judgement], silent: Sequence[str], now: datetime.datetime
) -> Judgement:  # fmt: skip
    """The status of one environment from its stack and what the services list of it."""
    meaning, said = one.meaning, [Judgement("warning", words) for words in silent]
    late = [Judgement("warning", stall.utc(stalled)) for stalled in stall.services(there.all, now)]
    since = one.updated_at or one.created_at
    if meaning.moving and since and stall.quiet(since, now) > stall.LONG:
        words = say("Heat has been at work since {since:%H:%M} UTC, which is long: its page tells whether anything "
"moves.", since=since)
        late.insert(0, Judgement("warning", words))
    if meaning.stands:
        if one.action == "ROLLBACK" and not (meaning.moving or there.servers or there.balancers or silent):
            # Heat's list tells a launch's roll-back from a change's by nothing.
            return Judgement("failed", say("Heat rolled it back, and nothing of it runs."))
        standing = _standing(there)
        promised = summary.worse(Judgement("good"), *standing, *walled, *said, *late)
        return summary.standing(one, promised, there.serves)
    judged = summary.heat(one)
    return replace(judged, reason=late[0].reason) if late and not judged.reason else judged


def _shown(one: Stack, tell: Callable[[Stack], Environment]) -> Environment:
    """The environment as `tell` has it; one that nobody foresaw is told as what it is, and takes no other with it."""
    try:
        return tell(one)
    except Exception:  # noqa: BLE001 (whatever it is, the other rows stand)
        _LOG.exception("The environment %s (%s) cannot be shown", one.name, one.id)
        return summary.environment(one, Judgement("warning", UNSHOWN))


def leftovers(cloud: Cloud, volumes: Items, alive: set[str]) -> tuple[Environment, ...]:
    """Environments whose stack is gone and whose data is marked: two calls for each and one, none where there are none.

    A volume that was there before it and is still to be given free counts too, and costs no call.
    Data that was to go and that somebody's snapshot, server or transfer holds waits for a person, and goes after that.
    """
    marked = [one for one in volumes if data_volumes.mark(one) and data_volumes.owner(one) not in alive]
    ended = deletion.ended_all(cloud, map(data_volumes.owner, marked))
    held = _held(cloud, marked)
    found: dict[str, Environment] = {}
    for one in marked:
        owner = data_volumes.owner(one)
        if not _ID.fullmatch(owner) or (owner in found and found[owner].status == "deleting"):
            continue
        words = one["name"] or one["id"]
        name = _called(one, owner)
        going = data_volumes.goes_with(one, ended.get(owner, ""))
        stays = (held.get(one["id"]) or data_volumes.TAKEN.get(one["status"], "")) if going else ""
        said = (
            say("It is gone; its data volume {words} is kept so far: {stays} Take away what is in its way and the "
"volume goes with the next look, or keep the data.", words=words, stays=stays)
            if stays else
            say("Its data volume {words} is being removed.", words=words) if going else
            say("It is gone; its data volume {words} was marked by a delete that did not end it, and is kept. Keep "
"the data for good, or delete it.", words=words)
        )  # fmt: skip
        status: Status = "deleting" if going and not stays else "warning"
        created = values.moment(one["created_at"])
        found[owner] = Environment(owner, name, status, said, "", "", (), created, cloud.project_id)
    for one in volumes:
        owner = data_volumes.brought(one)
        if _ID.fullmatch(owner) and owner not in alive and not data_volumes.mark(one) and owner not in found:
            words = one["name"] or one["id"]
            said = say("It is gone; its data volume {words} was there before it and stays.", words=words)
            name = _called(one, owner)
            found[owner] = Environment(owner, name, "deleting", said, "", "", (), None, cloud.project_id)
    return tuple(found.values())


def _called(volume: Mapping[str, Any], owner: str) -> str:
    """What the environment was called that a volume names, else its id."""
    name = volume["metadata"].get(data_volumes.NAME, "")
    return name if _NAME.fullmatch(name) else owner


def _held(cloud: Cloud, marked: Items) -> dict[str, str]:
    """Which of these volumes have snapshots, in words; none where there are none, or where Cinder does not tell."""
    try:
        return data_volumes.held(marked, data_volumes.snapshots(cloud)) if marked else {}
    except CloudError:
        return {}


def unowned(cloud: Cloud, groups: Items, alive: set[str]) -> tuple[Environment, ...]:
    """Environments whose stack is gone and whose firewall group is still there: it filtered to the end."""
    found = {}
    for one in groups:
        owner, said = firewall_groups.owner(one), say("Its firewall group {name} is being removed.", name=one["name"])
        if _ID.fullmatch(owner) and owner not in alive:
            name = one["name"].removesuffix("-fw")
            name = name if _NAME.fullmatch(name) else owner
            found[owner] = Environment(owner, name, "deleting", said, "", "", (), None, cloud.project_id)
    return tuple(found.values())


def leftover(cloud: Cloud, name_or_id: str) -> Environment | None:
    """The one of `leftovers` or `unowned` with this name or id: three calls, and two for each of `leftovers`.

    Raises NotFound where several have the name.
    """
    by_id = stack.is_id(name_or_id)
    found = [one for one in all_leftovers(cloud) if name_or_id == (one.id if by_id else one.name)]
    if len(found) > 1:
        ids = ", ".join(one.id for one in found)
        raise NotFound(say(
            "Several environments that are gone were called {name}: say the id of one, {ids}.",
            name=name_or_id, ids=ids,
        ))  # fmt: skip
    return found[0] if found else None


def all_leftovers(cloud: Cloud) -> tuple[Environment, ...]:
    """All of `leftovers` and `unowned`: three calls, and two for each of `leftovers`. Raises a CloudError."""
    alive = {one.id for one in stack.environments(cloud)}
    volumes = data_volumes.volumes(cloud) if cloud.has("block-storage") else []
    groups = firewall_groups.groups(cloud) or []
    alive |= _living(cloud, volumes, groups, alive)
    return _merged(leftovers(cloud, volumes, alive), unowned(cloud, groups, alive))


def _living(cloud: Cloud, volumes: Items, groups: Items, alive: set[str]) -> set[str]:
    """Owners of what looks left over whose stack stands all the same, without our tag: one call where there are any."""
    owners = {data_volumes.owner(one) for one in volumes if data_volumes.mark(one)}
    owners |= {data_volumes.brought(one) for one in volumes} | {
        firewall_groups.owner(one) for one in groups
    }
    return stack.living(cloud, {one for one in owners - alive if _ID.fullmatch(one)})


def _merged(first: tuple[Environment, ...], second: tuple[Environment, ...]) -> tuple[Environment, ...]:
    """Each once: whose firewall group is still there is at work, whatever becomes of its data."""
    known, busy = {one.id for one in first}, {one.id for one in second}
    told = (replace(one, status="deleting") if one.id in busy else one for one in first)
    return (*told, *(one for one in second if one.id not in known))


def _balancers(cloud: Cloud) -> Items:
    found = cloud.pages("load-balancer", "/lbaas/loadbalancers", "loadbalancers", project_id=cloud.project_id)
    return values.rows(found, services.BALANCER)


def _in_front(balancers: Items) -> dict[str, list[Mapping[str, Any]]]:
    """Load balancers by the ids that their descriptions name."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in balancers:
        for id_ in set(_ID.findall(row["description"])):
            found.setdefault(id_, []).append(row)
    return found


def _owned(items: Items) -> dict[str, list[Mapping[str, Any]]]:
    """Servers or volumes by the environment that their metadata name."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in items:
        found.setdefault(row["metadata"].get(data_volumes.OWNER, ""), []).append(row)
    return found


def _filtered(cloud: Cloud, one: Stack, groups: Mapping[str, Mapping[str, Any]] | None) -> list[Judgement]:
    if stack.FIREWALL not in one.tags or groups is None:
        return []
    group = groups.get(one.id)
    if group is None and (failure := attempts.failure(cloud, one.id)):
        return [Judgement("failed", say("Its firewall group is missing. {words}", words=failure.words))]
    if group is None:
        return [Judgement("building", say("All of the stack is up; the firewall group is still to be made."))]
    if group["status"] == "ERROR":
        return [Judgement("failed", say("Neutron says ERROR of its firewall group: it filters nothing."))]
    if group["status"].startswith("PENDING"):
        return [Judgement("building", say("All of the stack is up; Neutron is still working on the firewall group."))]
    return []


def _changed(cloud: Cloud, serving: Mapping[str, Items], running: Mapping[str, Items]) -> Trees:
    """Status trees of load balancers whose members may be within their first checks. Raises a CloudError."""
    of = {row["id"]: (row, running.get(owner, [])) for owner, rows in serving.items() for row in rows}
    young = [id_ for id_, (row, servers) in of.items() if first_checks.perhaps(row, servers, cloud.now())]
    watched = first_checks.monitors(cloud) if young else {}
    longest = max(map(first_check.seconds, watched.values()), default=0.0)
    found: dict[str, Mapping[str, Any]] = {}
    for id_ in young:
        row, servers = of[id_]
        if first_checks.perhaps(row, servers, cloud.now(), longest):
            found |= first_checks.completed(cloud, {id_: facts.tree(cloud, id_)}, servers, watched)
    return found


def _standing(there: _There) -> list[Judgement]:
    judged = []
    for row in there.balancers:
        tree = there.trees.get(row["id"])
        state, why = status.tree(tree) if tree else (status.row(row), "")
        if row["provisioning_status"] == "ERROR":
            judged.append(Judgement("failed", say("The load balancer is broken: Octavia could not change it.")))
        elif state == "building" and why:
            judged.append(Judgement("building", say("Coming up: {why}.", why=why)))
        elif state in _OCTAVIA:
            judged.append(_OCTAVIA[state])
    for row in there.servers:
        if row["status"] not in ("ACTIVE", "BUILD", "REBOOT"):
            said = say("{title} is {state}.", title=row["name"], state=row["status"].lower())
            judged.append(Judgement("warning", said))
    return judged
