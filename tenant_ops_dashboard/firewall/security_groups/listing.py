"""The project's security groups, each with what it lets in and who is in it."""

from __future__ import annotations

from dataclasses import dataclass

from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.security_groups import read, words
from tenant_ops_dashboard.firewall.words import Labels


@dataclass(frozen=True)
class Member:
    """A port in a group: `name` is the server's, else its own; `groups` are names of all its groups, this one first.

    `secured` says that the port's security groups are asked at all.
    """

    id: str
    name: str
    addresses: tuple[str, ...]
    groups: tuple[str, ...]
    secured: bool


@dataclass(frozen=True)
class Listed:
    """A group in a list: `members` are names of who is in it, numbers count rules, `says` is what it lets in."""

    id: str
    name: str
    description: str
    ports: tuple[str, ...]
    members: tuple[str, ...]
    ingress_rules: int
    egress_rules: int
    named_by: tuple[str, ...]
    says: str


def listing(ends: Ends) -> tuple[Listed, ...]:
    """The project's own groups by name; nothing is asked but what `ends` knows."""
    seen = ends.seen
    known, labels = words.names(seen), Labels(seen, ends.names)
    rows = read.groups(seen)
    states = {str(one["id"]): read.state(one) for one in rows}
    naming: dict[str, list[str]] = {}
    for state in states.values():
        for id_ in {one.remote_group_id for one in state.rules} - {None, state.id}:
            naming.setdefault(str(id_), []).append(state.name or state.id)
    found = []
    for row in rows:
        state = states[str(row["id"])]
        ports = tuple(one.id for one in ends.engine.world.members.get(state.id, ()))
        ways = [one.direction for one in state.rules]
        found.append(Listed(
            state.id, state.name, str(row.get("description") or ""), ports,
            tuple(dict.fromkeys(map(labels.port, ports))), ways.count("ingress"), ways.count("egress"),
            tuple(sorted(naming.get(state.id, ()))), words.line(state.rules, known),
        ))  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.name, one.id)))


def members(ends: Ends, group: str) -> tuple[Member, ...]:
    """The ports in a group, by name: who is protected by it."""
    known, labels = words.names(ends.seen), Labels(ends.seen, ends.names)
    rows = [one for one in ends.seen.rows("ports") if group in (one.get("security_groups") or ())]
    found = []
    for row in rows:
        others = [known.get(one, one) for one in row["security_groups"] if one != group]
        addresses = tuple(str(one["ip_address"]) for one in row.get("fixed_ips") or ())
        secured = row.get("port_security_enabled") is not False
        names = (known.get(group, group), *others)
        found.append(Member(str(row["id"]), labels.port(str(row["id"])), addresses, names, secured))
    return tuple(sorted(found, key=lambda one: (one.name, one.id)))
