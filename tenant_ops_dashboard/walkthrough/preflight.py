"""Before the show: what the scenarios need, looked at, each problem with its fix. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.planning import plan as planning
from tenant_ops_dashboard.environments.planning import quota
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.walkthrough import access, marked, scenarios, steps
from tenant_ops_dashboard.walkthrough.acts import copies, leftovers, shop
from tenant_ops_dashboard.walkthrough.model import Problem
from tenant_ops_dashboard.walkthrough.store import Store

#: What each scenario needs of the catalogue, and in a person's words.
_ALWAYS = ("orchestration", "compute", "network", "block-storage", "load-balancer", "image")
_RULES = {
    "orchestration": ("environments:launch", "environments:delete"),
    "balancing": ("environments:launch", "loadbalancers:scale"),
    "firewall": ("environments:launch", "firewall:edit"),
    "cloning": ("environments:launch", "clones:offer"),
}
#: What one server more takes.
_ONE_MORE = ("instances", "cores", "ram", "port", "member")
Found = Iterator[Problem]


def preflight(cloud: Cloud, store: Store, id_: str | None = None) -> list[Problem]:
    """All findings for one scenario (None: for all), good ones too; what cannot be looked at is a finding.

    Raises NotAllowed, NotFound.
    """
    steps.require(cloud, access.GET)
    ids = [scenarios.find(id_).scenario.id] if id_ else [one.scenario.id for one in scenarios.PLAYS]
    found = list(_looked("Mark", lambda: _mark(cloud)))
    found += _looked("Services", lambda: _services(cloud))
    found += _looked("Roles", lambda: _roles(cloud, ids))
    found += _looked("Packets", lambda: _packets(cloud))
    found += _looked("Room", lambda: _room(cloud))
    found += _looked("Firewall", lambda: _firewall(cloud)) if "firewall" in ids else ()
    found += _looked("Other project", lambda: _receiver(cloud)) if "cloning" in ids else ()
    found += _looked("Care", lambda: iter([store.care(cloud)]))
    found += _looked("Leftovers", lambda: _leftovers(cloud, store))
    found += _looked("Time", lambda: _time(cloud, store, ids))
    return found


def _looked(what: str, look: Callable[[], Found]) -> Found:
    try:
        yield from look()
    except TenantOpsError as error:
        yield Problem(what, "failed", error.line, error.todo or "Try again; if it stays so, ask your operator.")


def _mark(cloud: Cloud) -> Found:
    if marked.marked(cloud):
        yield Problem("Mark", "good", f"The project {cloud.project_name} is marked for demonstrations.")
    else:
        told = f"The project {cloud.project_name} is not marked for demonstrations: nothing is done in it."
        yield Problem("Mark", "failed", told, marked.fix(cloud))


def _services(cloud: Cloud) -> Found:
    missing = [one for one in _ALWAYS if not cloud.has(one)]
    if missing:
        told = f"This cloud's catalogue lacks {', '.join(missing)}."
        yield Problem("Services", "failed", told, "Show it on a cloud or region that has them.")
    else:
        yield Problem("Services", "good", "Heat, Nova, Neutron, Cinder, Octavia and Glance are in the catalogue.")


def _roles(cloud: Cloud, ids: list[str]) -> Found:
    wanted = dict.fromkeys([access.RUN, access.RESET, *(rule for one in ids for rule in _RULES[one])])
    missing = [rule for rule in wanted if not policy.allowed(cloud, rule)]
    if missing:
        fix = f"Ask for the role 'member' in {cloud.project_name}, or your operator for these rules."
        yield Problem("Roles", "failed", f"You may not do everything here: {', '.join(missing)}.", fix)
    else:
        yield Problem("Roles", "good", f"Your roles in {cloud.project_name} allow every step.")


def _packets(cloud: Cloud) -> Found:
    if not cloud.options.packet_proofs:
        fix = "Your operator switches it on: TENANT_OPS_PACKET_PROOFS."
        yield Problem("Packets", "failed", "This dashboard sends no packets, so nothing is proved from outside.", fix)
    else:
        way = f"through {cloud.options.proof_proxy}" if cloud.options.proof_proxy else "from this dashboard's host"
        yield Problem("Packets", "good", f"Packets go to floating IPs {way}.")


def _room(cloud: Cloud) -> Found:
    if shop.standing(cloud) is not None:
        yield Problem("Room", "good", f"The environment {shop.NAME} stands already and is used.")
        return
    made = planning.plan(cloud, shop.request())
    for field, told in made.problems.items():
        fix = "Free some of it, or ask your operator for more." if not field else "Ask your operator."
        yield Problem("Room", "failed", told, fix)
    if not made.problems:
        yield Problem("Room", "good", "Quotas, image, flavors, external network and addresses are enough for a launch.")
        for one in made.quotas:
            if one.left is not None and one.left < 1 and one.resource in _ONE_MORE:
                told = f"After the launch nothing is left of the quota {one.title}, and scaling out takes one more."
                yield Problem("Room", "warning", told, "Free some of it, or ask your operator for more.")


def _firewall(cloud: Cloud) -> Found:
    if not quota.has_firewall(cloud):
        fix = "Leave the firewall scenario out, or show it on a cloud whose Neutron has FWaaS v2."
        yield Problem("Firewall", "failed", "This cloud's Neutron has no FWaaS v2.", fix)
        return
    profile = cloud.options.firewall_profile
    fix = "Ask your operator whether that is the back end: TENANT_OPS_FIREWALL_PROFILE." if profile != "ovn" else ""
    told = f"FWaaS v2 is there; the dashboard reckons with the back end '{profile}'."
    yield Problem("Firewall", "good" if profile == "ovn" else "warning", told, fix)


def _receiver(cloud: Cloud) -> Found:
    there = copies.receiver(cloud)
    made = planning.plan(there, shop.request())
    if told := " ".join(made.problems.values()):
        yield Problem("Other project", "failed", f"{there.project_name}: {told}", "Free some of it, or ask for more.")
    else:
        yield Problem("Other project", "good", f"Clones go to {there.project_name}, which is marked and has room.")


def _leftovers(cloud: Cloud, store: Store) -> Found:
    begun = any(one.state != "open" for play in scenarios.PLAYS for one in store.load(cloud, play.scenario.id).steps)
    found = [*leftovers.environment(cloud), *leftovers.copies(cloud, store)]
    if found and not begun:
        fix = "Reset all scenarios: that takes it away."
        yield Problem("Leftovers", "warning", f"Something of an earlier show is left: {' '.join(found)}", fix)
    else:
        yield Problem("Leftovers", "good", "A show is going on." if begun else "Nothing of an earlier show is left.")


def _time(cloud: Cloud, store: Store, ids: list[str]) -> Found:
    for one in ids:
        usual = store.usual(cloud, one)
        title = scenarios.find(one).scenario.title
        if usual:
            yield Problem("Time", "good", f"{title} usually takes {sum(usual.values()):.0f} s of waiting.")
        else:
            yield Problem("Time", "warning", f"{title} was never shown here, so how long it takes is not known.",
                          "Rehearse once.")  # fmt: skip
