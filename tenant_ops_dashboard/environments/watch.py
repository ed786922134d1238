"""What runs, and is it well? The list, and everything about one environment. Reads only."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, CloudError, Unreadable, values
from tenant_ops_dashboard.environments import facts, unattended
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.errors import NotFound
from tenant_ops_dashboard.environments.firewall_group import attempts, rules
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.heat import deletion, stack
from tenant_ops_dashboard.environments.heat import resources as heat_resources
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.listing import leftover, listing
from tenant_ops_dashboard.environments.model import DataMark, Details, Environment, Picture, Progress, Proof, Targets
from tenant_ops_dashboard.environments.planning import quota
from tenant_ops_dashboard.environments.proofs import prove, targets
from tenant_ops_dashboard.environments.standstill import stall, standstill
from tenant_ops_dashboard.environments.status import checks, drift, health, judge, progress, summary, trouble
from tenant_ops_dashboard.environments.status.reading import Reading
from tenant_ops_dashboard.environments.template import blueprint as blueprints
from tenant_ops_dashboard.environments.template import hot, picture
from tenant_ops_dashboard.environments.template.picture import Seen
from tenant_ops_dashboard.octavia import status
from tenant_ops_dashboard.sentences import say

__all__ = ["details", "ids", "listing", "version"]

NO_PROGRESS = Progress(0, 0, 0.0, ())
OUTPUT, OUTPUTS = 1_000, 20  # characters of one output, entries of one that is a list
EVIDENCE = 1_000  # characters of what a proof tells


@dataclass(frozen=True)
class Running:
    """A stack with its template worked out: `resources` as they are now, `rows` as Heat has them."""

    stack: Stack
    at: hot.Scope
    resources: tuple[hot.Resource, ...]
    rows: tuple[heat_resources.Row, ...]
    wanted: rules.Wanted | None
    declares_firewall: bool
    promised: tuple[str, ...] = ()  # to the outside, by what the template declares
    unreadable: str = ""  # why the output that asks for a firewall group cannot be read


def details(cloud: Cloud, name_or_id: str, personal: bool = True) -> Details:
    """Everything of one environment: five calls while it comes or goes, up to fourteen once it stands.

    One more once an hour where its blueprint asks for a firewall group: which back end filters.

    Without what is `personal` (whether this user entrusted it) it is the same for all with the same roles.
    What cannot be read of it is left out and told in `unreadable`. Raises NotFound, or the CloudError of Heat or
    Keystone; other services may be silent, their part says so.
    """
    try:
        found = stack.find(cloud, name_or_id)
    except NotFound:
        gone = leftover(cloud, name_or_id)
        if gone is None:
            raise
        return _last(cloud, gone)
    reading = Reading(found.name)
    running = read(cloud, found, reading)
    now = datetime.datetime.now(datetime.UTC)
    spans = heat_resources.spans(cloud, found)
    show = _standing if running.stack.meaning.stands else _passing
    return show(cloud, running, spans, now, reading, personal)


def ids(cloud: Cloud, name: str) -> tuple[str, ...]:
    """The ids of this project's environments called `name`: one call. Raises a CloudError."""
    return tuple(one.id for one in stack.all_named(cloud, name) if stack.TAG in one.tags)


def version(details: Details) -> str:
    """A fingerprint of the state: it changes when something a person sees does, not with the time that passes."""
    still = replace(
        details.progress, seconds=0.0, resources=tuple(replace(one, seconds=0.0) for one in details.progress.resources)
    )
    proofs = tuple(replace(one, seconds=0.0, at=None) for one in details.proofs)
    plain = replace(
        details,
        progress=still,
        proofs=proofs,
        as_of=datetime.datetime.min,
        outputs=dict(sorted(details.outputs.items())),
    )
    return hashlib.sha256(repr(plain).encode()).hexdigest()[:24]


