"""The promises of an environment that the service layer can tell: no packets, no further calls. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud.values import listing, mapping, number, text
from tenant_ops_dashboard.environments.facts import Facts, Item
from tenant_ops_dashboard.environments.firewall_group.attempts import Failure
from tenant_ops_dashboard.environments.firewall_group.rules import Wanted
from tenant_ops_dashboard.environments.heat.resources import Row
from tenant_ops_dashboard.environments.model import Proof, State
from tenant_ops_dashboard.environments.proofs import titles
from tenant_ops_dashboard.environments.status import firewall
from tenant_ops_dashboard.environments.template.hot import Resource, Scope
from tenant_ops_dashboard.environments.template.picture import Seen
from tenant_ops_dashboard.octavia import first_check, status, transport
from tenant_ops_dashboard.sentences import join, say


def proofs(
    resources: Sequence[Resource],
    rows: Sequence[Row],
    at: Scope,
    facts: Facts,
    seen: Mapping[str, Seen],
    wanted: Wanted | None,
    failure: Failure | None = None,
    unreadable: str = "",
) -> tuple[Proof, ...]:
    """One proof a promise, in the order a person would check them.

    What the template has decides which there are: one that cannot be checked now is there and says why.
    """
    found = [
        _balancer(resources, rows, facts, seen),
        _members(resources, rows, facts),
        _groups(resources, at, facts),
        firewall.proof(facts, wanted, rows, failure, unreadable),
        _volume(resources, rows, facts, seen),
    ]
    return tuple(one for one in found if one is not None)


def _has(resources: Sequence[Resource], kind: str) -> bool:
    return any(one.type == kind for one in resources)


def _silent(name: str, title: str, facts: Facts, service: str) -> Proof:
    return Proof(
        name,
        title,
        "building",
        say("Not checked: {silent}", silent=facts.silent.get(service, say("{service} is silent.", service=service))),
    )


def _balancer(
    resources: Sequence[Resource], rows: Sequence[Row], facts: Facts, seen: Mapping[str, Seen]
) -> Proof | None:
    name, title = "load-balancer", titles.BALANCER
    if not _has(resources, "OS::Octavia::LoadBalancer"):
        return None
    if facts.balancers is None:
        return _silent(name, title, facts, "Octavia")
    ours = [row for row in rows if row.type == "OS::Octavia::LoadBalancer" and row.resource_id]
    if not ours:
        return Proof(name, title, "failed", say("Heat knows no load balancer of it."))
    worst: State = "good"
    told = []
    for row in ours:
        tree = facts.balancers.get(row.resource_id) or {}
        provisioning, operating = tree.get("provisioning_status", "deleted"), tree.get("operating_status", "")
        told.append(f"{tree.get('name') or row.key}: {provisioning}{', ' if operating else ''}{operating}.")
        state = "building" if provisioning.startswith("PENDING") else seen[row.key].state
        worst = state if state != "good" else worst
    return Proof(name, title, "failed" if worst == "gone" else worst, " ".join(told))


def _members(resources: Sequence[Resource], rows: Sequence[Row], facts: Facts) -> Proof | None:
    name, title = "members", titles.MEMBERS
    wanted = sum(one.copies for one in resources if one.type == "OS::Octavia::PoolMember")
    # A pool whose group has no server left promises servers as before.
    if not wanted and not _has(resources, "OS::Octavia::Pool"):
        return None
    if facts.balancers is None:
        return _silent(name, title, facts, "Octavia")
    ours = {row.resource_id for row in rows if row.type == "OS::Octavia::PoolMember"}
    members = [one for id_, one in facts.members.items() if id_ in ours]
    up = [one for one in members if status.member_of(one) == "good"]
    coming = {one["id"]: found for one in members if (found := status.coming(one))}
    told = join(", ", [
        f"{one['address']}:{one['protocol_port']} "
        + (say("waits for its first health check since {since}", since=first_check.clock(coming[one["id"]].since))
           if one["id"] in coming else one["operating_status"])
        for one in members
    ])  # fmt: skip
    state: State = "good" if up and len(up) == wanted else "warning" if up else "failed"
    if coming and len(up) + len(coming) == wanted:
        state = "building"
    counted = say("{n} of {wanted} up: {told}.", n=len(up), wanted=wanted, told=told or say("none"))
    return Proof(name, title, state, join(" ", (counted, _silence(ours, facts))))


def _silence(members: Collection[str], facts: Facts) -> str:
    """What the monitor of these members does not see; '' where it sees who does not answer."""
    pools = [pool for pool in facts.pools.values() if any(one["id"] in members for one in pool["members"])]
    if not any(pool["health_monitor"].get("type") == transport.UDP_CONNECT for pool in pools):
        return ""
    return say("Its UDP-CONNECT monitor takes silence for a good answer, so that this proves no more than that.")


def _groups(resources: Sequence[Resource], at: Scope, facts: Facts) -> Proof | None:
    name, title = "security-groups", titles.GROUPS
    planned = [one for one in resources if one.type == "OS::Neutron::SecurityGroup"]
    if not planned:
        return None
    if facts.groups is None:
        return _silent(name, title, facts, "Neutron")
    compared = [found for one in planned if (found := _compare(one, facts.groups.get(at.ids.get(one.key, "")), facts))]
    if len(compared) < len(planned):
        return _silent(name, title, facts, "Neutron")
    if wrong := [said for told, _given in compared for said in told]:
        return Proof(name, title, "warning", say("Changed by hand: {wrong}.", wrong=join("; ", wrong)))
    if given := sorted({rule for _told, rules in compared for rule in rules}, key=str):
        told = say(
            "{n} groups hold what the blueprint says, and what this cloud gives every new group: {rules}.",
            n=len(planned), rules=join("; ", [_words(rule) for rule in given]),
        )  # fmt: skip
        return Proof(name, title, "good", told)
    return Proof(name, title, "good", say("{n} groups hold what the blueprint says, and nothing else.", n=len(planned)))


def _compare(planned: Resource, actual: Item | None, facts: Facts) -> tuple[list[str], set[Bare]] | None:
    """What was changed by hand, and which rules are the cloud's own gift; None where that cannot be told apart now."""
    words = say(str(planned.meta.get("title") or planned.key))
    if actual is None:
        return [say("{group} is gone", group=words)], set()
    rules = planned.properties.get("rules", [])
    if not isinstance(rules, list):
        # Made by a function that only Heat works out: there is nothing to compare with.
        return [], set()
    want = {_wanted(rule) for rule in map(mapping, listing(rules)) if rule}
    have = {_actual(rule) for rule in actual["security_group_rules"]} - {_out("IPv4"), _out("IPv6")}
    more = have - want
    gifts = facts.given() if more else ()
    if gifts is None:
        return None
    given = {_actual(rule) for rule in gifts} & more
    told = [say("{group} lacks {rule}", group=words, rule=_words(rule)) for rule in sorted(want - have, key=str)]
    told += [say("{group} has {rule} too", group=words, rule=_words(rule)) for rule in sorted(more - given, key=str)]
    return told, given


