"""What can go wrong with an environment; each error is a sentence a user can act on."""

from __future__ import annotations

from collections.abc import Mapping

from tenant_ops_dashboard.errors import InTheWay, NotAllowed, NotFound, TenantOpsError
from tenant_ops_dashboard.sentences import about, join, say

__all__ = [
    "BadBlueprint",
    "Blocked",
    "DataStays",
    "NotAllowed",
    "NotConfigured",
    "NotFound",
    "NotValid",
    "PlanProblems",
    "QuotaExceeded",
]


class PlanProblems(TenantOpsError):
    """The plan is not good; `problems` maps a field ('name', a parameter, '' for the whole) to a sentence."""

    answer = 422
    exit_code = 2
    todo = say("Nothing was created. Mend what is named and launch again.")

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(join(" ", [about(field, said) if field else said for field, said in problems.items()]))
        self.problems = dict(problems)

    @property
    def line(self) -> str:
        """A line a field."""
        return "\n".join(f"{name or 'plan'}: {said}" for name, said in self.problems.items())


class NotValid(PlanProblems):
    """A field's value cannot be used."""


class QuotaExceeded(PlanProblems):
    """The launch does not fit into the project's quota."""

    exit_code = 1
    todo = say("Nothing was created. Delete something, or ask your operator for more quota.")


class Blocked(InTheWay):
    """Something that is not the environment's own stands in the way; the sentence names it."""


class DataStays(TenantOpsError):
    """It is being taken away, but its data is not marked to go with it."""

    todo = say("Delete it with its data once more, or delete the volume once it is gone.")


class BadBlueprint(TenantOpsError):
    """A blueprint's files cannot be used."""


class NotConfigured(TenantOpsError):
    """The operator has not set up what this needs."""

    answer = 503
    exit_code = 3
    todo = say("Ask your operator; the settings are documented with the plugin.")
