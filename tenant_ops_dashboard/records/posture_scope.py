"""A reading of posture with what people said of it, and what came and went since one of them kept another."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tenant_ops_dashboard import policy, projects
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.errors import BadInput, InTheWay, NotFound
from tenant_ops_dashboard.posture.access import READ, READ_ALL
from tenant_ops_dashboard.posture.assess import Wanted, assess
from tenant_ops_dashboard.posture.brought import blueprints, brought, named
from tenant_ops_dashboard.posture.drift import drift
from tenant_ops_dashboard.posture.keeping import content, pack, unpack
from tenant_ops_dashboard.posture.look import Look, look
from tenant_ops_dashboard.posture.model import Drift, Posture
from tenant_ops_dashboard.records import intents
from tenant_ops_dashboard.records import posture as records
from tenant_ops_dashboard.records.posture import EVERYWHERE, Review
from tenant_ops_dashboard.records.unkept import NotKept
from tenant_ops_dashboard.sentences import about, say

#: No form and no page needs more; of what is left out the reading says how many.
MOST = 20_000


class NotReviewed(InTheWay):
    """Nobody kept a reading to compare with."""

    todo = say("Look at the posture and keep it as reviewed: 'tenant-ops posture review', or the page's button.")


@dataclass(frozen=True)
class Reading:
    """One reading judged, without what people said of it: that is read anew with every look.

    `scope` is where its records stand: a project's id, '*' for the whole cloud, a digest for several projects.
    `words_of` are the projects whose words count for it, None for all; `digest` is the same for the same findings;
    `version` is no other reading's, be it of the same second.
    """

    posture: Posture
    region: str
    scope: str
    words_of: tuple[str, ...] | None
    digest: str
    version: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def listed(self) -> Reading:
        """What a list shows: without the traffic of each finding, which is most of a large reading."""
        bare = tuple(replace(one, exposed=()) for one in self.posture.findings)
        return replace(self, posture=replace(self.posture, findings=bare))

    def told(self, now: datetime.datetime) -> Posture:
        """The posture with its acknowledgements. Raises NotKept."""
        with records.kept():
            return records.with_words(self.posture, records.acknowledged(self.words_of, now))


def read(
    cloud: Cloud, project: str = "", all_projects: bool = False, folders: Sequence[str | Path] = ()
) -> tuple[Reading, Look]:  # fmt: skip
    """A fresh reading: of a project (name or id; '' is the login's own), or of all that this person may see.

    `folders` have blueprints beside the shipped ones, with intents of their own.

    Raises NotAllowed, NotFound, BadInput, a CloudError.
    """
    found = look(cloud, project, all_projects)
    posture = judged(found, folders)
    whole = found.scope == "cloud"
    ids = tuple(sorted(found.projects))
    told = records.digest(posture)
    made = Reading(posture, cloud.region, EVERYWHERE if whole else scope(ids), None if whole else ids, told)
    return made, found


def judged(found: Look, folders: Sequence[str | Path] = ()) -> Posture:
    """The findings of these rows, as many as are kept."""
    return _bounded(assess(found, wanted(found, folders)))


def wanted(found: Look, folders: Sequence[str | Path] = ()) -> tuple[Wanted, ...]:
    """The intents that stand in these projects; without a database the blueprints' own."""
    try:
        with records.kept():
            return tuple(
                one
                for project in found.projects
                for one in named(found, project, intents.on(intents.of(project, blueprints(found, project), folders)))
            )
    except NotKept:
        return brought(found, folders)


def scope(ids: Sequence[str]) -> str:
    """Where the records of a reading of these projects stand."""
    if len(ids) == 1:
        return ids[0]
    return "+" + hashlib.sha256("\0".join(ids).encode()).hexdigest()[:40]


def packed(found: Look) -> bytes:
    """The reading as a review keeps it."""
    return pack(found)


def told(reading: Reading, rows: bytes) -> str:
    """The same for two readings of which neither the findings nor the rows differ."""
    return hashlib.sha256(f"{reading.digest} {content(rows)}".encode()).hexdigest()


def since_review(
    reading: Reading, now: Look, folders: Sequence[str | Path] = (), review: int = 0, posture: Posture | None = None
) -> tuple[Drift, Review]:  # fmt: skip
    """What came and went since the last review of this scope, or since the one with this number.

    Both readings are held against the intents that stand now: one that was broken all the time is nothing new.
    `posture` is what `now` was judged to be, with its traffic, where that is known.

    Raises NotReviewed, NotFound for a number that is none of this scope's or whose snapshot is not kept, NotKept.
    """
    with records.kept():
        known = records.reviews(reading.region, reading.scope, 1 if not review else records.SNAPSHOTS)
        found = next((one for one in known if one.id == review), None) if review else next(iter(known), None)
        if found is None and review:
            raise NotFound(say("No snapshot of such a review is kept here."))
        if found is None:
            raise NotReviewed(say("Nobody has reviewed this posture yet, so there is nothing to compare it with."))
        content = records.packed(reading.region, reading.scope, found.id)
    if not content:
        raise NotFound(say("The snapshot of this review is not kept any more."))
    before, stand = unpack(content), wanted(now, folders)
    if posture is None or len(posture.findings) >= MOST:
        posture = assess(now, stand)
    return drift(before, now, assess(before, stand), posture), found


def projects_of(cloud: Cloud, project: str, all_projects: bool) -> tuple[str, ...] | None:
    """Whose acknowledgements somebody may see who asks for these projects; None is everybody's.

    Raises NotFound, BadInput for a name that several projects have, a CloudError.
    """
    if not all_projects and project in ("", cloud.project_id, cloud.project_name):
        return (cloud.project_id,)
    if policy.allowed(cloud, READ_ALL):
        return None if all_projects else (_named(cloud, project),)
    mine = projects.where(cloud, READ)
    if all_projects:
        return mine.ids
    return (_one({one.id: one.name for one in mine.projects}, project),)


def _named(cloud: Cloud, project: str) -> str:
    try:
        rows = cloud.pages("identity", "/projects", "projects")
    except CloudError:
        # Keystone tells this login no other's name: what it asks for is an id.
        return project
    return _one({str(row["id"]): str(row.get("name") or "") for row in rows}, project)


def _one(known: dict[str, str], wanted: str) -> str:
    if wanted in known:
        return wanted
    found = sorted(id_ for id_, name in known.items() if name == wanted)
    if len(found) > 1:
        raise BadInput(
            about(
                "project",
                say(
                    "{n} projects are called {wanted}; use an id: {found}.",
                    n=len(found),
                    wanted=wanted[:60],
                    found=", ".join(found),
                ),
            ),
            field="project",
        )
    if not found:
        raise NotFound(
            about("project", say("There is no project {wanted} that you may see.", wanted=wanted[:60])), field="project"
        )
    return found[0]


def _bounded(posture: Posture) -> Posture:
    more = len(posture.findings) - MOST
    if more <= 0:
        return posture
    says = say("{more:,} more findings, none worse than those that are shown, are left out here.", more=more)
    return replace(posture, findings=posture.findings[:MOST], unknown=(says, *posture.unknown))
