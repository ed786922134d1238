"""A reading judged: every finding with its place, its proof, what it lets through and what helps, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from tenant_ops_dashboard.environments.firewall_group import versions
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.firewall import intents as wishes
from tenant_ops_dashboard.firewall.checking import Room
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.intents import Intent
from tenant_ops_dashboard.firewall.names import Known, Names, Server
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.posture import causes, internet
from tenant_ops_dashboard.posture.causes import Causes
from tenant_ops_dashboard.posture.exposed import Exposed
from tenant_ops_dashboard.posture.look import Look, own_rows
from tenant_ops_dashboard.posture.model import Box, Finding, Posture
from tenant_ops_dashboard.posture.places import Places
from tenant_ops_dashboard.reachability import lint as linting
from tenant_ops_dashboard.reachability.errors import ReachabilityError
from tenant_ops_dashboard.reachability.lint import LEVELS
from tenant_ops_dashboard.reachability.model import Port
from tenant_ops_dashboard.sentences import about, clause, join, say, within

Wanted = tuple[str, str, Intent]
#: The firewall group that Neutron makes for each project (neutron-fwaas, ensure_default_firewall_group).
DEFAULT = "default"
#: Ends that stand for servers by what Nova tells of them.
_NAMED = ("server:", "environment:", "tier:")
_HEAT = say(
    "which environments there are is not known: Heat does not answer, or does not let this login list those of "
    "all projects (its policy stacks:global_index): their intents are not checked."
)
#: What a project may share, and its members then cannot see who uses it.
_LENT = ("security_groups", "address_groups", "firewall_policies", "firewall_rules")
_SIDES = ("ingress_firewall_policy_id", "egress_firewall_policy_id")


def assess(look: Look, intents: Iterable[Wanted] = ()) -> Posture:
    """Judge a reading. `intents` are (id of the project, name of the environment, what it wants).

    A finding about another project's object is left out where the reading is of some projects only: it is not theirs
    to mend. Rows that cannot be read, and what the engine cannot tell, are in `unknown`.
    """
    engine = look.seen.engine
    places, known = Places(look), Causes(look)
    exposed = Exposed(engine)
    bare = internet.unfiltered(engine)
    found = [
        Finding(
            known.id(one, place.project, boxes), one.kind, one.severity, place.project, one.object, one.why, one.fix,
            place.name, places.called(place.environment), one.rules, boxes,
        )
        for one, boxes in _all(look, exposed, bare)
        if _ours(look, (place := places.of(one.object)).project)
    ]  # fmt: skip
    broken, unknown = _intents(look, places, intents)
    ranked = tuple(replace(one, said=places.told(one.why)) for one in _ranked([*found, *broken]))
    return Posture(
        look.taken_at, look.projects, len(internet.machines(engine)), len(bare), ranked,
        (*look.problems, *exposed.unknown, *unknown),
    )  # fmt: skip


def _all(look: Look, exposed: Exposed, bare: Sequence[Port]) -> Iterator[tuple[linting.Finding, tuple[Box, ...]]]:
    """Lint's findings, then what they do not tell, each with the traffic that it lets in."""
    engine = look.seen.engine
    kept, lent = _kept(look), _lent(look)
    told: set[int] = set()
    open_: set[str] = set()
    for one in linting.lint(engine, exposed.entries):
        if one.object in kept or (one.rules and kept.issuperset(one.rules)):
            continue
        if one.kind == "unused" and one.object in lent:
            continue
        boxes = exposed.by_rules(one.rules) if one.rules else exposed.by_port.get(one.object, ())
        if one.kind == "open-to-world":
            told.update(map(id, boxes))
            open_.add(one.object)
        yield one, boxes
    for one in internet.let_all_pass(engine):
        yield one, ()
    for one, boxes in internet.unprotected(bare, exposed, open_):
        told.update(map(id, boxes))
        yield one, boxes
    yield from internet.reached(exposed, told)


def _kept(look: Look) -> set[str]:
    """What is there for an undo, or was made by Neutron and is on no port, with the rules that it alone holds.

    Nobody is to tidy them, and they let nothing in.
    """
    rows, groups = look.seen.rows("firewall_policies"), look.seen.rows("firewall_groups")
    used = {one.get(side) for one in groups for side in _SIDES if one.get("ports") or one.get("name") != DEFAULT}
    idle = {one.get(side) for one in groups for side in _SIDES} - used
    # Whoever may edit a policy may write a mark: of one that is in use it says nothing.
    kept = [row for row in rows if row["id"] in idle or (versions.mark(row) and row["id"] not in used)]
    ids = {row["id"] for row in kept}
    held = {rule for row in rows if row["id"] not in ids for rule in row.get("firewall_rules") or ()}
    return ids | {rule for row in kept for rule in row.get("firewall_rules") or () if rule not in held}


