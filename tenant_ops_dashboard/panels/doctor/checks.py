"""All that only the dashboard knows of its own health."""

from __future__ import annotations

from tenant_ops_dashboard.doctor import access, clock
from tenant_ops_dashboard.doctor.model import Check
from tenant_ops_dashboard.panels.doctor import audit, cache, care, database, setup
from tenant_ops_dashboard.sentences import say

#: The dashboard's own policy file and clock may be others than those of a command.
CHECKS = (
    Check(say("Settings"), setup.look),
    Check(say("Policy file"), access.policy_file),
    Check(say("Cache"), cache.look),
    Check(say("Database"), database.look),
    Check(say("Audit trail"), audit.look),
    Check(say("Care"), care.look),
    Check(say("Clock"), clock.clock),
)
