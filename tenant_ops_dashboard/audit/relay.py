"""What the command line did, told to the dashboard, which keeps it: best effort, and never in the way of the change."""

from __future__ import annotations

import logging
from dataclasses import replace

from tenant_ops_dashboard.audit.event import Event
from tenant_ops_dashboard.cloud import Cloud, CloudError

SERVICE = "tenant-ops"
# Seconds that a command waits for the dashboard at most, for each event.
PATIENCE = 3.0
_LOG = logging.getLogger("tenant_ops")


def hand_over(cloud: Cloud, event: Event) -> None:
    """For `audit.also`: tell the dashboard that the catalogue names of one event of this login's own project."""
    if not cloud.has(SERVICE):
        return
    # What the change itself was answered stays what this handle remembers.
    teller = replace(cloud, options=replace(cloud.options, write_timeout=PATIENCE), memory={})
    try:
        with teller.changing("audit.tell"):
            teller.post(SERVICE, "/audit", event)
    except CloudError as error:
        what = "attempt" if event.get("outcome") == "failure" else "change"
        _LOG.info("The dashboard's audit trail lacks this %s (event %s): %s", what, event["id"], error)
