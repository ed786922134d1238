"""What a plan cannot know of a value: it stands where the value would, with the reason. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tenant_ops_dashboard.environments.template.budget import Budget
from tenant_ops_dashboard.sentences import say


@dataclass(frozen=True)
class Unknown:
    """A value that cannot be worked out; it counts as false, like the None that others than the plan see of it.

    `why` ends the sentence "it depends on ...". `later` says that there will be a value, which only a running stack
    knows; where it is the id of a resource, `made` is its name and `at` the scope of the template that declares it;
    `source` is the resource whose attribute it is.
    """

    why: str
    later: bool = False
    made: str = ""
    source: str = ""
    at: Any = field(default=None, compare=False, repr=False)

    def __bool__(self) -> bool:
        return False


def refused(name: str) -> Unknown:
    """The value of a function that is not written as Heat wants it."""
    return Unknown(say("{name}, written in a way that Heat refuses", name=name))


def within(value: Any, budget: Budget) -> Unknown | None:
    """The first unknown value in there, or None. Raises Exhausted."""
    if isinstance(value, Unknown):
        return value
    if not isinstance(value, list | Mapping):
        return None
    budget.step()
    with budget.deeper():
        for item in value.values() if isinstance(value, Mapping) else value:
            if (found := within(item, budget)) is not None:
                return found
    return None


def known(value: Any, budget: Budget) -> Any:
    """The same with None for what is unknown. Raises Exhausted."""
    if isinstance(value, Unknown):
        return None
    if not isinstance(value, list | Mapping):
        return value
    budget.step()
    with budget.deeper():
        if isinstance(value, Mapping):
            return {key: known(item, budget) for key, item in value.items()}
        return [known(item, budget) for item in value]
