"""Clones go on while nobody looks: copied, handed over, taken away at their end; as the service user, through trusts.

One host at a time does it in a region, under a lease; what it finds in the database and in the cloud is all it knows.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from django.utils import timezone

from tenant_ops_dashboard.care import clone_golden, clone_reminder
from tenant_ops_dashboard.clones import authority, freeze, refresh, steps
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud, NotAllowed, through_trust
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.records import clone_golden as records_golden
from tenant_ops_dashboard.records import clones, notes
from tenant_ops_dashboard.records.clone_figures import ending
from tenant_ops_dashboard.records.clone_offering import undecided
from tenant_ops_dashboard.sentences import about, say

_LOG = logging.getLogger(__name__)
#: Seconds after which another host goes on where this one died: more than the longest step takes.
LEASE = 120.0
#: Seconds between two looks at copies that Cinder makes, how long one round follows them, and between two looks at what
#: waits for a person.
PAUSE, FOLLOWED, RESTS = 0.25, 60.0, 30.0
#: Seconds until the next look where something was done.
SOON = 0.05
#: What does not change rests for this part of the time since it did, RESTS at most.
CALM = 0.05
#: Seconds for all calls while a source stands still: that it goes on has to fit in, too.
STILL = freeze.LONGEST + freeze.RESUMED + 15.0
#: Seconds for all calls of one step of one clone: a service that hangs keeps the others waiting no longer.
TURN = 20.0
#: The lease under which one at a time takes a region's clones further.
NAME = "clones"
WITHOUT = say(
    "The service user's entry in clouds.yaml has no password, and without one Keystone lets nobody act through a "
    "trust: give it a user name and a password (TENANT_OPS_SERVICE_CLOUD)."
)


class Care:
    """Rounds of one process; it remembers when it last looked at what waits, and since when nothing changed.

    `service` gives the service user's own login and is asked once a round, where there is something to do.
    """

    def __init__(
        self, service: Callable[[], Cloud], holder: str, folders: Sequence[str | Path] = (), pause: float = PAUSE,
        followed: float = FOLLOWED,
    ) -> None:  # fmt: skip
        self.service, self.holder, self.folders, self.pause, self.followed = service, holder, folders, pause, followed
        self.looked: dict[str, tuple[int, float, float]] = {}
        self.same: dict[str, tuple[int, float]] = {}
        self.met: set[tuple[str, int]] = set()
        self.problems: dict[str, str] = {}
        self.retire_at = 0.0
        self.region: str | None = None
        self.stopped: Callable[[], bool] = lambda: False

    def round(self) -> list[str]:
        """Do what is to do now, and follow what moves; what went wrong or waits, a sentence each.

        A few questions to the database where there is nothing to do. Raises Django's DatabaseError, the CloudError of
        Keystone.
        """
        if self.region is not None:
            self.beat()
        due = self.due()
        ids, self.met = {one.id for one in due}, {(one.id, one.version) for one in due}
        self.problems = {id_: said for id_, said in self.problems.items() if id_ in ids}
        self.looked = {id_: at for id_, at in self.looked.items() if id_ in ids}
        self.same = {id_: at for id_, at in self.same.items() if id_ in ids}
        spent = time.monotonic() >= self.retire_at and any(self.mine(one.region) for one in clones.spent())
        near = any(self.mine(one.region) for one in ending(timezone.now()))
        if not (spent or near or any(map(self.wanted, due))):
            return list(self.problems.values())
        # Whose lease it is says the region, which the first login tells.
        service = self.service() if self.region is None else None
        if service is not None:
            self.region = service.region or None
        if self.hold():
            try:
                service = service or self.service()
                if not service.auth.get("password"):
                    # Nobody lost any authority then: that no trust can be used is not the givers' doing.
                    return [*self.problems.values(), WITHOUT]
                self.beat()
                round_ = _Round(self, service)
                round_.run()
                if time.monotonic() >= self.retire_at and not round_.retire():
                    self.retire_at = time.monotonic() + RESTS
            finally:
                notes.leave("", self.lease, self.holder, timezone.now(), {})
            if not service.region and (others := sorted({one.region for one in due if one.region})):
                return [*self.problems.values(), nowhere(others)]
        return list(self.problems.values())

    def due(self) -> list[Clone]:
        """What is to do in this region, golden copies last: two questions to the database."""
        found = [*clones.due(timezone.now()), *clone_golden.due(timezone.now())]
        return [one for one in found if self.mine(one.region)]

    def asked(self) -> bool:
        """Whether something is to do that the last round did not meet as it is; what it met waits for the next.

        One question to the database, which changes nothing: it comes several times a second. What begins or ends by the
        clock alone, a golden copy, is the next round's to see.
        """
        due = clones.due_versions(timezone.now())
        return any((id_, version) not in self.met for id_, version, region in due if self.mine(region))

    @property
    def lease(self) -> str:
        """Each region has a job, and a lease, of its own."""
        return clones.of_region(NAME, self.region or "")

    def hold(self) -> bool:
        """The lease, for one step more; False where another host has it, or nothing more is to begin."""
        return not self.stopped() and notes.take("", self.lease, self.holder, timezone.now(), LEASE) is not None

    def beat(self) -> None:
        """Whoever waits in this region may know that somebody looks after it."""
        clones.beat(timezone.now(), self.region or "")

    def mine(self, region: str) -> bool:
        """Whether this job's login looks after that region; before the first login nobody knows."""
        return self.region in (None, region)

    def wanted(self, clone: Clone) -> bool:
        """Whether it is to be looked at now: what waits for a person is, now and then, and once he changed it."""
        version, at, rests = self.looked.get(clone.id, (-1, 0.0, 0.0))
        return version != clone.version or time.monotonic() - at > rests

    def rest(self, clone: Clone, seconds: float) -> None:
        """It is not looked at for so long, unless somebody changes it."""
        self.looked[clone.id] = (clone.version, time.monotonic(), seconds)

    def calm(self, clone: Clone, before: Clone) -> None:
        """Nothing came of a look at it: the longer it stays so, the longer it rests."""
        version, since = self.same.get(clone.id, (-1, 0.0))
        since = since if version == before.version else time.monotonic()
        self.same[clone.id] = (clone.version, since)
        self.rest(clone, min(RESTS, CALM * (time.monotonic() - since)))


