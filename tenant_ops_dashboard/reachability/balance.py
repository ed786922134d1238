"""From a load balancer's virtual address on to its members: the listener, its CIDRs, and the leg to each member."""

from typing import Any

from . import protocols
from .engine import Engine
from .judge import Judgement, step
from .model import Listener, LoadBalancer, Member, Port
from .packets import CLIENT_PORT, Packet
from .spans import show
from .trial import Outcome, Trial
from .world import first_address


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
    """The connection (and, where it goes elsewhere, the health check) from the balancer's own port to a member."""
    source, number, unknown = _source(engine, balancer, vip, member)
    protocol = protocols.UDP if listener.protocol == protocols.UDP else listener.protocol
    ask = Packet(member.version, protocol, number, member.address, CLIENT_PORT, member.port)
    target = next(iter(engine.world.by_address.get((member.version, member.address), ())), None)
    leg = Trial(engine, ask, source, target).run()
    leg.note(unknown)
    if leg.verdict == "allow" and member.monitor is not None:
        version, address, port = member.monitor
        check = Trial(engine, Packet(version, protocols.TCP, number, address, CLIENT_PORT, port), source, target).run()
        if check.verdict != "allow":
            leg.steps += check.steps
            leg.fix += check.fix
            leg.forward = check.verdict
            leg.note(["the health check does not get through: the balancer would take the member out"])
    return member, leg


def _source(engine: Engine, balancer: LoadBalancer, vip: Port, member: Member) -> tuple[Port, int, list[str]]:
    """The balancer's own port towards a member: in the member's subnet where it has one there."""
    holders = engine.world.pair_holders(vip.network_id, balancer.version, balancer.vip)
    devices = {port.device_id for port in holders if port.device_id}
    own = [port for port in engine.snapshot.ports.values() if port.device_id in devices and port.device_id]
    unknown = []
    if balancer.provider == "ovn":
        unknown.append("the OVN provider balances in the switch: the member sees the client's own address")
    elif not own:
        unknown.append(f"the ports of load balancer {balancer.id}'s own servers are not in the snapshot")
    for port in own:
        for subnet in engine.world.subnets_of(port, member.version):
            low, high = subnet.span
            inside = member.subnet_id == subnet.id or (member.subnet_id is None and low <= member.address <= high)
            number = first_address(port, member.version)
            if inside and number is not None:
                return port, number, unknown
    port = next((item for item in holders if first_address(item, member.version) is not None), vip)
    number = first_address(port, member.version)
    return port, balancer.vip if number is None else number, unknown


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
