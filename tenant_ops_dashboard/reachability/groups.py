"""Security groups as gates: allow rules only, their union, per port and direction."""

from . import protocols
from .boxes import PORTS, PROTOCOLS, Box, box
from .gates import Gate, Line, Reading, opened
from .model import GroupRule, Port
from .spans import Spans
from .steps import Check
from .world import World

_OVN_PORTS = frozenset({protocols.TCP, protocols.UDP, protocols.SCTP})
#: ICMPv6 types every back end lets through between neighbours: multicast listeners, routers and neighbours.
_NEIGHBOUR = tuple((kind * 256, kind * 256 + 255) for kind in (130, 131, 132, 133, 134, 135, 136, 143))


class Groups:
    """Security groups of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lines: dict[tuple[tuple[str, ...], bool, int, bool], tuple[Line, ...]] = {}
        self._tracked: dict[str, bool] = {}

    def gate(self, check: Check) -> Gate:
        """The gate of a port's security groups."""
        port = check.port
        if port is None or not port.secured:
            return opened("security-group", "port security is off: no security group applies")
        lines = self.lines(port, check.ingress, check.view.version, check.on_link)
        side = "ingress" if check.ingress else "egress"
        missing = self._missing(port, check.ingress, check.view.version)
        return Gate(
            "security-group",
            f"no {side} rule of the port's security groups allows it",
            Reading(lines, False),
            union=True,
            doubt=missing,
            remedy=f"add an {side} rule to a security group of port {port.id} ({', '.join(port.groups) or 'none yet'})",
        )

    def _missing(self, port: Port, ingress: bool, version: int) -> str:
        """A sentence for remote groups the snapshot does not hold (one project's view)."""
        known = self.world.snapshot
        for identity in port.groups:
            group = known.security_groups.get(identity)
            if group is None:
                return f"security group {identity} is not in the snapshot"
            for rule in group.rules if known.partial else ():
                if rule.ingress is ingress and rule.version == version:
                    if rule.remote_group and rule.remote_group not in known.security_groups:
                        return f"rule {rule.id} names security group {rule.remote_group}, not in the snapshot"
                    if rule.address_group and rule.address_group not in known.address_groups:
                        return f"rule {rule.id} names address group {rule.address_group}, not in the snapshot"
        return ""

    def lines(self, port: Port, ingress: bool, version: int, on_link: bool) -> tuple[Line, ...]:
        """The rules of all the port's groups for one direction; neighbours also get what is let through implicitly."""
        key = (port.groups, ingress, version, on_link)
        found = self._lines.get(key)
        if found is None:
            made = [
                Line(rule.id, identity, match, True, group.stateful)
                for identity in dict.fromkeys(port.groups)
                if (group := self.world.snapshot.security_groups.get(identity)) is not None
                for rule in group.rules
                if rule.ingress is ingress and rule.version == version and (match := self.match(rule)) is not None
            ]
            if on_link:
                made += _implicit(version, ingress, self.world.profile)
            found = self._lines[key] = tuple(made)
        return found

    def match(self, rule: GroupRule) -> Box | None:
        """The packets a rule allows; None where its remote side is empty."""
        remote = self._remote(rule)
        if remote == ():
            return None
        number = rule.protocol
        if number is None:
            kinds, ports = PROTOCOLS, PORTS
        else:
            if self.world.profile == "ovn" and number == protocols.ICMPV6 and rule.version == 4:
                number = protocols.ICMP
            kinds = ((number, number),)
            ports = PORTS
            honoured = _OVN_PORTS if self.world.profile == "ovn" else protocols.WITH_PORTS
            if rule.ports is not None and (number in honoured or number in protocols.ICMP_REPLIES):
                ports = (rule.ports,)
        if rule.ingress:
            return box(rule.version, kinds, src=remote, dst_port=ports)
        return box(rule.version, kinds, dst=remote, dst_port=ports)

    def _remote(self, rule: GroupRule) -> Spans | None:
        if rule.prefix is not None:
            return (rule.prefix,)
        if rule.remote_group is not None:
            return self.world.group_addresses(rule.remote_group, rule.version)
        if rule.address_group is not None:
            group = self.world.snapshot.address_groups.get(rule.address_group)
            return group.spans[rule.version] if group is not None else ()
        return None

    def tracks(self, network: str) -> bool:
        """Say whether OVN tracks connections on a network's switch: some port there has a stateful rule."""
        found = self._tracked.get(network)
        if found is None:
            for port in self.world.snapshot.ports.values():
                if port.secured and not self._tracked.get(port.network_id):
                    groups = (self.world.snapshot.security_groups.get(identity) for identity in port.groups)
                    self._tracked[port.network_id] = any(group and group.stateful and group.rules for group in groups)
            found = self._tracked.setdefault(network, False)
        return found


def _implicit(version: int, ingress: bool, profile: str) -> list[Line]:
    """What neighbours may always send: IPv6 neighbour discovery and, but for OVN's own server, DHCP."""
    found = []
    if version == 6:
        kinds = tuple(span for span in _NEIGHBOUR if profile == "ovn" or ingress or span[0] != 134 * 256)
        found.append(Line(None, "", box(6, ((58, 58),), dst_port=kinds), True))
    if profile != "ovn":
        client, server = (68, 67) if version == 4 else (546, 547)
        asking, answering = (server, client) if ingress else (client, server)
        udp = ((protocols.UDP, protocols.UDP),)
        found.append(Line(None, "", box(version, udp, dst_port=((answering,) * 2,), src_port=((asking,) * 2,)), True))
    return found