class _Round:
    """One round; a login through each trust is made once."""

    def __init__(self, care: Care, service: Cloud) -> None:
        self.care, self.service = care, service
        self.holder, self.pause, self.problems = care.holder, care.pause, care.problems
        self.logins: dict[str, Cloud] = {}
        self.turn()

    def turn(self) -> None:
        """One step, or what else is one thing to do, begins: all logins share its time."""
        self.over = time.monotonic() + TURN
        for one in self.logins.values():
            one.deadline.again(TURN)

    def run(self) -> None:
        end = time.monotonic() + self.care.followed
        clone_reminder.remind(self.service.region, self.holds, timezone.now())
        while True:
            known: list[tuple[Clone, Callable[[Clone], Clone]]] = []
            known += [(one, self.go_on_golden) for one in clone_golden.due(timezone.now())]
            known += [(one, self.go_on) for one in clones.due(timezone.now())]
            found = [one for one in known if one[0].region == self.service.region]
            # A source that stands still goes on before anything else.
            found.sort(key=lambda one: one[0].step != "freeze")
            moved = [self.look(one, go_on) if self.care.wanted(one) else one for one, go_on in found]
            if not any(one.moving for one in moved) or time.monotonic() > end or self.care.stopped():
                break
            self.care.beat()
            # What was done just now is often seen at once.
            went_on = any(not _same(before, one) for one, (before, _go_on) in zip(moved, found, strict=True))
            time.sleep(SOON if went_on else self.pause)

    def look(self, clone: Clone, go_on: Callable[[Clone], Clone]) -> Clone:
        """Every step that can be done at once; as the clone, golden or not, is then."""
        try:
            return go_on(clone)
        except clones.Moved:
            # Somebody extended or released it at this moment: the next look has it as it is.
            return clone
        except Exception:  # noqa: BLE001 (whatever it is, the other clones have their turn)
            _LOG.exception("The clone %s (%s) broke off", clone.name, clone.id)
            self.problems[clone.id] = about(clone.name, say("it cannot be looked at; the log says why."))
            self.care.rest(clone, RESTS)
            return clone

    def go_on(self, clone: Clone) -> Clone:
        if clone.state == "requested":
            clone = clones.save(clone, **undecided(clone, timezone.now()))
        elif clone.step == "":
            clone = clones.save(clone, state="expiring", step="end", outcome="released", began=timezone.now(), says="")
        while clone.step:
            now = timezone.now()
            if not self.care.hold():
                break
            self.turn()
            before = clone
            clone = clone_golden.chosen(clone, now)
            if clone_golden.waits(clone, now):
                self.told(clone, before)
                break
            owner, holder = (functools.partial(one, clone) for one in (self.owner, self.holds))
            changes = refresh.advance(clone, steps.Hands(owner, holder, self.care.folders), now)
            if lost := clone_golden.lost(clone, changes):
                records_golden.lost(clone.offer.id, lost, now)
            if changes:
                clone = clones.save(clone, **changes)
            self.told(clone, before)
            if clone.step == before.step:
                self.late(clone)
                break
        return clone

    def go_on_golden(self, made: Clone) -> Clone:
        while made.step and self.care.hold():
            self.turn()
            before = made
            login = functools.partial(self.owner, made)
            made = clone_golden.step(made, steps.Hands(login, login), timezone.now())
            self.told(made, before)
            if made.step == before.step:
                self.late(made)
                break
        return made

    def told(self, clone: Clone, before: Clone) -> None:
        """Whether it waits for a person is kept, with its sentence; one that is as it was `before` rests a while."""
        self.problems.pop(clone.id, None)
        self.care.looked.pop(clone.id, None)
        if clone.state in ("parked", "orphaned"):
            self.problems[clone.id] = about(clone.name, clone.says)
            self.care.rest(clone, RESTS)
        elif _same(before, clone):
            self.care.calm(clone, before)

    def late(self, clone: Clone) -> None:
        """One whose services hung rests, for the others; a source that may stand still does not wait."""
        if clone.step != "freeze" and time.monotonic() >= self.over:
            self.care.rest(clone, RESTS)

    def owner(self, clone: Clone) -> Cloud:
        """Through the trust of its offer, or of another one by which the owner gave his authority back."""
        if clone.step == "freeze":
            # What this round did before must not leave its server standing because the time for calls is over.
            return self.first(clone.offer.trust_id, lambda: self.lent(clone), STILL)
        return self.first(clone.offer.trust_id, lambda: self.lent(clone))

    def lent(self, clone: Clone) -> list[str]:
        """The trusts of the owner's other offers of the same volume."""
        return [one.trust_id for one in clones.others(clone.offer)]

    def holds(self, clone: Clone) -> Cloud:
        """Through the trust that was given for it, or a standing one of the project."""

        def standing() -> list[str]:
            return [one.id for one in clones.holding(clone.region, clone.project_id, timezone.now())]

        return self.first(clone.trust_id, standing)

    def first(self, trust_id: str, others: Callable[[], Iterable[str]], seconds: float = 0.0) -> Cloud:
        """A login through the first of these trusts that holds. Raises as `login` does for the first one."""
        try:
            return self.login(trust_id, seconds)
        except NotAllowed as error:
            for one in others():
                with contextlib.suppress(NotAllowed):
                    return self.login(one, seconds)
            raise error

    def login(self, trust_id: str, seconds: float = 0.0) -> Cloud:
        """Raises NotAllowed where the trust does not hold, Unreachable.

        With `seconds` it is a new one, for whose calls there are so many from now on.
        """
        if seconds:
            options = replace(self.service.options, budget=seconds)
            return through_trust(replace(self.service, options=options), trust_id)
        if trust_id not in self.logins:
            options = replace(self.service.options, budget=TURN)
            made = through_trust(replace(self.service, options=options), trust_id)
            made.deadline.again(max(0.1, self.over - time.monotonic()))
            self.logins[trust_id] = made
        return self.logins[trust_id]

    def retire(self) -> bool:
        """Give back the authority of withdrawn offers that no clone needs any more; whether all of it is."""
        done = True
        for offer in clones.spent():
            if offer.region != self.service.region:
                continue
            self.turn()
            try:
                authority.end(self.login(offer.trust_id), offer.trust_id, offer.source_name, offer=True)
            except NotAllowed:
                pass
            except TenantOpsError as error:
                self.problems[offer.id] = about(offer.source_name, error.sentence)
                done = False
                continue
            clones.trust_gone(offer.id)
        return done


def nowhere(regions: Sequence[str]) -> str:
    """What is said where the service user's cloud has no region, and clones of these wait."""
    return say(
        "Nobody looks after the clones of {regions}: the service user's entry in clouds.yaml names no region. Give it "
        "a region_name (TENANT_OPS_SERVICE_CLOUD).",
        regions=", ".join(regions),
    )


def _same(before: Clone, clone: Clone) -> bool:
    """Whether nothing was done: each refusal may have a sentence of its own, with the request's id."""
    return replace(clone, says=before.says, version=before.version) == before
