"""Back to the seeded state: what scenarios made goes, whatever was done to it by hand, and that is looked at.

There is no thread: `reset` begins it and `left` goes on with it, each look a few seconds; both may be asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.sentences import join, say
from tenant_ops_dashboard.walkthrough import access, anew, marked, scenarios, steps
from tenant_ops_dashboard.walkthrough.acts import leftovers
from tenant_ops_dashboard.walkthrough.acts.shop import NAME
from tenant_ops_dashboard.walkthrough.errors import Moved
from tenant_ops_dashboard.walkthrough.model import Left, Progress
from tenant_ops_dashboard.walkthrough.store import Store

#: What is put right where the environment stays, by scenario.
_REPAIRED: dict[str | None, str] = {
    "balancing": say("The server that was switched off is switched on, and scaling by itself ends."),
    "firewall": say("The firewall has its rules from before."),
}


def reset(cloud: Cloud, store: Store, id_: str | None = None) -> Left:
    """Begin to take away what one scenario (None: all) made; what is left of it now.

    The environment goes where no other scenario has begun on it; the first scenario takes all others along, as they
    stand on what it made. Raises NotAllowed, NotFound, NotMarked, or the CloudError of a service that is silent.
    """
    return perform(Reset(cloud, store, id_))


def left(cloud: Cloud, store: Store, id_: str | None = None) -> Left:
    """What is left of it, looked at anew; what comes after Heat is done on the way. Raises as `reset`."""
    steps.require(cloud, access.RESET)
    _known(id_)
    marked.require(cloud)
    return _look(cloud, store, id_)


@dataclass(frozen=True)
class Means:
    """One thing that a reset does; `lost` says that nobody can bring back what goes with it."""

    sentence: str
    lost: bool = False


def means(cloud: Cloud, store: Store, id_: str | None = None) -> tuple[Means, ...]:
    """What a reset of one scenario (None: of all) would take away and put right; nothing is asked of the cloud.

    Raises NotAllowed, NotFound.
    """
    steps.require(cloud, access.RESET)
    _known(id_)
    there, environment = _scope(cloud, store, id_)
    found = []
    if environment:
        found.append(
            Means(
                say("The environment {name} goes with its data, also with what was written by hand.", name=NAME), True
            )
        )
    if there:
        found.append(Means(say("Its copies end with all that was written to them, and its offer is withdrawn."), True))
    if not environment:
        found.append(Means(say("The environment {name} stays: another scenario goes on with it.", name=NAME)))
    if not environment and id_ in _REPAIRED:
        found.append(Means(_REPAIRED[id_]))
    titles = [scenarios.find(one).scenario.title for one in _forgotten(id_)]
    found.append(Means(say("Begins anew: {titles}.", titles=join(", ", titles))))
    return (*found, Means(say("How long steps took is kept, and so is the audit trail.")))


class Reset(Change[Left]):
    """Takes away what scenarios made; what that changes are changes of their own."""

    name = "walkthrough.reset"
    rule = access.RESET
    action = "delete"
    kind = "walkthrough"
    destroys = True

    def __init__(self, cloud: Cloud, store: Store, id_: str | None) -> None:
        super().__init__(cloud)
        self.store, self.id = store, id_
        self.target = Target(id_ or "all", id_ or "all scenarios")

    def prepare(self) -> Left | None:
        _known(self.id)
        marked.require(self.cloud)
        return None

    def send(self) -> Left:
        problems = []
        for take in _takers(self.cloud, self.store, self.id):
            try:
                take()
            except TenantOpsError as error:
                # The others go all the same; what stays is told, with what helps.
                problems.append(error.line)
        found = _look(self.cloud, self.store, self.id)
        return found if found.done else Left(tuple(dict.fromkeys((*problems, *found.left))))

    def settled(self, made: Left) -> bool:
        return made.done and _look(self.cloud, self.store, self.id).done


def _takers(cloud: Cloud, store: Store, id_: str | None) -> list[Callable[[], None]]:
    copies, environment = _scope(cloud, store, id_)
    known = anew.launched(cloud, store)
    taken: list[Callable[[], None]] = []
    if copies:
        taken.append(lambda: leftovers.end_copies(cloud, store, known))
    if environment:
        taken.append(lambda: leftovers.end_environment(cloud, known))
    elif id_ and id_ in leftovers.REPAIRS:
        repair = leftovers.REPAIRS[id_]
        taken.append(lambda: repair(cloud))
    return taken


def _look(cloud: Cloud, store: Store, id_: str | None) -> Left:
    copies, environment = _scope(cloud, store, id_)
    known = anew.launched(cloud, store)
    found = list(leftovers.copies(cloud, store, known)) if copies else []
    if environment:
        try:
            leftovers.sweep(cloud, known)
        except TenantOpsError as error:
            found.append(error.line)
        found += leftovers.environment(cloud, known)
    elif id_ and id_ in leftovers.REPAIRS:
        found += leftovers.unrepaired(cloud, id_)
    found += _underway(cloud, store, id_)
    if not found:
        for one in _forgotten(id_):
            _forget(cloud, store, one)
    return Left(tuple(found))


def _underway(cloud: Cloud, store: Store, id_: str | None) -> list[str]:
    """Steps that somebody does at this moment: what they make may be in no list yet."""
    return [
        say("The step '{title}' is being done at this moment.", title=act.step.title)
        for one in _forgotten(id_)
        for act in scenarios.find(one).acts
        if steps.underway(store.load(cloud, one).taken(act.step.id))
    ]


def _scope(cloud: Cloud, store: Store, id_: str | None) -> tuple[bool, bool]:
    """Whether copies go, and whether the environment does."""
    if id_ in (None, scenarios.PLAYS[0].scenario.id):
        return True, True
    others = [one.scenario.id for one in scenarios.PLAYS if one.scenario.id != id_]
    used = any(one.state != "open" for other in others for one in store.load(cloud, other).steps)
    return id_ == "cloning" or not used, not used


def _forgotten(id_: str | None) -> tuple[str, ...]:
    if id_ in (None, scenarios.PLAYS[0].scenario.id):
        return tuple(one.scenario.id for one in scenarios.PLAYS)
    return (str(id_),)


def _forget(cloud: Cloud, store: Store, id_: str) -> None:
    for _ in range(anew.TRIES):
        kept = store.load(cloud, id_)
        if not kept.steps and not kept.facts:
            return
        try:
            store.save(cloud, Progress(id_, (), {}, kept.revision))
        except Moved:
            continue
        return


def _known(id_: str | None) -> None:
    if id_ is not None:
        scenarios.find(id_)
