"""What the walkthrough made, found whatever the records say: taken away, put right, looked at.

What is its own is told by `ours`, in projects that are marked for demonstrations; `known` as there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.clones import markers
from tenant_ops_dashboard.cloud import Cloud, values
from tenant_ops_dashboard.environments import delete, reconcile, services
from tenant_ops_dashboard.environments.data import actions as data_actions
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.loadbalancers.scaling import actions
from tenant_ops_dashboard.loadbalancers.scaling import group as reading
from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough.acts import in_the_way, ours, perimeter
from tenant_ops_dashboard.walkthrough.acts.copies import others
from tenant_ops_dashboard.walkthrough.acts.ours import Ids
from tenant_ops_dashboard.walkthrough.acts.servers import TASK, Start, Stop
from tenant_ops_dashboard.walkthrough.acts.shop import NAME
from tenant_ops_dashboard.walkthrough.store import Store

#: Volumes in these states go; others are on their way, or somebody uses them.
_FREE = ("available", "error")
_SERVER: values.Shape = {**services.SERVER, TASK: values.text}


def copies(cloud: Cloud, store: Store, known: Ids) -> tuple[str, ...]:
    """What is left of clones and offers, a sentence each. Raises a CloudError."""
    found = [say("The offer of {source} stands.", source=one.source_name) for one in ours.offers(cloud, store, known)]
    found += [
        say(
            "The clone {name} is {state} in the project {project}.",
            name=one.name, state=one.state, project=one.project_name,
        )
        for one in ours.clones(cloud, store)
    ]  # fmt: skip
    for there in others(cloud):
        where, volumes = there.project_name, ours.copies(cloud, there, store)
        found += [
            say("The environment {name} stands in the project {project}.", name=one.name, project=where)
            for one in ours.built(there, volumes)
        ]
        found += [
            say(
                "The volume {name} is {status} in the project {project}.",
                name=one["name"],
                status=one["status"],
                project=where,
            )
            for one in volumes
        ]
    return tuple(found)


def end_copies(cloud: Cloud, store: Store, known: Ids) -> None:
    """Release clones, withdraw offers, and take away what no record knows. Raises a TenantOpsError."""
    theirs = {one.project_id: one for one in others(cloud)}
    live = ours.clones(cloud, store)
    for clone in live:
        # Where he may do nothing there any more the owner ends it.
        store.clones.release(theirs.get(clone.project_id, cloud), clone)
    alive = {one.id for one in live}
    for there in theirs.values():
        # What a clone's own end takes away is left to it.
        unknown = [one for one in ours.copies(cloud, there, store) if markers.of(one) not in alive]
        standing = ours.built(there, unknown)
        _end(there, standing, [one for one in unknown if not any(one["id"] in it.volumes for it in standing)])
    for offer in ours.offers(cloud, store, known):
        store.clones.withdraw(cloud, offer.id)


def environment(cloud: Cloud, known: Ids) -> tuple[str, ...]:
    """What is left of the environment and its data, a sentence each; nothing is changed. Raises a CloudError."""
    found = [
        say("The environment {name} is being taken away.", name=NAME)
        if one.going
        else say("The environment {name} is there.", name=NAME)
        for one in ours.stacks(cloud)
    ]
    if not found:
        found = [one.status_reason for one in ours.gone(cloud, known)]
    found += [
        say("The volume {name} is {status}.", name=one["name"], status=one["status"])
        for one in ours.data(cloud, known)
    ]
    return tuple(found)


def sweep(cloud: Cloud, known: Ids) -> None:
    """Do what comes after Heat: take away what a stack that is gone left. Raises a TenantOpsError."""
    if ours.stacks(cloud):
        return
    for one in ours.gone(cloud, known):
        reconcile.by_id(cloud, one.id, asked=True)
    _end(cloud, [], ours.data(cloud, known))


def end_environment(cloud: Cloud, known: Ids) -> None:
    """Delete the environment with its data, and data that was kept of an earlier one. Raises a TenantOpsError."""
    stacks = ours.stacks(cloud)
    alive = {one.id for one in stacks}
    _end(cloud, stacks, [one for one in ours.data(cloud, known) if data_volumes.owner(one) not in alive])


def _end(cloud: Cloud, stacks: Iterable[stack.Stack], volumes: Iterable[Mapping[str, Any]]) -> None:
    """These with their data, and volumes of stacks that are gone."""
    for one in stacks:
        in_the_way.clear(cloud, one)
        if not (one.action == "DELETE" and one.state == "IN_PROGRESS"):
            delete.delete(cloud, one.id, data=True)
    for row in volumes:
        if row["status"] in _FREE:
            in_the_way.snapshots(cloud, row)
            perform(data_actions.RemoveVolume(cloud, row))


def _repaired_scaling(cloud: Cloud) -> None:
    """Its servers are on, scaling by itself is off, and the group has its least again."""
    for id_ in _standing(cloud):
        for one in _off(cloud, id_):
            if one["status"] == "SHUTOFF":
                perform(Start(cloud, one["id"]))
        _calmed(cloud, id_)


def _calmed(cloud: Cloud, id_: str) -> None:
    group = reading.read(cloud, id_)
    if group.rules.on and not group.busy:
        actions.change(cloud, group, replace(group.rules, on=False), group.minimum, group.maximum, group.step)
    elif group.size > group.minimum and not group.busy:
        actions.now(cloud, group, "in")


def _repaired_firewall(cloud: Cloud) -> None:
    for one in ours.stacks(cloud):
        perimeter.put_back(cloud, one)


def _scaling_left(cloud: Cloud) -> tuple[str, ...]:
    found = []
    for id_ in _standing(cloud):
        group = reading.read(cloud, id_)
        found += [say("The server {name} is off.", name=one["name"]) for one in _off(cloud, id_)]
        if group.busy:
            found.append(say("Heat is at work on {name}.", name=NAME))
        if group.rules.on:
            found.append(say("Scaling by itself is on still."))
        elif group.size > group.minimum:
            found.append(say("{name} has {size} servers.", name=NAME, size=group.size))
    return tuple(found)


#: How a scenario is put right whose environment stays, by its id.
REPAIRS: Mapping[str, Callable[[Cloud], None]] = {
    "balancing": _repaired_scaling, "firewall": _repaired_firewall,
}  # fmt: skip


def unrepaired(cloud: Cloud, id_: str) -> tuple[str, ...]:
    """What is not right again, a sentence each. Raises a TenantOpsError."""
    if id_ == "balancing":
        found = _scaling_left(cloud)
        if found:
            try:
                _repaired_scaling(cloud)
            except TenantOpsError as error:
                return (*found, error.line)
        return found
    known = (told for one in ours.stacks(cloud) for told in perimeter.differences(cloud, one))
    return tuple(say("Firewall: {told}.", told=told) for told in known)


def _standing(cloud: Cloud) -> list[str]:
    """Ids of its environment's stacks that are not going: one call."""
    return [one.id for one in ours.stacks(cloud) if not one.meaning.leaving]


def _off(cloud: Cloud, environment_id: str) -> list[dict[str, Any]]:
    """The environment's servers that are switched off, or are about to be: one call."""
    known = values.rows(cloud.pages("compute", "/servers/detail", "servers"), _SERVER)
    return [
        one for one in known
        if data_volumes.owner(one) == environment_id and (one["status"] == "SHUTOFF" or one[TASK] == Stop.task)
    ]  # fmt: skip
