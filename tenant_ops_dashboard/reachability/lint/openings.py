"""Sensitive services that everybody may come to, decided on sets: by one rule, or by several together."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from tenant_ops_dashboard.sentences import join, say

from ..boxes import DST_PORT, PROTOCOL, SRC
from ..engine import Engine
from ..model import Forwarding, Port
from ..protocols import ANY, TCP, UDP, number_of
from ..sets import outer_ports
from ..spans import Span, Spans, holds, network, normal
from .everyone import holds_all, holds_world, makers
from .findings import Finding
from .surprises import used_policies

#: Ports that administer machines or hold data: open to everyone only by mistake.
SENSITIVE = {
    21: "FTP", 22: "SSH", 23: "Telnet", 111: "portmapper", 135: "RPC", 139: "NetBIOS", 161: "SNMP", 389: "LDAP",
    445: "SMB", 873: "rsync", 1433: "SQL Server", 1521: "Oracle", 2049: "NFS", 2375: "Docker", 2379: "etcd",
    3260: "iSCSI", 3306: "MySQL", 3389: "RDP", 5432: "PostgreSQL", 5672: "AMQP", 5900: "VNC", 5985: "WinRM",
    5986: "WinRM", 6379: "Redis", 6443: "Kubernetes", 9042: "Cassandra", 9200: "Elasticsearch", 10250: "kubelet",
    11211: "Memcached", 27017: "MongoDB",
}  # fmt: skip

#: (protocol, port) of every sensitive service.
SERVICES = [(protocol, port) for port in SENSITIVE for protocol in (TCP, UDP)]
Service = tuple[int, int]
#: (IP version, ids of the rules that make it so) -> the services they open.
Opened = dict[tuple[int, tuple[str, ...]], list[Service]]


def open_to_world(engine: Engine, exposed: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Rules that open a sensitive service to the world; worse where a port is really reached so from outside."""
    reached = _Reached(engine, exposed)
    alone: dict[tuple[str, int, Service], bool] = {}
    for group in engine.snapshot.security_groups.values():
        ports = engine.world.members.get(group.id, [])
        found = _opened(engine, (group.id,)) if ports else {}
        for (version, rules), services in found.items():
            alone.update({(group.id, version, service): True for service in services})
            yield _by_groups(
                say("security group {group_id}", group_id=group.id),
                group.id,
                rules,
                services,
                reached.by(ports, version, services),
            )
    together: dict[tuple[str, ...], Opened] = {}
    for port in engine.snapshot.ports.values():
        groups = tuple(dict.fromkeys(port.groups))
        if len(groups) < 2 or not port.secured:
            continue
        if groups not in together:
            together[groups] = _opened(engine, groups)
        for (version, rules), services in together[groups].items():
            new = [one for one in services if not any((group, version, one) in alone for group in groups)]
            if new:
                where = say("the security groups of port {port_id}", port_id=port.id)
                yield _by_groups(where, port.id, rules, new, reached.by([port], version, new))
    yield from reached.by_firewalls()
    yield from reached.unguarded()


def _opened(engine: Engine, groups: tuple[str, ...]) -> Opened:
    """What ingress rules of some groups open to the world: each rule that does so alone, then others together."""
    found: Opened = {}
    known = engine.snapshot.security_groups
    rules = [rule for group in groups if group in known for rule in known[group].rules if rule.ingress]
    matches = [(rule.version, rule.id, match) for rule in rules if (match := engine.groups.match(rule)) is not None]
    served: dict[tuple[int, Service], dict[str, Spans]] = {}
    for version, name, match in matches:
        for service in _services(match[PROTOCOL], match[DST_PORT]):
            served.setdefault((version, service), {})[name] = match[SRC]
    for (version, service), parts in sorted(served.items()):
        whole = [name for name, sources in parts.items() if holds_all(version, sources)]
        others = makers(version, {name: sources for name, sources in parts.items() if name not in whole})
        for named in (*((name,) for name in whole), *((others,) if others else ())):
            found.setdefault((version, named), []).append(service)
    return found


