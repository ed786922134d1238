"""Take an environment away: what goes and what stays is said first; then in an order that works.

The last answered wish about the data counts. Whatever was wished before is taken back before Heat is asked again, and
the data is marked only once Heat has begun: a delete that failed, in whatever way, leaves it unmarked.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, CloudError, Uncertain
from tenant_ops_dashboard.environments import endings, facts, listing, reconcile
from tenant_ops_dashboard.environments.data import actions as data_actions
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.errors import Blocked, DataStays, NotFound
from tenant_ops_dashboard.environments.heat import deletion, resources, stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import Environment, Loss
from tenant_ops_dashboard.environments.standstill import before, orphans
from tenant_ops_dashboard.environments.status import drift, summary
from tenant_ops_dashboard.environments.template import picture
from tenant_ops_dashboard.sentences import join, say, say_many

FEW = 20
_UNKNOWN = say("whether its data goes with it is not known: look at its page, where it can be kept")
_COUNTED: Mapping[str, Callable[[int], str]] = {
    "Server": lambda n: say_many("{n} server", "{n} servers", n),
    "Load balancer": lambda n: say_many("{n} load balancer", "{n} load balancers", n),
    "Floating IP": lambda n: say_many("{n} Floating IP", "{n} Floating IPs", n),
    "Router": lambda n: say_many("{n} router", "{n} routers", n),
    "Network": lambda n: say_many("{n} network", "{n} networks", n),
    "Security group": lambda n: say_many("{n} security group", "{n} security groups", n),
}


def losses(cloud: Cloud, environment: Environment) -> Loss:
    """What deleting it takes and what it leaves; nothing is changed. Raises NotFound or a CloudError."""
    try:
        found = stack.find(cloud, environment.id)
    except NotFound:
        left = data_volumes.of(data_volumes.volumes(cloud), environment.id)
        if not left and listing.leftover(cloud, environment.id) is None:
            raise
        kept_ = tuple(say("{words}, unless you say otherwise", words=_words(one)) for one in left)
        return Loss((), kept_, tuple(_held(cloud, left).values()))
    heat = resources.read(cloud, found)
    volumes = _data(cloud, found)
    empty, held = deletion.never_stood(cloud, found), _held(cloud, volumes)
    lost, kept = [], []
    for title, counted in _COUNTED.items():
        number = sum(1 for row in heat if picture.TITLES.get(row.type) == title and row.state != "gone")
        if number:
            lost.append(counted(number))
    lost.append(say("The firewall group with its policies and rules"))
    for one in volumes:
        if data_volumes.brought(one) or one["id"] in found.volumes:
            kept.append(
                say(
                    "{words}, which was there before it, with what is on it now, unless you say otherwise",
                    words=_words(one),
                )
            )
        elif empty and not held:
            lost.append(say("{words}: the launch never finished, so it holds nothing", words=_words(one)))
        else:
            kept.append(say("{words}, with the database's data, unless you say otherwise", words=_words(one)))
    there = before.rows(cloud, found, heat)
    kept += before.told(cloud, there)
    ours = [*heat, *orphans.as_rows(orphans.find(cloud, found, heat, servers=empty, replaced=True, there=there))]
    known = facts.read(cloud, found.id, ours, False)
    kept += [
        join(" ", (said, say("It stands in the way: delete it first."))) for said in few(drift.foreign(ours, known))
    ]
    return Loss(tuple(lost), tuple(kept), tuple(held.values()))


def delete(cloud: Cloud, name_or_id: str, data: bool = False) -> Environment:
    """Start taking it away; it is deleting when this returns. `data` removes the volume too, once the stack is gone.

    Where it is being taken away already only the wish about the data changes: said again without `data` it is kept.
    What nobody has any more is skipped; what others put on its networks is named and nothing is touched.
    Where Heat failed to delete it before, its load balancer goes first and whole. Where somebody's snapshot stands on
    the data it is Blocked with `data`: Cinder would not delete the volume, and what others keep is theirs to delete.
    Raises Blocked, NotFound, NotAllowed, DataStays or a CloudError.
    """
    return perform(Delete(cloud, name_or_id, data))


class Delete(Change[Environment]):
    """Heat's delete of the stack, and the last wish about its data; or the data of a stack that is gone."""

    name = "environments.delete"
    rule = "environments:delete"
    action = "delete"
    kind = "environment"
    destroys = True

    def __init__(self, cloud: Cloud, name_or_id: str, with_data: bool) -> None:
        super().__init__(cloud)
        self.asked, self.with_data = name_or_id, with_data
        self.target = Target("", name_or_id)
        self.says = "with data" if with_data else ""
        self.gone: Environment | None = None
        self.made_only = False

    def prepare(self) -> None:
        try:
            self.found = stack.find(self.cloud, self.asked)
        except NotFound:
            self.gone = listing.leftover(self.cloud, self.asked)
            if self.gone is None:
                raise
            self.target = Target(self.gone.id, self.gone.name)
            if self.with_data:
                self._refuse_snapshots(_held(self.cloud, _data(self.cloud, self.gone)))
            return
        self.target = Target(self.found.id, self.found.name)
        self.heat = resources.read(self.cloud, self.found)
        empty = deletion.never_stood(self.cloud, self.found)
        self.lost = orphans.find(self.cloud, self.found, self.heat, servers=empty, replaced=True)
        _unblocked(self.cloud, self.found, [*self.heat, *orphans.as_rows(self.lost)])
        if self.with_data or empty:
            self.made_only = not self.with_data
            data = _data(self.cloud, self.found)
            made = [one for one in data if one["id"] not in self.found.volumes]
            held = _held(self.cloud, made if self.made_only else data)
            if self.with_data:
                self._refuse_snapshots(held)
            # What never held data goes with it, unless it has become somebody's since.
            self.with_data = self.with_data or not held

    def _refuse_snapshots(self, held: dict[str, str]) -> None:
        if held:
            rest = say(
                "Cinder deletes no volume with snapshots: delete those first, or {name} without its data. Nothing was "
                "changed.", name=self.target.name,
            ) if self.gone is None else say(
                "Cinder deletes no volume with snapshots: delete those first, or keep the data. Nothing was changed."
            )  # fmt: skip
            raise Blocked(join(" ", (*few(list(held.values())), rest)))

    def send(self) -> Environment:
        if self.gone is not None:
            return _leftover(self.cloud, self.gone, self.with_data)
        if (self.found.action, self.found.state) == ("DELETE", "FAILED"):
            _with_all_below(self.cloud, self.heat)
        try:
            _remove(self.cloud, self.found, self.with_data, self.made_only)
        except DataStays:
            # Heat goes on: how that ends is told all the same.
            endings.begun(self.cloud, self.found.id, self.found.name, "delete")
            raise
        endings.begun(self.cloud, self.found.id, self.found.name, "delete")
        orphans.take_away(self.cloud, self.found, self.lost)
        now = stack.by_id(self.cloud, self.found.id) or self.found
        failed = (now.action, now.state) == ("DELETE", "FAILED")
        return summary.environment(now, summary.heat(now) if failed else summary.Judgement("deleting"))


