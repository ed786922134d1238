"""A suggestion in words, with what people have to know beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from tenant_ops_dashboard.firewall import checks
from tenant_ops_dashboard.firewall.checking import Checked
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Draft, Rule
from tenant_ops_dashboard.firewall.security_groups import checks as group_checks
from tenant_ops_dashboard.firewall.security_groups.model import Draft as GroupDraft
from tenant_ops_dashboard.firewall.security_groups.model import Rule as GroupRule
from tenant_ops_dashboard.firewall.suggest.after import Measured
from tenant_ops_dashboard.firewall.suggest.model import Suggestion, Wish
from tenant_ops_dashboard.firewall.suggest.plan import Plan, Planner
from tenant_ops_dashboard.firewall.words import Labels
from tenant_ops_dashboard.reachability import listeners
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.sentences import join, say

#: What becomes of connections that are there when a deny comes into force.
_ESTABLISHED = {
    "ovn": say("Connections that are there are cut: OVN judges every packet by the rules."),
    "l3-agent": say("Connections that are there go on until they end: the L3 agent asks its rules for new ones only."),
    "l2-agent": say("Connections that are there may go on until they end: the agent tracks them."),
}


def told(
    wish: Wish, planner: Planner, labels: Labels, plan: Plan, found: Checked, measured: Measured, cannot: list[str]
) -> Suggestion:
    """The suggestion that a plan is."""
    firewalls, groups = planner.drafts(plan)
    traffic = replace(
        measured.traffic, gained=labels.named(measured.traffic.gained), lost=labels.named(measured.traffic.lost),
        breaks_replies=labels.named(measured.traffic.breaks_replies),
    )  # fmt: skip
    too_long = planner.too_long(plan)
    refused = [] if too_long else list(_refused(planner.profile, firewalls, groups))
    cannot = [*([] if found.holds is True else cannot), *refused]
    if found.holds is False and not cannot and not too_long:
        cannot = [join("", (found.because, "."))]
    unknown = list(dict.fromkeys((*traffic.unknown, *((found.because,) if found.holds is None else ()))))
    rules = [*_rules(planner, plan, firewalls, groups), *_notes(wish, planner, plan, firewalls, labels)]
    return Suggestion(
        wish.want, False if too_long or refused else found.holds, firewalls, groups, tuple(rules), traffic,
        labels.named(measured.also_opens), labels.named(measured.also_closes), (*cannot, *too_long), tuple(unknown),
    )  # fmt: skip


def behind(wish: Wish, engine: Engine) -> Iterator[str]:
    """Load balancers that ask in their own name: what is closed to a sender does not keep them from a receiver."""
    ends = {one.id for one in (*wish.source.ports, *wish.target.ports)}
    meant = {(one.version, one.number) for port in wish.target.ports for one in port.addresses}
    low, high = wish.packets.ports or (0, 65535)
    for vip, one in engine.world.balancer_of.items() if wish.want == "deny" else ():
        if vip in ends or one.in_switch:
            continue
        serving = (listeners.serving(engine.world, one, taken) for taken in listeners.listeners_of(engine.world, one))
        asked = [member for found in serving for member in found.members if low <= member.port <= high]
        if any((member.version, member.address) in meant for member in asked):
            yield (
                say(
                    "Load balancer {name} hands requests on to these servers, which is another way: who reaches its "
                    "address is served all the same. To close that too, close it to port:{vip}.",
                    name=one.name or one.id,
                    vip=vip,
                )
            )


def _refused(profile: str, firewalls: tuple[Draft, ...], groups: tuple[GroupDraft, ...]) -> Iterator[str]:
    """What an apply of these drafts refuses, the first of each: a rule that stands there may be one that it does."""
    for one in firewalls:
        for problem in islice(checks.problems(one.state, profile), 1):
            yield say(
                "Firewall group {group} cannot be applied so: {problem}", group=one.state.group.name, problem=problem
            )
    for other in groups:
        for problem in islice(group_checks.problems(other.state), 1):
            yield say("Security group {state} cannot be applied so: {problem}", state=other.state.name, problem=problem)


def _rules(
    planner: Planner, plan: Plan, firewalls: tuple[Draft, ...], groups: tuple[GroupDraft, ...]
) -> Iterator[str]:  # fmt: skip
    for draft in firewalls:
        for direction in DIRECTIONS:
            policy = draft.state.policy(direction)
            for place, rule in enumerate(policy.rules if policy else ()):
                if rule.id is None:
                    yield (
                        say(
                            "Firewall group {group}, {direction}, place {place}: {rule_words}",
                            group=draft.state.group.name,
                            direction=direction,
                            place=place + 1,
                            rule_words=rule_words(rule),
                        )
                    )
    names = {id_: str(row.get("name") or id_) for id_, row in planner.groups.items()}
    for one in groups:
        was = one.base.was
        for old in was.rules if was else ():
            if old.id in plan.gone:
                yield say(
                    "Security group {state}, {direction}: without {group_words}",
                    state=one.state.name,
                    direction=old.direction,
                    group_words=group_words(old, names),
                )
        for new in one.state.rules:
            if new.id is None:
                yield say(
                    "Security group {state}, {direction}: {group_words}",
                    state=one.state.name,
                    direction=new.direction,
                    group_words=group_words(new, names),
                )


def rule_words(rule: Rule) -> str:
    """A firewall rule in a line: 'allow tcp from 10.0.1.5 to 10.0.2.7 port 1521'."""
    version = "" if rule.ip_version == 4 else "IPv6 "
    ends = [
        join("", (address or say("any address"), say(" port {port}", port=port) if port else ""))
        for address, port in (
            (rule.source_ip_address, rule.source_port),
            (rule.destination_ip_address, rule.destination_port),
        )
    ]  # fmt: skip
    return say(
        "{action} {version}{protocol} from {source} to {target}",
        action=rule.action,
        version=version,
        protocol=rule.protocol or say("any protocol"),
        source=ends[0],
        target=ends[1],
    )


def group_words(rule: GroupRule, names: Mapping[str, str]) -> str:
    """A security group's rule in a line: 'tcp 1521 from 10.0.1.5/32'; `names` are those of groups by id."""
    low, high = rule.port_range_min, rule.port_range_max
    ports = "" if low is None else f" {low}" if low == high else f" {low}-{high}"
    group = names.get(rule.remote_group_id or "") or rule.remote_group_id
    remote = (
        rule.remote_ip_prefix
        or (say("security group {group}", group=group) if group else "")
        or rule.remote_address_group_id
    )
    version = "IPv6 " if rule.ethertype == "IPv6" else ""
    told = join("", (version, rule.protocol or say("any protocol"), ports))
    remote = remote or say("any address")
    if rule.direction == "ingress":
        return say("{rule} from {remote}", rule=told, remote=remote)
    return say("{rule} to {remote}", rule=told, remote=remote)


