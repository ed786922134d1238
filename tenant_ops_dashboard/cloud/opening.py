"""What every login shares: a session that ends with its deadline, what Keystone said, and the handle made of both."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from keystoneauth1 import exceptions as ksa
from keystoneauth1.access import AccessInfoV3

from tenant_ops_dashboard import __version__
from tenant_ops_dashboard.cloud import errors
from tenant_ops_dashboard.cloud.deadline import Deadline
from tenant_ops_dashboard.cloud.handle import Cloud, Options
from tenant_ops_dashboard.cloud.places import Place
from tenant_ops_dashboard.cloud.session import Session
from tenant_ops_dashboard.cloud.transport import Requests
from tenant_ops_dashboard.sentences import say

_AGENT = f"tenant-ops-dashboard/{__version__}"


def session(deadline: Deadline, options: Options, **given: Any) -> Session:
    """keystoneauth's session, which asks for tokens too, over connections that end with the deadline."""
    given = {"user_agent": _AGENT, "timeout": options.timeout, **given}
    return Session(session=Requests(deadline, options.timeout), **given)


def access(session: Session, deadline: Deadline) -> AccessInfoV3:
    """What Keystone says of the login. Raises NotAllowed or Unreachable."""
    auth: Any = session.auth
    try:
        with deadline.taken_by("Keystone"):
            found: AccessInfoV3 = auth.get_access(session)
    except ksa.ClientException as error:
        raise _refused(error) from error
    except (KeyError, TypeError, ValueError) as error:  # keystoneauth takes an identity provider's word for JSON
        raise errors.Unreachable(say("The answer to this login cannot be read: {error}", error=error)) from error
    return found


def made(
    session: Session, deadline: Deadline, options: Options, access: Any, auth: Mapping[str, Any],
    found: Mapping[str, Place],
) -> Cloud:  # fmt: skip
    """The handle of this login: `access` is Keystone's answer, `auth` what was logged in with, `found` its places."""
    return Cloud(
        session, options, access.user_id or "", access.username or "",
        access.project_id or "", access.project_name or "", frozenset(access.role_names), auth, deadline,
        user_domain_id=access.user_domain_id or "", project_domain_id=access.project_domain_id or "",
        domain_id=access.domain_id or "", system_scope="all" if access.system_scoped else "",
        is_admin_project=access.is_admin_project, places=found, issued=_issued(access),
    )  # fmt: skip


def verify(options: Options) -> bool | str:
    """What requests is to hold certificates against: a file's name, True for its own authorities, False for nothing."""
    if options.insecure:
        return False
    return options.cacert or True


def _refused(error: ksa.ClientException) -> errors.CloudError:
    """Keystone that says no is one thing, Keystone that says nothing of use is another."""
    silent = ksa.ConnectionError | ksa.DiscoveryFailure | ksa.InvalidResponse
    if isinstance(error, silent) or (isinstance(error, ksa.HttpError) and int(error.http_status or 500) >= 500):
        return errors.Unreachable(say("Keystone cannot be reached: {error}", error=error), "Keystone")
    return errors.NotAllowed(say("Keystone does not accept this login: {error}", error=error), "Keystone")


def _issued(access: Any) -> datetime.datetime | None:
    try:
        issued: datetime.datetime | None = access.issued
    except (TypeError, ValueError):
        return None
    return issued if issued is None or issued.tzinfo else issued.replace(tzinfo=datetime.UTC)
