"""Which versions of its API a service has, as its version document tells, found as keystoneauth finds one.

Microversions: the API working group's guideline 'Microversion Specification', 'Version Discovery'.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, cast

import requests
from keystoneauth1.discover import EndpointData
from keystoneauth1.session import Session

from tenant_ops_dashboard.cloud.handle import Cloud

#: Seconds for all addresses at which one service's document may be.
SECONDS = 3.0


@dataclass(frozen=True)
class Versions:
    """`newest` is the newest version of the API ('2.1'); `least` and `most` are its microversions, '' without any."""

    newest: str
    least: str = ""
    most: str = ""

    def has(self, microversion: str) -> bool:
        """Whether it takes this microversion, such as '2.52'."""
        return bool(self.most) and _parts(self.least) <= _parts(microversion) <= _parts(self.most)


def of(cloud: Cloud, service: str) -> Versions | None:
    """The versions of a service, None where no document tells them in time: one call as a rule, three at most.

    Raises ServiceMissing.
    """
    place = EndpointData(catalog_url=cloud.endpoint(service), service_type=service)
    asking = cast(Session, _Bounded(cloud.session))
    try:
        told = place.get_all_version_string_data(asking, project_id=cloud.project_id or None)
    except (AttributeError, LookupError, TypeError, ValueError):  # keystoneauth takes any JSON for a document
        return None
    # What keystoneauth only reckons from the address has no status of the service's.
    known = [one for one in told if one.raw_status and one.get("version")]
    if not known:
        return None
    newest = known[-1]
    return Versions(str(newest["version"]), newest["min_microversion"] or "", newest["max_microversion"] or "")


class _Bounded:
    """What discovery needs of a session; all that it asks ends within SECONDS."""

    auth = None

    def __init__(self, session: Session) -> None:
        self._session, self._until = session, time.monotonic() + SECONDS

    def get(self, url: str, **options: Any) -> requests.Response:
        """As keystoneauth's. Raises TimeoutError where no time is left."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return self._session.get(url, timeout=left, **options)


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(one) for one in version.split(".") if one.isdigit())
