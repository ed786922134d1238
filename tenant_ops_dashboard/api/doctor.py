"""What only the dashboard knows of its own health, for `tenant-ops doctor`."""

from __future__ import annotations

import dataclasses

from tenant_ops_dashboard.api.operation import Asked, Json, Operation, resource
from tenant_ops_dashboard.doctor import model
from tenant_ops_dashboard.doctor.access import GET
from tenant_ops_dashboard.panels.doctor import checks


def listing(asked: Asked) -> Json:
    """What was found, good things too."""
    return {"findings": [dataclasses.asdict(one) for one in model.look(asked.cloud, checks.CHECKS)]}


view = resource(get=Operation(listing, GET))
