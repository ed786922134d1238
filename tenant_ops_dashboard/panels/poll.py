"""Live pages: one state, asked for by many, told only when it changed.

The state is cached for a moment, keyed by region, project and roles (by the person too, where it is personal), and
asked for by one viewer at a time; the last good one is kept longer and shown grey while OpenStack does not answer. The
ETag is made from the state: the body of a page differs every time.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.template.context_processors import csrf
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openstack_auth.utils import get_client_ip

from tenant_ops_dashboard import cloud
from tenant_ops_dashboard.cloud import CloudError, NotAllowed, Uncertain, Unreachable
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.panels import failures, settings, store, words

T = TypeVar("T")

# Seconds: who finds another one asking OpenStack takes the last state, which is grey where it is older than this; where
# there is none he waits so long for the answer. A turn ends by itself, should its process die.
YOUNG = 6.0
PATIENCE = 5.0
PAUSE = 0.1
TURN = 20
# How long a failure is remembered, and how often somebody's login is looked at.
FAILED = 10.0
CHECKED = 60.0
# Seconds of a request without which it is not worth beginning to ask Keystone.
LEAST = 1.0
# No page is told to ask again sooner than this; for so many seconds after somebody's change no state is kept longer,
# but one that is kept for more than that anyway, since it is dear to read.
SOONEST = 0.4
FOLLOWED = 5.0
# How long a finished part of a page is kept for others who ask for the same, and how many of a project's.
SHARED = 60
PLACES = 32


@dataclass(frozen=True)
class Snapshot(Generic[T]):
    """A state as it was at `as_of`, which took so many seconds to read; `problem` says why there is no newer one."""

    value: T
    as_of: datetime.datetime
    problem: failures.Failure | None = None
    took: float = 0.0


def snapshot(
    request: HttpRequest, name: str, load: Callable[[cloud.Cloud], T], keep: Callable[[T], float] | None = None,
    personal: bool = False, longest: int = 0,
) -> Snapshot[T]:  # fmt: skip
    """The state called `name`, from the cache or from OpenStack; `keep` tells how many seconds it serves others.

    A `personal` one is what this person sees: the others in the project have their own. `longest` is for one that may
    take more seconds to read than a page does.

    Raises what `load` raises when nothing older can be shown, and always when the object is gone.
    """
    place = key(request, name, personal)
    found: Snapshot[T] | None = store.shared.get(place, Snapshot)
    if found is not None:
        _still_in(request)
        return found
    failed: CloudError | None = store.shared.get(f"{place}.failed", CloudError)
    if failed is not None:
        return _older(request, place, failed)
    turn = uuid.uuid4().hex
    mine = store.shared.add(f"{place}.turn", turn, longest or TURN)
    # Who asked before may have brought it between the two questions.
    found = store.shared.get(place, Snapshot) if mine else _meanwhile(request, place)
    if found is not None:
        if mine:
            store.shared.delete(f"{place}.turn")
        _still_in(request)
        return found
    # What changes while it is read may be missing: it is as old as its first call.
    began = timezone.now()
    try:
        value = load(connect(request))
        fresh = Snapshot(value, began, took=(timezone.now() - began).total_seconds())
        seconds = keep(value) if keep else settings.read().cache_seconds
        if seconds < FOLLOWED and not _since_forgotten(place, began - datetime.timedelta(seconds=FOLLOWED)):
            seconds = min(seconds, SOONEST)
        # Whoever changed something meanwhile took the turn away: what was read before is not kept.
        if (not mine or store.shared.holds(f"{place}.turn") == turn) and _since_forgotten(place, began):
            store.shared.set(place, fresh, max(min(seconds, SOONEST), seconds - fresh.took))
            store.shared.set(f"{place}.last", fresh, settings.read().last_good_seconds)
    except TenantOpsError as error:
        if isinstance(error, Unreachable) and not isinstance(error, Uncertain):
            store.shared.set(f"{place}.failed", error, FAILED)
        return _older(request, place, error)
    finally:
        if mine and store.shared.holds(f"{place}.turn") == turn:
            store.shared.delete(f"{place}.turn")
    store.shared.set(_checked(request), True, CHECKED)
    return fresh


def _older(request: HttpRequest, place: str, error: TenantOpsError) -> Snapshot[Any]:
    """The last good state, grey, with what keeps it from being newer. Raises `error` where it may not be shown."""
    failure = failures.of(error)
    # Of what is gone nothing older is shown, nor to somebody whose login or roles do not let him see it any more.
    older = None if failure.status in (403, 404) else _last(place)
    if failure.status == 403:
        store.shared.delete(_checked(request))
    if older is None:
        raise error
    _still_in(request)
    return Snapshot(older.value, older.as_of, failure)


def _meanwhile(request: HttpRequest, place: str) -> Snapshot[Any] | None:
    """While somebody else asks: the last state at once, grey where it is not young; else what he brings, or None.

    A state of before a change of our own is none.
    """
    older = _last(place)
    if older is not None and _since_forgotten(place, older.as_of):
        _still_in(request)
        young = (timezone.now() - older.as_of).total_seconds() < YOUNG
        return older if young else Snapshot(older.value, older.as_of, failures.slow())
    # From here on the request's time runs: what it waits for somebody else is part of it.
    connect(request)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and store.shared.holds(f"{place}.turn"):
        time.sleep(PAUSE)
    found: Snapshot[Any] | None = store.shared.get(place, Snapshot)
    if found is None and (failed := store.shared.get(f"{place}.failed", CloudError)) is not None:
        raise failed
    return found


def _still_in(request: HttpRequest) -> None:
    """Once a minute who is told a shared state shows that Keystone still takes his login. Raises NotAllowed."""
    place = _checked(request)
    if store.shared.get(place):
        return
    made = connect(request)
    left = made.deadline.left()
    if left is not None and left < LEAST:
        # Another service took all the time that this request had: the next one looks.
        return
    store.shared.set(place, True, CHECKED)
    try:
        made.get("identity", "/auth/catalog")
    except NotAllowed:
        store.shared.delete(place)
        raise
    except CloudError:
        # A Keystone that is away has not said no.
        return


def _checked(request: HttpRequest) -> str:
    user: Any = request.user
    return "tenant_ops.in." + hashlib.sha256(str(user.token.id).encode()).hexdigest()


def last(request: HttpRequest, name: str) -> Snapshot[Any] | None:
    """The last good state called `name`, however old, or None."""
    return _last(key(request, name))


def _last(place: str) -> Snapshot[Any] | None:
    found: Snapshot[Any] | None = store.shared.get(f"{place}.last", Snapshot)
    return found


def recent(request: HttpRequest, name: str, seconds: float, personal: bool = False) -> Snapshot[Any] | None:
    """The last good state where it is younger than this and read since the last `forget`: nothing is asked for it."""
    place = key(request, name, personal)
    found = _last(place)
    if found is None or timezone.now() - found.as_of > datetime.timedelta(seconds=seconds):
        return None
    if not _since_forgotten(place, found.as_of):
        return None
    _still_in(request)
    return found


def changed(request: HttpRequest, name: str) -> bool:
    """Whether somebody here changed something since the last good state called `name`: no page may open with that."""
    place = key(request, name)
    found = _last(place)
    gone: datetime.datetime | None = store.shared.get(f"{place}.forgotten", datetime.datetime)
    return gone is not None and (found is None or found.as_of <= gone)


def _since_forgotten(place: str, at: datetime.datetime) -> bool:
    """Whether nothing was forgotten there after this time."""
    gone: datetime.datetime | None = store.shared.get(f"{place}.forgotten", datetime.datetime)
    return gone is None or gone < at


def forget(request: HttpRequest, *names: str, personal: bool = False) -> None:
    """After a change of our own: the next look asks OpenStack, even where somebody asks since before the change."""
    places = [key(request, name, personal) for name in names]
    store.shared.delete(*(f"{place}{end}" for place in places for end in ("", ".turn", ".failed")))
    for place in places:
        store.shared.set(f"{place}.forgotten", timezone.now(), settings.read().last_good_seconds)


def connect(request: HttpRequest, seconds: float | None = None, lately: bool = False) -> cloud.Cloud:
    """The cloud as this request's user sees it; `seconds` for a request that may take longer than a page does.

    `lately` is for one that is asked again and again while somebody types: what seldom changes may be a moment old.

    The first one to connect decides for the whole request.
    """
    options = replace(settings.read().options(), lately=lately)
    if seconds is not None:
        options = replace(options, budget=seconds)
    return cloud.from_request(request, options, caller=get_client_ip(request) or "")


def etag(request: HttpRequest, snapshot: Snapshot[T], version: str) -> str:
    """An ETag of the state, of what keeps it from being newer, and of who looks, in which language and zone."""
    told = snapshot.problem.sentence if snapshot.problem else ""
    reader = (request.LANGUAGE_CODE, timezone.get_current_timezone_name(), request.user.pk)
    parts = (version, told, request.GET.urlencode(), *reader)
    return '"' + hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:24] + '"'


def answer(
    request: HttpRequest, snapshot: Snapshot[T], tag: str, render: Callable[[], str], *, every: float,
    shared: str = "",
) -> HttpResponse:  # fmt: skip
    """304 where the browser has this state already, else what `render` makes; both say how old the state is.

    `every` are the page's seconds between two polls: who is told a state that is some seconds old already is to ask
    again so much sooner, so that a change is no later on a page that many look at, or that is slow to read.
    `shared` names everything the answer depends on but project, roles, language and time zone: one rendering is then
    told to all who ask for it. Leave it empty where the answer holds a person's own token, or what somebody typed.
    """
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = _rendered(request, shared, render) if shared and not snapshot.problem else HttpResponse(render())
    response["ETag"] = tag
    response["Cache-Control"] = "no-store"
    response["X-Tenant-Ops-As-Of"] = quote(_("as of %s") % words.clock(snapshot.as_of))
    if snapshot.problem:
        response["X-Tenant-Ops-Stale"] = "1"
        # A cloud that does not answer is asked less, by browsers too.
        response["X-Tenant-Ops-Again"] = f"{max(every, FAILED):.2f}"
    else:
        age = (timezone.now() - snapshot.as_of).total_seconds()
        # A cloud that is slow to answer is left alone half as long as it was busy with us.
        soonest = min(every, max(SOONEST, snapshot.took / 2))
        response["X-Tenant-Ops-Again"] = f"{max(soonest, every - age):.2f}"
    return response


def _rendered(request: HttpRequest, shared: str, render: Callable[[], str]) -> HttpResponse:
    parts = (shared, get_language() or "", timezone.get_current_timezone_name())
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    # Whatever is asked for, a project takes no more than so many places in the cache.
    place = key(request, f"rendered {int(digest, 16) % PLACES}")
    found: tuple[str, bytes] | None = store.shared.get(place, tuple)
    if found is not None and found[0] == digest:
        return HttpResponse(found[1])
    response = HttpResponse(render())
    store.shared.set(place, (digest, response.content), SHARED)
    return response


def part(request: HttpRequest, template: str, context: Mapping[str, Any]) -> str:
    """A part of a page. Horizon asks Keystone for the reader's projects with every page it draws: not for this."""
    return render_to_string(template, {**context, **csrf(request), "request": request})


def elsewhere(address: str) -> HttpResponse:
    """Nothing is left to show: the poller goes to `address`."""
    response = HttpResponse()
    response["X-Tenant-Ops-Next"] = address
    return response


def key(request: HttpRequest, name: str, personal: bool = False) -> str:
    """Where the cache keeps `name`: what members of one project with the same roles see in one region, or one person.

    At most 75 letters.
    """
    user: Any = request.user
    scope = (user.project_id or "", getattr(user, "domain_id", None) or "", bool(getattr(user, "system_scoped", False)))
    roles = sorted(role["name"] for role in user.roles)
    parts = (user.services_region or "", scope, roles, user.id if personal else "", name)
    return "tenant_ops." + hashlib.sha256(json.dumps(parts).encode()).hexdigest()
