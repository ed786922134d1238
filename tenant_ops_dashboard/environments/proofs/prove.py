"""Was kept what was promised to the outside? Neutron's word first, then packets, each within a few seconds."""

from __future__ import annotations

import datetime
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud, Options
from tenant_ops_dashboard.environments import access
from tenant_ops_dashboard.environments.model import Details, Proof, Targets
from tenant_ops_dashboard.environments.proofs import fronts, sending, tls
from tenant_ops_dashboard.environments.proofs.targets import refused
from tenant_ops_dashboard.environments.template import hot
from tenant_ops_dashboard.sentences import join, say, say_many

OUTSIDE = ("http", "https", "database", "closed")
PLAIN = {"http", "database"}  # what an answer over plain HTTP tells
MOST_ADDRESSES = 8
SWITCHED_OFF = say("Not checked: this dashboard sends no packets (TENANT_OPS_PACKET_PROOFS).")
_CLOSED_TO_NEUTRON = say("Neutron knows no floating IP that leads to it.")
_NO_WAY_IN = say("Not checked: nothing here is meant to be reached from outside, so there is no address for packets.")
NOT_YET = say("Not checked: no packets were sent yet.")


def promised(template: Mapping[str, Any], at: hot.Scope, resources: Sequence[hot.Resource]) -> tuple[str, ...]:
    """Which promises to the outside a template makes: by what it declares, not by what can be looked at now.

    An output `address` and a floating IP promise an answer from outside, an output `database` a database behind it. So
    does, beside a floating IP, a load balancer that listens for HTTP on port 80; one that ends TLS promises HTTPS.
    """
    outputs = template.get("outputs")
    declared = outputs if isinstance(outputs, Mapping) else {}

    def has(name: str) -> bool:
        one = declared.get(name)
        return isinstance(one, Mapping) and ("condition" not in one or hot.holds(one["condition"], at))

    floats = any(one.type == "OS::Neutron::FloatingIP" for one in resources)
    web = (floats and has("address")) or fronts.answers(resources)
    secure = bool(fronts.tls(resources))
    made = {"http": web, "https": secure, "database": floats and has("database"), "closed": has("database")}
    return tuple(name for name in OUTSIDE if made[name])


def unsent(names: Collection[str], where: Targets, silent: str, options: Options) -> tuple[Proof, ...]:
    """These promises as they are known without a packet: by Neutron alone, which says `silent` where it is."""
    titles = {
        "http": sending.turns_title(where.servers),
        "https": tls.TITLE,
        "database": sending.DATABASE_TITLE,
        "closed": sending.CLOSED_TITLE,
    }
    inside = not {"http", "https"} & set(names)
    return tuple(
        Proof(name, titles[name], *_without(name, where, silent, options, inside)) for name in OUTSIDE if name in names
    )


def prove(cloud: Cloud, details: Details, proxy: str | None = None) -> tuple[Proof, ...]:
    """All promises in `details`, those to the outside checked with at most fifteen seconds' worth of packets.

    `proxy` is an HTTP proxy that reaches floating IPs, None (or '' with the cloud's own option) is directly. Packets
    are sent only where the stack stands; until then nothing is promised. Who sent them, to where and what came of it
    stands in the audit trail; who may not launch sends none. Raises nothing: what fails is a failed proof.
    """
    options = replace(cloud.options, proof_proxy=proxy or cloud.options.proof_proxy)
    if details.environment.status == "deleting" or not sendable(details, options) or not access.may_launch(cloud):
        return details.proofs
    way, sent = sending.Way(options.proof_proxy or None), list[Proof]()
    try:
        sent += _sent(way, details)
    finally:
        _record(cloud, details, _addresses(way, details), sent)
    return joined(details.proofs, tuple(sent))


def sendable(details: Details, options: Options) -> bool:
    """Whether there is something that packets may be sent to."""
    names = {one.name for one in details.proofs} & set(OUTSIDE)
    where = details.targets
    known = (*where.application, *where.exposed)
    return bool(options.packet_proofs and names and _allowed(known, proxied=bool(options.proof_proxy)))


def joined(known: Sequence[Proof], sent: Sequence[Proof]) -> tuple[Proof, ...]:
    """What is known with what packets told, in the same order and number; what Neutron says is broken stays so."""
    told = {one.name: one for one in sent}
    # A load balancer that is not up yet explains what packets cannot reach.
    settling = any(one.state == "building" and one.name not in OUTSIDE for one in known)

    def one_of(one: Proof) -> Proof:
        found = told.get(one.name)
        if found is None or (one.state == "failed" and found.state != "failed"):
            return one
        waits = settling and found.state == "failed" and one.state != "failed"
        return replace(found, state="building") if waits else found

    return tuple(map(one_of, known))


def _without(name: str, where: Targets, silent: str, options: Options, inside: bool) -> tuple[Any, str]:
    """State and words of one promise before any packet; `inside` where no answer from outside is promised."""
    if silent:
        return "building", say("Not checked: {silent}", silent=silent)
    if name == "closed" and where.exposed:
        return "failed", _exposed(where)
    if name in ("http", "https") and not where.application:
        return "failed", say("No floating IP leads to the application: nobody outside can reach it.")
    if not options.packet_proofs:
        return "unknown", join(" ", (SWITCHED_OFF, _CLOSED_TO_NEUTRON)) if name == "closed" else SWITCHED_OFF
    if inside and not where.application:
        return "unknown", join(" ", (_NO_WAY_IN, _CLOSED_TO_NEUTRON))
    if not where.application:
        return "unknown", say("Not checked: no floating IP leads to the application, so no packets can be sent to it.")
    if name == "closed" and not where.database:
        return "unknown", say("Not checked: Neutron knows no port of a server that the template calls its database.")
    if not _allowed(where.application, proxied=bool(options.proof_proxy)):
        return "unknown", say(
            "Not checked: {refusals}.", refusals=_refusals(where.application, proxied=bool(options.proof_proxy))
        )
    return "unknown", NOT_YET


