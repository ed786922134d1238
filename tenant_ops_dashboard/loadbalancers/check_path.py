"""The way of a health check from a load balancer's own servers to a member, by the reachability engine. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.loadbalancers import evidence as gathering
from tenant_ops_dashboard.loadbalancers.evidence import Evidence
from tenant_ops_dashboard.loadbalancers.model import Balancer, Member, Pool
from tenant_ops_dashboard.octavia import transport
from tenant_ops_dashboard.reachability import balance, protocols
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import ReachabilityError
from tenant_ops_dashboard.reachability.snapshot import build_snapshot
from tenant_ops_dashboard.reachability.spans import show
from tenant_ops_dashboard.sentences import say, within

Json = Mapping[str, Any]
_NUMBERS = {"tcp": protocols.TCP, "udp": protocols.UDP, "sctp": protocols.SCTP}
_ASKS = {"PING": "icmp", "UDP-CONNECT": "udp", "SCTP": "sctp"}


@dataclass(frozen=True)
class Way:
    """From `source` to `address` and `number`; `problem` says why it is not known.

    `source` is an address, or the subnet (`cidr`) in which the load balancer's own servers have one that this project
    does not see. `port_id` is where it ends, '' where that is outside; `vacant` the network in which nobody has the
    address.
    """

    address: str
    number: int
    protocol: str
    problem: str = ""
    source: str = ""
    cidr: str = ""
    port_id: str = ""
    vacant: str = ""
    arrives: bool = False
    routers: tuple[str, ...] = ()
    steps: Sequence[Json] = ()
    fix: Sequence[Json] = ()
    unknown: Sequence[str] = ()

    @property
    def outside(self) -> bool:
        """Whether it ends where this project sees nothing any more."""
        return self.arrives and not self.port_id

    @property
    def what(self) -> str:
        """What is asked, in words: 'port 8080', 'UDP port 53', 'ping'."""
        if self.protocol == "icmp":
            return "ping"
        if self.protocol == "tcp":
            return say("port {number}", number=self.number)
        return say("{protocol} port {number}", protocol=self.protocol.upper(), number=self.number)

    def port(self, found: Evidence) -> Json | None:
        """The port it ends at; where no way leads there, one that has the address. Others have it elsewhere."""
        if self.port_id:
            return found.find("ports", self.port_id)
        return None if self.arrives or self.vacant else found.port_at(self.address)

    def words(self, found: Evidence, sentence: str) -> str:
        """A sentence of the engine for people: names for ids, the subnet where the very address is not known."""
        return within(sentence, lambda told: found.words(self._from(told)))

    def _from(self, told: str) -> str:
        """A text of the engine, or one argument of its sentence, with the subnet for the address."""
        if not self.cidr or told == self.source:
            return self.cidr or told
        return told.replace(f"from {self.source} ", f"from {self.cidr} ")

    def doubt(self, found: Evidence, layer: str, denied: Json) -> str:
        """Why what seems to refuse may let through, or be none of this project's; '' where that is sure."""
        if layer == "route":
            network = str(denied.get("network") or "")
            return "" if not network or found.ours(network) else say("Its routers may be another project's.")
        if layer != "security-group":
            return ""
        if any("not in the snapshot" in one for one in self.unknown):
            return say("Whether one of the groups that this project does not see allows it is not known.")
        if self.cidr and _partly(found, denied, self.cidr, self.source):
            return say(
                "It allows a part of {cidr}; whether the load balancer's own servers are in it is not known.",
                cidr=self.cidr,
            )
        return ""


def follow(found: Evidence, balancer: Balancer, pool: Pool, member: Member) -> Way:
    """The way of the pool's health check; without a monitor that of the traffic."""
    traffic = transport.name_of(pool.protocol)
    protocol = _ASKS.get(pool.monitor.type, "tcp") if pool.monitor else traffic
    address, number = member.monitor_address or member.address, member.monitor_port or member.port

    def unknown(problem: str) -> Way:
        return Way(address, number, protocol, problem)

    if balancer.provider == "ovn" and pool.monitor is None:
        return unknown(
            say("The OVN provider balances in the switch: members are asked by clients, with their own addresses.")
        )
    if "Neutron" in found.silent:
        return unknown(found.silent["Neutron"])
    if found.find("ports", balancer.vip_port_id) is None:
        return unknown(say("The port of the virtual address {vip} is not this project's to see.", vip=balancer.vip))
    try:
        raw = gathering.with_balancer(found.snapshot, balancer, pool, member)
        engine = Engine(build_snapshot(raw))
        own, vip = engine.snapshot.loadbalancers[balancer.id], engine.snapshot.ports[balancer.vip_port_id]
        target = engine.snapshot.members[member.id]
        at = ipaddress.ip_address(address)
        leg, outcome = balance.health_check(engine, own, vip, target, _NUMBERS[traffic])
    except (ReachabilityError, ValueError) as error:
        return unknown(getattr(error, "sentence", str(error)))
    subnet = leg.port.id.removeprefix(gathering.STAND_IN) if leg.port.id.startswith(gathering.STAND_IN) else ""
    row = found.find("subnets", subnet) if subnet else None
    home = leg.port.network_id
    return Way(
        address, number, protocol, source=show(at.version, leg.number), cidr=str(row["cidr"]) if row else "",
        port_id=outcome.end.id if outcome.end else "", vacant=outcome.vacant, arrives=outcome.forward != "no-route",
        routers=tuple(dict.fromkeys(outcome.routers)),
        steps=[{**one, "network": home} if one["layer"] == "route" else one for one in outcome.steps],
        fix=outcome.fix, unknown=outcome.unknown,
    )  # fmt: skip


def refused(found: Evidence, way: Way, denied: Json) -> str:
    """A refusal by a server's security groups, with their names, what is asked and from where."""
    port = found.find("ports", str(denied.get("port_id")))
    if port is None or denied["direction"] != "ingress" or denied.get("reply"):
        return ""
    names = [found.named("security_groups", id_) for id_ in port["security_groups"]]
    what = str(way.number) if way.protocol == "tcp" else way.what
    source = say("{cidr}, where the load balancer's own servers are", cidr=way.cidr) if way.cidr else way.source
    if not names:
        return say(
            "The port of {address} has no security group and port security drops everything.", address=way.address
        )
    if len(names) == 1:
        return say(
            "Security group {name} does not allow {what} from {source}.", name=names[0], what=what, source=source
        )
    return say(
        "None of the security groups {names} allows {what} from {source}.",
        names=", ".join(names),
        what=what,
        source=source,
    )


def _partly(found: Evidence, denied: Json, cidr: str, source: str) -> bool:
    """Whether a rule of the port's groups names more than single known addresses inside the subnet."""
    port = found.find("ports", str(denied.get("port_id"))) or {}
    home = ipaddress.ip_network(cidr, strict=False)
    taken = {fixed["ip_address"] for one in found.snapshot["ports"] for fixed in one["fixed_ips"]}
    for id_ in port.get("security_groups") or ():
        group = found.find("security_groups", id_) or {}
        for rule in group.get("security_group_rules") or ():
            text = rule.get("remote_ip_prefix")
            if rule["direction"] != denied["direction"] or not text:
                continue
            prefix = ipaddress.ip_network(text, strict=False)
            inside = prefix.version == home.version and prefix.overlaps(home)
            if inside and ipaddress.ip_address(source) not in prefix and str(prefix.network_address) not in taken:
                return True
    return False
