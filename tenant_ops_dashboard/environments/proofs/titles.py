"""What the promises of an environment that the service layer tells are called, and which of them a template makes."""

from __future__ import annotations

from collections.abc import Sequence

from tenant_ops_dashboard.environments.template.members import Resource
from tenant_ops_dashboard.sentences import say

BALANCER, MEMBERS = say("Load balancer is ACTIVE"), say("All servers answer the health monitor")
GROUPS, FIREWALL = say("Security groups as planned"), say("Firewall group as planned")
VOLUME = say("Data volume attached")


def of(resources: Sequence[Resource], firewall: bool) -> tuple[str, ...]:
    """The titles of those that these resources make, in the order of their checks; `firewall`: with a group."""
    kinds = {one.type for one in resources}
    made = {
        BALANCER: "OS::Octavia::LoadBalancer" in kinds,
        MEMBERS: bool(kinds & {"OS::Octavia::PoolMember", "OS::Octavia::Pool"}),
        GROUPS: "OS::Neutron::SecurityGroup" in kinds,
        FIREWALL: firewall,
        VOLUME: {"OS::Cinder::Volume", "OS::Cinder::VolumeAttachment"} <= kinds,
    }
    return tuple(title for title, is_made in made.items() if is_made)
