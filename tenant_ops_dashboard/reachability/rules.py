"""Neutron's firewall rules as matches, read the way each back end reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.sentences import about, say

from . import protocols, spans
from .boxes import ADDRESSES, PORTS, PROTOCOLS, Box
from .errors import BadInput
from .spans import Spans

ACTIONS = ("allow", "deny", "reject")
#: `neutron` reads a rule as the API documents it; the others as the back end of that name really does.
PROFILES = ("ovn", "l3-agent", "l2-agent")
NEUTRON = "neutron"

#: OVN: rule priority is 2000 - position, the default drop's 1001; so position 999 is a tie and 1000 never matches.
OVN_TIE = 999

_OVN_NAMES = frozenset({"tcp", "udp", "sctp", "icmp", "ipv6-icmp"})


@dataclass(frozen=True, slots=True)
class FirewallRule:
    """One FWaaS rule, checked. Addresses are (first, last) or None for any; ports likewise, as they were written.

    `project` and `updated` (a time in Neutron's spelling) are '' where they are not known.
    """

    id: str
    name: str
    action: str
    enabled: bool
    version: int
    protocol: str | None
    source: spans.Span | None
    destination: spans.Span | None
    source_port: spans.Span | None
    destination_port: spans.Span | None
    host_bits: bool = False
    project: str = ""
    updated: str = ""

    def match(self, profile: str = NEUTRON) -> Box | None:
        """The packets the rule matches on a back end; None where it can match none."""
        whole = ADDRESSES[self.version]
        blind = profile == "l2-agent"
        source: Spans = (self.source,) if self.source and not blind else whole
        target: Spans = (self.destination,) if self.destination and not blind else whole
        name = self.protocol
        from_port, to_port = _stored(self.source_port), _stored(self.destination_port)
        if name is None:
            return (PROTOCOLS, source, target, PORTS, PORTS)
        number = protocols.number_of(name, self.version)
        if profile == "ovn":
            if self.any_protocol(profile):
                return (PROTOCOLS, source, target, PORTS, PORTS)
            if number == protocols.ICMPV6 and self.version == 4:
                number = protocols.ICMP
        elif blind and name == "icmp" and self.version == 6:
            return None
        if number == 0 and profile == "l3-agent":
            return (PROTOCOLS, source, target, PORTS, PORTS)
        if number in protocols.ICMP_REPLIES or number not in protocols.WITH_PORTS:
            from_port = to_port = PORTS
        return (((number, number),), source, target, to_port, from_port)

    @property
    def any_port(self) -> bool:
        """Say whether a port was written that Neutron keeps as any port (see `_stored`)."""
        return any(port is not None and port != _stored(port)[0] for port in (self.source_port, self.destination_port))

    def any_protocol(self, profile: str) -> bool:
        """Say whether the back end matches every protocol though the rule names one.

        OVN: neutron_fwaas/services/firewall/service_drivers/ovn/acl.py writes no match for a protocol it does not list.
        """
        return profile == "ovn" and self.protocol is not None and self.protocol not in _OVN_NAMES

    def active(self, profile: str = NEUTRON) -> bool:
        """Say whether the back end looks at the rule at all."""
        return self.enabled or profile == "l2-agent"


def _stored(port: spans.Span | None) -> Spans:
    """The ports that Neutron makes of a range: one that begins at 0 becomes any port, on every back end.

    neutron_fwaas/common/utils.py takes the lowest port 0 for none when it turns a stored rule into what the API lists
    and the drivers get.
    """
    return (port,) if port is not None and port[0] else PORTS


def read_rule(raw: Mapping[str, Any], where: str = "firewall_rules") -> FirewallRule:
    """Read one rule of Neutron's list. Raises BadInput naming the rule and its field."""
    identity = raw.get("id")
    if not isinstance(identity, str) or not identity:
        raise BadInput(where, say("id is missing"))
    here = f"{where} {identity[:60]}"
    action = raw.get("action", "deny")
    if action not in ACTIONS:
        raise BadInput(here, say("action must be one of {actions}", actions=", ".join(ACTIONS)))
    version = raw.get("ip_version", 4)
    if version not in (4, 6) or isinstance(version, bool):
        raise BadInput(here, say("ip_version must be 4 or 6"))
    enabled = raw.get("enabled", True)
    if not isinstance(enabled, bool):
        raise BadInput(here, say("enabled must be true or false"))
    protocol = raw.get("protocol")
    if protocol is not None:
        protocol = str(protocol).lower()
        if protocol == protocols.ANY:
            protocol = None
        else:
            try:
                protocols.number_of(protocol, version)
            except ValueError as error:
                raise BadInput(here, about("protocol", error.args[0])) from None
    source, bits_in_source = _network(raw, "source_ip_address", version, here)
    target, bits_in_target = _network(raw, "destination_ip_address", version, here)
    from_port = read_ports(raw.get("source_port"), here, "source_port")
    to_port = read_ports(raw.get("destination_port"), here, "destination_port")
    if protocol is None and (from_port or to_port):
        raise BadInput(here, say("protocol must be named where a port is"))
    return FirewallRule(
        identity, str(raw.get("name") or ""), action, enabled, version, protocol, source, target,
        from_port, to_port, bits_in_source or bits_in_target,
        str(raw.get("project_id") or raw.get("tenant_id") or ""), str(raw.get("updated_at") or ""),
    )  # fmt: skip


def read_ports(value: object, where: str, key: str) -> spans.Span | None:
    """Read 'n', 'a:b' or a number into (first, last); None for any. Raises BadInput."""
    if value is None or value == "":
        return None
    low, colon, high = str(value).partition(":")
    first = _port(low, where, key)
    last = _port(high, where, key) if colon else first
    if first > last:
        raise BadInput(where, say("{key} is upside down: {first} is above {last}", key=key, first=first, last=last))
    return first, last


def _port(text: str, where: str, key: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 6:
        number = int(text)
        if number <= 65535:
            return number
    raise BadInput(where, say("{key} must be a port from 0 to 65535 or a range a:b", key=key))


def _network(raw: Mapping[str, Any], key: str, version: int, where: str) -> tuple[spans.Span | None, bool]:
    value = raw.get(key)
    if value is None or value == "":
        return None, False
    try:
        found, low, high, host_bits = spans.network(value)
    except ValueError as error:
        raise BadInput(where, about(key, error.args[0])) from None
    if found != version:
        raise BadInput(
            where, say("{key} is IPv{found} in a rule of IPv{version}", key=key, found=found, version=version)
        )
    return (low, high), host_bits
