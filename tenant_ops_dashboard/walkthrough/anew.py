"""The environment of a show is deleted, or made anew: what was told of the old one counts no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import watch
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough import scenarios
from tenant_ops_dashboard.walkthrough.acts import shop
from tenant_ops_dashboard.walkthrough.errors import Moved
from tenant_ops_dashboard.walkthrough.model import Progress, Step, Taken
from tenant_ops_dashboard.walkthrough.store import Store

#: How often it is put on top of what somebody else kept meanwhile.
TRIES = 20
_ID = "environment_id"
Place = tuple[str, str]


def launched(cloud: Cloud, store: Store) -> frozenset[str]:
    """Ids of the environments that scenarios are shown on, as the records have them."""
    kept = (store.load(cloud, one.scenario.id).facts.get(_ID, "") for one in scenarios.PLAYS)
    return frozenset(filter(None, kept))


def gone(cloud: Cloud, store: Store) -> frozenset[str]:
    """Those of them that Heat does not have any more: one call. None of them where Heat is silent."""
    known = launched(cloud, store)
    try:
        return known - stack.living(cloud, known)
    except CloudError:
        return frozenset()


def lost(cloud: Cloud, store: Store, kept: Progress, but: Place = ("", "")) -> str:
    """What to do where a scenario's environment is gone or goes; '' where it stands, or nobody knows: one call.

    Where it is gone, what was told of it is open again, but for this step of this scenario.
    """
    id_ = kept.facts.get(_ID, "")
    try:
        one = stack.by_id(cloud, id_) if id_ else None
    except CloudError:
        return ""
    title = scenarios.find(kept.scenario).acts[0].step.title
    if not id_ or (one and not one.going):
        return ""
    if one:
        return say(
            "The environment {name} is being taken away. Once it is gone, do the step '{title}': it makes another one.",
            name=shop.NAME, title=title,
        )  # fmt: skip
    for play in scenarios.PLAYS:
        _reopen(cloud, store, play.scenario.id, {id_}, but)
    return say(
        "The environment {name} is gone, and what was shown on it counts no more. Do the step '{title}': it makes"
        " another one.",
        name=shop.NAME, title=title,
    )  # fmt: skip


def begun(cloud: Cloud, store: Store, id_: str) -> None:
    """Scenarios go on with this environment: what was told of, and found out on, another one is forgotten."""
    others = launched(cloud, store) - {id_}
    for one in scenarios.PLAYS if others else ():
        _reopen(cloud, store, one.scenario.id, others, forget=True)


def opened(progress: Progress, ids: Collection[str], but: str = "") -> Progress:
    """The same with its steps open where it was shown on one of these environments; what was left out stays so.

    A step that somebody does at this moment stays, too, as it tells the end itself.
    """
    if progress.facts.get(_ID, "") not in ids:
        return progress
    steps = tuple(
        one if one.step == but or one.state == "skipped" or (one.state == "waiting" and not one.did)
        else Taken(one.step, check=one.check, usually=one.usually)
        for one in progress.steps
    )  # fmt: skip
    return replace(progress, steps=steps)


def found(cloud: Cloud, kept: Progress, step: Step) -> Mapping[str, str]:
    """Where the first step was left out, what it finds out, of the environment that stands; else nothing, no call.

    Raises as shop.usable.
    """
    skipped = kept.taken(scenarios.find(kept.scenario).acts[0].step.id).state == "skipped"
    if not skipped or not step.needs or kept.facts.get("address"):
        return {}
    there = shop.usable(cloud)
    return shop.known(watch.details(cloud, there.id)) if there and there.meaning.stands else {}


def left_out(kept: Progress, step: Step) -> str:
    """The title of the nearest step before this one that was left out, else of the first."""
    scenario = scenarios.find(kept.scenario).scenario
    known = [one for id_ in step.needs if (one := scenario.step(id_))]
    for one in known:
        if kept.taken(one.id).state == "skipped":
            return one.title
    return left_out(kept, known[0]) if known else scenario.steps[0].title


def _reopen(
    cloud: Cloud, store: Store, scenario: str, ids: Collection[str], but: Place = ("", ""), forget: bool = False
) -> None:
    for _ in range(TRIES):
        kept = store.load(cloud, scenario)
        made = opened(kept, ids, but[1] if but[0] == scenario else "")
        if forget and kept.facts.get(_ID, "") in ids:
            made = replace(made, facts={})
        if made == kept:
            return
        try:
            store.save(cloud, made)
        except Moved:
            continue
        return