def _lent(look: Look) -> set[str]:
    """What others may use, whose objects a reading of some projects does not have."""
    if look.scope == "cloud":
        return set()
    return {row["id"] for key in _LENT for row in look.seen.rows(key) if row.get("shared")}


def _ours(look: Look, project: str) -> bool:
    return look.scope == "cloud" or project in look.projects or (not project and len(look.projects) > 1)


def _ranked(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Worst first; findings of one cause are one."""
    by_id: dict[str, Finding] = {}
    for one in found:
        was = by_id.get(one.id)
        by_id[one.id] = one if was is None else _joined(was, one)
    return tuple(
        sorted(by_id.values(), key=lambda one: (-LEVELS.index(one.severity), one.project, one.kind, one.name, one.id))
    )


def _joined(one: Finding, other: Finding) -> Finding:
    first, second = sorted((one, other), key=lambda each: (-LEVELS.index(each.severity), each.why))
    why = first.why if first.why == second.why else join("; ", (first.why, second.why))
    boxes = {id(box): box for box in (*first.exposed, *second.exposed)}
    rules = tuple(dict.fromkeys((*first.rules, *second.rules)))
    return replace(first, why=why, rules=rules, exposed=tuple(boxes.values()))


def _intents(look: Look, places: Places, intents: Iterable[Wanted]) -> tuple[list[Finding], list[str]]:
    """Broken intents as findings, and why others could not be checked."""
    found: list[Finding] = []
    unknown: list[str] = []
    ends: dict[str, Ends] = {}
    rooms: dict[str, Room] = {}
    nameless = {(str(project), str(kind)) for project, kind in (look.seen.raw.get("meta") or {}).get("nameless") or ()}
    for project, kind in sorted(nameless):
        if kind == "environments":
            unknown.append(about(look.projects.get(project) or say("All projects"), _HEAT))
    stacks = {(str(one["project_id"]), str(one["name"])): str(one["id"]) for one in look.seen.rows("environments")}
    for project, environment, intent in intents:
        if project not in look.projects:
            continue
        stack, name = stacks.get((project, environment), ""), environment or look.projects[project]
        says = clause(_with_name(intent.sentence, stack, environment))
        if _by_name(intent) and not nameless.isdisjoint(((project, "servers"), ("", "servers"))):
            unknown.append(
                about(
                    name,
                    say("'{says}' cannot be checked: Nova does not answer, so nobody knows its servers.", says=says),
                )
            )
            continue
        try:
            if project not in ends:
                ends[project], rooms[project] = _ends(look, project), Room()
            judged = wishes.check(look.seen.engine, [intent], ends[project], rooms[project])[0]
        except (TenantOpsError, ReachabilityError) as error:
            unknown.append(
                about(
                    name,
                    say(
                        "'{says}' cannot be checked: {error}",
                        says=says,
                        error=within(error.sentence, lambda text: text.removeprefix("intents[0].")),
                    ),
                )
            )
            continue
        if judged.found.holds is None:
            unknown.append(about(name, say("'{says}': {because}", says=says, because=judged.found.because)))
        if judged.found.holds is False:
            told = {**wishes.written(intent), "says": ""}
            found.append(
                Finding(
                    causes.digest("broken-intent", project, environment, [told]), "broken-intent", "high", project,
                    stack or project, say("{says} does not hold: {because}", says=says, because=judged.found.because),
                    say("change the rules that it names, or the intent"), name, environment,
                    tuple(str(rule["rule_id"]) for rule in judged.found.rules),
                )
            )  # fmt: skip
    return found, unknown


def _by_name(intent: Intent) -> bool:
    """Whether an end of it is found by what Nova tells of servers."""
    return any(end.startswith(_NAMED) for end in (intent.source, intent.target))


def _with_name(says: str, stack: str, environment: str) -> str:
    return within(says, lambda text: text.replace(stack, environment)) if stack else says


def _ends(look: Look, project: str) -> Ends:
    """What one project's names mean, over the engine of the whole reading."""
    rows = own_rows(look.seen.raw, [project])
    servers = tuple(
        Server(one["id"], one["name"], one["environment"], one["tier"], one.get("part", ""))
        for one in rows.get("servers", ())
    )  # fmt: skip
    seen = Seen(rows)
    seen.__dict__["engine"] = look.seen.engine
    return Ends(seen, Names(None, Known(servers, {one["id"]: one["name"] for one in rows.get("environments", ())})))
