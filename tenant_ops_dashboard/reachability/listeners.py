"""What a load balancer's listeners take in, who may serve it, and what to change where they refuse."""

from dataclasses import dataclass

from tenant_ops_dashboard.sentences import about, say

from . import protocols, spans
from .boxes import box
from .gates import Line
from .model import Layer7, Listener, LoadBalancer, Member, Port
from .packets import Packet
from .spans import show
from .world import World

#: Layer 7 policies that the balancer answers itself. A REJECT answers, too, but serves nobody.
_OWN_ANSWERS = ("REDIRECT_TO_URL", "REDIRECT_PREFIX")
#: Providers whose way of handing on is known; `octavia` is the old name of `amphora` (octavia, api/config.py).
_KNOWN_PROVIDERS = ("amphora", "amphorav2", "octavia", "ovn")
#: What listeners may take (Octavia API reference, protocol).
_BALANCED = (protocols.TCP, protocols.UDP, protocols.SCTP)


@dataclass(frozen=True, slots=True)
class Picked:
    """The listener for a packet, or (`refusal`) why none takes it and what to change."""

    listener: Listener | None
    refusal: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Serving:
    """Who may serve what a listener took: members, or (`itself`, a sentence) the balancer.

    `refusal` says why nobody does, `changes` what to change. `unknown`: requests that nobody can tell.
    """

    members: tuple[Member, ...] = ()
    itself: str = ""
    refusal: str = ""
    changes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def listeners_of(world: World, balancer: LoadBalancer) -> list[Listener]:
    """The enabled listeners of a load balancer."""
    return [one for one in world.snapshot.listeners.values() if one.balancer_id == balancer.id and one.admin_up]


def pick(world: World, balancer: LoadBalancer, packet: Packet) -> Picked:
    """The listener for a packet as it comes to the virtual address: with the source that translation left."""
    if not balancer.admin_up:
        why = say("load balancer {balancer_id} is administratively down", balancer_id=balancer.id)
        return Picked(None, why, say("set admin_state_up of load balancer {balancer_id}", balancer_id=balancer.id))
    for listener in world.snapshot.listeners.values():
        if listener.balancer_id != balancer.id:
            continue
        if (listener.protocol, listener.port) != (packet.protocol, packet.dst_port):
            continue
        if not listener.admin_up:
            change = say("set admin_state_up of listener {listener_id}", listener_id=listener.id)
            return Picked(None, say("listener {listener_id} is administratively down", listener_id=listener.id), change)
        if not allows(balancer, listener, packet.version, packet.src):
            source = show(packet.version, packet.src)
            why = say(
                "allowed_cidrs of listener {listener_id} do not hold {source}", listener_id=listener.id, source=source
            )
            return Picked(
                listener,
                why,
                say("add {source} to allowed_cidrs of listener {listener_id}", source=source, listener_id=listener.id),
            )
        return Picked(listener)
    kind = protocols.name_of(packet.protocol)
    if packet.protocol not in _BALANCED:
        why = say(
            "load balancer {balancer_id} takes TCP, UDP and SCTP alone, no {kind}", balancer_id=balancer.id, kind=kind
        )
        return Picked(
            None, why, say("ask one of the listeners of load balancer {balancer_id}", balancer_id=balancer.id)
        )
    asked = say("{kind} port {dst_port}", kind=kind, dst_port=packet.dst_port)
    change = say("create a listener for {asked} on load balancer {balancer_id}", asked=asked, balancer_id=balancer.id)
    return Picked(
        None,
        say("load balancer {balancer_id} has no listener for {asked}", balancer_id=balancer.id, asked=asked),
        change,
    )


def allows(balancer: LoadBalancer, listener: Listener, version: int, number: int) -> bool:
    """Say whether a listener's allowed_cidrs hold an address; the OVN provider has no such lists."""
    if balancer.in_switch or not listener.allowed:
        return True
    return any(v == version and low <= number <= high for v, (low, high) in listener.allowed)


def lines(balancer: LoadBalancer, listeners: list[Listener], version: int) -> tuple[Line, ...]:
    """What these listeners take in, as lines of a gate."""
    found = []
    for one in listeners:
        held = one.allowed and not balancer.in_switch
        sources = spans.normal(span for v, span in one.allowed if v == version) if held else None
        if sources != ():
            match = box(version, ((one.protocol, one.protocol),), src=sources, dst_port=((one.port, one.port),))
            found.append(Line(None, "", match, True))
    return tuple(found)


def remedy(world: World, balancer: LoadBalancer, port: Port, packet: Packet | None) -> str:
    """What to change where the balancing service's own group refuses: it follows the listeners, not people.

    `packet` is one that comes in, None for what the service's own server sends.
    """
    anew = say(
        "make Octavia write the group of load balancer {balancer_id} anew (a failover does): it keeps the group "
        "in step with the listeners",
        balancer_id=balancer.id,
    )
    if packet is None:
        return anew
    vip = world.snapshot.ports.get(balancer.port_id or "")
    virtual = {(balancer.version, balancer.vip)} | {(a.version, a.number) for a in (vip.addresses if vip else ())}
    if (packet.version, packet.dst) not in virtual:
        text = show(balancer.version, balancer.vip)
        return say(
            "ask load balancer {balancer_id} at its virtual address {text}: port {port_id} is of its own servers",
            balancer_id=balancer.id,
            text=text,
            port_id=port.id,
        )
    return pick(world, balancer, packet).change or anew