Bare = tuple[str, str, str, int | None, int | None, str]


def _wanted(rule: Mapping[str, Any]) -> Bare:
    low, high = rule.get("port_range_min"), rule.get("port_range_max")
    remote = text(rule.get("remote_group_id")) or text(rule.get("remote_ip_prefix"))
    return (
        text(rule.get("direction", "ingress")), text(rule.get("ethertype", "IPv4")), text(rule.get("protocol")),
        number(low) or None, number(high) or None, "" if remote == "0.0.0.0/0" else remote,
    )  # fmt: skip


def _actual(rule: Mapping[str, Any]) -> Bare:
    remote = rule.get("remote_group_id") or rule.get("remote_ip_prefix") or ""
    return (
        text(rule.get("direction")), text(rule.get("ethertype")), text(rule.get("protocol")),
        number(rule.get("port_range_min")) or None, number(rule.get("port_range_max")) or None,
        "" if remote == "0.0.0.0/0" else remote,
    )  # fmt: skip


def _out(ethertype: str) -> Bare:
    return ("egress", ethertype, "", None, None, "")


def _words(rule: Bare) -> str:
    direction, ethertype, protocol, low, high, remote = rule
    ports = "" if low is None else f" {low}" if low == high else f" {low}-{high}"
    what = (protocol or say("any")) + ports + (f" ({ethertype})" if ethertype == "IPv6" else "")
    if direction == "ingress":
        return say("ingress {what} from {remote}", what=what, remote=remote or say("anywhere"))
    return say("egress {what} to {remote}", what=what, remote=remote or say("anywhere"))


def _volume(resources: Sequence[Resource], rows: Sequence[Row], facts: Facts, seen: Mapping[str, Seen]) -> Proof | None:
    name, title = "volume", titles.VOLUME
    if not _has(resources, "OS::Cinder::Volume") or not _has(resources, "OS::Cinder::VolumeAttachment"):
        return None
    if facts.volumes is None:
        return _silent(name, title, facts, "Cinder")
    ours = [row for row in rows if row.type == "OS::Cinder::Volume"]
    attachments = [row for row in rows if row.type == "OS::Cinder::VolumeAttachment"]
    if not ours or not attachments:
        return Proof(name, title, "failed", say("Heat knows no attached volume of it."))
    lost = [row for row in (*ours, *attachments) if seen[row.key].state != "good"]
    if lost:
        states = {seen[row.key].detail or seen[row.key].state for row in lost}
        return Proof(
            name, title, "failed", say("{states}: the database has no volume.", states=join(", ", sorted(states)))
        )
    volumes = [facts.volumes[row.resource_id] for row in ours]
    servers = {id_: one["name"] for id_, one in (facts.servers or {}).items()}
    told = []
    for one in volumes:
        where = ", ".join(servers.get(entry["server_id"], entry["server_id"]) for entry in one["attachments"])
        told.append(say("{name}, {size} GB, at {where}", name=one["name"], size=one["size"], where=where))
    return Proof(name, title, "good", join("; ", told) + ".")
