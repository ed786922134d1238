"""Clones: what is offered, what was asked for, how far each is, and the standing authority of a project."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tenant_ops_dashboard.api.operation import Asked, Json, Operation, resource, switch, text, whole
from tenant_ops_dashboard.care import clone_now
from tenant_ops_dashboard.clones import mask, terms, written
from tenant_ops_dashboard.clones.access import DECIDE, OFFER, READ, REQUEST
from tenant_ops_dashboard.clones.model import Clone, Offer, Terms
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.panels import settings
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clone_figures as figures
from tenant_ops_dashboard.records import clone_golden as goldens
from tenant_ops_dashboard.records import clone_pages as pages
from tenant_ops_dashboard.records import clone_refreshing as refreshing
from tenant_ops_dashboard.records import clone_reverting as reverting
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.sentences import about, join, say

OFFERS, CLONES = frozenset({"withdrawn"}), frozenset({"ended", "limit", "marker"})
#: Answers to a blueprint's questions, at most.
_ANSWERS = 32
#: Seconds: a volume is looked for, and authority given, before the answer.
PATIENCE = 60.0


def offers(asked: Asked) -> Json:
    """The project's own offers, then those of others that it may ask for."""
    also = switch(asked.words, "withdrawn")
    with records.kept():
        own = [one for one in records.offers(asked.cloud) if one.open or also]
        known = [*own, *records.offered(asked.cloud)]
        live, kept = records.lives(one.id for one in known), goldens.of(one.id for one in known)
        told = [
            written.offer(asked.cloud, one, live[one.id], kept.get(one.id, ()), figures.usual(one)) for one in known
        ]
        return {"offers": told}


def offer(asked: Asked) -> tuple[Json, int]:
    """Offer a volume; the same on the same terms is the same offer."""
    _only(
        asked.body, "volume", "to", "approve", "max_lease", "max_clones", "consistency", "mask", "golden", "deliver"
    )  # fmt: skip
    volume = _word(asked.body, "volume", say("name the volume that is offered, by its id or name"))
    made, existing = changes.offer(asked.cloud, volume, _terms(asked), _now())
    with records.kept():
        return {**_offer(asked.cloud, made), "existing": existing}, 200 if existing else 201


def withdraw(asked: Asked) -> Json:
    """Take an offer back; clones made of it stay until their lease ends."""
    made = changes.withdraw(asked.cloud, _part(asked, "offer"), _now())
    with records.kept():
        return _offer(asked.cloud, made)


def listing(asked: Asked) -> Json:
    """A page of the clones this project asked for or offered the data of, and when the job that makes them last ran."""
    now, ended = _now(), asked.words.get("ended", "")
    since = now - datetime.timedelta(seconds=terms.span(ended, "ended")) if ended else None
    limit = whole(asked.words.get("limit", ""), "limit", pages.SIZE, pages.MOST)
    with records.kept():
        page = pages.page(asked.cloud, since, limit, asked.words.get("marker", ""))
        known = page.clones
        places = records.places(filter(_in_line, known))
        found = [written.clone(asked.cloud, one, _place(one, places), usually=_usually(one)) for one in known]
        query = urlencode({**({"ended": ended} if ended else {}), "limit": limit, "marker": page.marker})
        links = [{"rel": "next", "href": f"{asked.address}?{query}"}] if page.marker else []
        return {"clones": found, "links": links, "cared_at": written.time(records.last_beat(asked.cloud.region))}


