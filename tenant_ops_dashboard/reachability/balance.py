"""From a load balancer's virtual address on to its members: the listener, its CIDRs, and the leg to each member."""

from dataclasses import dataclass
from typing import Any

from . import protocols
from .engine import Engine
from .judge import Judgement, step
from .model import Listener, LoadBalancer, Member, Monitor, Port, Subnet
from .packets import CLIENT_PORT, ECHO, Packet
from .spans import show
from .trial import Outcome, Trial
from .world import first_address

#: How the OVN provider calls the ports its health checks come from, one a subnet.
OVN_MONITOR = "ovn-lb-hm"


def balance(engine: Engine, packet: Packet, outcome: Outcome, port: Port) -> Outcome:
    """Carry a packet that reached a virtual port on to the members; it counts as answered when one member answers."""
    balancer = engine.world.balancer_of[port.id]
    listener, refusal = pick(engine, balancer, packet)
    if listener is None or refusal:
        return _refuse(outcome, port, refusal, _listener_fix(balancer, packet, listener))
    told = step("nat", port.id, True, "allow", None, f"listener {listener.id} takes it and opens its own connection")
    outcome.add(Judgement(told))
    if listener.redirects:
        outcome.note([f"listener {listener.id} has layer 7 policies: which pool answers is not modelled"])
    legs = [try_member(engine, balancer, port, member, listener) for member in members_of(engine, listener)]
    if not legs:
        change = f"add an enabled member to the pool of listener {listener.id}"
        return _refuse(outcome, port, f"listener {listener.id} has no enabled member to hand it to", change)
    outcome.members = [{"id": member.id, "verdict": leg.verdict} for member, leg in legs]
    serving = any(leg.verdict == "allow" for _, leg in legs)
    for _, leg in legs:
        outcome.steps += leg.steps
        outcome.note(leg.unknown)
        outcome.fix += [] if serving else [fix for fix in leg.fix if fix not in outcome.fix]
    if not serving and outcome.forward == "allow":
        outcome.forward, outcome.reply = "deny", "n/a"
    return outcome


def pick(engine: Engine, balancer: LoadBalancer, packet: Packet) -> tuple[Listener | None, str]:
    """The listener for a packet, or why none takes it."""
    if not balancer.admin_up:
        return None, f"load balancer {balancer.id} is administratively down"
    for listener in listeners_of(engine, balancer):
        if (listener.protocol, listener.port) == (packet.protocol, packet.dst_port):
            if listener.allowed and not allows(listener, packet.version, packet.src):
                source = show(packet.version, packet.src)
                return listener, f"allowed_cidrs of listener {listener.id} do not hold {source}"
            return listener, ""
    return None, f"load balancer {balancer.id} has no enabled listener for it"


def allows(listener: Listener, version: int, number: int) -> bool:
    """Say whether a listener's allowed_cidrs hold an address."""
    return any(v == version and low <= number <= high for v, (low, high) in listener.allowed)


def listeners_of(engine: Engine, balancer: LoadBalancer) -> list[Listener]:
    """The enabled listeners of a load balancer."""
    return [item for item in engine.snapshot.listeners.values() if item.balancer_id == balancer.id and item.admin_up]


def members_of(engine: Engine, listener: Listener) -> list[Member]:
    """The enabled members behind a listener's default pool."""
    return [item for item in engine.snapshot.members.values() if item.pool_id in listener.pools and item.admin_up]


def try_member(
    engine: Engine, balancer: LoadBalancer, vip: Port, member: Member, listener: Listener
) -> tuple[Member, Outcome]:
    """The connection from the balancer's own port to a member and, where it differs, its health check."""
    from_ = leg(engine, balancer, vip, member.version, member.address, member.subnet_id)
    ask = Packet(member.version, listener.protocol, from_.number, member.address, CLIENT_PORT, member.port)
    found = Trial(engine, ask, from_.port, _holder(engine, member.version, member.address)).run()
    found.note(from_.unknown)
    if found.verdict == "allow" and _asks_elsewhere(engine, member, listener.protocol):
        check = health_check(engine, balancer, vip, member, listener.protocol)
        if check.verdict != "allow":
            found.steps += check.steps
            found.fix += check.fix
            found.forward = check.verdict
            found.note(["the health check does not get through: the balancer would take the member out"])
    return member, found


