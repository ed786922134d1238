"""Octavia changes one thing of a load balancer at a time and answers 409 meanwhile: wait for it, then send again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from tenant_ops_dashboard.cloud import Cloud, CloudError, Conflict, NotFound
from tenant_ops_dashboard.loadbalancers import errors
from tenant_ops_dashboard.sentences import say

T = TypeVar("T")

# Seconds between two looks, and how long a page waits; the command line waits longer.
PAUSE = 0.7
PATIENCE = 20.0


def settled(cloud: Cloud, balancer_id: str, patience: float = PATIENCE) -> str:
    """Wait until Octavia is done with this load balancer; its provisioning status then.

    Raises StillBusy after `patience` seconds, NotFound where it is gone, a CloudError.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            row = cloud.get("load-balancer", f"/lbaas/loadbalancers/{balancer_id}")["loadbalancer"]
        except NotFound as error:
            raise errors.NotFound(say("This project has no such load balancer."), error.request_id) from error
        if row["project_id"] != cloud.project_id:
            raise errors.NotFound(say("This project has no such load balancer."))
        status = str(row["provisioning_status"])
        if not status.startswith("PENDING"):
            return status
        if time.monotonic() >= deadline:
            raise errors.StillBusy(
                say("Octavia is still at work on {name} ({status}).", name=row["name"] or balancer_id, status=status)
            )
        time.sleep(PAUSE)


def immutable(error: CloudError) -> bool:
    """Whether Octavia refused because it is at work on another change of the same load balancer."""
    return isinstance(error, Conflict) and "immutable" in error.detail.lower()


def send(cloud: Cloud, balancer_id: str, change: Callable[[], T], patience: float = PATIENCE) -> T:
    """Make `change` as soon as Octavia takes one; 'immutable' answers are waited for, others are raised.

    Raises StillBusy, Broken where the load balancer is in ERROR, NotFound, a CloudError.
    """
    deadline = time.monotonic() + patience
    while True:
        left = max(0.0, deadline - time.monotonic())
        if settled(cloud, balancer_id, left) == "ERROR":
            raise errors.Broken(say("This load balancer is in ERROR; Octavia accepts no change until it is repaired."))
        try:
            return change()
        except Conflict as error:
            if not immutable(error):
                raise
            if time.monotonic() >= deadline:
                raise errors.StillBusy(
                    say(
                        "Octavia did not take the change within {patience:.0f} seconds: it is busy.", patience=patience
                    ),
                    error.request_id,
                ) from error
        time.sleep(PAUSE)