class Withdraw(Change[None]):
    """Takes away a stack that has only just begun, whatever it made: another launch of its name stays."""

    name = "environments.withdraw"
    rule = "environments:launch"
    action = "delete"
    kind = "environment"

    def __init__(self, cloud: Cloud, found: Stack) -> None:
        super().__init__(cloud)
        self.found = found
        self.target = Target(found.id, found.name)
        self.says = "launched twice at once"

    def send(self) -> None:
        with contextlib.suppress(DataStays):
            _remove(self.cloud, self.found, True, made_only=True)
        # Its volume may have come up meanwhile.
        if going := deletion.last(self.cloud, self.found):
            data_volumes.condemn(self.cloud, self.found.id, going, made_only=True)


def _leftover(cloud: Cloud, gone: Environment, with_data: bool) -> Environment:
    """The stack is gone, its volume or its firewall group is not: the wish is carried out at once."""
    volumes = data_volumes.volumes(cloud) if cloud.has("block-storage") else []
    if not with_data:
        data_volumes.spare(cloud, data_volumes.marked(volumes, gone.id))
    # The data last: whoever is told that it failed has it still.
    reconcile.sweep(cloud, gone.id)
    for volume in data_volumes.of(volumes, gone.id) if with_data else ():
        if volume["status"] != "deleting":
            perform(data_actions.RemoveVolume(cloud, volume))
    return gone


