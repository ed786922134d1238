"""The project's firewall groups, each with what it lets through in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.environments.firewall_group import group as marks
from tenant_ops_dashboard.firewall import read
from tenant_ops_dashboard.firewall.ends import INTERNET, Ends
from tenant_ops_dashboard.firewall.model import DIRECTIONS
from tenant_ops_dashboard.firewall.snapshot import Json
from tenant_ops_dashboard.firewall.words import Labels, what
from tenant_ops_dashboard.reachability.exposure import exposure
from tenant_ops_dashboard.reachability.lint import Finding, lint
from tenant_ops_dashboard.sentences import join, say

#: So much of what the internet reaches is named in one line.
NAMED = 3


@dataclass(frozen=True)
class Listed:
    """A group in a list. `ports` are ids, the numbers count rules, `environment` is its name (its id where Heat is
    silent, '' where the group is of none); `says` is what it lets through, for people.
    """

    id: str
    name: str
    status: str
    ports: tuple[str, ...]
    ingress_rules: int
    egress_rules: int
    environment: str
    findings: tuple[Finding, ...]
    says: str


def listing(ends: Ends, findings: bool = True) -> tuple[Listed, ...]:
    """The project's own groups by name. Asks Heat for names where one is an environment's.

    Without `findings` nothing is linted, which takes the longest by far.
    """
    seen = ends.seen
    rows = read.groups(seen)
    policies = {one["id"]: one.get("firewall_rules") or () for one in seen.rows("firewall_policies")}
    names = ends.names.of_environments if any(marks.owner(one) for one in rows) else {}
    found = lint(ends.engine) if rows and findings else []
    reached = exposure(ends.engine) if rows else []
    labels = Labels(seen, ends.names)

    def listed(row: Json) -> Listed:
        sides = [read.policy_id(row, one) for one in DIRECTIONS]
        counts = [len(policies.get(one or "", ())) for one in sides]
        owner = marks.owner(row)
        held = {row["id"], *sides, *(rule for one in sides for rule in policies.get(one or "", ()))}
        return Listed(
            id=str(row["id"]), name=str(row.get("name") or ""), status=str(row.get("status") or ""),
            ports=tuple(row.get("ports") or ()), ingress_rules=counts[0], egress_rules=counts[1],
            environment=names.get(owner, owner),
            findings=tuple(one for one in found if one.object in held or held & set(one.rules)),
            says=_says(ends, labels, row, reached),
        )  # fmt: skip

    return tuple(sorted(map(listed, rows), key=lambda one: (one.name, one.id)))


def _says(ends: Ends, labels: Labels, row: Json, reached: Sequence[Mapping[str, Any]]) -> str:
    """What the internet reaches through a group, in one line."""
    engine = ends.engine
    if not row.get("ports"):
        return say("It is on no port, so it filters nothing.")
    if not any(read.policy_id(row, one) for one in DIRECTIONS):
        drops = engine.profile == "ovn"
        return (
            say("It has no policy, so it lets nothing through.")
            if drops
            else say("It has no policy, so it filters nothing.")
        )
    networks = {engine.snapshot.ports[one].network_id for one in row["ports"] if one in engine.snapshot.ports}
    behind = {one.id for one in engine.snapshot.ports.values() if one.network_id in networks}
    found: dict[tuple[str, bool], list[str]] = {}
    unsure = False
    for entry in reached:
        if entry["port"] in behind:
            unsure |= bool(entry["unknown"])
            if any("too complex" in one for one in entry["unknown"]):
                return say("What reaches {port} is too complex to say in a line.", port=labels.port(entry["port"]))
            for box in entry["boxes"]:
                words = join(" ", (labels.port(entry["port"]), what(box)))
                found.setdefault((words, ":" in box["src"][0]), []).extend(box["src"])
    told = dict.fromkeys(said for (words, _), src in found.items() if (said := _from(labels, words, src)))
    who = say("As far as it is known the internet") if unsure else say("The internet")
    if not told:
        return say("{who} reaches nothing behind it.", who=who)
    more = say(" and {n} more", n=len(told) - NAMED) if len(told) > NAMED else ""
    return say("{who} reaches {told}{more}.", who=who, told=join(", ", list(told)[:NAMED]), more=more)


def _from(labels: Labels, words: str, src: Sequence[str]) -> str:
    """What gets through, with whom it is let through from where that is not everybody; '' where it is nobody."""
    where = labels.outside(src)
    if where == INTERNET:
        return words
    # Of the internet nobody has an address of the project's own subnets.
    if not where.startswith(INTERNET):
        return ""
    return say("{words} from {where}", words=words, where=where.removeprefix(INTERNET).strip(" ()"))