def request(asked: Asked) -> tuple[Json, int]:
    """Ask for a clone; the same name asked for again is the same clone."""
    _only(asked.body, "offer", "name", "lease", "purpose", "get", "blueprint", "revertible", "set")
    wanted = _word(asked.body, "offer", say("name an offer, as 'tenant-ops clone offers' has them"))
    name = _word(asked.body, "name", say("give it a name; the same name asked for again is the same clone"))
    lease, purpose = text(asked.body, "lease", 32), text(asked.body, "purpose", terms.LONGEST_PURPOSE)
    what, blueprint = text(asked.body, "get", 16), text(asked.body, "blueprint", 255)
    made, existing = changes.request(
        asked.cloud, wanted, name, lease, purpose, _now(), what, blueprint, settings.read().blueprint_folders,
        _flag(asked.body, "revertible", False), _answers(asked.body),
    )  # fmt: skip
    with records.kept():
        return _clone(asked.cloud, made, existing), 200 if existing else 201


def one(asked: Asked) -> Json:
    """A clone, by its id or name."""
    with records.kept():
        return _clone(asked.cloud, records.clone(asked.cloud, _part(asked, "clone")))


def approve(asked: Asked) -> Json:
    """Let it be made."""
    _only(asked.body)
    return _told(asked, changes.approve(asked.cloud, _part(asked, "clone"), _now()))


def deny(asked: Asked) -> Json:
    """Refuse it, with a reason that who asked reads."""
    _only(asked.body, "reason")
    reason = text(asked.body, "reason", terms.LONGEST_PURPOSE)
    return _told(asked, changes.deny(asked.cloud, _part(asked, "clone"), reason, _now()))


def extend(asked: Asked) -> Json:
    """Let its lease end later, within what the offer allows."""
    _only(asked.body, "by")
    by = _word(asked.body, "by", say("say how much longer, as 30m, 8h or 2d"))
    return _told(asked, changes.extend(asked.cloud, _part(asked, "clone"), by, _now()))


def pin(asked: Asked) -> Json:
    """Let it have no end, or one again."""
    _only(asked.body, "on")
    on = _flag(asked.body, "on", True)
    return _told(asked, changes.pin(asked.cloud, _part(asked, "clone"), on, _now()))


def release(asked: Asked) -> Json:
    """Give it back before its time."""
    _only(asked.body)
    return _told(asked, changes.release(asked.cloud, _part(asked, "clone"), _now()))


def reclaim(asked: Asked) -> Json:
    """Take it away now where its time is over and the job that does it is away."""
    _only(asked.body)
    return _told(asked, clone_now.reclaim(asked.cloud, _part(asked, "clone"), _now()))


def refresh(asked: Asked) -> Json:
    """Have newer data copied for it; its present data goes."""
    _only(asked.body)
    return _told(asked, refreshing.refresh(asked.cloud, _part(asked, "clone"), _now()))


def revert(asked: Asked) -> Json:
    """Bring it back to how it was handed over."""
    _only(asked.body)
    return _told(asked, reverting.revert(asked.cloud, _part(asked, "clone"), _now()))


def trusts(asked: Asked) -> Json:
    """The project's standing authority, by whom and until when."""
    with records.kept():
        return {"trusts": [_trust(one) for one in records.trusts(asked.cloud)]}


def give(asked: Asked) -> tuple[Json, int]:
    """Give the plugin's service user standing authority in this project, with the caller's roles."""
    _only(asked.body)
    now = _now()
    given = changes.trust_give(asked.cloud, now)
    return _trust(given), 200 if given.given_at < now else 201


def revoke(asked: Asked) -> Json:
    """Take it back."""
    return _trust(changes.trust_revoke(asked.cloud, _part(asked, "trust"), _now()))


def _told(asked: Asked, made: Clone) -> Json:
    with records.kept():
        return _clone(asked.cloud, made)


def _clone(cloud: Cloud, made: Clone, existing: bool | None = None) -> Json:
    place = _place(made, {made.id: records.ahead(made)} if _in_line(made) else {})
    return written.clone(cloud, made, place, existing, _usually(made))


def _usually(made: Clone) -> float | None:
    return figures.usual(made.offer, made.get) if made.moving and not made.ready_at else None


def _in_line(made: Clone) -> bool:
    return made.moving and made.step in records.COPIED_IN


