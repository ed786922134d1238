"""The promise of the firewall group: it stands on all of the router's interfaces, with rules that hold here. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tenant_ops_dashboard.environments import interfaces
from tenant_ops_dashboard.environments.facts import Facts
from tenant_ops_dashboard.environments.firewall_group.attempts import Failure
from tenant_ops_dashboard.environments.firewall_group.rules import Wanted
from tenant_ops_dashboard.environments.heat.resources import NOWHERE, Row, routers
from tenant_ops_dashboard.environments.model import Proof
from tenant_ops_dashboard.environments.proofs import titles
from tenant_ops_dashboard.sentences import join, say

BEFORE_IT = say(
    "No firewall group is made: the router was there before this environment. Security groups alone filter, and what "
    "others have put on that router."
)
NOT_ITS_OWN = say("The blueprint's output 'firewall' names a router that is not this environment's own.")


def proof(
    facts: Facts, wanted: Wanted | None, rows: Sequence[Row], failure: Failure | None = None, unreadable: str = ""
) -> Proof | None:  # fmt: skip
    """Whether the firewall group stands as planned.

    `failure` is the last try to make it, where that failed; `unreadable` says why nobody can tell what was planned.
    """
    name, title = "firewall", titles.FIREWALL
    if unreadable:
        return Proof(name, title, "failed", unreadable)
    if wanted is None and any(row.type == "OS::Neutron::Router" and row.place == NOWHERE for row in rows):
        return Proof(name, title, "warning", BEFORE_IT)
    if wanted is None:
        return Proof(name, title, "good", say("Not filtered by a firewall group: the blueprint asks for none."))
    if wanted.router not in routers(rows):
        return Proof(name, title, "failed", join(" ", (NOT_ITS_OWN, say("Nothing is filtered."))))
    if "Neutron" in facts.silent:
        return Proof(name, title, "building", facts.silent["Neutron"])
    if facts.firewall_group is None:
        return Proof(name, title, "warning", say("Not filtered by a firewall group: no firewall service."))
    firewall_group = facts.firewall_group
    if firewall_group.group is None and failure is not None:
        return Proof(name, title, "failed", failure.words)
    if firewall_group.group is None:
        return Proof(name, title, "building", say("The firewall group is still to be made."))
    if misfit := firewall_group.misfit(wanted):
        return Proof(name, title, "failed" if wanted.profile else "warning", _misfit(misfit, wanted))
    if differences := firewall_group.differences(wanted):
        more = say(" and {n} more", n=len(differences) - 3) if len(differences) > 3 else ""
        return Proof(
            name,
            title,
            "warning",
            say("Changed by hand: {differences}{more}.", differences=join("; ", differences[:3]), more=more),
        )
    ports = set(interfaces.of((facts.ports or {}).values(), {wanted.router}, facts.project_id))
    if facts.ports is not None and not ports <= firewall_group.ports:
        return Proof(
            name,
            title,
            "failed",
            say(
                "{n} of the router's {all} interfaces are not in it.",
                n=len(ports - firewall_group.ports),
                all=len(ports),
            ),
        )
    if firewall_group.status not in ("ACTIVE", "INACTIVE") and firewall_group.status.startswith("PENDING"):
        return Proof(
            name, title, "building", say("Neutron is still working on it ({status}).", status=firewall_group.status)
        )
    if firewall_group.status != "ACTIVE":
        return Proof(
            name, title, "failed", say("Neutron says {status}: it filters nothing.", status=firewall_group.status)
        )
    n, count = len(firewall_group.ports), len(firewall_group.ingress) + len(firewall_group.egress)
    if not wanted.profile:
        return Proof(name, title, "warning", _either(n, count))
    return Proof(name, title, "good", say("ACTIVE on {n} router interfaces, {count} rules.", n=n, count=count))


def _misfit(theirs: str, wanted: Wanted) -> str:
    if wanted.profile:
        return say(
            "Its rules are those for the back end '{theirs}', and here '{profile}' filters, where they let other "
            "traffic through. Retry puts in those that hold here.",
            theirs=theirs,
            profile=wanted.profile,
        )
    return say(
        "Its rules are those for the back end '{theirs}', and nobody knows whether it is the one that filters here: on "
        "another one they let other traffic through. Your operator says which it is: TENANT_OPS_FIREWALL_PROFILE.",
        theirs=theirs,
    )


def _either(n: int, count: int) -> str:
    # No packet from outside can show what passes between the environment's own networks.
    return say(
        "ACTIVE on {n} router interfaces, {count} rules that hold on either back end. Which one filters here is not "
        "known, so nobody can tell from reading that it does: your operator says it with TENANT_OPS_FIREWALL_PROFILE.",
        n=n,
        count=count,
    )
