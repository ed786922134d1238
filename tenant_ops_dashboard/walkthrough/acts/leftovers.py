"""What the walkthrough made, found by its names whatever the records say: taken away, put right, looked at.

Everything of it has one of the names below, in a project that is marked for demonstrations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard import projects
from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.clones.access import REQUEST
from tenant_ops_dashboard.clones.model import Offer
from tenant_ops_dashboard.cloud import Cloud, NotAllowed, NotFound, elsewhere
from tenant_ops_dashboard.environments import delete, listing, reconcile
from tenant_ops_dashboard.environments.data import actions as data_actions
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.loadbalancers.scaling import actions
from tenant_ops_dashboard.loadbalancers.scaling import group as reading
from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough import marked
from tenant_ops_dashboard.walkthrough.acts import in_the_way, perimeter
from tenant_ops_dashboard.walkthrough.acts.copies import BRIEF, CLONE
from tenant_ops_dashboard.walkthrough.acts.servers import Start
from tenant_ops_dashboard.walkthrough.acts.shop import NAME
from tenant_ops_dashboard.walkthrough.store import Store

COPIES = (CLONE, BRIEF)
Facts = Mapping[str, str]
#: Volumes in these states go; others are on their way, or somebody uses them.
_FREE = ("available", "error")


def copies(cloud: Cloud, store: Store) -> tuple[str, ...]:
    """What is left of clones and offers, a sentence each. Raises a CloudError."""
    found = [say("The offer of {source} stands.", source=one.source_name) for one in _offers(cloud, store)]
    for there in _others(cloud):
        where = there.project_name
        found += [
            say("The clone {name} is {state} in the project {project}.", name=one.name, state=one.state, project=where)
            for one in _clones(there, store)
        ]
        found += [
            say("The environment {name} stands in the project {project}.", name=one.name, project=where)
            for one in _stacks(there, COPIES)
        ]
        found += [
            say(
                "The volume {name} is {status} in the project {project}.",
                name=one["name"],
                status=one["status"],
                project=where,
            )
            for one in _volumes(there, COPIES)
        ]
    return tuple(found)


def end_copies(cloud: Cloud, store: Store) -> None:
    """Release clones, withdraw offers, and take away what no record knows. Raises a TenantOpsError."""
    for there in _others(cloud):
        live = _clones(there, store)
        for one in live:
            store.clones.release(there, one)
        # What a clone's own end takes away is left to it.
        known = {one.name for one in live}
        unknown = tuple(name for name in COPIES if name not in known)
        _end(there, unknown)
    for offer in _offers(cloud, store):
        store.clones.withdraw(cloud, offer.id)


def environment(cloud: Cloud) -> tuple[str, ...]:
    """What is left of the environment and its data, a sentence each; what comes after Heat is done on the way.

    Raises a CloudError.
    """
    found = []
    for one in _stacks(cloud, (NAME,)):
        told = (
            say("The environment {name} is being taken away.", name=NAME)
            if one.going
            else say("The environment {name} is there.", name=NAME)
        )
        found.append(told)
    gone = listing.leftover(cloud, NAME) if not found else None
    if gone is not None:
        reconcile.by_id(cloud, gone.id, asked=True)
    found += [
        say("The volume {name} is {status}.", name=one["name"], status=one["status"])
        for one in _volumes(cloud, (f"{NAME}-data",))
    ]
    return tuple(found)


def end_environment(cloud: Cloud) -> None:
    """Delete the environment with its data, and data that was kept of an earlier one. Raises a TenantOpsError."""
    _end(cloud, (NAME,))


def _end(cloud: Cloud, names: tuple[str, ...]) -> None:
    stacks = _stacks(cloud, names)
    for one in stacks:
        in_the_way.clear(cloud, one)
        if not (one.action == "DELETE" and one.state == "IN_PROGRESS"):
            delete.delete(cloud, one.id, data=True)
    standing = {one.name for one in stacks}
    volumes = tuple(f"{one}-data" if one == NAME else one for one in names if one not in standing)
    for row in _volumes(cloud, volumes):
        if row["status"] in _FREE:
            in_the_way.snapshots(cloud, row)
            perform(data_actions.RemoveVolume(cloud, row))


def _repaired_scaling(cloud: Cloud, facts: Facts) -> None:
    """The server that was switched off is on, scaling by itself is off, and the group has its least again."""
    if (killed := facts.get("killed_id")) and _is_off(cloud, killed):
        perform(Start(cloud, killed))
    group = reading.read(cloud, NAME)
    if group.rules.on and not group.busy:
        actions.change(cloud, group, replace(group.rules, on=False), group.minimum, group.maximum, group.step)
    elif group.size > group.minimum and not group.busy:
        actions.now(cloud, group, "in")


def _repaired_firewall(cloud: Cloud, facts: Facts) -> None:
    for one in _stacks(cloud, (NAME,)):
        perimeter.put_back(cloud, one)


def _scaling_left(cloud: Cloud, facts: Facts) -> tuple[str, ...]:
    group = reading.read(cloud, NAME)
    found = []
    if (killed := facts.get("killed_id")) and _is_off(cloud, killed):
        found.append(say("The server {name} is off.", name=facts.get("killed") or killed))
    if group.busy:
        found.append(say("Heat is at work on {name}.", name=NAME))
    if group.rules.on:
        found.append(say("Scaling by itself is on still."))
    elif group.size > group.minimum:
        found.append(say("{name} has {size} servers.", name=NAME, size=group.size))
    return tuple(found)


#: How a scenario is put right whose environment stays: by id, with what it kept.
REPAIRS: Mapping[str, Callable[[Cloud, Facts], None]] = {
    "balancing": _repaired_scaling, "firewall": _repaired_firewall,
}  # fmt: skip


def unrepaired(cloud: Cloud, id_: str, facts: Facts) -> tuple[str, ...]:
    """What is not right again, a sentence each. Raises a TenantOpsError."""
    if id_ == "balancing":
        found = _scaling_left(cloud, facts)
        if found:
            try:
                _repaired_scaling(cloud, facts)
            except TenantOpsError as error:
                return (*found, error.line)
        return found
    return tuple(f"Firewall: {told}." for one in _stacks(cloud, (NAME,)) for told in perimeter.differences(cloud, one))


def _is_off(cloud: Cloud, server_id: str) -> bool:
    """Whether a server is switched off; one that is gone is not."""
    try:
        return bool(cloud.get("compute", f"/servers/{server_id}")["server"]["status"] == "SHUTOFF")
    except NotFound:
        return False


def _others(cloud: Cloud) -> list[Cloud]:
    """The presenter in each other project that is marked and where he may ask for clones."""
    found = []
    for one in projects.where(cloud, REQUEST).projects:
        if one.id == cloud.project_id:
            continue
        try:
            there = cloud.once(f"walkthrough in {one.id}", lambda id_=one.id: elsewhere(cloud, id_))  # type: ignore[misc]
        except NotAllowed:
            continue
        if marked.marked(there):
            found.append(there)
    return found


def _clones(there: Cloud, store: Store) -> list[Any]:
    return [one for name in COPIES if (one := store.clones.live(there, name)) is not None]


def _offers(cloud: Cloud, store: Store) -> list[Offer]:
    return [one for one in store.clones.offers(cloud) if one.called(NAME) or one.called(f"{NAME}-data")]


def _stacks(cloud: Cloud, names: tuple[str, ...]) -> list[stack.Stack]:
    return [one for name in names for one in stack.all_named(cloud, name) if stack.TAG in one.tags]


def _volumes(cloud: Cloud, names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [one for one in data_volumes.volumes(cloud) if one.get("name") in names] if names else []