def read(cloud: Cloud, found: Stack, reading: Reading | None = None) -> Running:
    """The stack's parameters, outputs (where it may serve), template and resources: three calls.

    What cannot be read is told to `reading`.
    """
    reading = reading or Reading(found.name)
    whole, unreadable = found, ""
    try:
        whole = stack.full(cloud, found, outputs=found.meaning.stands)
        if whole.meaning.stands and not found.meaning.stands:
            # It came up after the list was read: without its outputs nothing would be known to be wanted.
            whole = stack.full(cloud, found)
    except Unreadable as error:
        reading.tell(say("Its outputs cannot be read: {error}", error=error))
        unreadable = rules.unreadable(rules.Unreadable(error.sentence)) if stack.FIREWALL in found.tags else ""
    template: Mapping[str, Any] = {}
    try:
        template = cloud.get("orchestration", f"{found.path}/template")
    except Unreadable as error:
        reading.tell(say("Its template cannot be read: {error}", error=error))
    emptied = bool(template) and not template.get("resources")
    heat = heat_resources.read(cloud, found)
    files: Mapping[str, str] = {}
    if not template.get("resources") and (made := blueprints.find(found.blueprint or whole.blueprint)):
        # Heat empties the template of a stack that it takes away.
        template, files = hot.parse(made.template), made.files
    at = hot.scope(template, whole.parameters, found.name, files)
    at = replace(at, ids={row.key: row.resource_id for row in heat})
    grown = {group: size for group, size in heat_resources.sizes(heat).items() if found.state == "COMPLETE" or size}
    resources = reading.part(
        say("Its template"), lambda: heat_resources.joined(hot.resources(template, at, grown), heat), ()
    ) or heat_resources.alone(heat)
    resources, heat = heat_resources.brought(resources, heat)
    reading.tell(*at.budget.problems)
    declared = reading.part(say("What it promises"), lambda: hot.asks(template, "firewall", at), True)
    wanted = None
    try:
        wanted = firewall_groups.planned(cloud, whole.outputs.get("firewall"))
    except rules.Unreadable as error:
        unreadable = rules.unreadable(error)
    # Heat's full answer is of the same stack: its id, name and state are those of the list.
    state = (whole.action, whole.state) if whole.state else (found.action, found.state)
    whole = replace(
        whole, id=found.id, name=found.name, action=state[0], state=state[1], tags=found.tags or whole.tags,
        project_id=cloud.project_id, emptied=emptied,
    )  # fmt: skip
    promised = reading.part(say("What it promises"), lambda: prove.promised(template, at, resources), ())
    return Running(whole, at, resources, heat, wanted, declared, promised, unreadable)


def _passing(
    cloud: Cloud,
    running: Running,
    spans: Mapping[tuple[str, str], heat_resources.Span],
    now: datetime.datetime,
    reading: Reading,
    personal: bool,
) -> Details:
    """What comes or goes, as Heat alone tells it."""
    found = running.stack
    stalls = standstill.of(cloud, found, running.rows, spans, running.resources)
    seen = {row.key: Seen(row.state, row.resource_id) for row in running.rows}
    firewall_group = Seen() if _will_have_firewall_group(cloud, running) else None
    moving = reading.part(
        say("Its progress"),
        lambda: progress.of(found, running.resources, running.rows, spans, firewall_group, now),
        NO_PROGRESS,
    )
    judged = summary.heat(found)
    reason = stall.utc(stalls[0]) if stalls else moving.failure or judged.reason
    return Details(
        environment=summary.environment(found, replace(judged, reason=reason)),
        picture=reading.part(
            say("Its picture"),
            lambda: picture.draw(
                running.resources, progress.ghosts(found, running.resources, seen), firewall_group,
                leaving=found.meaning.leaving,
            ),
            Picture(()),
        ),
        progress=moving,
        proofs=(),
        drift=(),
        outputs={},
        as_of=now,
        marks=_marks(cloud, found) if found.action == "DELETE" else (),
        trusted=personal and bool(unattended.is_given(cloud, found.id)),
        unreadable=tuple(reading.problems),
        stalls=stalls,
        retry=trouble.retry(found, stalls, judged),
        rolls_back=found.meaning.rolls_back,
    )


