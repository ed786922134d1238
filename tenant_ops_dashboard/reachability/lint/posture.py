"""How the layers fit: one layer blocking what the other allows, and what nobody uses."""

from collections.abc import Iterable, Iterator

from ..boxes import DST, Box, clip
from ..budget import Budget
from ..build import first_match, first_permit
from ..diagram import NOTHING, Diagrams
from ..engine import Engine
from ..gates import Line
from ..model import GATEWAY_OWNER, Port
from ..steps import Check, View
from .findings import Finding

# One layer against the other


def _behind(engine: Engine, port: Port) -> list[Port]:
    """The ports a router port's policies stand before: those of servers on its network, or the server port itself."""
    if not port.is_router:
        return [port]
    return [
        other
        for other in engine.snapshot.ports.values()
        if other.network_id == port.network_id and not other.is_router and other.device_owner != GATEWAY_OWNER
    ]


def contradictions(engine: Engine, budget: Budget) -> Iterator[Finding]:
    """Ingress: group rules whose traffic the firewall always drops, and firewall rules whose traffic no group takes.

    Raises TooComplex.
    """
    for group in engine.snapshot.firewall_groups.values():
        ports = [port for port in map(engine.snapshot.ports.get, group.ports) if port is not None]
        served = [(port, _behind(engine, port)) for port in ports if _counts(engine, port)]
        for version in (4, 6):
            yield from _blocked_by_firewall(engine, group.id, served, version, budget)
            yield from _blocked_by_group(engine, group.id, served, version, budget)


def _counts(engine: Engine, port: Port) -> bool:
    return port.is_router if engine.profile != "l2-agent" else not port.is_router


def _firewall_lines(engine: Engine, port: Port, version: int) -> tuple[Line, ...] | None:
    """The ingress lines in front of a port, None where nothing filters."""
    if engine.profile == "l3-agent":
        router = engine.snapshot.routers.get(port.device_id)
        gate = engine.firewalls.chain(Check("chain", View(version, None, None), True, router=router, exit=port))
        return None if gate.open is not None or gate.reading.default else gate.lines
    gate = engine.firewalls.gate(Check("firewall", View(version, None, None), True, port))
    return None if gate.open is not None else gate.lines


def _blocked_by_firewall(
    engine: Engine, group_id: str, served: list[tuple[Port, list[Port]]], version: int, budget: Budget
) -> Iterator[Finding]:
    passes: dict[str, bool] = {}
    owners: dict[str, str] = {}
    for port, behind in served:
        lines = _firewall_lines(engine, port, version)
        if lines is None:
            return
        for server in behind:
            if not server.secured:
                continue
            for number in [a.number for a in server.addresses if a.version == version]:
                budget.check(0, 0)
                for rule in engine.groups.lines(server, True, version, False):
                    if rule.id is None or passes.get(rule.id):
                        continue
                    owners[rule.id] = rule.owner
                    passes[rule.id] = _any_passes(lines, rule, number, version, budget)
    for rule_id, passed in passes.items():
        if not passed:
            yield Finding(
                "firewall-blocks-what-group-allows", "low", group_id, (rule_id,),
                f"nothing that rule {rule_id} of security group {owners[rule_id]} allows (IPv{version}) gets past "
                f"firewall group {group_id}",
                f"add an allow rule to firewall group {group_id}, or remove rule {rule_id}",
            )  # fmt: skip


def _any_passes(lines: tuple[Line, ...], rule: Line, number: int, version: int, budget: Budget) -> bool:
    kind, src, _, ports, src_ports = rule.match
    region = (kind, src, ((number, number),), ports, src_ports)
    parts = [(part, line.allow) for line in lines if (part := clip(line.match, region)) is not None]
    if not any(allow for _, allow in parts):
        return False
    store = Diagrams(version, budget)
    return first_permit(store, [part for part, _ in parts], [allow for _, allow in parts]) != NOTHING


def _blocked_by_group(
    engine: Engine, group_id: str, served: list[tuple[Port, list[Port]]], version: int, budget: Budget
) -> Iterator[Finding]:
    passes: dict[str, bool] = {}
    for port, behind in served:
        lines = _firewall_lines(engine, port, version)
        if lines is None:
            return
        ingress = set(engine.firewalls.lines(engine.world.firewall_of[port.id].ingress, version))
        for place, line in enumerate(lines):
            budget.check(0, 0)
            if line.allow and line.id is not None and line in ingress and not passes.get(line.id):
                dead = not _left(line.match, lines[:place], version, budget)
                passes[line.id] = dead or any(
                    _taken(engine, server, lines[: place + 1], version, budget) for server in behind
                )
    for rule_id, passed in passes.items():
        if not passed:
            yield Finding(
                "group-blocks-what-firewall-allows", "low", group_id, (rule_id,),
                f"nothing that rule {rule_id} of firewall group {group_id} allows is taken by a group behind it",
                f"add a security group rule for it, or remove rule {rule_id}",
            )  # fmt: skip


def _taken(engine: Engine, server: Port, lines: tuple[Line, ...], version: int, budget: Budget) -> bool:
    """Say whether a server takes some packet that the last of the lines decides."""
    line = lines[-1]
    for number in [address.number for address in server.addresses if address.version == version]:
        if not any(low <= number <= high for low, high in line.match[DST]):
            continue
        kind, src, _, ports, src_ports = line.match
        let_through = (kind, src, ((number, number),), ports, src_ports)
        rules = engine.groups.lines(server, True, version, False) if server.secured else ()
        wanted = [clip(rule.match, let_through) for rule in rules] if server.secured else [let_through]
        if any(part is not None and _left(part, lines[:-1], version, budget) for part in wanted):
            return True
    return False


def _left(region: Box, earlier: tuple[Line, ...], version: int, budget: Budget) -> bool:
    """Say whether earlier lines leave some packet of a region."""
    parts = [part for line in earlier if (part := clip(line.match, region)) is not None]
    if not parts:
        return True
    store = Diagrams(version, budget)
    return len(parts) + 1 in store.leaves(first_match(store, [*parts, region]))


# Nobody uses it


def unused(engine: Engine) -> Iterator[Finding]:
    """Groups and policies nothing refers to. The groups Neutron makes itself ('default') are left out."""
    snapshot = engine.snapshot
    named = {
        remote
        for group in snapshot.security_groups.values()
        for rule in group.rules
        for remote in (rule.remote_group, rule.address_group)
    }
    policies = {policy for group in snapshot.firewall_groups.values() for policy in (group.ingress, group.egress)}
    rules = {rule for policy in snapshot.firewall_policies.values() for rule in policy.rules}
    groups = [g for g in snapshot.security_groups.values() if g.name != "default" and g.id not in named]
    yield from _nobody("security group", [g.id for g in groups if g.id not in engine.world.members], "put it on a port")
    yield from _nobody("address group", [i for i in snapshot.address_groups if i not in named], "use it in a rule")
    empty = [g.id for g in snapshot.firewall_groups.values() if not g.ports and g.name != "default"]
    yield from _nobody("firewall group", empty, "give it a port")
    yield from _nobody(
        "firewall policy", [i for i in snapshot.firewall_policies if i not in policies], "give it to a group"
    )
    yield from _nobody("firewall rule", [i for i in snapshot.firewall_rules if i not in rules], "put it into a policy")


def _nobody(what: str, identities: Iterable[str], use: str) -> Iterator[Finding]:
    for identity in identities:
        why = f"nothing uses {what} {identity}"
        yield Finding("unused", "info", identity, (), why, f"{use}, or delete {what} {identity}")
