"""What a listener's and a pool's protocol, and a health monitor's type, mean to people. Pure.

Octavia API reference, 'Protocol Combinations' for listeners and pools, 'Health Monitors' for what each type asks.
"""

from __future__ import annotations

from tenant_ops_dashboard.loadbalancers.model import Listener, Monitor, Pool
from tenant_ops_dashboard.octavia import transport
from tenant_ops_dashboard.sentences import say


def of_listener(one: Listener) -> str:
    """Who ends TLS; '' where there is none that the listener knows of."""
    if one.tls:
        return say("TLS ends here")
    return say("TLS passes through, the servers end it") if one.protocol == "HTTPS" else ""


def of_pool(one: Pool) -> str:
    """What its servers must speak besides their own protocol; '' where that is nothing."""
    if one.protocol not in transport.PROXIED:
        return ""
    return say("each connection begins with a {protocol} header, which the servers must accept", protocol=one.protocol)


def asks(one: Pool) -> str:
    """What to ask of its servers; HAProxy sends that header in health checks, too, where they go to the same port."""
    return say(
        "It gets a {protocol} header first, in health checks, too: is it set up to accept that?", protocol=one.protocol
    )


def unanswered(one: Pool) -> str:
    """What becomes of whoever comes to a pool that has no member."""
    if transport.name_of(one.protocol) != "tcp":
        return say("No member: whoever comes gets no answer.")
    if one.protocol == "HTTP":
        return say("No member: whoever comes is answered with an error (503).")
    return say("No member: whoever comes is turned away.")


def silence(one: Monitor | None) -> str:
    """What a monitor does not see; '' where it sees who does not answer."""
    if one is None or one.type != transport.UDP_CONNECT:
        return ""
    return say(
        "A UDP-CONNECT monitor takes silence for a good answer: a member is down only where something says that its "
        "port is closed."
    )
