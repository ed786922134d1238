"""The audit trail: a project's events, newest first; and events that the command line tells of its own changes."""

from __future__ import annotations

import datetime
import re
import uuid
from typing import Any
from urllib.parse import urlencode

from tenant_ops_dashboard import audit, projects
from tenant_ops_dashboard.api.operation import Asked, Json, Operation, resource, switch, text, whole
from tenant_ops_dashboard.audit import event as events
from tenant_ops_dashboard.audit.wanted import Wanted
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.records import audit as kept
from tenant_ops_dashboard.sentences import about, say

SEE, TELL = "audit:see", "audit:tell"
USUAL, MOST = 100, 1000
PARAMETERS = frozenset({"since", "until", "target", "user", "outcome", "verb", "limit", "marker", "all_projects"})
# What somebody tells is of now: of another time only so far as clocks differ and a command was held up.
APART = datetime.timedelta(minutes=5)
_KIND = re.compile(r"^[a-z][a-z0-9-]{0,47}$")


def listing(asked: Asked) -> Json:
    """A page of events, and the address of the next one."""
    wanted, limit = Wanted.of(asked.words), whole(asked.words.get("limit", ""), "limit", USUAL, MOST)
    everywhere = switch(asked.words, "all_projects")
    seen = projects.where(asked.cloud, SEE).ids if everywhere else (asked.cloud.project_id,)
    with kept.reading():
        found = kept.page(seen, wanted, limit, asked.words.get("marker", ""))
    links = []
    if found.marker:
        also = {"all_projects": "true"} if everywhere else {}
        query = urlencode({**wanted.words(), **also, "limit": limit, "marker": found.marker})
        links.append({"rel": "next", "href": f"{asked.address}?{query}"})
    return {"events": list(found.events), "links": links}


def tell(asked: Asked) -> tuple[Json, int]:
    """Keep an event that a command tells of itself; once, however often it is told.

    Who did it and from where is what the token and the connection say, never what the body says.
    """
    event = told(asked)
    with kept.reading():
        known = kept.find([asked.cloud.project_id], event["id"])
        if known is not None:
            return {"event": known}, 200
        # The log and whoever else keeps events are told as of any other.
        audit.emit(asked.cloud, event)
        if not kept.find([asked.cloud.project_id], event["id"]):
            kept.sink(asked.cloud, event)
    return {"event": event}, 201


def told(asked: Asked) -> Json:
    """The event as it is kept. Raises BadInput that names the field."""
    body, target = asked.body, asked.body.get("target")
    action, _slash, kind = text(body, "action", 64).partition("/")
    if action not in events.ACTIONS or not _KIND.match(kind):
        raise BadInput(
            about("action", say("this is one of create, update, delete, evaluate, '/' and a kind.")), field="action"
        )
    outcome = text(body, "outcome", 16)
    if outcome not in events.OUTCOMES:
        raise BadInput(
            about("outcome", say("this is one of {outcomes}.", outcomes=", ".join(events.OUTCOMES))), field="outcome"
        )
    if not isinstance(target, dict):
        raise BadInput(about("target", say("this is an object with id and name.")), field="target")
    reason, change = body.get("reason"), _change(body)
    reason = reason if isinstance(reason, dict) else {}
    what = events.Told(
        text(body, "requestId", 64), text(reason, "reasonCode", events.LONGEST_REASON),
        rule=text(reason, "policyId", 120), **change,
    )  # fmt: skip
    made = events.build(
        asked.cloud, f"{action}/{kind}", events.target(kind, text(target, "id", 64), text(target, "name", 255)),
        outcome, what, events.COMMAND,
    )  # fmt: skip
    return {**made, "id": _id(body), "eventTime": _time(body)}


def _change(body: Json) -> dict[str, Any]:
    attached = body.get("attachments")
    first = attached[0] if isinstance(attached, list) and attached else {}
    content = first.get("content") if isinstance(first, dict) else None
    if not isinstance(content, dict):
        return {}
    before, after = content.get("before"), content.get("after")
    return {
        "verb": text(content, "verb", 64),
        "before": before if isinstance(before, dict) else None,
        "after": after if isinstance(after, dict) else None,
    }


def _id(body: Json) -> str:
    try:
        return str(uuid.UUID(text(body, "id", 64)))
    except ValueError as error:
        raise BadInput(about("id", say("this is a UUID, another one for each event.")), field="id") from error


def _time(body: Json) -> str:
    now = datetime.datetime.now(datetime.UTC)
    try:
        said = datetime.datetime.fromisoformat(text(body, "eventTime", 64))
    except ValueError as error:
        raise BadInput(
            about("eventTime", say("this is a time as ISO 8601 has it, with its offset.")), field="eventTime"
        ) from error
    near = said.tzinfo is not None and abs(said - now) <= APART
    return (said if near else now).astimezone(datetime.UTC).isoformat(timespec="milliseconds")


view = resource(get=Operation(listing, SEE, PARAMETERS), post=Operation(tell, TELL))
