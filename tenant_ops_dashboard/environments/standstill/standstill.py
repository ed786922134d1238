"""Heat at a standstill: whether it is one, and how it is made to go on. Asks more only where nothing has moved."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import access, facts
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.errors import Blocked
from tenant_ops_dashboard.environments.heat import deletion, stack
from tenant_ops_dashboard.environments.heat import resources as heat_resources
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import Stall
from tenant_ops_dashboard.environments.standstill import orphans, stall
from tenant_ops_dashboard.environments.template import picture
from tenant_ops_dashboard.environments.template.hot import GROUPS, Resource
from tenant_ops_dashboard.sentences import say

Spans = Mapping[tuple[str, str], heat_resources.Span]


def of(
    cloud: Cloud, found: Stack, heat: Sequence[heat_resources.Row], spans: Spans, resources: Sequence[Resource] = (),
    known: facts.Facts | None = None, busy: bool = False,
) -> tuple[Stall, ...]:  # fmt: skip
    """Heat's standstill over this stack, or what services have been working on for too long.

    `known` is what the services say, where that was asked already; else they are asked only where nothing has moved for
    a moment. `resources` have the words for a thing; `busy` says that Heat calls itself at work where no row tells.
    """
    since, now = stall.moved(found, heat, spans), cloud.now()
    suspect = (busy or at_work(found, heat)) and stall.quiet(since, now) > stall.SUSPECT
    if known is None and not suspect:
        return ()
    known = known or facts.read(cloud, found.id, heat, False)
    late = _services(cloud, heat, resources, known)
    waits = {row.resource_id for row in heat if row.state in ("building", "deleting")}
    if not suspect or waits & {one.resource_id for one in late}:
        return late
    still = stall.heat(heat, since, now, stall.idle(heat, known))
    return (replace(still, dead=_dead(cloud)), *late) if still else late


def is_one(cloud: Cloud, found: Stack) -> bool:
    """Whether Heat stands still over a stack of which nothing was read yet.

    No call where it began a moment ago, else one, and two and those of the services where Heat is at work and nothing
    has moved since.
    """
    if stall.quiet(stall.moved(found, ()), cloud.now()) <= stall.SUSPECT:
        return False
    heat = heat_resources.read(cloud, found)
    told = of(cloud, found, heat, heat_resources.spans(cloud, found)) if at_work(found, heat) else ()
    return any(one.service == stall.HEAT for one in told)


def at_work(found: Stack, heat: Sequence[heat_resources.Row]) -> bool:
    """Whether Heat says so: of the stack, or of a group in it, which it scales without a word of the stack."""
    return found.meaning.moving or any(row.state in ("building", "deleting") for row in heat)


def go_on(cloud: Cloud, found: Stack) -> None:
    """Ask Heat to go on with what it stopped at or failed: what stands stays, and groups keep their size.

    Raises Blocked where Heat takes no such order, NotAllowed, or a CloudError.
    """
    perform(GoOn(cloud, found))


def tidy(cloud: Cloud, found: Stack) -> bool:
    """Take away load balancers that Heat replaced when it went on; whether there were any.

    Heat does that with its next update only. Raises NotAllowed or a CloudError.
    """
    old = orphans.replaced(cloud, found) if found.action == "UPDATE" else ()
    orphans.take_away(cloud, found, old)
    return bool(old)


class GoOn(Change[bool]):
    """One update or one delete more of a stack; what Heat lost when its engine died goes first."""

    name = "environments.go_on"
    rule = "environments:launch"
    action = "update"
    kind = "environment"

    def __init__(self, cloud: Cloud, found: Stack) -> None:
        super().__init__(cloud)
        self.found = found
        self.target = Target(found.id, found.name)
        self.says = "go on"

    def prepare(self) -> None:
        if not self.found.meaning.again:
            raise Blocked(
                say(
                    "Heat takes no such order for {name}: {words}.",
                    name=self.found.name,
                    words=self.found.meaning.words,
                )
            )
        if self.found.meaning.again == "delete":
            access.require(self.cloud, "environments:delete")
        self.lost: tuple[orphans.Orphan, ...] = ()
        # Of what was up nothing is taken before Heat has made another.
        if self.found.never_up or self.found.action == "DELETE":
            heat = heat_resources.read(self.cloud, self.found)
            self.lost = orphans.find(self.cloud, self.found, heat, servers=self.found.never_up)

    def send(self) -> bool:
        orphans.take_away(self.cloud, self.found, self.lost)
        (_delete if self.found.meaning.again == "delete" else _update)(self.cloud, self.found)
        return True

    def happened(self) -> bool | None:
        now = stack.by_id(self.cloud, self.found.id)
        before = (self.found.action, self.found.updated_at)
        return True if now is None or (now.action, now.updated_at) != before else None


def _update(cloud: Cloud, found: Stack) -> None:
    body: dict[str, Any] = {"existing": True, "parameters": {}}
    if not found.never_up:
        body |= sized(cloud, found)
    cloud.patch("orchestration", found.path, body)


def _delete(cloud: Cloud, found: Stack) -> None:
    """Once more, with the same wish about the data: a mark counts for one delete only."""
    before = deletion.last(cloud, found)
    volumes = data_volumes.of(data_volumes.volumes(cloud), found.id) if cloud.has("block-storage") else []
    goes = any(data_volumes.goes_with(one, before) for one in volumes)
    cloud.delete("orchestration", found.path)
    if goes and (began := deletion.began(cloud, found, before)):
        # Somebody may have wished to keep it meanwhile: his mark is gone.
        data_volumes.condemn(cloud, found.id, began, marked_by=before)


def sized(cloud: Cloud, found: Stack) -> dict[str, Any]:
    """The template with the groups as large as they are: Heat would go back to the size of the launch otherwise."""
    template = copy.deepcopy(cloud.get("orchestration", f"{found.path}/template"))
    declared = template.get("resources") or {}
    sizes = heat_resources.wanted(heat_resources.read(cloud, found))
    changed = False
    for name, one in declared.items():
        if one.get("type") == GROUPS[0] and sizes.get(name) and isinstance(one.get("properties"), dict):
            one["properties"]["desired_capacity"] = sizes[name]
            changed = True
    if not changed:
        return {}
    return {"template": template, "files": cloud.get("orchestration", f"{found.path}/files")}


def _services(
    cloud: Cloud, heat: Sequence[heat_resources.Row], resources: Sequence[Resource], known: facts.Facts
) -> tuple[Stall, ...]:
    """One call for each load balancer that is being changed: its tree does not tell since when."""
    titles = {one.key: picture.title(one) for one in resources}
    ours = {row.resource_id: titles.get(row.key, row.key) for row in heat if row.resource_id}
    there: list[facts.Item] = [one for kept in (known.servers, known.volumes) for one in (kept or {}).values()]
    for id_, tree in (known.balancers or {}).items():
        if str(tree.get("provisioning_status", "")).startswith("PENDING"):
            there += _balancer(cloud, id_)
    return tuple(stall.services([one for one in there if one.get("id") in ours], cloud.now(), ours))


def _balancer(cloud: Cloud, id_: str) -> list[facts.Item]:
    try:
        return [cloud.balancers("load_balancer_show", id_)]
    except CloudError:
        return []


def _dead(cloud: Cloud) -> bool:
    """Whether Heat says itself that none of its engines is alive; it tells administrators alone."""
    if "admin" not in cloud.roles:
        return False
    try:
        engines = cloud.get("orchestration", "/services")["services"]
    except CloudError as error:
        return error.status == 503
    return all(one.get("status") != "up" for one in engines)
