"""One step of a clone: look at what exists, then act. Whoever runs it may be stopped at any moment, or run twice."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.clones import (
    authority,
    build,
    copy,
    freeze,
    golden,
    hand_over,
    markers,
    mask,
    reclaim,
    renewal,
    revert,
    room,
    serve,
    source,
    whereabouts,
)
from tenant_ops_dashboard.clones.errors import Failed, Orphaned, Parked
from tenant_ops_dashboard.clones.leftovers import aside, busy, frozen, left, still
from tenant_ops_dashboard.clones.model import Clone, State, Step
from tenant_ops_dashboard.cloud import Cloud, LoginEnded, NotAllowed, NotFound, OverQuota, Unreachable, values
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.sentences import join, say

#: A project's login through the trust that was given for it; raises NotAllowed once that does not hold.
Login = Callable[[], Cloud]
Changes = Mapping[str, Any]
#: How often a copy that ends in error is made again.
TRIES = 3
_SHOWN: Mapping[Step, State] = {
    "check": "approved", "freeze": "copying", "copy": "copying", "mask": "masking", "hand-over": "preparing",
    "keep": "preparing", "serve": "preparing", "build": "preparing",
    "swap": "refreshing", "undo": "refreshing",
    "detach": "refreshing", "revert": "refreshing", "attach": "refreshing",
}  # fmt: skip
_WAITS: Changes = {}


@dataclass(frozen=True)
class Hands:
    """The logins of both projects; `folders` are those of the operator's own blueprints."""

    owner: Login
    holder: Login
    folders: build.Folders = ()


Steps = Mapping[Step, Callable[[Clone, Hands, datetime.datetime], Changes]]


def advance(clone: Clone, by: Hands, now: datetime.datetime, more: Steps | None = None) -> Changes:
    """Do the next step, one of these or of `more`; the fields of the clone that are other ones now, {} where it waits.

    What a person has to see to is 'parked', authority that is gone 'orphaned': both go on from the same step when asked
    again. That it is gone is Keystone's word alone: what another service does not allow fails. Raises nothing that the
    cloud may answer: a service that is away is told in `says`.
    """
    try:
        changes = {**_STEPS, **(more or {})}[clone.step](clone, by, now)
    except Failed as error:
        aside(clone, error)
        changes = _fail(clone, error.sentence, now)
    except Unreachable as error:
        changes = {"says": say("{line} It is tried again.", line=error.line)}
    except (Parked, Orphaned) as error:
        aside(clone, error)
        changes = {"state": "parked" if isinstance(error, Parked) else "orphaned", "says": error.line}
    except NotAllowed as error:
        changes = _refused(clone, error, now)
    except OverQuota as error:
        full = _full(clone, by, error)
        aside(clone, full)
        changes = {"state": "parked", "says": full.line}
    except TenantOpsError as error:
        changes = {"state": "parked", "says": join(" ", filter(None, (error.line, error.todo)))}
    if changes is _WAITS:
        changes = {"state": shown(clone, now), "says": still(clone, now)}
    if clone.ended:
        # What is left to do is no longer the clone's: whatever becomes of it, nothing of the clone is there.
        changes = {name: value for name, value in changes.items() if name != "state"}
    return {name: value for name, value in changes.items() if getattr(clone, name) != value}


def shown(clone: Clone, now: datetime.datetime) -> State:
    """The state that its step is called."""
    if clone.step == "end":
        return "expiring" if clone.expires_at and clone.expires_at <= now else "releasing"
    return _SHOWN[clone.step]


def _full(clone: Clone, by: Hands, error: OverQuota) -> Parked:
    """A service's own words about a quota are for the project alone that has it."""
    owns = clone.step in ("freeze", "copy", "mask", "serve") or clone.kept
    name = clone.offer.project_name if owns else clone.project_name
    told = Parked(
        say(
            "The project {name} has no room for it, says {service}. {todo}",
            name=name,
            service=error.service,
            todo=error.todo,
        ),
        error.request_id,
    )
    with contextlib.suppress(TenantOpsError):
        told.only((by.owner if owns else by.holder)(), error.detail)
    return told


def _refused(clone: Clone, error: NotAllowed, now: datetime.datetime) -> Changes:
    """What becomes of it where a call is not allowed: authority is gone where Keystone gives no token for it any more.

    What a service's policy forbids is forbidden the next time, too: what was made goes, but what is there already.
    """
    if error.service == "Keystone":
        return {"state": "orphaned", "says": join(" ", (error.line, left(clone)))}
    if isinstance(error, LoginEnded):
        return {"says": say("{line} It is tried again.", line=error.line)}
    said = say(
        "{line} Ask your operator which role that takes: those of TENANT_OPS_TRUST_ROLES alone can be lent.",
        line=error.line,
    )
    if clone.step == "end" or _SHOWN[clone.step] == "refreshing":
        return {"state": "parked", "says": said}
    return _fail(clone, said, now)


