"""How long steps take on past runs: an environment that stood already says nothing of how long one takes to come up."""

from __future__ import annotations

from collections.abc import Mapping

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.walkthrough import scenarios
from tenant_ops_dashboard.walkthrough.model import Progress
from tenant_ops_dashboard.walkthrough.store import IDLE, Store


def seconds(cloud: Cloud, store: Store, kept: Progress) -> Mapping[str, float]:
    """The seconds of a scenario's steps as it stands, by step; without those that never ran. No call."""
    usual = store.usual(cloud, kept.scenario)
    if not usual:
        return {}
    found = {step: took for step, took in usual.items() if not step.endswith(IDLE)}
    first = scenarios.find(kept.scenario).acts[0].step.id
    taken = kept.taken(first)
    idle = taken.idle if taken.tries else _stands(cloud, store)
    # Whoever needs the environment first launches it: each of them takes as long as the first scenario's launch.
    told = usual.get(first + IDLE) if idle else _launch(cloud, store)
    return found if told is None else {**found, first: told}


def _stands(cloud: Cloud, store: Store) -> bool:
    """Whether a scenario has an environment that the others use."""
    return any(
        store.load(cloud, one.scenario.id).taken(one.acts[0].step.id).state == "passed" for one in scenarios.PLAYS
    )


def _launch(cloud: Cloud, store: Store) -> float | None:
    play = scenarios.PLAYS[0]
    return store.usual(cloud, play.scenario.id).get(play.acts[0].step.id)
