"""Security groups as gates: allow rules only, their union, per port and direction."""

from tenant_ops_dashboard.sentences import join, say

from . import implicit, protocols
from .boxes import PORTS, PROTOCOLS, Box, box
from .gates import Gate, Line, Reading, opened
from .model import GroupRule, Port
from .spans import Spans
from .steps import Check
from .world import World

_PLAIN_PORTS = frozenset({protocols.TCP, protocols.UDP, protocols.SCTP})
_DRIVER = say("which of the two drivers the agents run is not in the snapshot")
_ZERO = say(
    "the iptables driver reads protocol 0 as any protocol, Open vSwitch's as protocol 0 alone: {driver}", driver=_DRIVER
)
_PORTED = say(
    "the iptables driver honours ports of DCCP and UDP-Lite, Open vSwitch's does not: {driver}", driver=_DRIVER
)


class Groups:
    """Security groups of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lines: dict[tuple[tuple[str, ...], bool, int, bool], tuple[Line, ...]] = {}
        self._other: dict[tuple[tuple[str, ...], bool, int, bool], tuple[tuple[Reading, str], ...]] = {}
        self._tracked: dict[str, bool] = {}

    def gate(self, check: Check) -> Gate:
        """The gate of a port's security groups."""
        port = check.port
        if port is None or not port.secured:
            return opened("security-group", say("port security is off: no security group applies"))
        lines = self.lines(port, check.ingress, check.view.version, check.on_link)
        side = "ingress" if check.ingress else "egress"
        missing = self.missing(port, check.ingress, check.view.version)
        return Gate(
            "security-group",
            say("no {side} rule of the port's security groups allows it", side=side),
            Reading(lines, False),
            union=True,
            doubt=missing,
            remedy=say(
                "add an {side} rule to a security group of port {port_id} ({groups})",
                side=side,
                port_id=port.id,
                groups=join(", ", port.groups) or say("none yet"),
            ),
            variants=self._variants(port, check.ingress, check.view.version, check.on_link),
            never=implicit.NEVER[check.view.version] if self.world.profile != "ovn" and not check.ingress else (),
        )

    def missing(self, port: Port, ingress: bool, version: int) -> str:
        """A sentence for groups, own or remote, that the snapshot does not hold (one project's view), else ''."""
        known = self.world.snapshot
        for identity in port.groups:
            group = known.security_groups.get(identity)
            if group is None:
                return say("security group {identity} is not in the snapshot", identity=identity)
            for rule in group.rules if known.partial else ():
                if rule.ingress is ingress and rule.version == version:
                    if rule.remote_group and rule.remote_group not in known.security_groups:
                        return say(
                            "rule {rule_id} names security group {remote_group}, not in the snapshot",
                            rule_id=rule.id,
                            remote_group=rule.remote_group,
                        )
                    if rule.address_group and rule.address_group not in known.address_groups:
                        return say(
                            "rule {rule_id} names address group {address_group}, not in the snapshot",
                            rule_id=rule.id,
                            address_group=rule.address_group,
                        )
        return ""

    def lines(self, port: Port, ingress: bool, version: int, on_link: bool) -> tuple[Line, ...]:
        """The rules of all the port's groups for one direction; neighbours also get what is let through implicitly."""
        key = (port.groups, ingress, version, on_link)
        found = self._lines.get(key)
        if found is None:
            made = self._ruled(port, ingress, version)
            if on_link:
                made += implicit.lines(version, ingress, self.world.profile)
            found = self._lines[key] = tuple(made)
        return found

    def _ruled(self, port: Port, ingress: bool, version: int, driver: str = "") -> list[Line]:
        return [
            Line(rule.id, identity, match, True, group.stateful)
            for identity in dict.fromkeys(port.groups)
            if (group := self.world.snapshot.security_groups.get(identity)) is not None
            for rule in group.rules
            if rule.ingress is ingress and rule.version == version and (match := self.match(rule, driver)) is not None
        ]

    def _variants(self, port: Port, ingress: bool, version: int, on_link: bool) -> tuple[tuple[Reading, str], ...]:
        """Other readings of the same rules that the snapshot cannot rule out, each with the reason."""
        if port.direct:
            doubt = say(
                "port {port_id} is an SR-IOV port: whether anything asks its security groups is not in the snapshot",
                port_id=port.id,
            )
            return ((Reading((), True), doubt),)
        key = (port.groups, ingress, version, on_link)
        found = self._other.get(key)
        if found is None:
            lines = self.lines(port, ingress, version, on_link)
            made = implicit.variants(lines, version, ingress, on_link, self.world.profile)
            if self.world.profile == "l3-agent":
                extra = tuple(line for line in lines if line.id is None)
                for number, doubt in ((0, _ZERO), (protocols.DCCP, _PORTED)):
                    if any(self._differs(rule, number) for rule in self._rules(port, ingress, version)):
                        reading = Reading((*self._ruled(port, ingress, version, "openvswitch"), *extra), False)
                        made.append((reading, doubt))
            found = self._other[key] = tuple(made)
        return found

    def _rules(self, port: Port, ingress: bool, version: int) -> list[GroupRule]:
        groups = (self.world.snapshot.security_groups.get(identity) for identity in port.groups)
        rules = (rule for group in groups if group is not None for rule in group.rules)
        return [rule for rule in rules if rule.ingress is ingress and rule.version == version]

    @staticmethod
    def _differs(rule: GroupRule, number: int) -> bool:
        if number == 0:
            return rule.protocol == 0
        return rule.ports is not None and rule.protocol in (protocols.DCCP, protocols.UDPLITE)

    def match(self, rule: GroupRule, driver: str = "") -> Box | None:
        """The packets a rule allows; None where its remote side is empty.

        `driver` is the agents' firewall driver, '' for the one taken for true. The iptables driver leaves protocol 0
        out of its rule (iptables_firewall.py, _iptables_protocol_name) and gives every protocol with ports its ports;
        Open vSwitch's matches protocol 0 and knows ports of TCP, UDP and SCTP (openvswitch_firewall/constants.py), as
        does OVN (neutron/common/ovn/acl.py, acl_protocol_and_ports).
        """
        remote = self._remote(rule)
        if remote == ():
            return None
        number = rule.protocol
        iptables = self.world.profile == "l3-agent" and driver != "openvswitch"
        if number is None or (number == 0 and iptables):
            kinds, ports = PROTOCOLS, PORTS
        else:
            if self.world.profile == "ovn" and number == protocols.ICMPV6 and rule.version == 4:
                number = protocols.ICMP
            kinds = ((number, number),)
            ports = PORTS
            honoured = protocols.WITH_PORTS if iptables else _PLAIN_PORTS
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
