"""What lint does not tell: what else the internet reaches, ports that nothing filters, groups that let all pass."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from tenant_ops_dashboard.posture.exposed import Exposed
from tenant_ops_dashboard.posture.model import Box
from tenant_ops_dashboard.reachability.budget import Budget
from tenant_ops_dashboard.reachability.build import first_permit
from tenant_ops_dashboard.reachability.diagram import SOMETHING, Diagrams
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import TooComplex
from tenant_ops_dashboard.reachability.lint import LEVELS, Finding
from tenant_ops_dashboard.reachability.lint.openings import SENSITIVE, guard, protocols_of, reaches_all
from tenant_ops_dashboard.reachability.model import Port
from tenant_ops_dashboard.reachability.protocols import TCP, UDP, WITH_PORTS, name_of
from tenant_ops_dashboard.reachability.scope import servers
from tenant_ops_dashboard.sentences import join, say

REACHED = "reached-from-internet"
#: What a web server is there for.
WEB = ((80, 80), (443, 443))
#: A range of more ports than this is no service that somebody meant.
WIDE = 100
_NUMBER, _OTHERS = "protocol ", say("other protocols")


def machines(engine: Engine) -> tuple[Port, ...]:
    """The ports of a reading but for those that Neutron keeps for itself, such as a router's or DHCP's."""
    return tuple(one for one in servers(engine.snapshot) if not one.device_owner.startswith("network:"))


def reached(exposed: Exposed, told: Collection[int]) -> Iterator[tuple[Finding, tuple[Box, ...]]]:
    """A finding for each port that the internet reaches, about the boxes that are not among `told` (their `id()`)."""
    for port, boxes in exposed.by_port.items():
        left = tuple(box for box in boxes if id(box) not in told)
        if not left:
            continue
        worst = max((_severity(box) for box in left), key=LEVELS.index)
        rules = tuple(dict.fromkeys(rule["rule_id"] for box in left for rule in box["rules"]))
        yield Finding(
            REACHED, worst, port, rules, say("the internet reaches port {port}: {what}", port=port, what=what(left)),
            say("limit it to the addresses that need it, if this is not meant for everybody") if rules else
            say("give port {port} port security and a security group, if this is not meant", port=port),
        ), left  # fmt: skip


def unfiltered(engine: Engine) -> tuple[Port, ...]:
    """Ports of machines at which neither a security group nor a firewall group stands on any way to them."""
    world = engine.world
    covered: dict[str, bool] = {}
    for interfaces in world.router_ports.values():
        for port in interfaces:
            guarded = port.id in world.firewall_of
            covered[port.network_id] = covered.get(port.network_id, True) and guarded
    return tuple(
        port for port in machines(engine)
        if not port.secured and port.bound and port.id not in world.firewall_of
        and not covered.get(port.network_id, False)
    )  # fmt: skip


def unprotected(
    ports: Iterable[Port], exposed: Exposed, told: Collection[str]
) -> Iterator[tuple[Finding, tuple[Box, ...]]]:
    """A finding for each of these ports that is not among `told`."""
    for port in ports:
        if port.id not in told:
            boxes = exposed.by_port.get(port.id, ())
            severity, how = "high", say("the internet reaches it")
            if not boxes:
                severity, how = "medium", say("whatever is routed to its network reaches it")
                if port.network_id not in exposed.routed:
                    severity, how = "low", say("whoever else is on its network, to which nothing is routed, reaches it")
            yield (
                Finding(
                    "nothing-filters",
                    severity,
                    port.id,
                    (),
                    say(
                        "port {port_id} has no port security, and no firewall group stands before it: {how}",
                        port_id=port.id,
                        how=how,
                    ),
                    guard(port.id),
                ),
                boxes,
            )


def let_all_pass(engine: Engine) -> Iterator[Finding]:
    """Firewall groups on ports whose policies allow every packet, both ways: they do nothing."""
    for group in engine.snapshot.firewall_groups.values():
        if not any(one in engine.snapshot.ports for one in group.ports) or not (group.ingress and group.egress):
            continue
        if all(_all(engine, policy, version) for policy in (group.ingress, group.egress) for version in (4, 6)):
            yield Finding(
                "filters-nothing",
                "medium",
                group.id,
                (),
                say(
                    "both policies of firewall group {group_id} allow every packet: it filters nothing",
                    group_id=group.id,
                ),
                say(
                    "write what firewall group {group_id} is to keep out, or take its ports out of it",
                    group_id=group.id,
                ),
            )


def what(boxes: Iterable[Box]) -> str:
    """Protocols and ports in words: 'tcp 22, 80'."""
    found: dict[str, dict[str, None]] = {}
    for box in boxes:
        port = str(box.get("dst_port", ""))
        low, _, high = port.partition("-")
        shown = "" if port in ("", "0-65535") else low if low == (high or low) else port
        for protocol in _protocols(str(box["protocol"])):
            found.setdefault(protocol, {})[shown] = None
    if _OTHERS in found:
        found = {one: ports for one, ports in found.items() if not one.startswith(_NUMBER)}
    told = []
    for protocol, ports in sorted(found.items(), key=lambda each: each[0] == _OTHERS):
        named = [one for one in ports if one][:6]
        more = " ..." if len(ports) > 6 else ""
        told.append(protocol if "" in ports else join(" ", (protocol, ", ".join(named) + more)))
    return join(", ", told)


def _protocols(text: str) -> list[str]:
    """How people call the protocols of a box: of a range of numbers, those that they know."""
    low, dash, high = text.partition("-")
    if not low.isdigit():
        return [text]
    if not dash:
        return [say("protocol {number}", number=low)]
    return [*(name_of(one) for one in (TCP, UDP) if int(low) <= one <= int(high)), _OTHERS]


def _all(engine: Engine, policy: str, version: int) -> bool:
    lines = engine.firewalls.lines(policy, version)
    store = Diagrams(version, Budget())
    try:
        return first_permit(store, [line.match for line in lines], [line.allow for line in lines]) == SOMETHING
    except TooComplex:
        return False


def _severity(box: Box) -> str:
    """Of what lint does not call open to the world: by how much of a machine is open, and what stands there."""
    if "dst_port" not in box:
        return "info"
    low, _, high = str(box["dst_port"]).partition("-")
    first, last = int(low), int(high or low)
    lowest, highest = protocols_of(box["protocol"], 4)
    if not any(lowest <= one <= highest for one in WITH_PORTS):
        return "low"
    sensitive = any(first <= one <= last for one in SENSITIVE)
    if sensitive and any(lowest <= one <= highest for one in (TCP, UDP)) and reaches_all(box["src"]):
        # Lint names the rules that do this: here they are another project's, such as Octavia's own.
        return "high"
    if last - first >= WIDE:
        return "medium"
    if sensitive:
        return "low"
    return "info" if any(low_ <= first and last <= high_ for low_, high_ in WEB) else "low"
