"""What holds for every unit test."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tenant_ops_dashboard import audit

# Cases tell what differs, as tests do.
pytest.register_assert_rewrite("tests.conformance")
LOGGERS = ("", "tenant_ops", "tenant_ops.audit")


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """The command line sets up logging for its whole process: all at DEBUG, one more handler a run, a silent audit trail."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    kept = [(one.level, one.propagate, list(one.handlers)) for one in loggers]
    yield
    for one, (level, propagate, handlers) in zip(loggers, kept, strict=True):
        if one.level != level:
            one.setLevel(level)
        one.propagate = propagate
        # pytest's own handlers, of classes of its own, come and go by themselves.
        for handler in [h for h in one.handlers if h not in handlers and type(h).__module__.startswith("logging")]:
            one.removeHandler(handler)
            handler.close()


@pytest.fixture(autouse=True)
def nobody_keeps_events() -> Iterator[None]:
    """Most tests have no database: who wants events kept says so, with `audit.also`."""
    kept = list(audit._SINKS)
    audit._SINKS.clear()
    yield
    audit._SINKS[:] = kept
