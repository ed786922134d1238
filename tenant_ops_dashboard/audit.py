"""One CADF event for every change of state: a line of JSON to the logger 'tenant_ops.audit'.

The fields are those of DMTF's Cloud Auditing Data Federation (DSP0262), so that the line can be fed to what already
reads OpenStack's audit trail. Where the line goes is a matter of Python logging; `begin` sees to it that it goes
somewhere.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import logging
import logging.handlers
import uuid
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal

from tenant_ops_dashboard.cloud import Cloud

LOGGER = logging.getLogger("tenant_ops.audit")

Action = Literal["create", "update", "delete", "evaluate"]
Outcome = Literal["success", "failure", "pending", "unknown"]
_WRITTEN: ContextVar[list[str] | None] = ContextVar("what is written while somebody asks", default=None)


def record(
    cloud: Cloud,
    action: Action,
    kind: str,
    target_id: str,
    target_name: str,
    outcome: Outcome,
    *,
    request_id: str = "",
    reason: str = "",
    verb: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    rule: str = "",
    project_id: str = "",
) -> None:
    """Writes one event. `kind` is the target's, such as 'environment'; 'evaluate' changes nothing, and looks closely.

    'pending' is what OpenStack goes on with, 'unknown' what may have happened though its answer was lost. `verb` is
    what a person calls the change ('drain'), `before` and `after` the fields it is about; `rule` is the policy rule
    that refused it; `project_id` is the target's, where that may be another than the login's.
    """
    initiator: dict[str, Any] = {
        "typeURI": "service/security/account/user",
        "id": cloud.user_id,
        "name": cloud.user_name,
        "project_id": cloud.project_id,
    }
    if cloud.options.caller:
        initiator["host"] = {"address": cloud.options.caller}
    event: dict[str, Any] = {
        "typeURI": "http://schemas.dmtf.org/cloud/audit/1.0/event",
        "eventType": "activity",
        "id": str(uuid.uuid4()),
        "eventTime": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
        "action": f"{action}/{kind}",
        "outcome": outcome,
        "initiator": initiator,
        "target": {
            "typeURI": f"service/tenant-ops/{kind}",
            "id": target_id,
            "name": target_name,
            "project_id": project_id or cloud.project_id,
        },
        "observer": {"typeURI": "service/tenant-ops", "id": "tenant-ops"},
    }
    if request_id:
        event["requestId"] = request_id
    if reason or rule:
        event["reason"] = {"reasonCode": reason[:200]}
    if rule:
        event["reason"].update(policyType="oslo.policy", policyId=rule)
    if verb or before is not None or after is not None:
        content = {"verb": verb, "before": dict(before or {}), "after": dict(after or {})}
        event["attachments"] = [{"name": "change", "typeURI": "mime:application/json", "content": content}]
    LOGGER.info("%s", json.dumps(event, sort_keys=True, default=str))
    written = _WRITTEN.get()
    if written is not None:
        written.append(event["action"])


@contextlib.contextmanager
def written() -> Iterator[list[str]]:
    """The actions of the events that are written while it lasts, as far as this thread writes them."""
    found: list[str] = []
    before = _WRITTEN.set(found)
    try:
        yield found
    finally:
        _WRITTEN.reset(before)


def refused(
    cloud: Cloud, rule: str, action: Action, kind: str, target_id: str = "", target_name: str = "", verb: str = ""
) -> None:
    """Writes that policy rule `rule` did not let this user do it."""
    record(
        cloud, action, kind, target_id, target_name, "failure", reason=f"refused by policy rule {rule}", verb=verb,
        rule=rule,
    )  # fmt: skip


def begin(file: str = "") -> None:
    """Gives events somewhere to go: to `file`, a line each, beside whatever Python logging was told.

    Without a file they go to standard error, the web server's error log, unless a handler is configured for them. A
    file that cannot be written is told there too, and its events follow. May be called again.
    """
    if LOGGER.level == logging.getLogger("tenant_ops").level == logging.NOTSET:
        LOGGER.setLevel(logging.INFO)
    kept = [one.baseFilename for one in LOGGER.handlers if isinstance(one, logging.FileHandler)]
    if file and str(Path(file).absolute()) not in kept:
        handler: logging.Handler = logging.StreamHandler()
        try:
            handler = logging.handlers.WatchedFileHandler(file)
        except OSError as error:
            logging.getLogger("tenant_ops").error("The audit log %s cannot be written: %s.", file, error)
        _add(handler)
    elif not LOGGER.hasHandlers():
        _add(logging.StreamHandler())


def _add(handler: logging.Handler) -> None:
    handler.setFormatter(logging.Formatter("%(message)s"))
    LOGGER.addHandler(handler)