def health_check(
    engine: Engine, balancer: LoadBalancer, vip: Port, member: Member, otherwise: int = protocols.TCP
) -> Outcome:
    """What the pool's monitor sends a member, from the balancer's own port there.

    Where the snapshot has no monitor of the pool it is a packet of protocol `otherwise` to where the monitor would ask.
    """
    version, address, number = member.monitor or (member.version, member.address, member.port)
    monitor = _monitor(engine, member)
    protocol = otherwise if monitor is None else monitor.protocol
    from_ = leg(engine, balancer, vip, version, address, member.subnet_id)
    if protocol == protocols.ICMP:
        protocol = protocols.ICMP if version == 4 else protocols.ICMPV6
        ask = Packet(version, protocol, from_.number, address, 0, ECHO[version] << 8)
    else:
        ask = Packet(version, protocol, from_.number, address, CLIENT_PORT, number)
    found = Trial(engine, ask, from_.port, _holder(engine, version, address)).run()
    found.note(from_.unknown)
    return found


@dataclass(frozen=True, slots=True)
class Leg:
    """Where a balancer's own packets begin: the port and the address they come from."""

    port: Port
    number: int
    unknown: tuple[str, ...] = ()


def leg(
    engine: Engine, balancer: LoadBalancer, vip: Port, version: int, address: int, subnet_id: str | None
) -> Leg:  # fmt: skip
    """The balancer's own port towards an address: in that address's subnet where it has one there, else beside its VIP.

    `subnet_id` is a member's: the balancer has a port there, which serves it for what is in that subnet.
    """
    own, unknown = _own(engine, balancer, vip, subnet_id)
    for port in own:
        for fixed in port.addresses:
            subnet = engine.world.snapshot.subnets.get(fixed.subnet_id)
            if subnet is None or fixed.version != version or (subnet_id and subnet.id != subnet_id):
                continue
            if subnet.span[0] <= address <= subnet.span[1] or _routes_there(subnet, address):
                return Leg(port, fixed.number, unknown)
    holders = [port for port in own if port.network_id == vip.network_id]
    port = next((one for one in holders if first_address(one, version) is not None), vip)
    number = first_address(port, version)
    return Leg(port, balancer.vip if number is None else number, unknown)


def _own(
    engine: Engine, balancer: LoadBalancer, vip: Port, subnet_id: str | None
) -> tuple[list[Port], tuple[str, ...]]:  # fmt: skip
    ports = engine.snapshot.ports.values()
    if balancer.provider == "ovn":
        home = {subnet_id} if subnet_id else {fixed.subnet_id for fixed in vip.addresses}
        asking = (port for port in ports if port.name.startswith(OVN_MONITOR))
        there = [port for port in asking if home & {fixed.subnet_id for fixed in port.addresses}]
        return there, ("the OVN provider balances in the switch: the member sees the client's own address",)
    holders = engine.world.pair_holders(vip.network_id, balancer.version, balancer.vip)
    devices = {port.device_id for port in holders if port.device_id}
    # The holders of the virtual address come first: what else their servers have serves where it fits better.
    own = [*holders, *(port for port in ports if port.device_id in devices and port not in holders)]
    if not own:
        return [], (f"the ports of load balancer {balancer.id}'s own servers are not in the snapshot",)
    return own, ()


def _routes_there(subnet: Subnet, address: int) -> bool:
    return any(route.span[0] <= address <= route.span[1] for route in subnet.host_routes)


def _monitor(engine: Engine, member: Member) -> Monitor | None:
    found = engine.snapshot.healthmonitors.values()
    return next((one for one in found if one.pool_id == member.pool_id and one.admin_up), None)


def _asks_elsewhere(engine: Engine, member: Member, protocol: int) -> bool:
    monitor = _monitor(engine, member)
    return member.monitor is not None or (monitor is not None and monitor.protocol != protocol)


def _holder(engine: Engine, version: int, address: int) -> Port | None:
    return next(iter(engine.world.by_address.get((version, address), ())), None)


def _refuse(outcome: Outcome, port: Port, why: str, change: str) -> Outcome:
    told = step("nat", port.id, True, "deny", None, why)
    fix: dict[str, Any] = {
        "layer": "nat",
        "port_id": port.id,
        "direction": "ingress",
        "rule_id": None,
        "change": change,
    }
    outcome.add(Judgement(told, fix))
    outcome.forward, outcome.reply = "deny", "n/a"
    return outcome


def _listener_fix(balancer: LoadBalancer, packet: Packet, listener: Listener | None) -> str:
    if not balancer.admin_up:
        return f"set admin_state_up of load balancer {balancer.id}"
    if listener is not None:
        return f"add {show(packet.version, packet.src)} to allowed_cidrs of listener {listener.id}"
    return f"create a listener for {protocols.name_of(packet.protocol)} port {packet.dst_port} on {balancer.id}"