def _notes(
    wish: Wish, planner: Planner, plan: Plan, firewalls: tuple[Draft, ...], labels: Labels
) -> Iterator[str]:  # fmt: skip
    mine = {one.id for one in (*wish.source.ports, *wish.target.ports)}
    for draft in firewalls:
        none = [one for one in DIRECTIONS if draft.state.policy(one) is None]
        if none and planner.profile == "ovn":
            yield (
                say(
                    "Firewall group {group} has no {none} policy: on OVN that drops all {none} traffic of its ports, "
                    "but for replies of servers there.",
                    group=draft.state.group.name,
                    none=none[0],
                )
            )
    if wish.want == "deny" and plan.firewall:
        yield _ESTABLISHED[planner.profile]
    yield from behind(wish, planner.seen.engine)
    if plan.gone:
        yield say("Taking a security group's rule out cuts the connections that it let through.")
    members = planner.seen.engine.world.members
    for id_ in dict.fromkeys(one.group for one in plan.added):
        others = [labels.port(one.id) for one in members.get(id_, ()) if one.id not in mine]
        if others:
            more = say(" and {n} more", n=len(others) - 3) if len(others) > 3 else ""
            shown = join(", ", others[:3]) + more
            name = planner.groups[id_].get("name") or id_
            yield say("Security group {name} is on other ports too: {shown}.", name=name, shown=shown)
