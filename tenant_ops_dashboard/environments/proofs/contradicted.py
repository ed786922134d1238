"""What is known since packets were sent, and takes back what they found. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tenant_ops_dashboard.environments.model import Details, Proof
from tenant_ops_dashboard.sentences import join, say

SERVER = "database-server"
# Which promises of the services a promise to the outside stands on.
_ABOUT: Mapping[str, tuple[str, ...]] = {
    "http": ("load-balancer", "members", "firewall"),
    "https": ("load-balancer", "members", "firewall"),
    "database": ("members", "volume", "security-groups", SERVER),
    "closed": ("firewall", "security-groups"),
}
_BAD = ("warning", "failed")


@dataclass(frozen=True)
class Packets:
    """What packets found, and what the services had told when they were sent."""

    found: tuple[Proof, ...]
    before: tuple[Proof, ...]


def knowledge(details: Details) -> tuple[Proof, ...]:
    """What the services tell of what packets rely on: their promises, and the database's server."""
    told = tuple(one for one in details.proofs if one.name not in _ABOUT)
    return told + tuple(
        Proof(
            SERVER, box.title, "failed" if box.itself == "gone" else box.itself,
            say("{title} is {state}.", title=box.title, state=box.detail),
        )
        for box in details.picture.boxes if box.kind == "database"
    )  # fmt: skip


def since(sent: Packets, details: Details) -> dict[str, str]:
    """Of what packets found, what does not hold any more, by name: the sentences that say why.

    What got worse takes back what was good, what got better what was not. What was so already when they were sent
    takes back nothing: they came through, or did not, all the same.
    """
    before, now = {one.name: one.state for one in sent.before}, {one.name: one for one in knowledge(details)}
    worse = {name for name, one in now.items() if one.state in _BAD and before.get(name) not in _BAD}
    better = {name for name, one in now.items() if one.state == "good" and before.get(name) in _BAD}
    found = {}
    for one in sent.found:
        changed = worse if one.state == "good" else better if one.state in _BAD else ()
        found[one.name] = join(" ", [now[name].evidence for name in _ABOUT.get(one.name, ()) if name in changed])
    return {name: said for name, said in found.items() if said}