def _check(clone: Clone, by: Hands, now: datetime.datetime) -> Changes:
    giver = _owner(clone, by)
    # What is served stays with its owner: nothing of the asking project is needed.
    takers = [] if clone.served else [_holder(clone, by)]
    found = golden.read(giver, clone) if clone.golden_id else source.read(giver, clone.offer.source_id)
    if found is None and clone.golden_id:
        return golden.LOST
    if found is None:
        raise Failed(say("The volume {source_name} was deleted meanwhile.", source_name=clone.offer.source_name))
    if found.status not in source.COPIED:
        raise Parked(
            say(
                "The volume {found} is {status}: it is copied once it is available or in use.",
                found=found.name,
                status=found.status or say("in no known state"),
            )
        )
    for taker in takers:
        room.type_check(taker, found.type)
    for one in (giver, *takers):
        room.check(one, found.size)
    stands = frozen(clone) and bool(found.servers)
    return _next(clone, "freeze" if stands else "copy", now, size=found.size)


def _freeze(clone: Clone, by: Hands, now: datetime.datetime) -> Changes:
    giver = _owner(clone, by)
    found = source.read(giver, clone.offer.source_id)
    if found is None:
        raise Failed(say("The volume {source_name} was deleted meanwhile.", source_name=clone.offer.source_name))
    if len(found.servers) > 1:
        raise Failed(
            say("The volume {found} is attached to several servers: no moment of all can be kept.", found=found.name)
        )
    if not freeze.resume_all(giver, clone, found.servers):
        return _WAITS
    if not found.servers:
        return _next(clone, "copy", now)
    taken = freeze.freeze(giver, clone, found.servers[0])
    return _next(clone, "copy", giver.now(), snapshot_id=taken["id"], data_at=values.moment(taken["created_at"]))


def _copy(clone: Clone, by: Hands, now: datetime.datetime) -> Changes:
    giver = _owner(clone, by)
    found = markers.volumes(giver, clone)
    if not found:
        if not clone.served and markers.handed(_holder(clone, by), clone):
            return _next(clone, "hand-over", now)
        try:
            made = perform(copy.Copy(giver, clone))
        except NotFound as error:
            if clone.golden_id:
                return {**golden.LOST, "step": "check"}
            raise Failed(
                say("The volume {source_name} was deleted meanwhile.", source_name=clone.offer.source_name),
                error.request_id,
            ) from error
        return {"volume_id": made, "state": "copying", "says": ""}
    first, *twins = found
    for one in twins:
        # Two answers to one question: the older copy is the clone.
        reclaim.remove(giver, clone, one)
    if first["status"] == "error":
        return _again(giver, clone, first)
    if first["status"] == "creating" or twins:
        return {"volume_id": first["id"], "state": "copying", "says": ""}
    if first["status"] not in ("available", "awaiting-transfer"):
        raise Parked(
            say(
                "The copy {id} in {project_name} is {status}; it must be available.",
                id=first["id"],
                project_name=giver.project_name,
                status=first["status"],
            )
        )
    if clone.snapshot_id and not freeze.tidy(giver, clone):
        return {"volume_id": first["id"], "state": "copying", "says": busy(clone, now)}
    at = clone.data_at or values.moment(first["created_at"]) or clone.began
    told = {"volume_id": first["id"], "size": first["size"] or clone.size, "data_at": at}
    if clone.golden_id:
        golden.note(giver, clone, first["id"])
        return _next(clone, _delivers(clone), now, **told)
    then = "mask" if clone.offer.terms.mask else _delivers(clone)
    return _next(clone, then, now, **told, nonce=mask.nonce(), mask_server_id="")


def _mask(clone: Clone, by: Hands, now: datetime.datetime) -> Changes:
    giver = _owner(clone, by)
    volume = _ours(giver, clone, say("before it was masked"))
    done = mask.step(giver, clone, volume)
    if done is True:
        return _next(clone, _delivers(clone), now)
    return {"mask_server_id": done, "state": "masking"} if done else _WAITS


