"""What runs, and is it well? The list, and everything about one environment. Reads only."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import (
    attempts,
    checks,
    data,
    deletion,
    drift,
    facts,
    firewall,
    health,
    hot,
    judge,
    picture,
    progress,
    prove,
    quota,
    rows,
    stack,
    summary,
    targets,
    trust,
)
from tenant_ops_dashboard.environments import (
    blueprint as blueprints,
)
from tenant_ops_dashboard.environments.errors import NotFound
from tenant_ops_dashboard.environments.listing import leftover, listing
from tenant_ops_dashboard.environments.model import DataMark, Details, Environment, Picture, Progress
from tenant_ops_dashboard.environments.picture import Seen
from tenant_ops_dashboard.environments.stack import Stack

__all__ = ["details", "ids", "listing", "version"]


@dataclass(frozen=True)
class Running:
    """A stack with its template worked out: `resources` as they are now, `rows` as Heat has them."""

    stack: Stack
    at: hot.Scope
    resources: tuple[hot.Resource, ...]
    rows: tuple[rows.Row, ...]
    wanted: firewall.Wanted | None
    declares_wall: bool
    promised: tuple[str, ...] = ()  # to the outside, by what the template declares


def details(cloud: Cloud, name_or_id: str, personal: bool = True) -> Details:
    """Everything of one environment: five calls while it comes or goes, up to fourteen once it stands.

    Without what is `personal` (whether this user entrusted it) it is the same for all with the same roles.
    Raises NotFound, or the CloudError of Heat or Keystone; other services may be silent, their part says so.
    """
    try:
        found = stack.find(cloud, name_or_id)
    except NotFound:
        gone = leftover(cloud, name_or_id)
        if gone is None:
            raise
        return _last(cloud, gone)
    running = read(cloud, found)
    now = datetime.datetime.now(datetime.UTC)
    spans = rows.spans(cloud, found)
    if not running.stack.complete:
        judged = summary.heat(running.stack)
        seen = {row.key: Seen(row.state, row.resource_id) for row in running.rows}
        wall = Seen() if _will_have_wall(cloud, running) else None
        moving = progress.of(running.stack, running.resources, running.rows, spans, wall, now)
        return Details(
            environment=summary.environment(running.stack, replace(judged, reason=moving.failure or judged.reason)),
            picture=picture.draw(running.resources, progress.ghosts(running.stack, running.resources, seen), wall),
            progress=moving,
            proofs=(),
            drift=(),
            outputs={},
            as_of=now,
            marks=_marks(cloud, running.stack) if running.stack.action == "DELETE" else (),
            trusted=personal and bool(trust.is_given(cloud, running.stack.id)),
        )
    return _standing(cloud, running, spans, now, personal)


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


def read(cloud: Cloud, found: Stack) -> Running:
    """The stack's parameters, outputs (once complete), template and resources: three calls."""
    path = found.path if found.complete else f"{found.path}?resolve_outputs=false"
    whole = stack.read(cloud.get("orchestration", path)["stack"])
    template: Mapping[str, Any] = cloud.get("orchestration", f"{found.path}/template")
    heat = rows.read(cloud, found)
    files: Mapping[str, str] = {}
    if not template.get("resources") and (made := blueprints.find(found.blueprint or whole.blueprint)):
        # Heat empties the template of a stack that it takes away.
        template, files = hot.parse(made.template), made.files
    at = hot.scope(template, whole.parameters, found.name, files)
    at = replace(at, ids={row.key: row.resource_id for row in heat})
    grown = {group: size for group, size in rows.sizes(heat).items() if found.complete or size}
    resources = rows.joined(hot.resources(template, at, grown), heat) or rows.alone(heat)
    declared = "firewall" in (template.get("outputs") or {})
    wanted = firewall.wanted(whole.outputs.get("firewall"), cloud.options.firewall_profile)
    whole = replace(whole, tags=found.tags or whole.tags, project_id=cloud.project_id)
    return Running(whole, at, resources, heat, wanted, declared, prove.promised(template, at, resources))


