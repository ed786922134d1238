"""One job of `manage.py tenant_ops_care`: its rounds in a thread of the command's own, under one lease a region."""

from __future__ import annotations

import logging
import threading
import time

from django.core.management.base import CommandError
from django.db import Error, connections
from django.utils import timezone

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.management import rounds
from tenant_ops_dashboard.records import notes
from tenant_ops_dashboard.records.heartbeats import of_region
from tenant_ops_dashboard.sentences import about, say

_LOG = logging.getLogger(__name__)
#: Seconds after which another host goes on where this one died or hangs: more than one project may take.
LEASE = 180.0
#: Seconds for which the service user's login is kept: Keystone takes long for each, on purpose.
LOGIN = 600.0


class Job:
    """Rounds of one command, for others that run beside it: whatever becomes of it, they have their turn.

    Between its rounds the lease stays with this host, so that several do the work once. `leased` is False for a command
    that takes a lease itself.
    """

    def __init__(self, part: rounds.Rounds, names: list[str], every: float, leased: bool = True) -> None:
        self.part, self.names, self.every, self.leased = part, names, every, leased
        self.began, self.over = threading.Event(), threading.Event()
        self.held: set[str] = set()
        self.refused = False
        self.problems: list[str] = []
        self.log_in, self.known_at = part.service, 0.0
        self.known: Cloud | None = None
        part.service = self.service
        if leased:
            part.hold = self.hold

    def run(self, seconds: float) -> None:
        """The thread's work: one round, or as many as fit into so many seconds (0: until it is stopped)."""
        self.began.set()
        try:
            self.problems = self.part.rounds(self.round, self.every, seconds)
        except Exception:  # noqa: BLE001 (a thread that ends without a word would be missed by nobody)
            _LOG.exception("The job %s ended", self.part.job)
            self.problems = [about(self.part.job, say("it broke off; the log says why."))]
        finally:
            self.leave()
            connections.close_all()
            self.over.set()

    def round(self) -> list[str] | None:
        """One round, what went wrong in it; None where another host is at it."""
        self.refused = False
        try:
            if any(not self.hold(region) for region in sorted(self.held)):
                return None
            found = self.part.round(self.names)
        except CommandError as error:
            found = [rounds.said(error)]
        except Exception:  # noqa: BLE001 (whatever it is, the next round may do better)
            _LOG.exception("A round of the job %s broke off", self.part.job)
            found = [say("its round broke off; the log says why.")]
        if found:
            # Whatever is the matter, a login of its own is what the next round begins with.
            self.known = None
        if self.refused and not found:
            return None
        return [about(self.part.job, said) for said in found]

    def service(self) -> Cloud:
        """The service user's login, kept from round to round while all is well. Raises as `rounds.service`."""
        if self.known is None or time.monotonic() - self.known_at > LOGIN:
            self.known, self.known_at = self.log_in(), time.monotonic()
        self.known.deadline.again(rounds.BUDGET)
        return self.known

    def hold(self, region: str) -> bool:
        """The region's lease, for one project more; False where another host has it. Raises Django's DatabaseError."""
        got = notes.take("", self.lease(region), rounds.holder(), timezone.now(), LEASE + self.every) is not None
        self.refused = self.refused or not got
        self.held.add(region)
        return got

    def lease(self, region: str) -> str:
        """What the job's lease is called there."""
        return of_region(f"care {self.part.job}", region)

    def leave(self) -> None:
        """Another host need not wait until the leases have ended."""
        try:
            for region in self.held:
                notes.leave("", self.lease(region), rounds.holder(), timezone.now(), {})
        except Error as error:
            _LOG.warning("The leases of the job %s end by themselves: %s", self.part.job, error)