def _hand_over(clone: Clone, by: Hands, now: datetime.datetime) -> Changes:
    taker = _holder(clone, by)
    if not clone.kept and markers.handed(taker, clone):
        if clone.revertible:
            return _next(clone, "keep", now, handed_at=now)
        if clone.get in build.BUILT:
            return _next(clone, "build", now, handed_at=now)
        return _ready(clone, now, handed_at=now)
    giver = _owner(clone, by)
    volume = _masked(clone, _ours(giver, clone, say("before it was handed over")))
    if clone.kept:
        return _next(clone, "", now, state="ready", ready_at=now)
    if volume["status"] == "awaiting-transfer":
        hand_over.take_back(giver, clone, volume["id"])
        return _WAITS
    try:
        hand_over.hand_over(giver, taker, clone, volume["id"])
    except OverQuota as error:
        hand_over.take_back(giver, clone, volume["id"])
        raise Parked(
            say(
                "The project {project_name} has no room for {size} GB. Delete something there, or ask your operator "
                "for more quota.",
                project_name=taker.project_name,
                size=clone.size,
            ),
            error.request_id,
        ).only(taker, error.detail) from error
    return {"state": "preparing", "says": "", "handed_at": now}


def _keep(clone: Clone, by: Hands, now: datetime.datetime) -> Changes:
    made = revert.keep(_holder(clone, by), clone)
    if not made:
        return _WAITS
    if clone.get in build.BUILT:
        return _next(clone, "build", now, baseline_id=made)
    return _ready(clone, now, baseline_id=made)


def _delivers(clone: Clone) -> Step:
    return "serve" if clone.served else "hand-over"


def _masked(clone: Clone, volume: markers.Row) -> markers.Row:
    if clone.offer.terms.mask and volume["metadata"].get(mask.MASKED) != clone.nonce:
        raise Failed(say("The copy {id} does not say that it was masked: nobody gets it.", id=volume["id"]))
    return volume


def _serve(clone: Clone, by: Hands, now: datetime.datetime) -> Changes:
    giver = _owner(clone, by)
    made = serve.step(giver, clone, _masked(clone, _ours(giver, clone, say("before it was served"))))
    told = {"network_id": made.network_id, "server_id": made.server_id, "address": made.address}
    return _ready(clone, now, **told) if made.stands else {**told, "state": "preparing", "says": ""}


def _ours(giver: Cloud, clone: Clone, when: str) -> markers.Row:
    """The very copy that was looked at before: a twin that turned up late goes, it may not be masked."""
    found = markers.volumes(giver, clone)
    mine = next((one for one in found if one["id"] == clone.volume_id), None)
    if mine is None:
        raise Failed(say("The copy was deleted in {project_name} {when}.", project_name=giver.project_name, when=when))
    for one in found:
        if one is not mine and one["status"] in reclaim.FREE:
            reclaim.remove(giver, clone, one)
    return mine


def _build(clone: Clone, by: Hands, now: datetime.datetime) -> Changes:
    made = build.step(_holder(clone, by), clone, by.folders)
    told = {"environment_id": made.id, "server_id": made.server_id, "address": made.address}
    return _ready(clone, now, **told) if made.stands else {"environment_id": made.id, "state": "preparing", "says": ""}


def _end(clone: Clone, by: Hands, now: datetime.datetime) -> Changes:
    if clone.ended:
        return _give_back(clone, by, now)
    if whereabouts.asked(clone):
        return whereabouts.look(clone, (_holder(clone, by), *_giver(clone, by)))
    begun = bool(clone.volume_id or "check" in clone.seconds)
    # Once it was handed over the owner has nothing of it but a late twin, and his authority may have ended.
    handed = clone.handed_at is not None and not renewal.begun(clone)
    if begun and not reclaim.none_left(
        lambda: handed or end_owner(clone, _owner(renewal.other(clone) or clone, by)),
        lambda: clone.served or _end_holder(clone, _holder(clone, by)),
    ):
        return _WAITS
    if clone.handed_at and not _end_twins(clone, by):
        return _WAITS
    if clone.outcome == "orphaned":
        return _next(clone, "", now, state="orphaned", says=clone.reason)
    if clone.own_trust:
        # That nothing is left is kept first: without the authority nobody could see it any more.
        return {"state": clone.outcome, "ended_at": now, "says": ""}
    return _next(clone, "", now, state=clone.outcome, ended_at=now)


def _giver(clone: Clone, by: Hands) -> tuple[Cloud, ...]:
    """The owner's login while his authority holds: the copy may have been given back to him."""
    with contextlib.suppress(Orphaned):
        return (_owner(clone, by),)
    return ()


