"""Who holds a clone finds in the audit trail that it ends soon: told once, by the job that makes clones."""

from __future__ import annotations

import contextlib
import datetime
import logging
from collections.abc import Callable

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud, NotAllowed
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.records import clones
from tenant_ops_dashboard.records.clone_figures import ending
from tenant_ops_dashboard.sentences import say

_LOG = logging.getLogger(__name__)
VERB = say("expiring soon")


def remind(region: str, holder: Callable[[Clone], Cloud], now: datetime.datetime) -> None:
    """Tell it of each clone of this region whose end is near; `holder` is the login of the project that has it."""
    for one in ending(now):
        if one.region == region:
            _remind(one, holder, now)


def _remind(one: Clone, holder: Callable[[Clone], Cloud], now: datetime.datetime) -> None:
    try:
        # For one that is served nobody lent the authority to write into his trail.
        cloud: Cloud | None = None if one.served else holder(one)
    except NotAllowed:
        # Whoever took the authority back is told that by the clone itself, at its end.
        cloud = None
    except TenantOpsError as error:
        _LOG.warning("That the clone %s ends soon is told later: %s", one.name, error)
        return
    # Told first: whoever is stopped in between tells it twice rather than never.
    if cloud is not None and one.expires_at is not None:
        audit.record(
            cloud, "evaluate", "clone", one.id, one.name, "success", verb=VERB,
            reason=f"its lease ends at {one.expires_at:%F %T} UTC", after={"until": one.expires_at.isoformat()},
        )  # fmt: skip
    with contextlib.suppress(clones.Moved):
        clones.save(one, reminded_at=now)
