"""A presenter's buttons: do a step, look whether it worked, leave it out, do it again. Each is safe to repeat."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud import errors as cloud_errors
from tenant_ops_dashboard.errors import NotAllowed, NotFound, TenantOpsError
from tenant_ops_dashboard.sentences import join, say
from tenant_ops_dashboard.walkthrough import access, anew, looking, marked, scenarios, usually
from tenant_ops_dashboard.walkthrough.errors import InTheWay, Moved
from tenant_ops_dashboard.walkthrough.looking import short
from tenant_ops_dashboard.walkthrough.model import Progress, Taken
from tenant_ops_dashboard.walkthrough.play import Context
from tenant_ops_dashboard.walkthrough.store import Store

#: Seconds after which what a step began, and nobody told the end of, is over: no request goes on for so long.
DOING = 90.0


def progress(cloud: Cloud, store: Store, id_: str) -> Progress:
    """How far a scenario has come, every step of it told; nothing is asked of the cloud.

    Raises NotAllowed, NotFound.
    """
    require(cloud, access.GET)
    return _told(cloud, store, id_)


def do(cloud: Cloud, store: Store, id_: str, step: str) -> Progress:
    """Do a step: it waits for its check when this returns. One that waits or has passed is left as it is.

    Raises NotAllowed, NotFound, NotMarked, InTheWay where an earlier step is missing, or what the capability raises;
    the step has failed then.
    """
    return perform(Do(cloud, store, id_, step))


def again(cloud: Cloud, store: Store, id_: str, step: str) -> Progress:
    """Do a step once more, whatever became of it. Raises as `do`."""
    return perform(Again(cloud, store, id_, step))


def skip(cloud: Cloud, store: Store, id_: str, step: str) -> Progress:
    """Leave a step out; one that has passed stays so. Raises NotAllowed, NotFound, NotMarked."""
    return perform(Skip(cloud, store, id_, step))


def check(cloud: Cloud, store: Store, id_: str, step: str) -> Progress:
    """Look once whether a step's effect is there; asked again until it passes or its patience is over.

    One that failed is looked at again: what came late has come. Raises NotAllowed, NotFound, NotMarked, InTheWay where
    it was not done.
    """
    require(cloud, access.RUN)
    act = scenarios.act(id_, step)
    marked.require(cloud)
    kept = store.load(cloud, id_)
    taken = kept.taken(step)
    if taken.state == "passed":
        return _told(cloud, store, id_)
    if taken.state in ("open", "skipped") or taken.started_at is None:
        raise InTheWay(say("Do the step '{title}' first: there is nothing to look at yet.", title=act.step.title))
    if taken.state == "waiting" and not taken.did:
        return _unfinished(cloud, store, id_, taken)
    context = Context(cloud, store, kept.facts, taken.started_at, anew.left_out(kept, act.step))
    if act.before is not None:
        context = replace(context, facts={**kept.facts, **act.before(context)})
        try:
            store.save(cloud, replace(kept, facts=context.facts))
        except Moved:
            # Somebody else looks at this very moment: his look counts.
            return _told(cloud, store, id_)
    found = looking.look(act, context, kept)
    _keep(cloud, store, id_, looking.after(act, taken, found, now()), found.facts, of=taken)
    return _told(cloud, store, id_)


class _OfStep(Change[Progress]):
    """A change of how one step stands."""

    rule: ClassVar[str] = access.RUN
    action = "update"
    kind = "walkthrough"

    def __init__(self, cloud: Cloud, store: Store, id_: str, step: str) -> None:
        super().__init__(cloud)
        self.store, self.id, self.step = store, id_, step
        self.target = Target(f"{id_}/{step}", step)

    def prepare(self) -> Progress | None:
        self.act = scenarios.act(self.id, self.step)
        self.target = Target(f"{self.id}/{self.step}", self.act.step.title)
        marked.require(self.cloud)
        self.kept = self.store.load(self.cloud, self.id)
        self.taken = self.kept.taken(self.step)
        return self.there()

    def there(self) -> Progress | None:
        """What is so already."""
        return None

    def settled(self, made: Progress) -> bool:
        kept, mine = self.store.load(self.cloud, self.id).taken(self.step), made.taken(self.step)
        return (kept.state, kept.tries) == (mine.state, mine.tries)


class Do(_OfStep):
    """Presses a step's button; what that changes are changes of their own."""

    name = "walkthrough.do"
    once_more: ClassVar[bool] = False

    def there(self) -> Progress | None:
        if self.taken.state == "waiting" and not self.once_more:
            return _told(self.cloud, self.store, self.id)
        self.stands()
        if self.taken.state == "passed" and not self.once_more:
            return _told(self.cloud, self.store, self.id)
        self.ready()
        return None

    def stands(self) -> None:
        """Raises InTheWay where a later step is to be done on an environment that is gone, or goes."""
        told = anew.lost(self.cloud, self.store, self.kept)
        self.kept = self.store.load(self.cloud, self.id) if told else self.kept
        self.taken = self.kept.taken(self.step)
        if told and self.act.step.needs:
            raise InTheWay(told)

    def ready(self) -> None:
        """Raises InTheWay where an earlier step that it needs was not taken."""
        play = scenarios.find(self.id)
        for id_ in self.act.step.needs:
            if self.kept.taken(id_).state not in ("passed", "skipped"):
                needed = play.act(id_)
                title = needed.step.title if needed else id_
                raise InTheWay(say("This step needs '{title}' before it: do that, or leave it out.", title=title))

    def send(self) -> Progress:
        began = now()
        mine = Taken(self.step, "waiting", started_at=began, tries=self.taken.tries + 1)
        # Claimed before anything is done: of two presenters who press at once, one does it.
        if not _keep(self.cloud, self.store, self.id, mine, {}, of=self.taken):
            return _told(self.cloud, self.store, self.id)
        try:
            facts = {**self.kept.facts, **(found := anew.found(self.cloud, self.kept, self.act.step))}
            missing = anew.left_out(self.kept, self.act.step)
            done = self.act.do(Context(self.cloud, self.store, facts, began, missing))
        except (NotFound, cloud_errors.NotFound) as error:
            self._failed(mine, join(" ", (looking.GONE, error.line)))
            raise InTheWay(join(" ", (looking.GONE, error.sentence)), error.request_id) from error
        except Exception as error:
            told = error.line if isinstance(error, TenantOpsError) else say("The dashboard stumbled: its log says why.")
            self._failed(mine, told)
            raise
        self.says = done.did
        if begun := done.facts.get("environment_id"):
            anew.begun(self.cloud, self.store, begun)
        now_so = replace(mine, did=short(done.did), idle=done.idle)
        _keep(self.cloud, self.store, self.id, now_so, {**found, **done.facts}, of=mine)
        return _told(self.cloud, self.store, self.id)

    def _failed(self, mine: Taken, told: str) -> None:
        failed = replace(mine, state="failed", evidence=short(told), ended_at=now())
        _keep(self.cloud, self.store, self.id, failed, {}, of=mine)


