"""From a load balancer's virtual address on to its members: the listener, and the leg to each member."""

from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.sentences import say, within

from . import protocols
from .engine import Engine
from .judge import Judgement, seen, step
from .listeners import monitored, pick, serve, serving, unchecked
from .model import Listener, LoadBalancer, Member, Monitor, Port, Subnet
from .packets import CLIENT_PORT, ECHO, Packet
from .spans import show, show_span
from .switched import switched
from .trial import Outcome, Trial
from .world import first_address

#: What became of the leg to each member, from one of the balancer's own servers.
Legs = list[tuple[Member, Outcome]]


def balance(engine: Engine, packet: Packet, outcome: Outcome, port: Port, sender: Port | None) -> Outcome:
    """Carry a packet that reached a virtual port on to the members; it counts as answered when one member answers."""
    balancer = engine.world.balancer_of[port.id]
    at = packet if outcome.view is None else seen(packet, outcome.view)
    picked = pick(engine.world, balancer, at)
    listener = picked.listener
    if listener is None or picked.refusal:
        return _refuse(outcome, port, picked.refusal, (picked.change,))
    found = serving(engine.world, balancer, listener)
    if found.refusal:
        return _refuse(outcome, port, found.refusal, found.changes)
    outcome.note(found.unknown)
    if found.itself:
        outcome.add(Judgement(step("nat", port.id, True, "allow", None, found.itself)))
        return outcome
    if balancer.in_switch:
        asked = (packet.dst_port, packet.dst_port)
        members = [one for one in found.members if one.version == at.version]
        if not members:
            change = say(
                "add a member of IPv{at_version} to the pool of listener {listener_id}",
                at_version=at.version,
                listener_id=listener.id,
            )
            return _refuse(
                outcome,
                port,
                say(
                    "listener {listener_id} has no member of IPv{at_version}",
                    listener_id=listener.id,
                    at_version=at.version,
                ),
                (change,),
            )
        ways = [(one, switched(at.dst, port, listener, one, asked)) for one in members]
        legs = [(one, Trial(engine, packet, sender, switched=way).run()) for one, way in ways]
        inner = Outcome(end=outcome.end, view=outcome.view, routers=outcome.routers)
        inner.note(found.unknown)
        told = say(
            "listener {listener_id} takes it: OVN hands it on in the switch, with the client's own address",
            listener_id=listener.id,
        )
        inner.add(Judgement(step("nat", port.id, True, "allow", None, told)))
        return _joined(engine, balancer, inner, [legs], switch=True)
    told = (
        say("listener {listener_id} takes it and opens its own connection", listener_id=listener.id)
        if listener.protocol == protocols.TCP
        else say("listener {listener_id} takes it and hands it on from an address of its own", listener_id=listener.id)
    )
    outcome.add(Judgement(step("nat", port.id, True, "allow", None, told)))
    return _joined(engine, balancer, outcome, from_servers(engine, balancer, port, listener, found.members))


def from_servers(
    engine: Engine, balancer: LoadBalancer, vip: Port, listener: Listener, members: tuple[Member, ...]
) -> list[Legs]:
    """The legs to the members from each of the balancer's own servers; which of them is the master is not known."""
    return [
        [(member, try_member(engine, balancer, vip, own, member, listener)) for member in members]
        for own in own_servers(engine, balancer, vip)
    ]


def reaches(engine: Engine, balancer: LoadBalancer, legs: Legs) -> bool:
    """Say whether one of the balancer's own servers has a member that serves."""
    return serve(engine.world, balancer, [(member, leg.verdict == "allow") for member, leg in legs])


def _joined(
    engine: Engine, balancer: LoadBalancer, outcome: Outcome, tried: list[Legs], switch: bool = False
) -> Outcome:  # fmt: skip
    """The legs of all own servers in one answer."""
    serve_each = [reaches(engine, balancer, legs) for legs in tried]
    serving_all = all(serve_each)
    verdicts: dict[str, str] = {}
    for legs in tried:
        for member, leg in legs:
            if verdicts.get(member.id, "allow") == "allow":
                verdicts[member.id] = leg.verdict
            outcome.steps += [one for one in leg.steps if one not in outcome.steps]
            outcome.note(leg.unknown)
            outcome.fix += [] if serving_all else [fix for fix in leg.fix if fix not in outcome.fix]
    outcome.members = [{"id": identity, "verdict": verdict} for identity, verdict in verdicts.items()]
    outcome.note(differences(engine, balancer, tried, serve_each))
    failed = [member.id for member, _ in tried[0] if member.failed]
    if failed and serving_all:
        outcome.note(
            [say("Octavia says that {failed} did not answer the last health checks", failed=", ".join(failed))]
        )
    if switch:
        first = next((leg for _, leg in tried[0] if leg.verdict == "allow"), tried[0][0][1])
        outcome.forward, outcome.reply = first.forward, first.reply
    elif not serving_all and outcome.forward == "allow":
        outcome.forward, outcome.reply = "deny", "n/a"
    return outcome


