"""What the panel knows: one reading for all who may see the same, and what is worked out of it.

A reading of all projects is shared by administrators in one project; who sees them by roles of his own has his own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.errors import InTheWay, NotAllowed
from tenant_ops_dashboard.panels import access, poll, settings
from tenant_ops_dashboard.panels.posture import permissions
from tenant_ops_dashboard.panels.store import shared
from tenant_ops_dashboard.posture.keeping import unpack
from tenant_ops_dashboard.posture.look import Look
from tenant_ops_dashboard.posture.model import Drift, Posture
from tenant_ops_dashboard.records import posture as records
from tenant_ops_dashboard.records import posture_scope as readings
from tenant_ops_dashboard.records.posture import Review
from tenant_ops_dashboard.records.posture_scope import NotReviewed, Reading
from tenant_ops_dashboard.records.unkept import NotKept
from tenant_ops_dashboard.sentences import say

ALL = "all_projects"
#: Seconds: all calls of one reading of a whole cloud.
PATIENCE = 60.0
#: Seconds: these, and judging what was read.
LONGEST = 180
NO_RIGHT = say(
    "Your roles do not let you see the posture of all projects; as shipped it takes the role 'admin' (policy rule "
    "{rule}).",
    rule=permissions.READ_ALL,
)


class Moved(InTheWay):
    """What was found changed after the page was shown."""

    todo = say("Look at the posture as it is now, and keep that.")


@dataclass(frozen=True)
class Shown:
    """A reading as a list shows it: with its acknowledgements, or `unkept` with why there are none to see.

    The traffic of its findings is with `whole`.
    """

    snapshot: poll.Snapshot[Reading]
    posture: Posture
    unkept: NotKept | None = None

    @property
    def reading(self) -> Reading:
        return self.snapshot.value


def everywhere(request: HttpRequest) -> bool:
    """Whether the address asks for all projects. Raises NotAllowed where the policy does not let this person."""
    asked = request.GET.get(ALL) == "true"
    if asked and not access.allowed(request, permissions.READ_ALL):
        raise NotAllowed(NO_RIGHT)
    return asked


def shown(request: HttpRequest) -> Shown:
    """The reading of this address's scope, from the cache or from OpenStack. Raises NotAllowed, a CloudError."""
    snapshot = _snapshot(request)
    try:
        return Shown(snapshot, snapshot.value.told(timezone.now()))
    except NotKept as error:
        return Shown(snapshot, snapshot.value.posture, error)


def forget(request: HttpRequest) -> None:
    """The next look asks OpenStack."""
    name, personal = _name(request)
    poll.forget(request, name, personal=personal)


def look(request: HttpRequest, reading: Reading) -> Look:
    """The rows that a reading was made from. Raises Moved where they are not kept and others are there now."""
    kept = shared.get(_place(request, f"rows {reading.version}"), bytes)
    if kept is not None:
        return unpack(kept)
    cloud, folders = poll.connect(request, PATIENCE), settings.read().blueprint_folders
    fresh, found = readings.read(cloud, "", everywhere(request), folders)
    if fresh.digest != reading.digest:
        forget(request)
        raise Moved("What is exposed changed after this page was shown.")
    return found


def whole(request: HttpRequest, reading: Reading) -> Posture:
    """The posture with the traffic of each finding and its acknowledgements, where they can be read. Raises Moved."""
    found = shared.get(_place(request, f"whole {reading.version}"), Posture)
    full = replace(reading, posture=found or readings.judged(look(request, reading), settings.read().blueprint_folders))
    try:
        return full.told(timezone.now())
    except NotKept:
        return full.posture


def drift(request: HttpRequest, reading: Reading, review: int = 0) -> tuple[Drift, Review]:
    """What came and went since the last review, or since the one with this number; worked out once a reading.

    Raises NotReviewed, NotFound, NotKept, Moved.
    """
    with records.kept():
        known = records.reviews(reading.region, reading.scope, records.SNAPSHOTS)
    since = next((one for one in known if review in (0, one.id)), None)
    if since is None and not review:
        raise NotReviewed("Nobody has reviewed this posture yet, so there is nothing to compare it with.")
    place = _place(request, f"drift {since.id if since else review} {reading.version}")
    found: Drift | None = shared.get(place, Drift)
    if found is not None and since is not None:
        return found, since
    posture = shared.get(_place(request, f"whole {reading.version}"), Posture)
    folders = settings.read().blueprint_folders
    found, since = readings.since_review(reading, look(request, reading), folders, review, posture)
    shared.set(place, found, settings.read().last_good_seconds)
    return found, since


def _snapshot(request: HttpRequest) -> poll.Snapshot[Reading]:
    name, personal = _name(request)
    # The first one to connect decides how long a request may take.
    poll.connect(request, PATIENCE)

    def load(cloud: Cloud) -> Reading:
        reading, found = readings.read(cloud, "", everywhere(request), settings.read().blueprint_folders)
        kept = settings.read()
        rows = readings.packed(found)
        seconds = kept.posture_seconds + kept.last_good_seconds
        shared.set(_place(request, f"rows {reading.version}"), rows, seconds)
        shared.set(_place(request, f"whole {reading.version}"), reading.posture, seconds)
        _count(reading)
        return reading.listed

    return poll.snapshot(request, name, load, lambda reading: settings.read().posture_seconds, personal, LONGEST)


def _count(reading: Reading) -> None:
    now = timezone.now()
    try:
        posture = reading.told(now)
        with records.kept():
            records.count(reading.region, reading.scope, posture, now)
    except NotKept:
        return  # the log has it, and the page says that nothing is kept


def _name(request: HttpRequest) -> tuple[str, bool]:
    """What the cache calls this reading, and whether it is this person's alone: 'admin' sees what every admin sees."""
    if not everywhere(request):
        return "posture", False
    user: Any = request.user
    return "posture of all projects", "admin" not in {str(role["name"]) for role in user.roles}


def _place(request: HttpRequest, what: str) -> str:
    name, personal = _name(request)
    return poll.key(request, f"{name} {hashlib.sha256(what.encode()).hexdigest()}", personal)
