"""Whether a template's load balancer can be asked from outside, read from its listeners. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tenant_ops_dashboard.cloud.values import number, text
from tenant_ops_dashboard.environments.template.members import Resource

LISTENER, BALANCER, FLOATING = "OS::Octavia::Listener", "OS::Octavia::LoadBalancer", "OS::Neutron::FloatingIP"
ASKED = 80
_MOST = 6
_PLAIN = ("HTTP", "TCP", "PROXY")


def ports(resources: Sequence[Resource]) -> tuple[int, ...]:
    """The ports that its listeners listen on, the first few."""
    found = (number(one.properties.get("protocol_port")) for one in resources if one.type == LISTENER)
    return tuple(dict.fromkeys(one for one in found if one))[:_MOST]


def answers(resources: Sequence[Resource]) -> bool:
    """Whether a listener takes plain HTTP where it is asked, on a load balancer beside a floating IP of the stack's."""
    kinds = {one.type for one in resources}
    return {BALANCER, FLOATING} <= kinds and any(
        number(one.properties.get("protocol_port")) == ASKED and text(one.properties.get("protocol")) in _PLAIN
        for one in resources if one.type == LISTENER
    )  # fmt: skip
