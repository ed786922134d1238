"""Who asks: the owner of the token, as Keystone tells it. One call a request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from openstack_auth.utils import default_services_region, fix_auth_url_version_prefix, get_client_ip

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.api import failures
from tenant_ops_dashboard.panels import settings as ours
from tenant_ops_dashboard.sentences import say

HEADER = "X-Auth-Token"


def cloud(request: HttpRequest, seconds: float | None = None) -> clouds.Cloud:
    """The caller's cloud; `seconds` for what may take longer than a page does.

    Raises NotLoggedIn, NoProject, or another CloudError where Keystone does not answer.
    """
    token = request.headers.get(HEADER, "")
    if not token:
        raise failures.NotLoggedIn(say("The header {header} is missing.", header=HEADER))
    options = ours.read().options()
    if seconds is not None:
        options = replace(options, budget=seconds)
    keystone, _fixed = fix_auth_url_version_prefix(settings.OPENSTACK_KEYSTONE_URL)
    try:
        found = clouds.from_token(
            token, keystone, options, region=_region(),
            caller=get_client_ip(request) or "",
        )  # fmt: skip
    except clouds.LoginEnded as error:
        raise failures.NotLoggedIn(error.sentence, error.request_id) from error
    return found if found.region else replace(found, options=replace(found.options, region=_first(found)))


def _region() -> str:
    """The region that Horizon begins with at this Keystone, or ''."""
    named = settings.DEFAULT_SERVICE_REGIONS or {}
    return str(named.get(settings.OPENSTACK_KEYSTONE_URL) or named.get("*") or "")


def _first(cloud: clouds.Cloud) -> str:
    """The region that Horizon's pages begin with where no setting names one, or '': what is kept is found by both."""
    access: Any = cloud.session.auth.get_access(cloud.session)  # type: ignore[union-attr]
    return str(default_services_region(access.service_catalog.catalog) or "")
