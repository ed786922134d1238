"""Every page there is, from the addresses of the panels, and what each is opened with on the sandbox."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.urls import reverse

from tests.unit.panels import walk

#: Addresses that take GET and show no page: what comes instead.
NO_PAGE: dict[str, str] = {
    "firewall:export": "a file of rules",
    "posture:export": "a file of findings",
    "audit:export": "a file of events",
    "walkthrough:show": "the page of its next step",
}


@dataclass(frozen=True)
class Standing:
    """What stands on the sandbox, by the name that the part of an address has for it.

    `stack_id`, `key` and `intent`: an environment, one of its servers and one of its blueprint's intents; `own`: an
    intent of the project itself; `balancer`, `pool`, `member`: ids; `group`, `security_group`: ids, a draft of each is
    the owner's; `offer`: of the owner; `clone`, `trust`: of the developer, who asked for a copy and waits.
    """

    stack_id: str
    name: str
    key: str
    intent: str
    own: str
    balancer: str
    pool: str
    member: str
    group: str
    security_group: str
    finding: str
    event: str
    offer: str
    clone: str
    trust: str
    target: str = "{balancer}"
    verb: str = "drain"
    direction: str = "out"
    way: str = "ingress"
    scenario: str = "balancing"
    step: str = "load"


@dataclass(frozen=True)
class Visit:
    """Who opens a page, with what behind its address, and what it answers; `parts` stand for those of `Standing`.

    In `query` and `parts` a name in braces is the value that `Standing` has for it.
    """

    who: str = "owner"
    query: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


BY_OWNER, BY_DEVELOPER = Visit(), Visit("developer")
PACKET = "source=internet&target=tier:{name}/jump&protocol=tcp&port=5432"
#: Pages that are opened otherwise than once, by the owner.
VISITS: dict[str, tuple[Visit, ...]] = {
    "environments:show": (Visit(query="events=all"),),
    "environments:moved": (Visit(parts={"name": "no-such-one", "rest": ""}, status=404),),
    "loadbalancers:index": (Visit(query="open={balancer}&q={name}"),),
    "loadbalancers:undo": (Visit(query="verb=weigh&member={member}&before.weight=1&after.weight=2"),),
    "loadbalancers:change": (BY_OWNER, Visit(parts={"verb": "weigh"})),
    "firewall:probe": (Visit(query=PACKET),),
    "firewall:suggest": (Visit(query=f"{PACKET}&want=allow"),),
    "firewall:intent": (Visit(parts={"intent": "{own}"}),),
    "doctor:index": (Visit(status=403), Visit("operator")),
    "clones:index": (BY_OWNER, BY_DEVELOPER),
    "clones:request": (BY_DEVELOPER,),
    "clones:show": (BY_DEVELOPER,),
    "clones:extend": (BY_DEVELOPER,),
    "clones:refresh": (BY_DEVELOPER,),
    "clones:revert": (BY_DEVELOPER,),
    "clones:release": (BY_DEVELOPER,),
    "clones:trust": (BY_DEVELOPER,),
    "clones:revoke": (BY_DEVELOPER,),
}
KNOWN = {one.name for one in dataclasses.fields(Standing)}


def unknown() -> dict[str, set[str]]:
    """Of each page the parts that nothing here has a value for: empty where every page can be opened."""
    missing = {
        page: {part for visit in VISITS.get(page, (BY_OWNER,)) for part in parts - KNOWN - visit.parts.keys()}
        for page, parts in walk.pages().items()
        if page not in NO_PAGE
    }
    return {page: parts for page, parts in missing.items() if parts}


def visits(standing: Standing, who: str) -> Iterator[tuple[str, str, int]]:
    """What somebody opens: name, address and status of each page."""
    values = dataclasses.asdict(standing)
    for page, parts in walk.pages().items():
        for visit in () if page in NO_PAGE else VISITS.get(page, (BY_OWNER,)):
            if visit.who == who:
                given = {part: (values | visit.parts)[part].format(**values) for part in parts}
                address = reverse(f"horizon:tenant_ops:{page}", kwargs=given)
                yield page, f"{address}?{visit.query.format(**values)}", visit.status
