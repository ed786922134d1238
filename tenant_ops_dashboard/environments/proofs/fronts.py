"""Whether a template's load balancer can be asked from outside, read from its listeners. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud.values import number, switch, text
from tenant_ops_dashboard.environments.template.members import Resource
from tenant_ops_dashboard.octavia import transport

LISTENER, BALANCER, FLOATING = "OS::Octavia::Listener", "OS::Octavia::LoadBalancer", "OS::Neutron::FloatingIP"
ASKED = 80
_MOST = 6
# Of the protocols that a listener may have; what a pool speaks (PROXY) is between it and its servers.
_PLAIN = ("HTTP", "TCP")


def ports(resources: Sequence[Resource]) -> tuple[str, ...]:
    """The ports that its listeners listen on, the first few: '443', 'UDP 53'."""
    found = (_port(one) for one in resources if one.type == LISTENER)
    return tuple(dict.fromkeys(one for one in found if one))[:_MOST]


def tls(resources: Sequence[Resource]) -> int:
    """The port of a listener that ends TLS, on a load balancer beside a floating IP of the stack's; 0 where none is.

    Not of one that is switched off, or that takes only who shows a certificate of his own.
    """
    if not {BALANCER, FLOATING} <= {one.type for one in resources}:
        return 0
    found = (
        number(one.properties.get("protocol_port"), 0, 1, 65535)
        for one in resources if one.type == LISTENER and _answers_anybody(one.properties)
    )  # fmt: skip
    return next((one for one in found if one), 0)


def _answers_anybody(listener: Mapping[str, Any]) -> bool:
    on = switch(listener.get("admin_state_up"))
    asks = text(listener.get("client_authentication")) == "MANDATORY"
    return on and not asks and text(listener.get("protocol")) == transport.TERMINATED


def answers(resources: Sequence[Resource]) -> bool:
    """Whether a listener takes plain HTTP where it is asked, on a load balancer beside a floating IP of the stack's."""
    kinds = {one.type for one in resources}
    return {BALANCER, FLOATING} <= kinds and any(
        number(one.properties.get("protocol_port")) == ASKED and text(one.properties.get("protocol")) in _PLAIN
        for one in resources if one.type == LISTENER
    )  # fmt: skip


def _port(listener: Resource) -> str:
    port = number(listener.properties.get("protocol_port"))
    kind = transport.name_of(text(listener.properties.get("protocol")))
    return "" if not port else str(port) if kind == "tcp" else f"{kind.upper()} {port}"