def _standing(
    cloud: Cloud, running: Running, spans: Mapping[tuple[str, str], rows.Span], now: datetime.datetime, personal: bool
) -> Details:
    found = running.stack
    known = facts.read(cloud, found.id, running.rows, running.wanted is not None)
    seen = health.seen(running.rows, known)
    failure = attempts.failure(cloud, found.id)
    where = targets.find(running.resources, running.rows, known, cloud.project_id)
    dark = known.ports is None or known.addresses is None
    silent = known.silent.get("Neutron", "Neutron is silent.") if dark else ""
    proofs = (
        *checks.proofs(running.resources, running.rows, running.at, known, seen, running.wanted, failure),
        *prove.unsent(running.promised, where, silent, cloud.options),
    )
    wall = _wall(running, known, proofs)
    changed = drift.drifted(running.resources, running.rows, seen, known, proofs)
    judged = summary.worse(summary.heat(found), judge.standing(running.resources, seen, known, proofs, changed))
    address = health.address(running.rows, known, found.outputs)
    return Details(
        environment=summary.environment(found, judged, address, judge.tiers(known, found.id)),
        picture=picture.draw(running.resources, seen, wall),
        progress=progress.of(found, running.resources, running.rows, spans, wall, now),
        proofs=tuple(replace(one, at=now) for one in proofs),
        drift=changed,
        outputs=_words(found.outputs),
        as_of=now,
        marks=_marked(list((known.volumes or {}).values()), found.id, ""),
        trusted=personal and bool(trust.is_given(cloud, found.id)),
        targets=where,
    )


def _marks(cloud: Cloud, found: Stack) -> tuple[DataMark, ...]:
    """The marks on the data of a stack that comes or goes: one call, two where there are any."""
    if not cloud.has("block-storage"):
        return ()
    try:
        volumes = data.of(data.volumes(cloud), found.id)
        going = found.going and any(map(data.mark, volumes))
        return _marked(volumes, found.id, deletion.last(cloud, found) if going else "")
    except CloudError:
        return ()


def _marked(volumes: Sequence[Mapping[str, Any]], environment_id: str, delete_id: str) -> tuple[DataMark, ...]:
    ours = [one for one in data.of(volumes, environment_id) if data.mark(one)]
    return tuple(
        DataMark(str(one.get("name") or one["id"]), int(one["size"]), data.goes_with(one, delete_id)) for one in ours
    )


def _will_have_wall(cloud: Cloud, running: Running) -> bool:
    declared = running.declares_wall and running.stack.action not in ("DELETE", "ROLLBACK")
    try:
        return declared and quota.has_firewall(cloud)
    except CloudError:
        return False


def _wall(running: Running, known: facts.Facts, proofs: Sequence[Any]) -> Seen | None:
    if running.wanted is None or known.wall is None:
        return None
    state = next(one.state for one in proofs if one.name == "firewall")
    return Seen(state, known.wall.group_id, known.wall.status)


def _words(outputs: Mapping[str, Any]) -> dict[str, str]:
    # Whoever has a signed address may use it: that stays between Heat and the alarm.
    shown = {name: value for name, value in outputs.items() if not name.endswith("_alarm_url")}
    told = {name: value for name, value in shown.items() if value is not None and not isinstance(value, Mapping)}
    said = {name: ", ".join(map(str, value)) if isinstance(value, list) else str(value) for name, value in told.items()}
    return {name: value for name, value in said.items() if "Signature=" not in value}


def _last(cloud: Cloud, gone: Environment) -> Details:
    nothing = Progress(0, 0, 0.0, ())
    marks = _marked(data.volumes(cloud), gone.id, deletion.ended(cloud, gone.id))
    return Details(gone, Picture(()), nothing, (), (), {}, datetime.datetime.now(datetime.UTC), marks)
