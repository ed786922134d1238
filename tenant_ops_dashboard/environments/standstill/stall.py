"""What stands still: nothing moved for much longer than such a thing takes. Pure.

Times are the cloud's own: the newest that Heat wrote against what the cloud says it is now. A Heat whose engine died
goes on by itself no more, but when it is asked to; other services do not, so of them it is only said.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud.values import moment
from tenant_ops_dashboard.environments.facts import Facts
from tenant_ops_dashboard.environments.heat.resources import Row, Span
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import Stall
from tenant_ops_dashboard.environments.template.hot import GROUPS
from tenant_ops_dashboard.sentences import say

HEAT = "Heat"
Item = Mapping[str, Any]
# Seconds without any movement after which Heat stands still, by the type of what it is working on.
BOUNDS = {
    "OS::Nova::Server": 900.0,
    "OS::Cinder::Volume": 900.0,
    "OS::Cinder::VolumeAttachment": 600.0,
    "OS::Octavia::LoadBalancer": 900.0,
    "OS::Octavia::": 600.0,  # they wait for their load balancer
    "OS::Neutron::": 180.0,
    "OS::Nova::": 300.0,
    "OS::Cinder::": 600.0,
    "OS::Heat::WaitCondition": 7200.0,
    "OS::Heat::SoftwareDeployment": 7200.0,
    "OS::Heat::": 300.0,
}
OTHERWISE = 1800.0
# The same where Heat waits for nothing that a service is still working on, or has not got it to a service yet.
SETTLED = 180.0
# So long without a movement, and it is worth asking the services what Heat is waiting for.
SUSPECT = 60.0
# Of one whose parts are not known: what Heat's list alone tells.
LONG = 2700.0
# Service, what it says it is doing, the seconds that usually takes, and after how many it is told.
_DOING: dict[str, tuple[str, str, float, float]] = {
    "PENDING_CREATE": ("Octavia", say("making"), 120.0, 900.0),
    "PENDING_UPDATE": ("Octavia", say("changing"), 120.0, 600.0),
    "PENDING_DELETE": ("Octavia", say("deleting"), 120.0, 600.0),
    "creating": ("Cinder", say("making"), 60.0, 900.0),
    "attaching": ("Cinder", say("attaching"), 60.0, 600.0),
    "detaching": ("Cinder", say("detaching"), 60.0, 600.0),
    "deleting": ("Cinder", say("deleting"), 60.0, 900.0),
    "BUILD": ("Nova", say("building"), 120.0, 900.0),
    "REBUILD": ("Nova", say("rebuilding"), 120.0, 900.0),
    "REBOOT": ("Nova", say("restarting"), 60.0, 600.0),
    "HARD_REBOOT": ("Nova", say("restarting"), 60.0, 600.0),
}
_DELETING = ("Nova", say("deleting"), 60.0, 600.0)
_TASK = "OS-EXT-STS:task_state"
_BALANCER = "OS::Octavia::LoadBalancer"
_STATUS = ("provisioning_status", "status")
_WRITTEN = ("updated_at", "updated", "created_at", "created")


def moved(
    stack: Stack, rows: Iterable[Row], spans: Mapping[tuple[str, str], Span] | None = None
) -> datetime.datetime | None:
    """When anything of a stack moved last, as Heat wrote it; None where nothing is known."""
    times = [stack.created_at, stack.updated_at, *(row.moved for row in rows)]
    for span in (spans or {}).values():
        times += [span.began, span.ended]
    return max((one for one in times if one is not None), default=None)


def quiet(since: datetime.datetime | None, now: datetime.datetime) -> float:
    """Seconds since then; none where the clocks disagree on what is later."""
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def bound(rows: Iterable[Row], idle: Collection[str] = ()) -> float:
    """Seconds that what Heat is working on may take without a movement; `idle` are keys that no service works on."""
    working = [row for row in rows if row.state in ("building", "deleting") and not _wraps(row)]
    return max((SETTLED if _settled(row, idle) else _usual(row.type) for row in working), default=SETTLED)


def heat(
    rows: Sequence[Row], since: datetime.datetime | None, now: datetime.datetime, idle: Collection[str] = ()
) -> Stall | None:
    """Heat at a standstill since the last movement, of a stack that it says it is working on; None where it is not."""
    if since is None or quiet(since, now) <= bound(rows, idle):
        return None
    return Stall(HEAT, "", since)


def idle(rows: Iterable[Row], facts: Facts) -> set[str]:
    """Keys of rows that their service does not work on any more: it has done with them, or knows them no more."""
    rows = tuple(rows)
    known = {"OS::Nova::Server": facts.servers, "OS::Cinder::Volume": facts.volumes, _BALANCER: facts.balancers}
    found = set()
    for row in rows:
        there = known.get(row.type)
        if row.resource_id and there is not None and not _at_work(there.get(row.resource_id) or {}):
            found.add(row.key)
    if all(row.key in found for row in rows if row.type == _BALANCER):
        found |= {row.key for row in rows if row.type.startswith("OS::Octavia::")}
    return found


def services(known: Iterable[Item], now: datetime.datetime, titles: Mapping[str, str] | None = None) -> list[Stall]:
    """What services have been working on for too long; `titles` are words for a thing, by its id."""
    found = []
    for one in known:
        doing = _doing(one)
        since = next((moment(one[name]) for name in _WRITTEN if one.get(name)), None)
        if doing and since and quiet(since, now) > doing[3]:
            id_ = str(one.get("id") or "")
            title = (titles or {}).get(id_) or str(one.get("name") or id_)
            found.append(Stall(doing[0], title, since, doing[1], doing[2], id_))
    return found


def words(stall: Stall, when: str) -> str:
    """The sentence, with the time as `when` has it."""
    if stall.service == HEAT:
        if stall.dead:
            return say(
                "Nothing has moved since {when}: Heat says that it is at work, but none of its engines is alive.",
                when=when,
            )
        return say(
            "Nothing has moved since {when}: Heat says that it is at work, but its engine may have been restarted.",
            when=when,
        )
    minutes = max(1, round(stall.usual / 60))
    return say(
        "{service} has been {doing} {title} since {when}; usually this takes less than {minutes} min. Its "
        "worker may be gone: ask your operator, with the id {resource_id}.",
        service=stall.service,
        doing=stall.doing,
        title=stall.title,
        when=when,
        minutes=minutes,
        resource_id=stall.resource_id,
    )


def utc(stall: Stall) -> str:
    """The sentence for where no reader's time zone is known."""
    return words(stall, clock(stall))


def clock(stall: Stall) -> str:
    """Since when, in that sentence."""
    return f"{stall.since.astimezone(datetime.UTC):%H:%M} UTC"


def _doing(one: Item) -> tuple[str, str, float, float] | None:
    if one.get(_TASK) == "deleting":
        return _DELETING
    return next((_DOING[str(one[name])] for name in _STATUS if str(one.get(name)) in _DOING), None)


def _at_work(one: Item) -> bool:
    return bool(one.get(_TASK)) or _doing(one) is not None


def _usual(type_: str) -> float:
    prefix = re.match(r"\w+::\w+::", type_)
    return BOUNDS.get(type_) or BOUNDS.get(prefix[0] if prefix else "") or OTHERWISE


def _settled(row: Row, idle: Collection[str]) -> bool:
    waits = row.type.startswith("OS::Octavia::") and row.type != _BALANCER
    return row.key in idle or (not row.resource_id and row.state == "building" and not waits)


def _wraps(row: Row) -> bool:
    return row.type in GROUPS or row.type.endswith((".yaml", ".yml"))