def _give_back(clone: Clone, by: Hands, now: datetime.datetime) -> Changes:
    """The authority that was given for this clone alone goes last; one that is gone already is given back."""
    with contextlib.suppress(Orphaned, NotFound):
        authority.end(_holder(clone, by), clone.trust_id, clone.name)
    return _next(clone, "", now, state=clone.state)


def _end_holder(clone: Clone, taker: Cloud) -> bool:
    if clone.get in build.BUILT and not build.take_away(taker, clone):
        return False
    return reclaim.reclaim(taker, clone)


def end_owner(clone: Clone, giver: Cloud) -> bool:
    """What is left in the owner's project goes; its source is resumed before anything else."""
    resumed = not frozen(clone) or freeze.resume_all(giver, clone)
    if clone.served and not serve.close(giver, clone):
        return False
    if clone.offer.terms.mask and not mask.tidy(giver, clone):
        return False
    gone = reclaim.reclaim(giver, clone)
    gone = (not frozen(clone) or freeze.tidy(giver, clone)) and gone and resumed
    return gone and (not clone.served or serve.take_down(giver, clone))


def _end_twins(clone: Clone, by: Hands) -> bool:
    """A second copy, of a job that hung while another went on, goes while the owner's authority holds."""
    with contextlib.suppress(Orphaned):
        giver = _owner(clone, by)
        found = [one for one in markers.volumes(giver, clone, every=True) if one["id"] != clone.volume_id]
        for one in found:
            if one["status"] in reclaim.FREE:
                reclaim.remove(giver, clone, one)
        return not any(one["status"] in (*reclaim.FREE, *reclaim.PASSING) for one in found)
    return True


def _again(giver: Cloud, clone: Clone, volume: markers.Row) -> Changes:
    why = copy.why_failed(giver, volume["id"]) or say("Cinder does not say why")
    tries = clone.tries + 1
    if tries >= TRIES:
        raise Failed(
            say(
                "Cinder could not copy {source_name}, {tries} times: {why}",
                source_name=clone.offer.source_name,
                tries=tries,
                why=why,
            )
        )
    reclaim.remove(giver, clone, volume)
    return {"tries": tries, "volume_id": "", "says": say("Cinder could not copy it ({why}); once more.", why=why)}


def _fail(clone: Clone, why: str, now: datetime.datetime) -> Changes:
    if clone.step == "end":
        return {"state": "parked", "says": why}
    return {"step": "end", "state": "releasing", "outcome": "failed", "reason": why, "says": why, "began": now}


def _ready(clone: Clone, now: datetime.datetime, **more: Any) -> Changes:
    end = now + datetime.timedelta(seconds=clone.lease)
    return _next(clone, "", now, state="ready", ready_at=now, expires_at=end, **more)


def _next(clone: Clone, step: Step, now: datetime.datetime, state: State | None = None, **more: Any) -> Changes:
    # Two hosts' clocks, or one that was set, may tell an earlier time than the beginning's.
    seconds = max(0.0, round((now - (clone.began or now)).total_seconds(), 1))
    taken = {**clone.seconds, clone.step: clone.seconds.get(clone.step, 0.0) + seconds}
    shown_now = state or _SHOWN[step]
    return {"step": step, "state": shown_now, "began": now, "seconds": taken, "says": "", **more}


def _owner(clone: Clone, by: Hands) -> Cloud:
    offer = clone.offer
    whose = say(
        "The authority that {user_name} lent with the offer of {source_name}",
        user_name=offer.user_name,
        source_name=offer.source_name,
    )
    return _through(
        by.owner,
        whose,
        say("Somebody of {project_name} who offers the volume gives it again.", project_name=offer.project_name),
        clone,
    )


def _holder(clone: Clone, by: Hands) -> Cloud:
    again = say(
        "Somebody of {project_name} gives it again by 'tenant-ops clone trust give'.", project_name=clone.project_name
    )
    return _through(
        by.holder, say("The authority that {project_name} lent", project_name=clone.project_name), again, clone
    )


def _through(login: Login, whose: str, again: str, clone: Clone) -> Cloud:
    try:
        return login()
    except NotAllowed as error:
        said = say(
            "{whose} does not hold any more: it was taken back, has ended, or its giver lost a role or his login.",
            whose=whose,
        )
        raise Orphaned(join(" ", (said, again, left(clone))), error.request_id) from error


_STEPS: Steps = {
    "check": _check, "freeze": _freeze, "copy": _copy, "mask": _mask, "hand-over": _hand_over, "keep": _keep,
    "serve": _serve, "build": _build, "end": _end,
}  # fmt: skip