def _unblocked(cloud: Cloud, found: Stack, heat: Sequence[resources.Row]) -> None:
    known = facts.read(cloud, found.id, heat, False)
    strangers = drift.foreign(heat, known)
    if strangers:
        rest = say("Delete what is not part of {name} first; nothing was changed.", name=found.name)
        raise Blocked(join(" ", (*few(strangers), rest)))


def _held(cloud: Cloud, volumes: Sequence[data_volumes.Volume]) -> dict[str, str]:
    return data_volumes.held(volumes, data_volumes.snapshots(cloud)) if volumes else {}


def _data(cloud: Cloud, found: Stack | Environment) -> list[data_volumes.Volume]:
    """The environment's volumes, those too that it was launched on a moment ago: one call."""
    if not cloud.has("block-storage"):
        return []
    given = found.volumes if isinstance(found, Stack) else frozenset()
    return [one for one in data_volumes.volumes(cloud) if data_volumes.owner(one) == found.id or one["id"] in given]


def few(sentences: Sequence[str]) -> list[str]:
    """The first twenty, and how many more there are."""
    more = len(sentences) - FEW
    return [*sentences[:FEW], *([say("And {more:,} more.", more=more)] if more > 0 else [])]


def _with_all_below(cloud: Cloud, heat: Sequence[resources.Row]) -> None:
    """Octavia changes no pool of a load balancer in ERROR, but deletes that with all below it (API v2, cascade)."""
    for row in heat:
        if row.type == "OS::Octavia::LoadBalancer" and row.resource_id:
            cloud.delete("load-balancer", f"/lbaas/loadbalancers/{row.resource_id}?cascade=true")


def _remove(cloud: Cloud, found: Stack, with_data: bool, made_only: bool = False) -> None:
    """With `made_only` the data goes that it made, and nothing that was there before it."""
    if cloud.has("block-storage"):
        if with_data and not made_only:
            data_actions.claim(cloud, found)
        data_volumes.spare(cloud, data_volumes.marked(data_volumes.volumes(cloud), found.id))
    if (found.action, found.state) == ("DELETE", "IN_PROGRESS"):
        if with_data:
            _condemn(cloud, found, deletion.last(cloud, found), made_only)
        return
    before = deletion.last(cloud, found)
    # The firewall group stays in force until the stack is gone; the sweep takes it away then.
    lost = _send(cloud, found)
    began = deletion.began(cloud, found, before) if with_data or lost else ""
    if lost and not began:
        raise lost
    if with_data:
        _condemn(cloud, found, began, made_only)
    elif cloud.has("block-storage") and not _spared(cloud, found.id):
        # Somebody who wished otherwise at this very moment may have marked it for this delete.
        raise DataStays(say("{name} is being taken away, but {why}.", name=found.name, why=_UNKNOWN))


def _send(cloud: Cloud, found: Stack) -> Uncertain | None:
    """Ask Heat to delete the stack; the error where its answer was lost."""
    try:
        cloud.delete("orchestration", found.path)
    except Uncertain as error:
        return error
    return None


def _condemn(cloud: Cloud, found: Stack, began: str, made_only: bool) -> None:
    if not cloud.has("block-storage"):
        return
    try:
        if not began:
            raise DataStays(
                say("Heat accepted to take {name} away, but has not begun: its data is kept so far.", name=found.name)
            )
        data_volumes.condemn(cloud, found.id, began, made_only=made_only)
    except CloudError as error:
        kept = say("its data could not be marked to go with it and is kept")
        said = kept if _spared(cloud, found.id) else _UNKNOWN
        raise DataStays(
            join(" ", (say("{name} is being taken away, but {why}.", name=found.name, why=said), error.sentence)),
            error.request_id,
        ) from error


def _spared(cloud: Cloud, environment_id: str) -> bool:
    """Take half-made marks away; whether it was seen that there are none."""
    try:
        data_volumes.spare(cloud, data_volumes.marked(data_volumes.volumes(cloud), environment_id))
        return not data_volumes.marked(data_volumes.volumes(cloud), environment_id)
    except CloudError:
        return False


def _words(volume: data_volumes.Volume) -> str:
    return say("Volume {name}, {size} GB", name=volume.get("name") or volume["id"], size=volume["size"])