@lru_cache(maxsize=4096)
def _services(kinds: Spans, ports: Spans) -> tuple[Service, ...]:
    """The sensitive services among protocols and ports."""
    return tuple((kind, port) for kind, port in SERVICES if holds(kinds, kind) and holds(ports, port))


def _by_groups(where: str, about: str, rules: tuple[str, ...], services: list[Service], port: str) -> Finding:
    reached = (
        say("port {port} is reached by it from outside", port=port)
        if port
        else say("nothing comes to it so from outside now")
    )
    return Finding(
        "open-to-world",
        "critical" if port else "medium",
        about,
        rules,
        say(
            "{listed} of {where} {does} {names} to every address; {reached}",
            listed=_listed(rules),
            where=where,
            does=_does(rules, "open"),
            names=_names(services),
            reached=reached,
        ),
        say(
            "limit {listed} to the addresses that need it (remote_ip_prefix or remote_group_id)", listed=_listed(rules)
        ),
    )


def guard(port: str) -> str:
    """What helps a port without port security; whoever forwards for others would be cut off by no more than that."""
    return say(
        "turn port security on for port {port} and give it a security group; if it forwards for others (a "
        "virtual appliance), list their addresses as its allowed address pairs first",
        port=port,
    )


#: What one rule does, and what several do.
_VERBS = {"open": (say("opens"), say("together open")), "let": (say("lets"), say("together let"))}


def _listed(rules: tuple[str, ...]) -> str:
    return (
        say("rule {rule}", rule=rules[0])
        if len(rules) == 1
        else say("rules {rules} and {last}", rules=", ".join(rules[:-1]), last=rules[-1])
    )


def _does(rules: tuple[str, ...], verb: str) -> str:
    alone, together = _VERBS[verb]
    return alone if len(rules) == 1 else together


def _names(services: Iterable[Service]) -> str:
    names = list(dict.fromkeys(f"{SENSITIVE[port]} ({port})" for _, port in services))
    return join("", (", ".join(names[:4]), say(" and others") if len(names) > 4 else ""))