def _place(made: Clone, ahead: Mapping[str, int]) -> int | None:
    """Which one of the copies of its source it is, None where it is in no line."""
    return ahead[made.id] + 1 if made.id in ahead else None


def _offer(cloud: Cloud, made: Offer) -> Json:
    copies = goldens.of([made.id]).get(made.id, ())
    return written.offer(cloud, made, records.live(made.id), copies, figures.usual(made))


def _trust(given: records.Trust) -> Json:
    return {
        "id": given.id, "user": given.user_name, "roles": list(given.roles),
        "given_at": written.time(given.given_at), "until": written.time(given.until),
        "ended_at": written.time(given.ended_at),
    }  # fmt: skip


def _terms(asked: Asked) -> Terms:
    to, cloud = asked.body.get("to"), asked.cloud
    if not isinstance(to, list) or not all(isinstance(one, str) for one in to):
        raise BadInput(about("to", say("this is a list of projects, by id or name.")), field="to")
    approve, longest = text(asked.body, "approve", 16), text(asked.body, "max_lease", 32)
    script = text(asked.body, "mask", mask.LONGEST)
    if "mask" in asked.body:
        # Whoever sends an empty script must not think that anything is masked.
        mask.script(script)
    return terms.terms(
        to, approve, longest, asked.body.get("max_clones"), (cloud.project_id, cloud.project_name),
        text(asked.body, "consistency", 16), script, text(asked.body, "golden", 32), text(asked.body, "deliver", 16),
    )  # fmt: skip


def _only(body: Json, *known: str) -> None:
    for name in body:
        if name not in known:
            may = say("{known} may be", known=", ".join(known)) if known else say("nothing is asked for in the body")
            raise BadInput(about(name[:60], say("this is not asked for here; {may}.", may=may)), field=name[:60])


def _word(body: Json, name: str, todo: str) -> str:
    found = terms.line(text(body, name, 255), name, 255)
    if not found:
        raise BadInput(about(name, join("", (todo, "."))), field=name)
    return found


def _flag(body: Json, name: str, default: bool) -> bool:
    found = body.get(name, default)
    if not isinstance(found, bool):
        raise BadInput(about(name, say("this is true or false.")), field=name)
    return found


def _answers(body: Json) -> dict[str, str]:
    found = body.get("set", {})
    known = isinstance(found, dict) and len(found) <= _ANSWERS
    if not known or not all(isinstance(one, str) and len(one) <= 255 for pair in found.items() for one in pair):
        raise BadInput(
            about("set", say('give names and values of up to 255 characters, as {"flavor": "small"}.')), field="set"
        )
    return dict(found)


def _part(asked: Asked, name: str) -> str:
    return terms.line(asked.parts[name], name, 255)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _do(do: Any, rule: str, seconds: float | None = None) -> Any:
    return resource(post=Operation(do, rule, seconds=seconds))


all_offers = resource(get=Operation(offers, READ, OFFERS), post=Operation(offer, OFFER, seconds=PATIENCE))
one_offer = resource(delete=Operation(withdraw, OFFER, seconds=PATIENCE))
all_clones = resource(get=Operation(listing, READ, CLONES), post=Operation(request, REQUEST, seconds=PATIENCE))
one_clone = resource(get=Operation(one, READ))
all_trusts = resource(get=Operation(trusts, READ), post=Operation(give, REQUEST, seconds=PATIENCE))
one_trust = resource(delete=Operation(revoke, REQUEST, seconds=PATIENCE))
#: What is done to one clone, by the last word of its address.
DEEDS = {
    "approve": _do(approve, DECIDE), "deny": _do(deny, DECIDE), "extend": _do(extend, REQUEST),
    # Whose clone it is says whose right its release takes: the change itself asks.
    "pin": _do(pin, DECIDE), "release": _do(release, READ), "refresh": _do(refresh, REQUEST),
    "revert": _do(revert, REQUEST), "reclaim": _do(reclaim, READ),
}  # fmt: skip
