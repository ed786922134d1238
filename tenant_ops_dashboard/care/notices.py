"""Events of the audit trail onto OpenStack's message bus, by oslo.messaging, each at least once.

The web server only marks them: a bus that does not answer holds up no change, and hears of it when it is back.
"""

from __future__ import annotations

import contextlib
import datetime
import logging
from collections.abc import Iterator, Sequence
from typing import Any

from oslo_config import cfg

from tenant_ops_dashboard.audit import Event
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.records import audit, notes
from tenant_ops_dashboard.sentences import say

# One round tells so many; another host tries after so many seconds.
MOST = 500
LEASE = 120.0
_LEASE_NAME = "audit notices"


class NotTold(TenantOpsError):
    """The message bus was not told; what it is to hear of is kept."""

    todo = say("The events are kept, and told with a later round.")


def tell(url: str, topics: Sequence[str], holder: str, now: datetime.datetime) -> int:
    """Tell what the bus at `url` has not heard of, oldest first; how many. 0 where another host is at it.

    Raises NotTold where the library is missing, the address is none, or the bus does not take them.
    """
    if not audit.untold(1) or notes.take("", _LEASE_NAME, holder, now, LEASE) is None:
        return 0
    told: list[int] = []
    try:
        with _notifier(url, topics, holder) as notifier, _failures() as failed:
            for id_, event in audit.untold(MOST):
                _send(notifier, event)
                if failed:
                    raise NotTold(say("The message bus did not take the audit trail: {failed}", failed=failed[0]))
                told.append(id_)
    finally:
        audit.is_told(told)
        notes.leave("", _LEASE_NAME, holder, now, {})
    return len(told)


def _send(notifier: Any, event: Event) -> None:
    action, _slash, kind = event["action"].partition("/")
    level = notifier.info if event["outcome"] in ("success", "pending") else notifier.warn
    level({}, f"audit.tenant_ops.{kind}.{action}", event)


@contextlib.contextmanager
def _notifier(url: str, topics: Sequence[str], holder: str) -> Iterator[Any]:
    try:
        import oslo_messaging
    except ImportError as error:
        raise NotTold(say("The audit trail has a message bus to tell, and oslo.messaging is not installed.")) from error
    conf = cfg.ConfigOpts()
    conf([], project="tenant-ops", default_config_files=[], default_config_dirs=[])
    try:
        transport = oslo_messaging.get_notification_transport(conf, url=url)
    except Exception as error:
        raise NotTold(
            say("TENANT_OPS_AUDIT_NOTIFY_URL is no address of a message bus: {error}", error=error)
        ) from error
    try:
        yield oslo_messaging.Notifier(
            transport, publisher_id=f"tenant-ops.{holder}", driver="messagingv2", topics=list(topics), retry=0
        )
    finally:
        transport.cleanup()


class _Heard(logging.Handler):
    """What oslo.messaging says of notifications that it could not send: it tells nobody but its log."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        cause = record.exc_info[1] if record.exc_info else None
        self.said.append(str(cause or record.getMessage())[:200])


@contextlib.contextmanager
def _failures() -> Iterator[list[str]]:
    handler, logger = _Heard(), logging.getLogger("oslo_messaging")
    logger.addHandler(handler)
    try:
        yield handler.said
    finally:
        logger.removeHandler(handler)
