"""The only door to OpenStack: a `Cloud` from a Horizon request or from clouds.yaml.

Timeouts, one retry of safe calls, request ids, microversions, service detection and the words for errors live here.
"""

from __future__ import annotations

from tenant_ops_dashboard.cloud.errors import (
    BadRequest,
    CloudError,
    Conflict,
    NotAllowed,
    NotFound,
    OverQuota,
    ServiceMissing,
    Uncertain,
    Unreachable,
    Unreadable,
)
from tenant_ops_dashboard.cloud.handle import Cloud, Options
from tenant_ops_dashboard.cloud.login import from_clouds_yaml, from_request, through_trust
from tenant_ops_dashboard.cloud.visible import visible

__all__ = [
    "BadRequest",
    "Cloud",
    "CloudError",
    "Conflict",
    "NotAllowed",
    "NotFound",
    "Options",
    "OverQuota",
    "ServiceMissing",
    "Uncertain",
    "Unreachable",
    "Unreadable",
    "from_clouds_yaml",
    "from_request",
    "through_trust",
    "visible",
]
