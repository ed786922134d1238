"""All that can be looked at with a login, from wherever the cloud is reached."""

from __future__ import annotations

from tenant_ops_dashboard.doctor import access, clock, network, offers, services
from tenant_ops_dashboard.doctor.model import Check
from tenant_ops_dashboard.sentences import say

CHECKS = (
    Check(say("Services"), services.catalogued),
    Check(say("Services"), services.used),
    *services.ANSWERS,
    Check(say("Long lists"), services.pages),
    Check(say("Load balancers"), network.providers),
    Check(say("Firewall"), network.firewall),
    Check(say("Roles"), access.held),
    Check(say("Roles"), access.services),
    Check(say("Policy file"), access.policy_file),
    Check(say("Images"), offers.images),
    Check(say("Flavors"), offers.flavors),
    Check(say("Floating IPs"), network.external),
    Check(say("Packets"), network.packets),
    Check(say("Clock"), clock.clock),
)
