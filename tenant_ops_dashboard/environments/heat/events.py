"""What Heat did to an environment and its parts, newest first. Reads only, and no more than is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, NotFound, values
from tenant_ops_dashboard.cloud.values import moment
from tenant_ops_dashboard.environments.heat import resources
from tenant_ops_dashboard.environments.model import Details, Event, Events
from tenant_ops_dashboard.sentences import say

MOST = 50
# Of the newest so many a search looks at each; Heat cannot search itself.
SEARCHED = 400
ITSELF = say("The environment")
_WORDS = {
    "CREATE": (say("creation began"), say("was created"), say("could not be created")),
    "UPDATE": (say("change began"), say("was changed"), say("could not be changed")),
    "DELETE": (say("removal began"), say("was removed"), say("could not be removed")),
    "ROLLBACK": (say("roll-back began"), say("was rolled back"), say("could not be rolled back")),
    "CHECK": (say("check began"), say("was checked"), say("did not pass its check")),
    "SUSPEND": (say("suspension began"), say("was suspended"), say("could not be suspended")),
    "RESUME": (say("resumption began"), say("was resumed"), say("could not be resumed")),
    "SIGNAL": (say("a signal came"), say("handled a signal"), say("could not handle a signal")),
}
_ENDS = ("IN_PROGRESS", "COMPLETE", "FAILED")


def recent(cloud: Cloud, details: Details, *, failures: bool = False, about: str = "", most: int = MOST) -> Events:
    """The newest events of the stack and of the stacks inside it: one call, bounded.

    `failures` leaves only what went wrong, `about` only what has these letters in its title, reason or name. A stack
    that is gone has none: Heat forgets them with it. Raises a CloudError.
    """
    return search(newest(cloud, details, failures=failures, limit=SEARCHED if about else 2 * most), about, most)


def newest(cloud: Cloud, details: Details, *, failures: bool = False, limit: int = SEARCHED) -> Events:
    """All that people see of Heat's newest `limit` events: one call. Raises as `recent`."""
    environment = details.environment
    query: dict[str, Any] = {"nested_depth": 2, "sort_dir": "desc"}
    if failures:
        query["resource_status"] = "FAILED"
    try:
        path = f"/stacks/{environment.name}/{environment.id}/events"
        raw = cloud.first("orchestration", path, "events", limit, **query)
    except NotFound:
        return Events(())
    raw = [values.row(one, resources.EVENT) for one in raw]
    return Events(tuple(_read(raw, details)), more=len(raw) >= limit)


def search(known: Events, about: str = "", most: int = MOST) -> Events:
    """Of these the newest `most` that have the letters of `about` in title, reason or name."""
    wanted = about.casefold()
    found = [one for one in known.events if wanted in f"{one.title} {one.name} {one.reason}".casefold()]
    return Events(tuple(found[:most]), more=len(found) > most or known.more)


def _read(raw: Sequence[Mapping[str, Any]], details: Details) -> Iterator[Event]:
    steps = {one.place: one for one in details.progress.resources if one.place[1]}
    root = details.environment.id
    # Heat's order is that of its database; its times are whole seconds.
    for one in sorted(raw, key=lambda one: str(one["event_time"]), reverse=True):
        when, (stack, name) = moment(one["event_time"]), resources.place(one)
        itself = one["physical_resource_id"] == stack
        step = steps.get((stack, name))
        # A stack inside repeats what the one around it tells of it, and that one what is told of its parts.
        unlisted = step is None and not details.progress.more
        if when is None or (stack != root and (itself or unlisted)):
            continue
        action, _, end = one["resource_status"].partition("_")
        told = _WORDS.get(
            action,
            (
                say("{action} began", action=action),
                say("{action} is done", action=action),
                say("{action} failed", action=action),
            ),
        )
        reason = one["resource_status_reason"]
        request = resources.REQUEST_ID.search(reason)
        yield Event(
            at=when,
            name=step.name if step else name,
            title=ITSELF if itself and stack == root else step.title if step else name,
            words=told[_ENDS.index(end)] if end in _ENDS else end.replace("_", " ").lower(),
            state=resources.state(one["resource_status"]),
            reason="" if itself and end != "FAILED" else resources.reason(reason),
            request_id=request[0] if request else "",
        )
