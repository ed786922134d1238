"""All that only the dashboard knows of its own health."""

from __future__ import annotations

from tenant_ops_dashboard.doctor import access, clock
from tenant_ops_dashboard.doctor.model import Check
from tenant_ops_dashboard.panels.doctor import audit, cache, care, database, setup
from tenant_ops_dashboard.sentences import say

#: What nobody else can look at.
OWN = (
    Check(say("Settings"), setup.look),
    Check(say("Cache"), cache.look),
    Check(say("Database"), database.look),
    Check(say("Audit trail"), audit.look),
    Check(say("Care"), care.look),
)
#: For who asks from another host, whose policy file and clock may be others.
CHECKS = (*OWN, Check(say("Policy file"), access.policy_file), Check(say("Clock"), clock.clock))
