"""Scenarios, progress and findings as JSON, and back; times in UTC, spans in seconds."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.walkthrough.model import Left, Problem, Progress, Scenario, Step, Taken

Json = dict[str, Any]
_TIMES = ("started_at", "ended_at")


def scenario(one: Scenario) -> Json:
    """A scenario with its steps."""
    return dataclasses.asdict(one)


def read_scenario(told: Mapping[str, Any]) -> Scenario:
    """The same from JSON. Raises LookupError, TypeError."""
    steps = tuple(
        Step(**{**step, "link": tuple(step["link"]) if step["link"] else None, "needs": tuple(step["needs"])})
        for step in told["steps"]
    )
    return Scenario(told["id"], told["title"], told["summary"], steps)


def progress(one: Progress) -> Json:
    """How far a scenario has come; `idle` is for `usually` alone, which is worked out already."""
    steps = [
        {name: value.isoformat() if isinstance(value, datetime.datetime) else value
         for name, value in dataclasses.asdict(step).items() if name != "idle"}
        for step in one.steps
    ]  # fmt: skip
    return {"scenario": one.scenario, "steps": steps, "facts": dict(one.facts), "revision": one.revision}


def read_progress(told: Mapping[str, Any]) -> Progress:
    """The same from JSON. Raises LookupError, TypeError, ValueError."""
    return Progress(
        told["scenario"], tuple(taken(one) for one in told["steps"]), dict(told["facts"]), int(told["revision"])
    )


def taken(told: Mapping[str, Any]) -> Taken:
    """How a step stands, from JSON. Raises TypeError, ValueError."""
    times = {name: datetime.datetime.fromisoformat(told[name]) for name in _TIMES if told.get(name)}
    return Taken(**{**told, **times})


def problem(one: Problem) -> Json:
    """A finding of a pre-flight."""
    return dataclasses.asdict(one)


def left(one: Left) -> Json:
    """What a reset has still to take away."""
    return {"done": one.done, "left": list(one.left)}
