"""What can go wrong on a walkthrough; each error is a sentence that the presenter can act on."""

from __future__ import annotations

from tenant_ops_dashboard.errors import BadInput, InTheWay, NotAllowed, NotFound, TenantOpsError
from tenant_ops_dashboard.sentences import say

__all__ = ["BadInput", "InTheWay", "Moved", "NotAllowed", "NotFound", "NotMarked", "TenantOpsError"]


class NotMarked(InTheWay):
    """The project is not marked for demonstrations, so nothing is done in it."""

    todo = say("Mark a project that may be shown, or change to one that is.")


class Moved(InTheWay):
    """Somebody else took a step meanwhile, so that what was to be kept is kept on top of that."""

    todo = say("Look at the page again: it shows what was done.")
