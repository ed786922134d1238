"""Whether the jobs that go on while nobody looks do, in the region that is asked about."""

from __future__ import annotations

from django.utils import timezone

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.doctor.model import Finding, Found, State
from tenant_ops_dashboard.panels import cared
from tenant_ops_dashboard.panels.doctor import database
from tenant_ops_dashboard.records import audit as trail
from tenant_ops_dashboard.records import heartbeats
from tenant_ops_dashboard.sentences import say


def look(cloud: Cloud) -> Found:
    """A finding a job that does not run, or meets problems. Raises NotRead."""
    if not database.there():
        return
    name, now = say("Care"), timezone.now()
    with trail.reading(say("When the care job last looked")):
        last, beats = heartbeats.last(cloud.region), heartbeats.every()
    fix = say("Run 'manage.py tenant_ops_care' as a service.")
    never = [job for job in heartbeats.JOBS if job not in last]
    late = [job for job in heartbeats.JOBS if job in last and now - last[job] > cared.LATE]
    if never:
        # Where nobody set it up pages say what they lack; where one job alone is missing something broke.
        state: State = "warning" if len(never) == len(heartbeats.JOBS) else "failed"
        yield Finding(name, state, say("These jobs never ran: {jobs}.", jobs=", ".join(never)), fix)
    if late:
        found = say("These jobs have not run for 5 minutes: {jobs}.", jobs=", ".join(late))
        yield Finding(name, "failed", found, fix)
    for one in beats:
        if one.failures and one.region in ("", cloud.region) and now - one.seen <= cared.LATE:
            found = say("The job {job} on {host} meets a problem: {said}", job=one.job, host=one.host, said=one.said)
            yield Finding(name, "warning", found, say("Look into its log; the next round tries again."))
    if not never and not late:
        yield Finding(name, "good", say("All jobs ran within the last 5 minutes."))
