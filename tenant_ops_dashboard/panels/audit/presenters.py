"""Events in words: what was done to what, by whom, how it ended."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenant_ops_dashboard.audit.event import COMMAND
from tenant_ops_dashboard.projects import Project

Words = str | Promise
OUTCOMES: dict[str, Words] = {
    "success": gettext_lazy("done"),
    "pending": gettext_lazy("accepted"),
    "failure": gettext_lazy("failed"),
    "unknown": gettext_lazy("not known"),
}
# The shape and colour of each.
MARKS = {"success": "good", "pending": "building", "failure": "failed", "unknown": "warning"}


@dataclass(frozen=True)
class Row:
    """One event. `what` is what people call it, `kind` what it was done to; `rule` is the policy rule that refused it.

    `command` says that the command line told of itself; `project` is the name of whose it is.
    """

    id: str
    at: datetime.datetime
    mark: str
    word: str
    what: str
    kind: str
    target: str
    target_id: str
    user: str
    user_id: str
    address: str
    reason: str
    rule: str
    request_id: str
    command: bool
    project: str


def row(event: Mapping[str, Any], projects: Sequence[Project] = ()) -> Row:
    """One event in words; `projects` have the names of those it may be of."""
    initiator, target, reason = event["initiator"], event["target"], event.get("reason") or {}
    action, _slash, kind = event["action"].partition("/")
    outcome = event["outcome"]
    return Row(
        event["id"], datetime.datetime.fromisoformat(event["eventTime"]), MARKS.get(outcome, "warning"),
        str(OUTCOMES.get(outcome, outcome)), _change(event).get("verb") or action, kind.replace("-", " "),
        target.get("name") or target["id"] or _("without a name"), target["id"],
        initiator.get("name") or initiator["id"], initiator["id"],
        (initiator.get("host") or {}).get("address", ""), reason.get("reasonCode", ""), reason.get("policyId", ""),
        event.get("requestId", ""), (event.get("observer") or {}).get("id") == COMMAND,
        next((one.name for one in projects if one.id == initiator["project_id"]), initiator["project_id"]),
    )  # fmt: skip


def fields(event: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The fields that a change is about: name, before, after."""
    content = _change(event)
    before, after = content.get("before") or {}, content.get("after") or {}
    return [(name, _value(before, name), _value(after, name)) for name in sorted({*before, *after})]


def whole(event: Mapping[str, Any]) -> str:
    """The event as it stands in the log, for people."""
    return json.dumps(event, indent=2, sort_keys=True, ensure_ascii=False)


def counts(found: Mapping[str, int]) -> list[tuple[str, str, str]]:
    """`(outcome, mark, words)` for every way that events ended."""
    return [(name, MARKS[name], f"{found[name]:,} {OUTCOMES[name]}") for name in OUTCOMES if found.get(name)]


def _change(event: Mapping[str, Any]) -> dict[str, Any]:
    attached = (one.get("content") for one in event.get("attachments") or () if one.get("name") == "change")
    return next(attached, None) or {}


def _value(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if name not in told or value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
