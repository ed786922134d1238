"""One CADF event for every change of state: a line of JSON to the logger 'tenant_ops.audit', and to whoever keeps it.

Where the line goes is a matter of Python logging; `begin` sees to it that it goes somewhere. What else is done with an
event is registered from above, with `also`: this package knows no database.
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from tenant_ops_dashboard.audit.event import Action, Event, Outcome, Told, build, target
from tenant_ops_dashboard.cloud import Cloud

__all__ = ["Action", "Event", "Outcome", "also", "begin", "emit", "record", "refused", "written"]

LOGGER = logging.getLogger("tenant_ops.audit")
#: What is done with an event of this login, beside the line in the log.
Sink = Callable[[Cloud, Event], None]
_SINKS: list[Sink] = []
_LOG = logging.getLogger("tenant_ops")
_WRITTEN: ContextVar[list[str] | None] = ContextVar("what is written while somebody asks", default=None)


def also(sink: Sink) -> Callable[[], None]:
    """Have every event of this process handed to `sink`, too, once; what takes that back.

    What it raises is logged, and fails no change.
    """
    if sink not in _SINKS:
        _SINKS.append(sink)
    return lambda: _SINKS.remove(sink) if sink in _SINKS else None


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
    told = Told(request_id, reason, verb, before, after, rule)
    made = target(kind, target_id, target_name)
    emit(cloud, build(cloud, f"{action}/{kind}", made, outcome, told, project_id=project_id))


def emit(cloud: Cloud, event: Event) -> None:
    """Writes an event that is whole into the log, and hands it to all who asked for it."""
    LOGGER.info("%s", json.dumps(event, sort_keys=True, default=str))
    written = _WRITTEN.get()
    if written is not None:
        written.append(event["action"])
    for sink in tuple(_SINKS):
        try:
            sink(cloud, event)
        except Exception as error:  # noqa: BLE001 (whatever keeps it has errors of its own, and the change is done)
            _LOG.error("The audit event %s stands in the log alone: %s", event["id"], error)


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