def differences(engine: Engine, balancer: LoadBalancer, tried: list[Legs], serve_each: list[bool]) -> list[str]:
    """What depends on which server is the master, or on which member is chosen."""
    if len(set(serve_each)) > 1:
        told = say(
            "only some of load balancer {balancer_id}'s own servers get through to its members: which of them is "
            "the master is not in the snapshot and changes with a failover",
            balancer_id=balancer.id,
        )
        return [engine.world.names(told)]
    for legs in tried if all(serve_each) else []:
        missed = [
            member.id
            for member, leg in legs
            if leg.verdict != "allow" and not member.backup and not monitored(engine.world, member.pool_id)
        ]
        if missed:
            return [
                say(
                    "no health monitor takes out {missed}: what is handed there does not get through",
                    missed=", ".join(missed),
                )
            ]
    return []


def try_member(
    engine: Engine, balancer: LoadBalancer, vip: Port, own: list[Port], member: Member, listener: Listener
) -> Outcome:
    """The connection from one of the balancer's own servers to a member and, where it differs, its health check."""
    from_ = _leg(engine, balancer, vip, own, (member.version, member.address, member.subnet_id))
    ask = Packet(member.version, listener.protocol, from_.number, member.address, CLIENT_PORT, member.port)
    found = Trial(engine, ask, from_.port, _holder(engine, member, member.version, member.address)).run()
    found.note(from_.unknown)
    if not own and not balancer.in_switch:
        # The sources are in that subnet; which they are is not known, and the virtual address is none of them.
        text, home = show(member.version, from_.number), _home(engine, vip, member)
        found.fix = [{**fix, "change": _from(fix["change"], text, home)} for fix in found.fix]
    if found.verdict == "allow" and _asks_elsewhere(engine, member, listener.protocol):
        check = _check(engine, balancer, vip, own, member, listener.protocol)[1]
        if check.verdict != "allow" and _trusts(engine, member):
            told = say("the health check does not get through: to a UDP-CONNECT monitor silence is a good answer")
            found.note([told])
        elif check.verdict != "allow":
            found.steps += check.steps
            found.fix += check.fix
            found.forward = check.verdict
            found.note([say("the health check does not get through: the balancer would take the member out")])
    return found


def _from(told: str, text: str, home: str) -> str:
    """What is to be changed, with the subnet for the address that the packet came from."""
    return within(told, lambda one: home if one == text else one.replace(f"from {text} ", f"from {home} "))


def legs_asked(
    engine: Engine, balancer: LoadBalancer, vip: Port, listener: Listener, members: tuple[Member, ...]
) -> list[tuple["Leg", Packet]]:  # fmt: skip
    """What each of the balancer's own servers sends to each member: connections, and checks that go elsewhere.

    A leg from the virtual port itself stands for servers that are not in the snapshot.
    """
    found = []
    for own in own_servers(engine, balancer, vip):
        for member in members:
            leg = _leg(engine, balancer, vip, own, (member.version, member.address, member.subnet_id))
            kind = listener.protocol
            found.append((leg, Packet(member.version, kind, leg.number, member.address, CLIENT_PORT, member.port)))
            if _asks_elsewhere(engine, member, listener.protocol):
                found.append(_checking(engine, balancer, vip, own, member, listener.protocol))
    return found


@dataclass(frozen=True, slots=True)
class Leg:
    """Where a balancer's own packets begin: the port and the address they come from."""

    port: Port
    number: int
    unknown: tuple[str, ...] = ()


def health_check(
    engine: Engine, balancer: LoadBalancer, vip: Port, member: Member, otherwise: int = protocols.TCP
) -> tuple[Leg, Outcome]:
    """What the pool's monitor sends a member, and where it begins; of several own servers one that is refused.

    Where the snapshot has no monitor of the pool it is a packet of protocol `otherwise` to where the monitor would ask.
    """
    tried = [
        _check(engine, balancer, vip, own, member, otherwise) for own in own_servers(engine, balancer, vip, member)
    ]  # fmt: skip
    return next((one for one in tried if one[1].verdict != "allow"), tried[0])


def _check(
    engine: Engine, balancer: LoadBalancer, vip: Port, own: list[Port], member: Member, otherwise: int
) -> tuple[Leg, Outcome]:  # fmt: skip
    from_, ask = _checking(engine, balancer, vip, own, member, otherwise)
    found = Trial(engine, ask, from_.port, _holder(engine, member, ask.version, ask.dst)).run()
    found.note(from_.unknown)
    return from_, found


