"""What can go wrong with a load balancer; each error is a sentence a user can act on."""

from __future__ import annotations

from tenant_ops_dashboard.errors import BadInput, InTheWay, NotAllowed, NotFound, TenantOpsError
from tenant_ops_dashboard.sentences import say

__all__ = ["BadInput", "Broken", "LastOne", "NoScaling", "NotAllowed", "NotFound", "ScalingFailed", "StillBusy"]


class StillBusy(InTheWay):
    """Octavia is at work on another change of this load balancer, longer than we waited."""

    todo = say("Nothing was changed. Try again when the change in progress has ended.")


class Broken(InTheWay):
    """The load balancer is in ERROR: Octavia accepts no change until an operator repaired it."""

    todo = say("Ask your operator to fail it over, or delete it and make it anew.")


class LastOne(InTheWay):
    """After this nobody would serve, and nobody was asked whether that is meant."""

    todo = say(
        "Nothing was changed. Should it be so nevertheless, press 'Drain…' or 'Disable…' there, which ask first."
    )


class NoScaling(TenantOpsError):
    """There is nothing that could be scaled."""

    todo = say("Scaling needs an environment whose stack has a group of servers with scaling policies.")


class ScalingFailed(TenantOpsError):
    """Heat could not change the number of servers; the sentence says why."""

    todo = say("Mend what the sentence names; it is tried again once something changed.")
