"""The only door to OpenStack: a `Cloud` from a Horizon request or from clouds.yaml.

One deadline, one retry of safe calls, paging, request ids, microversions, service detection and the words for errors
live here.
"""

from __future__ import annotations

from tenant_ops_dashboard.cloud.back_end import firewall_profile
from tenant_ops_dashboard.cloud.clouds_yaml import from_clouds_yaml
from tenant_ops_dashboard.cloud.errors import (
    BadRequest,
    CloudError,
    Conflict,
    LoginEnded,
    NoCatalogue,
    NoProject,
    NotAllowed,
    NotFound,
    OverQuota,
    ServiceMissing,
    SlowDown,
    TimedOut,
    Uncertain,
    Unreachable,
    Unreadable,
)
from tenant_ops_dashboard.cloud.handle import Cloud, Options
from tenant_ops_dashboard.cloud.lately import lately
from tenant_ops_dashboard.cloud.login import elsewhere, from_request, from_token, through_trust
from tenant_ops_dashboard.cloud.session import OutsideChange
from tenant_ops_dashboard.cloud.visible import visible

__all__ = [
    "BadRequest",
    "Cloud",
    "CloudError",
    "Conflict",
    "LoginEnded",
    "NoCatalogue",
    "NoProject",
    "NotAllowed",
    "NotFound",
    "Options",
    "OutsideChange",
    "OverQuota",
    "ServiceMissing",
    "SlowDown",
    "TimedOut",
    "Uncertain",
    "Unreachable",
    "Unreadable",
    "elsewhere",
    "firewall_profile",
    "from_clouds_yaml",
    "from_request",
    "from_token",
    "lately",
    "through_trust",
    "visible",
]
