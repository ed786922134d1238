"""Authority that goes into a record: what is not kept gives it back."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from tenant_ops_dashboard.clones import authority
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud import errors as cloud_errors
from tenant_ops_dashboard.errors import TenantOpsError

_LOG = logging.getLogger(__name__)


@contextlib.contextmanager
def or_back(cloud: Cloud, trust_id: str, name: str, offer: bool = False) -> Iterator[None]:
    """Whatever goes wrong meanwhile, the trust (none: '') is taken back."""
    try:
        yield
    except BaseException:
        take_back(cloud, trust_id, name, offer)
        raise


def take_back(cloud: Cloud, trust_id: str, name: str, offer: bool = False) -> bool:
    """Take a trust back where this login may; whether it is gone. No call where there is none."""
    if not trust_id:
        return True
    try:
        authority.revoke(cloud, trust_id, name, offer)
    except cloud_errors.NotFound:
        return True
    except TenantOpsError as error:
        _LOG.warning("The trust %s of %s was not taken back: %s", trust_id, name, error)
        return False
    return True
