"""What Octavia's protocols are on the wire, and what they ask of the servers behind. Pure.

Listeners know TCP, HTTP, HTTPS, TERMINATED_HTTPS, UDP, SCTP and PROMETHEUS; pools TCP, HTTP, HTTPS, PROXY, PROXYV2, UDP
and SCTP (Octavia API reference, 'Protocol Combinations'): a UDP listener has UDP pools alone, an SCTP one SCTP pools
alone, a PROMETHEUS one none, all others any pool of TCP that fits.
"""

from __future__ import annotations

#: Listeners that read HTTP, and so may have layer 7 policies (Octavia API reference, 'L7 Policies').
READS_HTTP = ("HTTP", "TERMINATED_HTTPS")
#: The one that ends TLS.
TERMINATED = "TERMINATED_HTTPS"
#: Pools whose servers get a header with the client's address before everything else.
PROXIED = ("PROXY", "PROXYV2")
PROMETHEUS = "PROMETHEUS"
#: The health monitor to which silence is a good answer: octavia's udp_check.sh fails on an ICMP error alone.
UDP_CONNECT = "UDP-CONNECT"
_OTHERS = {"UDP": "udp", "SCTP": "sctp"}


def name_of(protocol: str) -> str:
    """'tcp', 'udp' or 'sctp' for the protocol of a listener or pool."""
    return _OTHERS.get(protocol, "tcp")
