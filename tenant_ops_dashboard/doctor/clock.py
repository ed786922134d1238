"""Whether this host and the cloud have the same time: leases, tokens and 'since when' are reckoned by it."""

from __future__ import annotations

import datetime

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.doctor.model import Finding, Found, State
from tenant_ops_dashboard.sentences import say

#: Seconds that an answer's whole-second Date and its way here may make of one time.
CLOSE = 5.0
#: From so many seconds on times that are shown, and ends of leases, are wrong.
FAR = 60.0


def clock(cloud: Cloud) -> Found:
    """This host's clock against Keystone's answer: one call. Raises a CloudError."""
    cloud.get("identity", "/auth/projects")
    seconds = (datetime.datetime.now(datetime.UTC) - cloud.now()).total_seconds()
    if abs(seconds) <= CLOSE:
        yield Finding(say("Clock"), "good", say("This host and the cloud have the same time."))
        return
    state: State = "failed" if abs(seconds) > FAR else "warning"
    told = (
        say("This host's clock is {seconds:.0f} s ahead of the cloud's.", seconds=seconds)
        if seconds > 0
        else say("This host's clock is {seconds:.0f} s behind the cloud's.", seconds=-seconds)
    )
    yield Finding(say("Clock"), state, told, say("Have both set by one time server (NTP)."))