class _Reached:
    """The sensitive services that the world really comes to, by the exposure's boxes from the internet."""

    def __init__(self, engine: Engine, exposed: Iterable[Mapping[str, Any]]) -> None:
        self.engine = engine
        self.used = used_policies(engine)
        self.services: dict[tuple[str, int], list[Service]] = {}
        self.forwarded: dict[str, list[Forwarding]] = {}
        for floating in engine.snapshot.floatingips.values():
            for forwarding in floating.forwardings:
                self.forwarded.setdefault(forwarding.port_id or "", []).append(forwarding)
        self.firewalls: dict[tuple[str, tuple[str, ...]], dict[Service, str]] = {}
        for entry in exposed:
            port = engine.snapshot.ports.get(entry["port"] or "")
            if port is not None and entry["boxes"]:
                for version in (4, 6):
                    self._read(port, version, entry["boxes"])

    def _read(self, port: Port, version: int, boxes: list[Mapping[str, Any]]) -> None:
        serving: dict[Service, list[tuple[Mapping[str, Any], Spans]]] = {}
        for box in boxes:
            sources = _sources(tuple(box["src"]), version)
            for service in self._served(port, box, version) if sources else ():
                serving.setdefault(service, []).append((box, sources))
        for service, found in serving.items():
            if not holds_world(version, normal(span for _, sources in found for span in sources)):
                continue
            self.services.setdefault((port.id, version), []).append(service)
            parts: dict[str, Spans] = {}
            for box, sources in found:
                for rule in box["rules"]:
                    if rule["layer"] == "firewall-group":
                        parts[rule["rule_id"]] = normal((*parts.get(rule["rule_id"], ()), *sources))
            named = makers(version, parts)
            if named:
                self.firewalls.setdefault((self._policy(named[0]), named), {}).setdefault(service, port.id)

    def _served(self, port: Port, box: Mapping[str, Any], version: int) -> list[Service]:
        """The services a stranger comes to by a box: by their own ports, and by those forwarded to them."""
        if "dst_port" not in box:
            return []
        kinds, ports = protocols_of(box["protocol"], version), _ports(box["dst_port"])
        found = dict.fromkeys(_services((kinds,), (ports,)))
        for forwarding in self.forwarded.get(port.id, ()):
            for kind, inner in SERVICES:
                if kind == forwarding.protocol and kinds[0] <= kind <= kinds[1]:
                    outer = outer_ports(((inner, inner),), forwarding)
                    if any(ports[0] <= low <= ports[1] for low, _ in outer):
                        found[kind, inner] = None
        return list(found)

    def _policy(self, rule_id: str) -> str:
        """The policy by which a rule is in force: others may hold it, too, such as a version that is kept."""
        holding = (one.id for one in self.engine.snapshot.firewall_policies.values() if rule_id in one.rules)
        return min(holding, key=self._rank, default=rule_id)

    def _rank(self, policy: str) -> tuple[bool, list[tuple[str, bool]], str]:
        users = sorted((group.id, not ingress) for group, ingress in self.used.get(policy, ()))
        return not users, users, policy

    def by(self, ports: list[Port], version: int, services: list[Service]) -> str:
        """A port among some at which the world comes to one of these services, '' where there is none."""
        wanted = set(services)
        found = (p.id for p in ports if p.secured and wanted.intersection(self.services.get((p.id, version), ())))
        return next(found, "")

    def by_firewalls(self) -> Iterator[Finding]:
        """Firewall rules that let the world through to a sensitive service that answers it."""
        for (policy, rules), services in self.firewalls.items():
            port = next(iter(services.values()))
            yield Finding(
                "open-to-world",
                "high",
                policy,
                rules,
                say(
                    "{listed} of firewall policy {policy} {does} every address through to {names}; port {port} is "
                    "reached so from outside",
                    listed=_listed(rules),
                    policy=policy,
                    does=_does(rules, "let"),
                    names=_names(services),
                    port=port,
                ),
                say("limit the source addresses of {listed}, or the security groups behind", listed=_listed(rules)),
            )

    def unguarded(self) -> Iterator[Finding]:
        """Ports without port security, to whose sensitive services the world comes."""
        for (port_id, _), services in self.services.items():
            if not self.engine.snapshot.ports[port_id].secured:
                yield Finding(
                    "open-to-world",
                    "critical",
                    port_id,
                    (),
                    say(
                        "port {port_id} has no port security: every address reaches {names} of it from outside",
                        port_id=port_id,
                        names=_names(services),
                    ),
                    guard(port_id),
                )


@lru_cache(maxsize=4096)
def _sources(texts: tuple[str, ...], version: int) -> Spans:
    """The addresses of one IP version that a written box names."""
    found: list[Span] = []
    for text in texts:
        low, dash, high = text.partition("-")
        kind, first, last, _ = network(low)
        if kind == version:
            found.append((first, network(high)[2] if dash else last))
    return normal(found)


def reaches_all(sources: Iterable[str]) -> bool:
    """Whether nearly everybody of one IP version is among the addresses that a written box names."""
    texts = tuple(sources)
    return any(holds_world(version, found) for version in (4, 6) if (found := _sources(texts, version)))


def protocols_of(text: str, version: int) -> Span:
    """The protocols a written box names."""
    low, dash, high = text.partition("-")
    if dash and low.isdigit():
        return int(low), int(high)
    return (0, 255) if text == ANY else (number_of(text, version),) * 2


def _ports(text: str) -> Span:
    low, _, high = text.partition("-")
    return int(low), int(high or low)
