"""What the project that wants data does: ask for a clone, keep it for longer, give it back, lend standing authority."""

from __future__ import annotations

import contextlib
import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.changes import Change, Target
from tenant_ops_dashboard.clones import authority, build, terms
from tenant_ops_dashboard.clones.access import DECIDE, REQUEST
from tenant_ops_dashboard.clones.errors import BadInput, InTheWay, NotAllowed, NotFound, NotOffered
from tenant_ops_dashboard.clones.model import Clone, Get
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud import errors as cloud_errors
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records.clone_given import or_back, take_back
from tenant_ops_dashboard.records.clone_one import OfOne
from tenant_ops_dashboard.records.clones import Trust
from tenant_ops_dashboard.sentences import about, join, say

#: The lease where nobody says one, as far as the offer allows it.
USUAL = 2 * 3600
#: A standing trust that ends this soon after the lease is none: who takes the clone away needs it.
AFTER = datetime.timedelta(days=1)
GIVE_ONE = say(
    "This project lent no standing authority: ask somebody who logs in with a password to run 'tenant-ops clone "
    "trust give' once in this project."
)


class Request(Change[tuple[Clone, bool]]):
    """A clone of what is offered, under a name that is the project's own: the same name is the same clone."""

    name = "clones.request"
    rule = REQUEST
    action = "create"
    kind = "clone"

    def __init__(
        self, cloud: Cloud, offer: str, name: str, lease: str, purpose: str, now: datetime.datetime, get: str = "",
        blueprint: str = "", folders: build.Folders = (), revertible: bool = False,
        answers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(cloud)
        self.get, self.blueprint, self.folders, self.revertible = get, blueprint, folders, revertible
        self.given = answers or {}
        self.words, self.asked, self.typed, self.purpose, self.now = offer, name, lease, purpose, now
        self.target = Target("", name[:255])

    def prepare(self) -> tuple[Clone, bool] | None:
        cloud, self.asked = self.cloud, terms.name(self.asked)
        self.purpose = terms.line(self.purpose, "purpose")
        self.target = Target("", self.asked)
        there = records.named(cloud.region, cloud.project_id, self.asked)
        if there and (self.words == there.offer.id or there.offer.called(self.words)):
            return self._there(there, there.offer.source_id)
        self.offer = records.offer(cloud, self.words)
        if not self.offer.open or not self.offer.is_for(cloud.project_id, cloud.project_name, cloud.project_domain_id):
            raise NotOffered(
                about(
                    "offer", say("'{source_name}' is not offered to this project.", source_name=self.offer.source_name)
                ),
                field="offer",
            )
        if there:
            return self._there(there, self.offer.source_id)
        self.served = self.offer.terms.deliver == "served"
        self.what = terms.get(self.get, self.served)
        if self.served and self.blueprint.strip():
            raise BadInput(
                about("blueprint", say("this offer is served by its owner's server: it takes none.")), field="blueprint"
            )
        if self.served and self.revertible:
            raise BadInput(
                about("revertible", say("this offer is served: its owner keeps the volume as it is.")),
                field="revertible",
            )
        if self.served and self.given:
            raise BadInput(
                about("set", say("this offer is served by its owner's server: it asks nothing.")), field="set"
            )
        self.launched = self.what in build.BUILT and not self.served
        if self.launched:
            self.blueprint = build.blueprint(self.what, self.blueprint, self.asked, self.folders, self.offer.bootable)
        if self.blueprint == build.BOOTED and self.revertible:
            raise BadInput(
                about(
                    "revertible",
                    say(
                        "its server starts from the clone's volume, and Nova takes no such disk off a server: ask for "
                        "the volume alone, or for a server without this."
                    ),
                ),
                field="revertible",
            )
        self.answers = build.answers(cloud, self.what, self.blueprint, self.asked, self.given, self.folders)
        longest = self.offer.terms.longest
        self.lease = terms.span(self.typed, "lease", longest) if self.typed.strip() else min(USUAL, longest)
        records.room(self.offer)
        end = self.now + datetime.timedelta(seconds=self.lease) + AFTER
        # What is served needs nobody's authority but its owner's.
        self.standing = None if self.served else records.standing(cloud.region, cloud.project_id, end)
        self.after = {
            "offer": self.offer.id, "source": self.offer.source_name, "of": self.offer.project_name,
            "lease_seconds": self.lease, "purpose": self.purpose, "get": self.what, "revertible": self.revertible,
            **({"set": ", ".join(map("=".join, self.answers))} if self.answers else {}),
        }  # fmt: skip
        return None

    def send(self) -> tuple[Clone, bool]:
        id_ = str(uuid.uuid4())
        trust = self.standing.id if self.standing else ""
        if not self.standing and not self.served:
            trust = _give(self.cloud, id_, self.asked, self.lease, self.what)
        own = "" if self.standing else trust
        with or_back(self.cloud, own, self.asked):
            made, existing = records.add(self._made(id_, trust))
        if existing:
            # The same name was asked for at this moment: that one's authority counts.
            take_back(self.cloud, own, self.asked)
        self.target = Target(made.id, made.name)
        return made, existing

    def settled(self, made: tuple[Clone, bool]) -> bool:
        return records.by_id(self.cloud, made[0].id) is not None

    def _there(self, clone: Clone, source_id: str) -> tuple[Clone, bool]:
        self.target = Target(clone.id, clone.name)
        if clone.offer.source_id != source_id:
            raise InTheWay(
                say(
                    "This project has a clone called '{clone}', of {source_name}: take another name, or release that "
                    "one.",
                    clone=clone.name,
                    source_name=clone.offer.source_name,
                )
            )
        return clone, True

    def _made(self, id_: str, trust: str) -> Clone:
        cloud, auto = self.cloud, self.offer.terms.approve == "auto"
        decided: dict[str, Any] = {"state": "approved", "step": "check", "decided_at": self.now, "began": self.now}
        return Clone(
            id_, self.offer, cloud.region, cloud.project_id, cloud.project_name, cloud.user_id, cloud.user_name,
            self.asked, self.lease, self.purpose, trust, self.standing is None and not self.served, self.now,
            get=self.what, blueprint=self.blueprint if self.launched else "", revertible=self.revertible,
            answers=self.answers, **(decided if auto else {}),
        )  # fmt: skip


class Extend(OfOne):
    """A later end, within what the offer allows."""

    name = "clones.extend"
    action = "update"
    does = "extends"

    def __init__(self, cloud: Cloud, words: str, by: str, now: datetime.datetime) -> None:
        super().__init__(cloud, words, now)
        self.by = by

    def prepare(self) -> None:
        self.clone = clone = self.find_held()
        seconds = terms.span(self.by, "by")
        if clone.pinned_by:
            raise InTheWay(
                say("{pinned_by} pinned it: it has no end that could come later.", pinned_by=clone.pinned_by)
            )
        if clone.state != "ready" or clone.ready_at is None or clone.expires_at is None:
            raise InTheWay(
                say(
                    "It is {state}: a lease begins when the clone is ready, and can be extended then.",
                    state=clone.state,
                )
            )
        latest = clone.ready_at + datetime.timedelta(seconds=clone.offer.terms.longest)
        self.end = clone.expires_at + datetime.timedelta(seconds=seconds)
        if self.end > latest:
            raise BadInput(
                about(
                    "by",
                    say(
                        "its owner lets it end at {latest:%Y-%m-%d %H:%M:%S} UTC at the latest; it ends at "
                        "{expires_at:%Y-%m-%d %H:%M:%S} now.",
                        latest=latest,
                        expires_at=clone.expires_at,
                    ),
                ),
                field="by",
            )
        self.before, self.after = {"until": clone.expires_at.isoformat()}, {"until": self.end.isoformat()}

    def send(self) -> Clone:
        clone, ready = self.clone, self.clone.ready_at or self.now
        told: dict[str, Any] = {"expires_at": self.end, "lease": round((self.end - ready).total_seconds())}
        if _outlasts(clone, self.end):
            return records.save(clone, **told)
        trust = _give(self.cloud, clone.id, clone.name, max(0, round((self.end - self.now).total_seconds())), clone.get)
        with or_back(self.cloud, trust if trust != clone.trust_id else "", clone.name):
            made = records.save(clone, **told, trust_id=trust, own_trust=True)
        if clone.own_trust and trust != clone.trust_id and clone.get not in build.BUILT:
            # Heat changes nothing any more of what was made through a trust that is gone.
            take_back(self.cloud, clone.trust_id, clone.name)
        return made

    def settled(self, made: Clone) -> bool:
        found = records.by_id(self.cloud, made.id)
        return found is not None and found.version >= made.version


class Release(OfOne):
    """Given back by who asked for it; what was copied is taken away."""

    name = "clones.release"
    action = "delete"
    destroys = True

    def prepare(self) -> Clone | None:
        self.clone = self.find()
        self.before, self.after = {"state": self.clone.state}, {"state": "released"}
        self.underway = self.clone.step == "end"
        return self.clone if self.clone.ended or self.underway else None

    def send(self) -> Clone:
        clone = self.clone
        told: dict[str, Any] = {"outcome": "released", "says": "", "began": self.now}
        if clone.state != "requested":
            return records.save(clone, **told, state="releasing", step="end")
        step = "end" if clone.own_trust and not take_back(self.cloud, clone.trust_id, clone.name) else ""
        return records.save(clone, **told, state="released", step=step, ended_at=self.now)

    def settled(self, made: Clone) -> bool:
        found = records.by_id(self.cloud, made.id)
        return found is not None and found.ended


class ReleaseOwners(Release):
    """The same by whose data it is: he decides."""

    rule = DECIDE


def release(cloud: Cloud, words: str, now: datetime.datetime) -> Release:
    """The change that ends this clone: whose it is says whose right that takes."""
    with contextlib.suppress(NotFound, BadInput):
        if records.clone(cloud, words).project_id != cloud.project_id:
            return ReleaseOwners(cloud, words, now)
    return Release(cloud, words, now)


class GiveTrust(Change[Trust]):
    """Authority for all clones of the project: also for those that an application credential asks for."""

    name = "clones.give_trust"
    rule = REQUEST
    action = "create"
    kind = "clone-trust"

    def __init__(self, cloud: Cloud, now: datetime.datetime) -> None:
        super().__init__(cloud)
        self.now = now
        self.target = Target("", f"clones of {cloud.project_name}")

    def send(self) -> Trust:
        cloud, given = self.cloud, authority.give_standing(self.cloud)
        self.target = Target(given.id, self.target.name)
        return records.keep_trust(
            Trust(
                given.id, cloud.region, cloud.project_id, cloud.user_id, cloud.user_name, given.roles, given.until,
                self.now,
            )
        )  # fmt: skip

    def settled(self, made: Trust) -> bool:
        found = records.trust(self.cloud, made.id)
        return found is not None and found.ended_at is None


class RevokeTrust(Change[Trust]):
    """It is taken back: clones that stand on it can be taken away by hand alone."""

    name = "clones.revoke_trust"
    rule = REQUEST
    action = "delete"
    kind = "clone-trust"
    destroys = True

    def __init__(self, cloud: Cloud, id_: str, now: datetime.datetime) -> None:
        super().__init__(cloud)
        self.now = now
        self.target = Target(id_[:64], f"clones of {cloud.project_name}")

    def prepare(self) -> Trust | None:
        found = records.trust(self.cloud, self.target.id)
        if found is None:
            raise NotFound(
                say("This project lent no such authority; 'tenant-ops clone trust list' shows what it lent.")
            )
        self.trust = found
        self.before = {"user": found.user_name, "until": found.until.isoformat()}
        stand = sum(1 for one in records.clones(self.cloud) if one.trust_id == found.id)
        self.says = say("{stand} clones stand on it", stand=stand) if stand else ""
        return found if found.ended_at else None

    def send(self) -> Trust:
        with contextlib.suppress(cloud_errors.NotFound):
            authority.revoke(self.cloud, self.target.id, self.target.name)
        records.end_trust(self.target.id, self.now)
        return records.trust(self.cloud, self.target.id) or self.trust

    def settled(self, made: Trust) -> bool:
        found = records.trust(self.cloud, made.id)
        return found is not None and found.ended_at is not None


def _give(cloud: Cloud, id_: str, name: str, lease: int, get: Get) -> str:
    """This project's authority for one clone. Raises NotAllowed with who could give a standing one, a CloudError."""
    try:
        return authority.give_clone(cloud, id_, name, lease, get in build.BUILT)
    except NotAllowed as error:
        raise NotAllowed(join(" ", (error.sentence, GIVE_ONE)), error.request_id) from error


def _outlasts(clone: Clone, end: datetime.datetime) -> bool:
    """Whether who takes the clone away at this end may surely do so by the authority that was given.

    What is served its owner takes away: nobody else's authority is needed.
    """
    if clone.served:
        return True
    if clone.own_trust and end + AFTER <= clone.asked_at + authority.BEFORE + authority.AFTER:
        return True
    return records.standing(clone.region, clone.project_id, end + AFTER) is not None
