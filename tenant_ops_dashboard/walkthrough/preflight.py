"""Before the show: what the scenarios need, looked at, each problem with its fix. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.doctor import access as roles
from tenant_ops_dashboard.doctor import network, services
from tenant_ops_dashboard.doctor.model import Finding
from tenant_ops_dashboard.environments.planning import plan as planning
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.sentences import about, join, say
from tenant_ops_dashboard.walkthrough import access, anew, marked, scenarios, steps, usually
from tenant_ops_dashboard.walkthrough.acts import copies, leftovers, shop
from tenant_ops_dashboard.walkthrough.model import Problem
from tenant_ops_dashboard.walkthrough.store import Store

#: What each scenario needs of the catalogue, and in a person's words.
_ALWAYS = (*services.NEEDED, "block-storage")
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
    found = list(_looked(say("Mark"), lambda: _mark(cloud)))
    found += _looked(say("Services"), lambda: _asked(services.catalogued(cloud, _ALWAYS)))
    found += _looked(say("Roles"), lambda: _asked(roles.held(cloud, _rules(ids), "failed")))
    found += _looked(say("Packets"), lambda: _asked(network.packets(cloud, "failed")))
    found += _looked(say("Room"), lambda: _room(cloud))
    found += _looked(say("Firewall"), lambda: _asked(network.firewall(cloud, "failed"))) if "firewall" in ids else ()
    found += _looked(say("Other project"), lambda: _receiver(cloud)) if "cloning" in ids else ()
    found += _looked(say("Care"), lambda: iter([store.care(cloud)]))
    found += _looked(say("Leftovers"), lambda: _leftovers(cloud, store))
    found += _looked(say("Time"), lambda: _time(cloud, store, ids))
    return found


def _looked(what: str, look: Callable[[], Found]) -> Found:
    try:
        yield from look()
    except TenantOpsError as error:
        yield Problem(what, "failed", error.line, error.todo or say("Try again; if it stays so, ask your operator."))


def _asked(found: Iterable[Finding]) -> Found:
    """What a doctor finds, who asks the same."""
    for one in found:
        yield Problem(one.check, one.state, one.found, one.fix)


def _rules(ids: list[str]) -> Iterable[str]:
    return dict.fromkeys([access.RUN, access.RESET, *(rule for one in ids for rule in _RULES[one])])


def _mark(cloud: Cloud) -> Found:
    if marked.marked(cloud):
        yield Problem(
            say("Mark"),
            "good",
            say("The project {project} is marked for demonstrations.", project=cloud.project_name),
        )
    else:
        told = say(
            "The project {project} is not marked for demonstrations: nothing is done in it.",
            project=cloud.project_name,
        )
        yield Problem(say("Mark"), "failed", told, marked.fix(cloud))


def _room(cloud: Cloud) -> Found:
    if shop.usable(cloud) is not None:
        yield Problem(say("Room"), "good", say("The environment {name} stands already and is used.", name=shop.NAME))
        return
    made = planning.plan(cloud, shop.request())
    for field, told in made.problems.items():
        fix = say("Free some of it, or ask your operator for more.") if not field else say("Ask your operator.")
        yield Problem(say("Room"), "failed", told, fix)
    if not made.problems:
        yield Problem(
            say("Room"), "good", say("Quotas, image, flavors, external network and addresses are enough for a launch.")
        )
        for one in made.quotas:
            if one.left is not None and one.left < 1 and one.resource in _ONE_MORE:
                told = say(
                    "After the launch nothing is left of the quota {title}, and scaling out takes one more.",
                    title=one.title,
                )
                yield Problem(say("Room"), "warning", told, say("Free some of it, or ask your operator for more."))


def _receiver(cloud: Cloud) -> Found:
    there = next(copies.others(cloud), None)
    if there is None:
        told = say("Data is cloned into another project of yours that is marked for demonstrations, and there is none.")
        fix = say(
            "An administrator gives you a role in one and marks it with 'openstack project set --tag {tag} PROJECT'.",
            tag=marked.TAG,
        )
        yield Problem(say("Other project"), "failed", told, fix)
        return
    made = planning.plan(there, shop.request())
    if told := join(" ", made.problems.values()):
        yield Problem(
            say("Other project"), "failed", about(there.project_name, told), say("Free some of it, or ask for more.")
        )
    else:
        yield Problem(
            say("Other project"),
            "good",
            say("Clones go to {project}, which is marked and has room.", project=there.project_name),
        )


def _leftovers(cloud: Cloud, store: Store) -> Found:
    begun = any(one.state != "open" for play in scenarios.PLAYS for one in store.load(cloud, play.scenario.id).steps)
    known = anew.launched(cloud, store)
    found = [*leftovers.environment(cloud, known), *leftovers.copies(cloud, store, known)]
    if found and not begun:
        fix = say("Reset all scenarios: that takes it away.")
        yield Problem(
            say("Leftovers"),
            "warning",
            say("Something of an earlier show is left: {found}", found=join(" ", found)),
            fix,
        )
    else:
        yield Problem(
            say("Leftovers"),
            "good",
            say("A show is going on.") if begun else say("Nothing of an earlier show is left."),
        )


def _time(cloud: Cloud, store: Store, ids: list[str]) -> Found:
    for one in ids:
        usual = usually.seconds(cloud, store, store.load(cloud, one))
        title = scenarios.find(one).scenario.title
        yield Problem(say("Time"), "good", _usually(title, int(sum(usual.values()))) if usual else _never(title))


def _usually(title: str, seconds: int) -> str:
    """As a card has it."""
    if seconds < 60:
        return say("{title} usually takes {seconds} s of waiting.", title=title, seconds=seconds)
    minutes, rest = divmod(seconds, 60)
    return say("{title} usually takes {minutes} min {rest} s of waiting.", title=title, minutes=minutes, rest=rest)


def _never(title: str) -> str:
    return say(
        "{title} was never shown here, so how long it takes is not known; 'tenant-ops walkthrough rehearse'"
        " measures it.",
        title=title,
    )
