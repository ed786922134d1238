"""What a walkthrough needs of the dashboard: its records, and rounds of scaling as the unattended job does them."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping

from django.utils import timezone

from tenant_ops_dashboard.care import scaling
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers.scaling.model import Decision
from tenant_ops_dashboard.records import heartbeats, notes
from tenant_ops_dashboard.records import walkthrough as records
from tenant_ops_dashboard.records.walkthrough_clones import Clones
from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough.model import Problem, Progress

#: Seconds after which the job that makes clones counts as away: it goes round every few.
LATE = 60.0
#: So many notes of a load balancer are looked through for the newest decision.
NOTES = 20
#: How each of these begins that tells of a step outwards, in English.
_OUT = tuple(scaling.said("out", "", asked).removesuffix(".") for asked in (True, False))


class Desk:
    """`walkthrough.store.Store`; keeps nothing itself."""

    @property
    def clones(self) -> Clones:
        return Clones()

    def load(self, cloud: Cloud, scenario: str) -> Progress:
        return records.load(cloud, scenario)

    def save(self, cloud: Cloud, progress: Progress) -> Progress:
        return records.save(cloud, progress)

    def usual(self, cloud: Cloud, scenario: str) -> Mapping[str, float]:
        return records.usual(cloud, scenario)

    def care(self, cloud: Cloud) -> Problem:
        with records.database():
            at = heartbeats.last(cloud.region).get("clones")
        fix = say("Ask your operator to run 'manage.py tenant_ops_care' as a service.")
        if at is None:
            return Problem(say("Care"), "failed", say("The job that makes clones, and ends them, never ran here."), fix)
        ago = (timezone.now() - at).total_seconds()
        if ago > LATE:
            told = say("The job that makes clones, and ends them, last ran {ago:.0f} s ago.", ago=ago)
            return Problem(say("Care"), "failed", told, fix)
        return Problem(
            say("Care"),
            "good",
            say("The job that makes clones, and ends them, ran {ago:.0f} s ago.", ago=max(0.0, ago)),
        )

    def scale(self, cloud: Cloud, environment_id: str) -> Decision | None:
        with records.database():
            return scaling.round_(cloud, environment_id, f"walkthrough {uuid.uuid4().hex}", timezone.now())

    def scaled(self, cloud: Cloud, balancer_id: str, since: datetime.datetime) -> str:
        with records.database():
            known = notes.notes(cloud.project_id, [balancer_id], since, NOTES)
        return next((one.sentence for one in known if one.kind == "scale" and one.sentence.startswith(_OUT)), "")