class Again(Do):
    """Presses it once more."""

    name = "walkthrough.again"
    once_more = True


class Skip(_OfStep):
    """Leaves a step out."""

    name = "walkthrough.skip"

    def there(self) -> Progress | None:
        if self.taken.state in ("passed", "skipped"):
            return _told(self.cloud, self.store, self.id)
        return None

    def send(self) -> Progress:
        left = replace(self.taken, state="skipped", ended_at=now(), seconds=None)
        _keep(self.cloud, self.store, self.id, left, {}, of=self.taken)
        return _told(self.cloud, self.store, self.id)


def require(cloud: Cloud, rule: str) -> None:
    """Raises NotAllowed where the policy does not let this login do it."""
    if not policy.allowed(cloud, rule):
        raise NotAllowed(policy.why_not(rule))


def now() -> datetime.datetime:
    """The time, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def _told(cloud: Cloud, store: Store, id_: str) -> Progress:
    play = scenarios.find(id_)
    usual = usually.seconds(cloud, store, kept := store.load(cloud, id_))
    told = (replace(kept.taken(one.step.id), check=one.looks, usually=usual.get(one.step.id)) for one in play.acts)
    return replace(kept, steps=tuple(told))


def underway(taken: Taken) -> bool:
    """Whether somebody does it at this moment: it was begun, and what it did is not told yet."""
    began = taken.started_at if taken.state == "waiting" and not taken.did else None
    return began is not None and (now() - began).total_seconds() <= DOING


def _unfinished(cloud: Cloud, store: Store, id_: str, taken: Taken) -> Progress:
    if underway(taken):
        mine = replace(taken, evidence=say("It is being done at this moment."))
    else:
        told = say("Nobody told how this ended: the dashboard may have restarted. Do it again; done twice it is once.")
        mine = replace(taken, state="failed", evidence=told, ended_at=now())
    _keep(cloud, store, id_, mine, {}, of=taken)
    return _told(cloud, store, id_)


def _keep(cloud: Cloud, store: Store, id_: str, mine: Taken, facts: Mapping[str, Any], of: Taken) -> bool:
    """Put one step on top of what is kept of that try; whether it was: not where somebody did it again meanwhile.

    What passed or was left out meanwhile stays so, with the facts.
    """
    for _ in range(anew.TRIES):
        kept = store.load(cloud, id_)
        there = kept.taken(mine.step)
        if (there.tries, there.started_at) != (of.tries, of.started_at):
            return False
        if there.state != of.state and there.state in ("passed", "skipped"):
            mine = there
        others = tuple(one for one in kept.steps if one.step != mine.step)
        try:
            store.save(cloud, replace(kept, steps=(*others, mine), facts={**kept.facts, **facts}))
        except Moved:
            continue
        return mine is not there
    raise Moved(say("Somebody else takes steps of this scenario at this very moment, so this one was not kept."))
