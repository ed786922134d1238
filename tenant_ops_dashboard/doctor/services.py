"""The services: whether the catalogue has them, whether they answer, and whether they are new enough."""

from __future__ import annotations

from collections.abc import Iterable

from tenant_ops_dashboard.clones.revert import REVERTS
from tenant_ops_dashboard.clones.served import TAGGED
from tenant_ops_dashboard.cloud import Cloud, CloudError, versions
from tenant_ops_dashboard.cloud.answers import name as called
from tenant_ops_dashboard.doctor.model import Check, Finding, Found, State
from tenant_ops_dashboard.loadbalancers.scaling import alarms
from tenant_ops_dashboard.sentences import join, say

#: Without these there is no environment.
NEEDED = ("orchestration", "compute", "network", "load-balancer", "image")
#: What else is used where it is there, and what is not without it.
USED = {
    "block-storage": say("There are no volumes: blueprints with data, and clones, cannot be used."),
    "key-manager": say("There are no certificates: no load balancer can end HTTPS."),
    alarms.ALARMING: say("There are no alarms: scaling goes by its own rounds."),
    alarms.METRIC: say("There are no metrics: scaling goes by its own rounds."),
}
#: What only some clouds have; its lack is told and is no fault.
_SELDOM = ("key-manager", alarms.ALARMING, alarms.METRIC)
#: The newest microversion that is asked for, and what for.
NEWEST = {
    "compute": (TAGGED, say("to mask and to serve clones")),
    "block-storage": (REVERTS, say("to revert clones")),
}
#: A short answer of each: its path, and the key of the list that it is, '' where it is none.
_SHORT = {
    "identity": ("/auth/projects", "projects"),
    "orchestration": ("/stacks", "stacks"),
    "compute": ("/limits", ""),
    "network": ("/networks", "networks"),
    "load-balancer": ("/lbaas/loadbalancers", "loadbalancers"),
    "block-storage": ("/limits", ""),
    "image": ("/images", "images"),
    "key-manager": ("/secrets", "secrets"),
}
_NOT_ACCEPTABLE = 406
#: Lists that most clouds have two things in: of these the second page is looked at.
_LISTS = {
    "compute": ("/flavors", "flavors"),
    "image": ("/images", "images"),
    "network": ("/networks", "networks"),
}


def catalogued(cloud: Cloud, needed: Iterable[str] = NEEDED) -> Found:
    """Whether the catalogue of the region has them; no call."""
    needed = tuple(needed)
    if nothing := cloud.uncatalogued:
        yield Finding(say("Services"), "failed", nothing.sentence, nothing.todo)
    elif missing := [one for one in needed if not cloud.has(one)]:
        told = say("This cloud's catalogue lacks {missing}.", missing=", ".join(missing))
        fix = say("Ask your operator to add them to the catalogue, or go to a cloud or region that has them.")
        yield Finding(say("Services"), "failed", told, fix)
    else:
        names = ", ".join(called(one) for one in needed)
        yield Finding(say("Services"), "good", say("The catalogue has all that is needed: {names}.", names=names))


def used(cloud: Cloud) -> Found:
    """What is not there without the services that may be missing; no call."""
    if cloud.uncatalogued:
        return
    for service, without in USED.items():
        if not cloud.has(service):
            told = say("This cloud's catalogue has no {name} ({service}).", name=called(service), service=service)
            fix = say("If you need it, ask your operator to add it to the catalogue.")
            state: State = "skipped" if service in _SELDOM else "warning"
            yield Finding(say("Services"), state, join(" ", (told, without)), fix)


def _answers(service: str) -> Check:
    name = say("Service {name}", name=called(service))

    def look(cloud: Cloud) -> Found:
        if not cloud.has(service):
            return
        version, (path, key) = NEWEST.get(service, ("", ""))[0], _SHORT[service]
        try:
            if key:
                cloud.first(service, path, key, 1)
            else:
                cloud.get(service, path, version)
        except CloudError as error:
            # Of a service that is asked for no microversion it is no word on its age: a proxy before it says so.
            if error.status != _NOT_ACCEPTABLE or service not in NEWEST:
                raise
            yield Finding(name, *_too_old(service, versions.of(cloud, service)))
            return
        found = versions.of(cloud, service)
        if version and found and found.most and not found.has(version):
            yield Finding(name, *_too_old(service, found))
        else:
            yield Finding(name, "good", _well(service, found, cloud.endpoint(service)))

    return Check(name, look)


def _well(service: str, found: versions.Versions | None, address: str) -> str:
    told = {"versions": _called(service, found), "address": address}
    if found is None:
        return say("It answers at {address}; which versions it has it does not tell.", address=address)
    if service not in NEWEST:
        return say("{versions} answers at {address}.", **told)
    newest, why = NEWEST[service]
    return say("{versions} answers at {address}; {newest} is needed {why}.", newest=newest, why=why, **told)


def _too_old(service: str, found: versions.Versions | None) -> tuple[State, str, str]:
    newest, why = NEWEST[service]
    told = say(
        "{versions} does not take microversion {newest}, which is needed {why}.",
        versions=_called(service, found), newest=newest, why=why,
    )  # fmt: skip
    return "failed", told, say("Ask your operator to upgrade it.")


def _called(service: str, found: versions.Versions | None) -> str:
    """'Nova 2.1 to 2.96', 'Octavia 2.27', or the name alone."""
    name = called(service)
    if found is None:
        return name
    if not found.most:
        return say("{name} {version}", name=name, version=found.newest)
    return say("{name} {least} to {most}", name=name, least=found.least, most=found.most)


def pages(cloud: Cloud) -> Found:
    """Whether lists go on behind a page: a service that cuts one off without a way on hides what is there."""
    seen = []
    for service, (path, key) in _LISTS.items():
        whole = cloud.first(service, path, key, 2)
        if len(whole) < 2:
            continue
        if [one["id"] for one in cloud.first(service, path, key, 2, limit=1)] != [one["id"] for one in whole]:
            told = say("{name} ends lists with their first page: what comes behind is not seen.", name=called(service))
            fix = say("Ask your operator for its own way of paging, or for a larger limit of a page.")
            yield Finding(say("Long lists"), "failed", told, fix)
        else:
            seen.append(called(service))
    if seen:
        names = ", ".join(seen)
        yield Finding(say("Long lists"), "good", say("They go on behind a page, as looked at: {names}.", names=names))


ANSWERS = tuple(map(_answers, _SHORT))
