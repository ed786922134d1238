"""What is said where the dashboard's database is not there or does not answer: one error for all that is kept in it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured
from django.db import Error

from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.sentences import say

_LOG = logging.getLogger(__name__)


class NotKept(TenantOpsError):
    """What was asked for stands in a database that is not there, or does not answer."""

    answer = 503
    todo = say("Ask your operator to run 'manage.py migrate', or to look at the database.")


@contextlib.contextmanager
def database(away: str) -> Iterator[None]:
    """What the database raises meanwhile is a NotKept that says `away`; may stand before a function."""
    try:
        yield
    except (Error, ImproperlyConfigured) as error:
        _LOG.warning("%s %s", away, error)
        raise NotKept(away) from error
