"""What can go wrong with clones; each error is a sentence a user can act on."""

from __future__ import annotations

from typing import Self

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.errors import BadInput, InTheWay, NotAllowed, NotFound, TenantOpsError
from tenant_ops_dashboard.sentences import say

__all__ = [
    "BadInput", "Failed", "InTheWay", "NotAllowed", "NotFound", "NotOffered", "Orphaned", "Parked", "TenantOpsError",
    "Told",
]  # fmt: skip


class NotOffered(NotFound):
    """This project may not ask for it: nobody offered it, or not to this project, or the offer was withdrawn."""

    todo = say("Ask its owner to offer it to your project; 'tenant-ops clone offers' lists what is offered.")


class Told(TenantOpsError):
    """Both projects read the sentence: it names neither the one's servers nor what its quota leaves.

    `aside` is what the project of the login `side` alone is told, by its audit trail; '' and None where there is no
    more to tell.
    """

    side: Cloud | None = None
    aside: str = ""

    def only(self, side: Cloud, aside: str) -> Self:
        """The same with what one side alone is told."""
        self.side, self.aside = side, aside
        return self


class Parked(Told):
    """A clone goes on once a person did what the sentence says; nothing is lost meanwhile."""

    answer = 409
    todo = say("Do what the sentence says; the clone then goes on by itself.")


class Orphaned(TenantOpsError):
    """Whoever lent his authority took it back or lost it; the sentence says what is left, where and whose."""

    answer = 409
    todo = say("Give it back, or delete by hand what is left.")


class Failed(Told):
    """It cannot be made; what was made of it so far is taken away."""