def _standing(
    cloud: Cloud,
    running: Running,
    spans: Mapping[tuple[str, str], heat_resources.Span],
    now: datetime.datetime,
    reading: Reading,
    personal: bool,
) -> Details:
    found = running.stack
    known = facts.read(cloud, found.id, running.rows, running.wanted is not None)
    nothing: dict[str, Seen] = {row.key: Seen(row.state, row.resource_id) for row in running.rows}
    seen = reading.part(say("What the services say"), lambda: health.seen(running.rows, known), nothing)
    failure = attempts.failure(cloud, found.id)
    where = reading.part(
        say("Where packets may go"),
        lambda: targets.find(
            running.resources, running.rows, known, cloud.project_id, found.parameters.get("database_port")
        ),
        Targets(),
    )
    dark = known.ports is None or known.addresses is None
    silent = known.silent.get("Neutron", say("Neutron is silent.")) if dark else ""
    proofs = tuple(map(trouble.kept, (
        *reading.part(
            say("Its promises"),
            lambda: checks.proofs(
                running.resources, running.rows, running.at, known, seen, running.wanted, failure, running.unreadable
            ),
            (Proof("readable", say("Its promises can be checked"), "failed", say("They cannot be read.")),),
        ),
        *prove.unsent(running.promised, where, silent, cloud.options),
    )))  # fmt: skip
    firewall_group = _firewall_group(running, known, proofs)
    changed = reading.part(
        say("What was changed by hand"),
        lambda: drift.drifted(running.resources, running.rows, seen, known, proofs),
        (),
    )
    shown = reading.part(say("Its picture"), lambda: picture.draw(running.resources, seen, firewall_group), Picture(()))
    moving = reading.part(
        say("Its progress"),
        lambda: progress.of(found, running.resources, running.rows, spans, firewall_group, now),
        NO_PROGRESS,
    )
    stalls = standstill.of(cloud, found, running.rows, spans, running.resources, known)
    promised = reading.part(
        say("Its state"),
        lambda: judge.standing(running.resources, seen, known, proofs, changed),
        summary.Judgement("warning"),
    )
    judged = trouble.judged(found, promised, trouble.serves(running.rows, seen), moving.failure, stalls)
    outputs = _words(found.outputs)
    unread = [summary.Judgement("warning", said) for said in reading.problems]
    return Details(
        environment=summary.environment(
            found,
            summary.worse(judged, *unread),
            reading.part(say("Its address"), lambda: health.address(running.rows, known, found.outputs), ""),
            reading.part(say("Its tiers"), lambda: judge.tiers(known, found.id), ()),
        ),
        picture=shown,
        progress=moving,
        proofs=tuple(
            replace(trouble.told(one, found, stalls), at=now, evidence=values.cut(one.evidence, EVIDENCE))
            for one in proofs
        ),
        drift=changed,
        outputs=outputs,
        as_of=now,
        marks=_marked(list((known.volumes or {}).values()), found.id, ""),
        trusted=personal and bool(unattended.is_given(cloud, found.id)),
        targets=where,
        unreadable=tuple(reading.problems),
        stalls=stalls,
        retry=trouble.retry(found, stalls, judged),
        changing=found.meaning.changes and not trouble.still(stalls),
        waits=tuple(sorted({first.since for one in known.members.values() if (first := status.coming(one))})),
        members=tuple(sorted((id_, status.member_of(one)) for id_, one in known.members.items())),
    )


def _marks(cloud: Cloud, found: Stack) -> tuple[DataMark, ...]:
    """The marks on the data of a stack that comes or goes: one call, two where there are any."""
    if not cloud.has("block-storage"):
        return ()
    try:
        volumes = data_volumes.of(data_volumes.volumes(cloud), found.id)
        going = found.going and any(map(data_volumes.mark, volumes))
        return _marked(volumes, found.id, deletion.last(cloud, found) if going else "")
    except CloudError:
        return ()


def _marked(volumes: Sequence[Mapping[str, Any]], environment_id: str, delete_id: str) -> tuple[DataMark, ...]:
    ours = [one for one in data_volumes.of(volumes, environment_id) if data_volumes.mark(one)]
    return tuple(
        DataMark(str(one.get("name") or one["id"]), int(one["size"]), data_volumes.goes_with(one, delete_id))
        for one in ours
    )


def _will_have_firewall_group(cloud: Cloud, running: Running) -> bool:
    declared = running.declares_firewall and not running.stack.meaning.leaving
    try:
        return declared and quota.has_firewall(cloud)
    except CloudError:
        return False


def _firewall_group(running: Running, known: facts.Facts, proofs: Sequence[Proof]) -> Seen | None:
    if running.wanted is None or known.firewall_group is None:
        return None
    state = next((one.state for one in proofs if one.name == "firewall"), None)
    return Seen(state or "warning", known.firewall_group.group_id, known.firewall_group.status)


def _words(outputs: Mapping[str, Any]) -> dict[str, str]:
    # Whoever has a signed address may use it: that stays between Heat and the alarm.
    shown = {name: value for name, value in outputs.items() if not name.endswith("_alarm_url")}
    told: dict[str, str] = {}
    for name, value in shown.items():
        if value is None or isinstance(value, Mapping):
            continue
        items = values.listing(value) if isinstance(value, list) else [value]
        words = ", ".join(filter(None, (values.text(one, OUTPUT) for one in items[:OUTPUTS])))
        if len(items) > OUTPUTS:
            words = say("{words} and {n:,} more", words=words, n=len(items) - OUTPUTS)
        if "Signature=" not in words:
            told[name] = values.cut(words, OUTPUT)
    return told


def _last(cloud: Cloud, gone: Environment) -> Details:
    marks = _marked(data_volumes.volumes(cloud), gone.id, deletion.ended(cloud, gone.id))
    return Details(gone, Picture(()), NO_PROGRESS, (), (), {}, datetime.datetime.now(datetime.UTC), marks)
