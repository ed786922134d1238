"""One CADF event for every change of state: a line of JSON to the logger 'tenant_ops.audit'.

The fields are those of DMTF's Cloud Auditing Data Federation (DSP0262), so that the line can be fed to what already
reads OpenStack's audit trail. Where the line goes is a matter of Python logging.
"""

from __future__ import annotations

import datetime
import json
import logging
import uuid
from typing import Literal

from tenant_ops_dashboard.cloud import Cloud

LOGGER = logging.getLogger("tenant_ops.audit")

Action = Literal["create", "update", "delete"]
Outcome = Literal["success", "failure", "pending"]


def record(
    cloud: Cloud,
    action: Action,
    kind: str,
    target_id: str,
    target_name: str,
    outcome: Outcome,
    *,
    request_id: str = "",
    reason: str = "",
) -> None:
    """Writes one event. `kind` is the target's, such as 'environment'; 'pending' is what OpenStack goes on with."""
    event = {
        "typeURI": "http://schemas.dmtf.org/cloud/audit/1.0/event",
        "eventType": "activity",
        "id": str(uuid.uuid4()),
        "eventTime": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
        "action": f"{action}/{kind}",
        "outcome": outcome,
        "initiator": {
            "typeURI": "service/security/account/user",
            "id": cloud.user_id,
            "name": cloud.user_name,
            "project_id": cloud.project_id,
        },
        "target": {"typeURI": f"service/tenant-ops/{kind}", "id": target_id, "name": target_name},
        "observer": {"typeURI": "service/tenant-ops", "id": "tenant-ops"},
    }
    if request_id:
        event["requestId"] = request_id
    if reason:
        event["reason"] = {"reasonCode": reason[:200]}
    LOGGER.info("%s", json.dumps(event, sort_keys=True))