def _exposed(where: Targets) -> str:
    floating, own = ", ".join(where.exposed[:MOST_ADDRESSES]), ", ".join(where.database[:MOST_ADDRESSES])
    return say_many(
        "Floating IP {floating} leads to the database server{own}.",
        "Floating IPs {floating} lead to the database server{own}.",
        len(where.exposed), floating=floating, own=f" ({own})" if own else "",
    )  # fmt: skip


def _sent(way: sending.Way, details: Details) -> Iterator[Proof]:
    names, where = {one.name for one in details.proofs}, details.targets
    reachable = False
    if address := _front(way, where):
        if names & PLAIN:
            web = _timed(lambda: sending.turns(way, address, where.servers, "database" in names))
            reachable = web[0].state != "failed"
            yield from web
        if "https" in names and where.tls:
            secure = _timed(lambda: [tls.secured(way, address, where.tls)])
            reachable = reachable or secure[0].state != "failed"
            yield from secure
    if _asks_the_database(way, details):
        yield from _timed(lambda: [_closed(way, where, reachable)])


def _front(way: sending.Way, where: Targets) -> str:
    """The address at which the application is asked, or ''."""
    return next(iter(_allowed(where.application, proxied=bool(way.proxy))), "")


def _asks_the_database(way: sending.Way, details: Details) -> bool:
    promised, where = any(one.name == "closed" for one in details.proofs), details.targets
    return promised and bool(where.exposed or (_front(way, where) and where.database))


def _addresses(way: sending.Way, details: Details) -> list[str]:
    """Where packets go, with the port."""
    front, names = _front(way, details.targets), {one.name for one in details.proofs}
    outside = _outside(way, details.targets)[1] if _asks_the_database(way, details) else ()
    return [
        *([f"{front} tcp 80"] if front and names & PLAIN else []),
        *([f"{front} tcp {details.targets.tls}"] if front and "https" in names and details.targets.tls else []),
        *(f"{one} tcp {details.targets.port}" for one in outside),
    ]


def _record(cloud: Cloud, details: Details, addresses: Sequence[str], sent: Sequence[Proof]) -> None:
    states = {one.state for one in sent}
    outcome: audit.Outcome = "unknown"
    if "failed" in states:
        outcome = "failure"
    elif states and states <= {"good", "warning"}:
        outcome = "success"
    audit.record(
        cloud, "evaluate", "packet-proof", details.environment.id, details.environment.name, outcome, verb="prove",
        reason=" ".join(one.evidence for one in sent if one.state == "failed"),
        after={"sent_to": list(addresses), "proofs": {one.name: one.state for one in sent}},
    )  # fmt: skip


def _outside(way: sending.Way, where: Targets) -> tuple[list[str], tuple[str, ...], set[str]]:
    """Addresses at which a database must not answer, those of them that may be asked, and those behind a router."""
    wanted = list(dict.fromkeys((*where.exposed, *where.application, *where.database)))[:MOST_ADDRESSES]
    # A subnet may have any range: what is behind a router is only looked at through the operator's proxy.
    inner = set() if way.proxy else set(where.database) - {*where.exposed, *where.application}
    return wanted, tuple(one for one in _allowed(wanted, proxied=bool(way.proxy)) if one not in inner), inner


def _closed(way: sending.Way, where: Targets, reachable: bool) -> Proof:
    wanted, allowed, inner = _outside(way, where)
    found = Proof("closed", sending.CLOSED_TITLE, "unknown", "")
    if allowed:
        found = sending.closed(way, allowed, where.port, reachable=reachable)
    if where.exposed:
        return replace(found, state="failed", evidence=join(" ", (_exposed(where), found.evidence)))
    left = [one for one in wanted if one not in allowed and one not in inner]
    if inner and found.state == "good":
        told = say(
            "{evidence} No floating IP leads to the database; its own address was not asked without a proxy.",
            evidence=found.evidence,
        )
        return replace(found, evidence=told)
    if left and found.state == "good":
        why = _refusals(left, proxied=bool(way.proxy))
        told = say("{evidence} No floating IP leads to the database; {why}.", evidence=found.evidence, why=why)
        return replace(found, evidence=told)
    return found


def _allowed(addresses: Sequence[str], *, proxied: bool) -> tuple[str, ...]:
    return tuple(one for one in addresses if not refused(one, proxied=proxied))


def _refusals(addresses: Sequence[str], *, proxied: bool) -> str:
    whys = join("; ", [refused(one, proxied=proxied) for one in addresses[:MOST_ADDRESSES]])
    return say("no packets were sent: {whys}", whys=whys)


def _timed(make: sending.Made) -> list[Proof]:
    began = time.monotonic()
    made = make()
    seconds, now = round(time.monotonic() - began, 2), datetime.datetime.now(datetime.UTC)
    return [replace(one, seconds=seconds, at=now) for one in made]