def serving(world: World, balancer: LoadBalancer, listener: Listener) -> Serving:
    """Who may serve what a listener took."""
    if listener.answers:
        return Serving(
            itself=say(
                "listener {listener_id} answers itself, with the load balancer's own figures", listener_id=listener.id
            )
        )
    policies = [known for one in listener.policies if (known := _known(world, one)).admin_up and not known.empty]
    pools = [listener.pool] if listener.pool else []
    pools += [one.pool for one in policies if one.pool and one.pool not in pools]
    members = tuple(member for pool in pools for member in members_of(world, balancer, pool))
    doubts = (*_vendor(balancer), *_doubts(listener, policies, bool(pools)))
    if members:
        return Serving(members, unknown=doubts)
    if any(one.action in ("", *_OWN_ANSWERS) for one in policies):
        return Serving(
            itself=say("listener {listener_id} answers by its layer 7 policies", listener_id=listener.id),
            unknown=doubts,
        )
    refusal, changes = _nobody(world, balancer, listener, pools)
    return Serving(refusal=refusal, changes=changes)


def members_of(world: World, balancer: LoadBalancer, pool: str) -> list[Member]:
    """The members of a pool that get new connections. The OVN provider has neither weights nor backup members."""
    known = world.snapshot.pools.get(pool)
    if known is not None and not known.admin_up:
        return []
    found = [one for one in world.snapshot.members.values() if one.pool_id == pool and one.admin_up]
    return [one for one in found if one.weight or balancer.in_switch]


def serve(world: World, balancer: LoadBalancer, reached: list[tuple[Member, bool]]) -> bool:
    """Say whether some member serves, of those (member, whether it is reached) that get new connections.

    A backup member serves where its pool has no other, or where a monitor takes the others out (HAProxy).
    """
    for pool in {member.pool_id for member, _ in reached}:
        mine = [(member, ok) for member, ok in reached if member.pool_id == pool]
        first = [ok for member, ok in mine if balancer.in_switch or not member.backup]
        if any(first) or ((not first or monitored(world, pool)) and any(ok for _, ok in mine)):
            return True
    return False


def monitored(world: World, pool: str) -> bool:
    """Say whether a health monitor takes members out of a pool to whom packets are lost."""
    found = [one for one in world.snapshot.healthmonitors.values() if one.pool_id == pool and one.admin_up]
    return any(not one.trusting for one in found)


def unchecked(world: World, pool: str) -> bool:
    """Say whether nothing checks a pool: it says so (`healthmonitor_id` is null), or its monitor is switched off."""
    known = world.snapshot.pools.get(pool)
    shown = [one.admin_up for one in world.snapshot.healthmonitors.values() if one.pool_id == pool]
    return not any(shown) and (bool(shown) or (known is not None and known.unchecked))


def _known(world: World, policy: Layer7) -> Layer7:
    return policy if policy.action else world.snapshot.l7policies.get(policy.id, policy)


def _vendor(balancer: LoadBalancer) -> tuple[str, ...]:
    if balancer.provider in _KNOWN_PROVIDERS:
        return ()
    told = say(
        "how provider {provider} of load balancer {balancer_id} hands on is not known",
        provider=balancer.provider,
        balancer_id=balancer.id,
    )
    return (about(told, say("it is taken to open its own connections, as amphorae do")),)


def _doubts(listener: Listener, policies: list[Layer7], pools: bool) -> tuple[str, ...]:
    if not policies or (not pools and all(one.action in _OWN_ANSWERS for one in policies)):
        return ()
    return (
        say(
            "listener {listener_id} has layer 7 policies: which of them a request meets is not modelled",
            listener_id=listener.id,
        ),
    )


def _nobody(
    world: World, balancer: LoadBalancer, listener: Listener, pools: list[str]
) -> tuple[str, tuple[str, ...]]:  # fmt: skip
    if not pools:
        why = say("listener {listener_id} has no pool to hand it to", listener_id=listener.id)
        return why, (say("give listener {listener_id} a default pool with an enabled member", listener_id=listener.id),)
    changes: list[str] = []
    for pool in pools:
        known = world.snapshot.pools.get(pool)
        if known is not None and not known.admin_up:
            changes.append(say("set admin_state_up of pool {pool}", pool=pool))
        of_pool = [one for one in world.snapshot.members.values() if one.pool_id == pool]
        drained = [one.id for one in of_pool if one.admin_up and not one.weight and not balancer.in_switch]
        down = [one.id for one in of_pool if not one.admin_up]
        if drained:
            changes.append(
                say(
                    "give a member of pool {pool} a weight above 0: {drained} get nothing new",
                    pool=pool,
                    drained=", ".join(drained),
                )
            )
        if down:
            changes.append(
                say("set admin_state_up of a member of pool {pool}: {down}", pool=pool, down=", ".join(down))
            )
        if not of_pool:
            changes.append(
                say(
                    "add an enabled member to pool {pool} of listener {listener_id}", pool=pool, listener_id=listener.id
                )
            )
    return say(
        "listener {listener_id} has no enabled member of a weight above 0 to hand it to", listener_id=listener.id
    ), tuple(changes)
