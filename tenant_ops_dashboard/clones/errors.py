"""What can go wrong with clones; each error is a sentence a user can act on."""

from __future__ import annotations

from tenant_ops_dashboard.errors import BadInput, InTheWay, NotAllowed, NotFound, TenantOpsError

__all__ = [
    "BadInput", "Failed", "InTheWay", "NotAllowed", "NotFound", "NotOffered", "Orphaned", "Parked", "TenantOpsError",
]  # fmt: skip


class NotOffered(NotFound):
    """This project may not ask for it: nobody offered it, or not to this project, or the offer was withdrawn."""

    todo = "Ask its owner to offer it to your project; 'tenant-ops clone offers' lists what is offered."


class Parked(TenantOpsError):
    """A clone goes on once a person did what the sentence says; nothing is lost meanwhile."""

    answer = 409
    todo = "Do what the sentence says; the clone then goes on by itself."


class Orphaned(TenantOpsError):
    """Whoever lent his authority took it back or lost it; the sentence says what is left, where and whose."""

    answer = 409
    todo = "Give it back, or delete by hand what is left."


class Failed(TenantOpsError):
    """It cannot be made; what was made of it so far is taken away."""
