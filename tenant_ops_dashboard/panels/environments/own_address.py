"""The address of whoever asks, offered where a launch asks from where SSH is allowed."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from tenant_ops_dashboard.environments.model import Parameter
from tenant_ops_dashboard.sentences import say


def offered(parameter: Parameter, caller: str) -> Parameter:
    """A question for a network, filled in with the address `caller` that the request came from, where it may be one.

    Only a page does so: what is launched without one opens nothing unasked.
    """
    if parameter.kind != "remote_ip_prefix" or parameter.default or not (address := _address(caller)):
        return parameter
    reason = say(
        "Your request came from {address}. Behind a proxy that is the proxy's address and not yours.", address=address
    )
    return replace(parameter, default=f"{address}/32", reason=reason)


def _address(caller: str) -> ipaddress.IPv4Address | None:
    """An address of IPv4 that somebody else may come from, also where it is written as one of IPv6."""
    try:
        told = ipaddress.ip_address(caller)
    except ValueError:
        return None
    found = told.ipv4_mapped if isinstance(told, ipaddress.IPv6Address) else told
    if found is None or found.is_loopback or found.is_link_local or found.is_unspecified or found.is_multicast:
        return None
    return found
