"""Run a change: ask the policy, send, look up what was lost, and write what became of it into the audit trail."""

from __future__ import annotations

import logging
import time
from typing import TypeVar

from tenant_ops_dashboard import audit, policy
from tenant_ops_dashboard.changes.change import Change
from tenant_ops_dashboard.cloud import CloudError, Uncertain
from tenant_ops_dashboard.errors import NotAllowed, TenantOpsError

Made = TypeVar("Made")
PAUSE = 0.5
_LOG = logging.getLogger(__name__)


def perform(change: Change[Made]) -> Made:
    """Do it; what it gives. One event in the audit trail tells the outcome, whatever it is.

    'success' is what was seen done, or was so already; 'pending' what OpenStack accepted, now or before; 'unknown' what
    was sent and nobody knows; 'failure' the rest, with the policy rule where that refused it. Raises NotAllowed,
    Uncertain or another TenantOpsError.
    """
    if not policy.allowed(change.cloud, change.rule):
        _tell(change, "failure", f"refused by policy rule {change.rule}", rule=change.rule)
        raise NotAllowed(policy.why_not(change.rule))
    try:
        there = change.prepare()
        made = there if there is not None else _sent(change)
    except Uncertain as error:
        _tell(change, "unknown", str(error), error.request_id)
        raise
    except TenantOpsError as error:
        _tell(change, "failure", str(error), error.request_id)
        raise
    except BaseException as error:
        # Who breaks it off (Ctrl-C, a server that ends its worker) does not take back what was sent.
        _tell(change, "unknown", f"{type(error).__name__} in {change.name}")
        raise
    if there is not None and change.underway:
        _tell(change, "pending", "it was asked for already")
    elif there is not None:
        _tell(change, "success", "it was so already")
    else:
        _tell(change, "success" if _settled(change, made) else "pending", change.says, change.cloud.accepted)
    return made


def _sent(change: Change[Made]) -> Made:
    with change.cloud.changing(change.name):
        try:
            return change.send()
        except Uncertain:
            made = _looked_up(change)
            if made is None:
                raise
            return made


def _looked_up(change: Change[Made]) -> Made | None:
    deadline = time.monotonic() + change.patience
    while True:
        try:
            if (made := change.happened()) is not None:
                return made
        except CloudError:
            # Whoever lost the answer may be away for a moment more.
            made = None
        if time.monotonic() > deadline or change.cloud.deadline.over:
            return made
        time.sleep(PAUSE)


def _settled(change: Change[Made], made: Made) -> bool:
    try:
        return change.settled(made)
    except CloudError:
        return False
    except Exception:  # noqa: BLE001 (whatever the look stumbles over, the change was accepted)
        _LOG.exception("Whether %s is done cannot be seen", change.name)
        return False


def _tell(change: Change[Made], outcome: audit.Outcome, reason: str, request_id: str = "", rule: str = "") -> None:
    audit.record(
        change.cloud, change.action, change.kind, change.target.id, change.target.name, outcome, request_id=request_id,
        reason=reason, verb=change.verb, before=change.before, after=change.after, rule=rule,
        project_id=change.target.project,
    )  # fmt: skip
