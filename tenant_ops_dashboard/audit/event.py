"""What an event is: DMTF's Cloud Auditing Data Federation (DSP0262), built and checked by pycadf."""

from __future__ import annotations

import datetime
import json
import uuid
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pycadf import event as cadf
from pycadf.host import Host
from pycadf.reason import Reason
from pycadf.resource import Resource

from tenant_ops_dashboard.cloud import Cloud

Event = dict[str, Any]
Action = Literal["create", "update", "delete", "evaluate"]
Outcome = Literal["success", "failure", "pending", "unknown"]
ACTIONS: tuple[Action, ...] = ("create", "update", "delete", "evaluate")
OUTCOMES: tuple[Outcome, ...] = ("success", "failure", "pending", "unknown")
#: Who saw it: the dashboard, its timers and its pages; or what a command told the dashboard of itself.
OBSERVER, COMMAND = "tenant-ops", "tenant-ops cli"
#: Of a reason: what a page asks for (600), with what is said before it.
LONGEST_REASON = 1000

# Heat's and Octavia's ids are UUIDs, a policy's name or an address that was asked for is none.
warnings.filterwarnings("ignore", message="Invalid uuid", module=r"pycadf\.identifier")


@dataclass(frozen=True)
class Told:
    """What an event says beside who, what and how it ended; `record` has the words for each field."""

    request_id: str = ""
    reason: str = ""
    verb: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    rule: str = ""


def build(
    cloud: Cloud, action: str, target: Resource, outcome: Outcome, told: Told, observer: str = OBSERVER,
    project_id: str = "",
) -> Event:  # fmt: skip
    """The event as a dictionary that JSON can hold. `project_id` is the target's. Raises pycadf's ValueError."""
    caller = cloud.options.caller
    who = Resource(
        id=cloud.user_id, typeURI="service/security/account/user", name=cloud.user_name,
        host=Host(address=caller) if caller else None,
    )  # fmt: skip
    made = cadf.Event(
        id=str(uuid.uuid4()), eventTime=now(), action=action, outcome=outcome, initiator=who, target=target,
        observer=Resource(id=observer, typeURI="service/tenant-ops"), reason=_reason(told),
    )  # fmt: skip
    event: Event = made.as_dict()
    # What CADF leaves to its users, and pycadf has no word for.
    event["initiator"]["project_id"] = cloud.project_id
    event["target"]["project_id"] = project_id or cloud.project_id
    if told.request_id:
        event["requestId"] = told.request_id
    if told.verb or told.before is not None or told.after is not None:
        content = {"verb": told.verb, "before": dict(told.before or {}), "after": dict(told.after or {})}
        event["attachments"] = [attachment(content)]
    return event


def target(kind: str, id_: str, name: str) -> Resource:
    """What a change is made to. What does not exist yet has no id; pycadf would invent one."""
    made = Resource(id=str(id_ or "none"), typeURI=f"service/tenant-ops/{kind}", name=str(name))
    if not id_:
        made.__dict__["id"] = ""
    return made


def attachment(content: Mapping[str, Any]) -> Event:
    """The fields a change is about. pycadf cuts off what is nested as deeply, so this is beside it."""
    plain = json.loads(json.dumps(content, default=str))
    return {"name": "change", "typeURI": "mime:application/json", "content": plain}


def now() -> str:
    """The time as ISO 8601, UTC, with milliseconds."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def _reason(told: Told) -> Reason | None:
    if not told.reason and not told.rule:
        return None
    of_policy = {"policyType": "oslo.policy", "policyId": told.rule} if told.rule else {}
    return Reason(reasonType="tenant-ops", reasonCode=told.reason[:LONGEST_REASON], **of_policy)