def _checking(
    engine: Engine, balancer: LoadBalancer, vip: Port, own: list[Port], member: Member, otherwise: int
) -> tuple[Leg, Packet]:  # fmt: skip
    """What the monitor of a member sends, and from where."""
    version, address, number = member.monitor or (member.version, member.address, member.port)
    monitor = _monitor(engine, member)
    protocol = otherwise if monitor is None else monitor.protocol
    from_ = _leg(engine, balancer, vip, own, (version, address, member.subnet_id))
    if protocol == protocols.ICMP:
        protocol = protocols.ICMP if version == 4 else protocols.ICMPV6
        return from_, Packet(version, protocol, from_.number, address, 0, ECHO[version] << 8)
    return from_, Packet(version, protocol, from_.number, address, CLIENT_PORT, number)


def own_servers(engine: Engine, balancer: LoadBalancer, vip: Port, member: Member | None = None) -> list[list[Port]]:
    """The ports of each of the balancer's own servers, the one that holds the virtual address first.

    Servers whose port is down are left out where others are up. Of the OVN provider: the ports its health checks come
    from in a member's subnet. Never empty: an empty list stands for servers that are not in the snapshot.
    """
    ports = engine.snapshot.ports.values()
    if balancer.in_switch:
        subnet = member.subnet_id if member is not None else None
        home = {subnet} if subnet else {fixed.subnet_id for fixed in vip.addresses}
        asking = (port for port in ports if engine.world.is_monitor(port))
        return [[port for port in asking if home & {fixed.subnet_id for fixed in port.addresses}]]
    virtual = {(address.version, address.number) for address in vip.addresses} | {(balancer.version, balancer.vip)}
    holders = {
        port.id: port
        for version, number in sorted(virtual)
        for port in engine.world.pairs.get((vip.network_id, version, number), ())
        if port.bound and port is not vip
    }
    up = [port for _, port in sorted(holders.items()) if port.admin_up]
    found: dict[str, list[Port]] = {}
    for port in up or [port for _, port in sorted(holders.items())]:
        of_device = engine.world.of_device.get(port.device_id, ())
        found.setdefault(port.device_id or port.id, [port, *(one for one in of_device if one is not port)])
    return list(found.values()) or [[]]


def _leg(
    engine: Engine, balancer: LoadBalancer, vip: Port, own: list[Port], to: tuple[int, int, str | None]
) -> Leg:  # fmt: skip
    """A server's own port towards an address: in that address's subnet where it has one there, else beside its VIP.

    `to` is (IP version, address, subnet): the balancer has a port in a member's subnet, which serves it for what is
    in that subnet.
    """
    version, address, subnet_id = to
    unknown: tuple[str, ...] = ()
    if not own:
        which = (
            say("where its health checks come from is")
            if balancer.in_switch
            else say("the ports of its own servers are")
        )
        unknown = (
            engine.world.names(
                say("{which} not in the snapshot (load balancer {balancer_id})", which=which, balancer_id=balancer.id)
            ),
        )
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


def _home(engine: Engine, vip: Port, member: Member) -> str:
    """Where a balancer's own servers have their addresses towards a member, in words."""
    subnets = [member.subnet_id] if member.subnet_id else [fixed.subnet_id for fixed in vip.addresses]
    subnet = engine.snapshot.subnets.get(next(iter(subnets), ""))
    where = show_span(subnet.version, subnet.span) if subnet is not None else say("their own addresses")
    return say("{where} (the load balancer's own servers)", where=where)


def _routes_there(subnet: Subnet, address: int) -> bool:
    return any(route.span[0] <= address <= route.span[1] for route in subnet.host_routes)


def _monitor(engine: Engine, member: Member) -> Monitor | None:
    found = engine.snapshot.healthmonitors.values()
    return next((one for one in found if one.pool_id == member.pool_id and one.admin_up), None)


def _trusts(engine: Engine, member: Member) -> bool:
    monitor = _monitor(engine, member)
    return monitor is not None and monitor.trusting


def _asks_elsewhere(engine: Engine, member: Member, protocol: int) -> bool:
    """A member's own address or port for checks counts where something checks; no monitor shown is none known of."""
    monitor = _monitor(engine, member)
    if monitor is None:
        return member.monitor is not None and not unchecked(engine.world, member.pool_id)
    return member.monitor is not None or monitor.protocol != protocol


def _holder(engine: Engine, member: Member, version: int, address: int) -> Port | None:
    """The port with a member's address, in the member's subnet where it names one."""
    found = engine.world.by_address.get((version, address), ())
    mine = [port for port in found if any(fixed.subnet_id == member.subnet_id for fixed in port.addresses)]
    return next(iter(mine or found), None)


def _refuse(outcome: Outcome, port: Port, why: str, changes: tuple[str, ...]) -> Outcome:
    told = step("nat", port.id, True, "deny", None, why)
    outcome.add(Judgement(told))
    for change in changes:
        fix: dict[str, Any] = {
            "layer": "nat", "port_id": port.id, "direction": "ingress", "rule_id": None, "change": change,
        }  # fmt: skip
        if change not in [one["change"] for one in outcome.fix]:
            outcome.fix.append(fix)
    outcome.forward, outcome.reply = "deny", "n/a"
    return outcome
