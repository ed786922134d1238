"""What a doctor looks at and finds; what cannot be looked at is a finding, too, and never an exception."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tenant_ops_dashboard import errors
from tenant_ops_dashboard.cloud import Cloud, LoginEnded, NotAllowed
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.sentences import say

#: 'skipped' is what could not be looked at, or is not there, and need not be wrong.
State = Literal["good", "warning", "failed", "skipped"]
#: Worst first.
ORDER: tuple[State, ...] = ("failed", "warning", "skipped", "good")
COLUMNS = ("check", "state", "found", "fix")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: `found` and `fix` are sentences, `fix` is '' where it is good."""

    check: str
    state: State
    found: str
    fix: str = ""


Found = Iterator[Finding]


@dataclass(frozen=True)
class Check:
    """`look` may raise TenantOpsError: `name` is then the finding's."""

    name: str
    look: Callable[[Cloud], Found]


def look(cloud: Cloud, checks: Iterable[Check]) -> tuple[Finding, ...]:
    """What all of them find, worst first, else in their order. Changes nothing, and raises nothing of the cloud's."""
    found = [one for check in checks for one in _looked(cloud, check)]
    return worst_first(found)


def worst_first(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings as a person reads them."""
    return tuple(sorted(found, key=lambda one: ORDER.index(one.state)))


def _looked(cloud: Cloud, check: Check) -> Found:
    try:
        yield from check.look(cloud)
    except TenantOpsError as error:
        if isinstance(error, NotAllowed | errors.NotAllowed) and not isinstance(error, LoginEnded):
            fix = say("Look again with a login that may, such as an administrator's.")
            yield Finding(check.name, "skipped", error.line, fix)
        else:
            fix = error.todo or say("Try again; if it stays so, ask your operator.")
            yield Finding(check.name, "failed", error.line, fix)
