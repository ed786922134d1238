"""What is left of a security group's rule when some of its packets shall not pass. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tenant_ops_dashboard.firewall.security_groups.model import Rule
from tenant_ops_dashboard.firewall.suggest import prefixes
from tenant_ops_dashboard.firewall.suggest.ways import Demand
from tenant_ops_dashboard.reachability import protocols, spans
from tenant_ops_dashboard.reachability.spans import Span, Spans

#: A rule is replaced by so many at most.
MOST = 16
#: What a rule for any protocol becomes when one of them is taken out; others are lost, which the preview says.
_USUAL = {4: (protocols.ICMP, protocols.TCP, protocols.UDP, protocols.SCTP), 6: (58, 6, 17, 132)}
#: Neutron takes no port 0 in a security group's rule (neutron, securitygroups_db.py, _validate_port_range).
_PORTS: Span = (1, 65535)


def remainder(rule: Rule, remote: Spans, taken: Demand) -> list[Rule] | None:
    """The rules that take the place of one whose `remote` addresses are these; None where they are too many.

    `taken` is what shall not pass, as the port's filter sees it: its far end are its sources for what comes in.
    """
    bare = replace(rule, id=None)
    version = taken.version
    gone = taken.src if rule.direction == "ingress" else taken.dst
    number = None if rule.protocol is None else protocols.number_of(rule.protocol, version)
    made: list[Rule] = []
    if number is None and taken.protocol is not None:
        others = [one for one in _USUAL[version] if one != taken.protocol]
        made += [replace(bare, protocol=protocols.name_of(one)) for one in others]
        bare = replace(bare, protocol=protocols.name_of(taken.protocol))
    if taken.dst_port is not None:
        low, high = _ports(rule)
        cut = max(low, taken.dst_port[0]), min(high, taken.dst_port[1])
        sides = ((low, cut[0] - 1), (cut[1] + 1, high))
        made += [replace(bare, port_range_min=a, port_range_max=b) for a, b in sides if a <= b]
        bare = replace(bare, port_range_min=cut[0], port_range_max=cut[1])
    left = spans.minus(remote, gone)
    told = prefixes.cover(version, left) if left else []
    if len(made) + len(told) > MOST:
        return None
    length = spans.BITS[version]
    made += [
        replace(
            bare, remote_group_id=None, remote_address_group_id=None,
            remote_ip_prefix=one if "/" in one else f"{one}/{length}",
        )
        for one in told
    ]  # fmt: skip
    return list(_once(made))


def _ports(rule: Rule) -> Span:
    if rule.port_range_min is None:
        return _PORTS
    return rule.port_range_min, rule.port_range_min if rule.port_range_max is None else rule.port_range_max


def _once(rules: list[Rule]) -> Iterator[Rule]:
    yield from dict.fromkeys(rules)
