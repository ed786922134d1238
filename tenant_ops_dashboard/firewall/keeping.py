"""What is kept of the versions that were in force, for how long, and what goes."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.cloud import CloudError, NotFound, Uncertain, values
from tenant_ops_dashboard.environments.firewall_group import versions as marks
from tenant_ops_dashboard.environments.firewall_group.versions import Mark
from tenant_ops_dashboard.firewall import content, versions
from tenant_ops_dashboard.firewall.current import Current
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction
from tenant_ops_dashboard.firewall.neutron import POLICIES, RULES, FirewallApi

FORSAKEN = datetime.timedelta(hours=1)


def keep(
    api: FirewallApi, before: Current, now: Current, directions: tuple[Direction, ...], apply: str, undone: bool = False
) -> bool:
    """Mark what these directions had before; whether all of it is kept. What is in use elsewhere is copied."""
    number = next((one.mark.number for one in versions.kept(now)), 0) + 1
    whole = True
    marked: set[str] = set()  # one that both directions had says for one of them that it is kept
    for direction in directions:
        old = before.policy(direction)
        row = now.policies.get(old or "") or {}
        said = content.digest(content.chain(now.content(old)) if old and row else ())
        mark = Mark(direction, str(now.row["id"]), number, apply, said, versions.bare(row), undone)
        try:
            if row and mark.fits and old not in marked and not _used(api, now, row):
                marked.add(str(old))
                versions.describe(api, row, mark.words)
            else:
                _copy(api, row, mark, str(now.row["name"]), versions.description(now))
        except NotFound:
            continue  # somebody took it away: there is nothing to keep
        except CloudError:
            whole = False
    return whole


def retire(api: FirewallApi, row: Mapping[str, Any]) -> None:
    """A kept policy that no undo leads to any more says so; nothing where that cannot be written."""
    mark = marks.mark(row)
    if mark and not mark.undone:
        with contextlib.suppress(CloudError):
            versions.describe(api, row, replace(mark, undone=True).words)


def copy(
    api: FirewallApi, now: Current, direction: Direction, apply: str, undone: bool = False
) -> str | None:  # fmt: skip
    """Keep a copy of what a policy that keeps its id holds now; the copy's id, None where it is kept already.

    Raises a CloudError.
    """
    same = [one.mark for one in versions.kept(now) if (one.mark.direction, one.mark.apply) == (direction, apply)]
    if any(one.undone is undone for one in same):
        return None
    row = now.policies[str(now.policy(direction))]
    number = next((one.mark.number for one in versions.kept(now) if one.mark.apply != apply), 0) + 1
    said = content.digest(content.chain(now.state.policy(direction)) or ())
    mark = Mark(direction, str(now.row["id"]), number, apply, said, undone=undone, policy=str(row["id"]))
    return _copy(api, row, mark, str(now.row["name"]), versions.description(now))


def whole(api: FirewallApi, now: Current, apply: str, directions: Collection[Direction]) -> bool:
    """Whether what these directions had before an apply is kept; of half of it nothing stays, for half is no undo."""
    kept = [one for one in versions.kept(now) if one.mark.apply == apply and not one.mark.undone]
    if {one.mark.direction for one in kept} >= set(directions):
        return True
    remove(api, now, [one.id for one in kept])
    return False


def tidy(api: FirewallApi, before: Current, now: Current, undone: bool = False, known: bool = False) -> None:
    """Remove what was kept longer than the last applies, and what dead runs left.

    Unless it is `known`, `now` does not tell yet that what `before` had in force was just kept.
    """
    kept = versions.kept(now)
    undo = sorted({one.mark.number for one in kept if not one.mark.undone}, reverse=True)
    redo = sorted({one.mark.number for one in kept if one.mark.undone}, reverse=True)
    staying = {*undo[: versions.KEPT - (not undone and not known)], *redo[: 0 if undone and not known else 1]}
    remove(api, now, [one.id for one in kept if one.mark.number not in staying] + _forsaken(api, before, now))


def make_room(api: FirewallApi, now: Current, policies: int) -> None:
    """Remove so many of what is kept, the oldest first, and with each what was kept of the other direction then."""
    kept = versions.kept(now)
    gone = {one.mark.number for one in kept[::-1][:policies]}
    remove(api, now, [one.id for one in kept[::-1] if one.mark.number in gone])


def _forsaken(api: FirewallApi, before: Current, now: Current) -> list[str]:
    """Versions of the group that a run which died left: in force nowhere, kept for nothing, and an hour old."""
    groups = (*now.groups, before.row)
    used = {one[f"{direction}_firewall_policy_id"] for one in groups for direction in DIRECTIONS}
    name, end = str(now.row["name"]), api.cloud.now() - FORSAKEN
    return [
        id_ for id_, row in now.policies.items()
        if (token := marks.token(str(row["name"]))) and id_ not in used and marks.mark(row) is None
        and str(row["name"]) in [marks.name(name, direction, token) for direction in DIRECTIONS]
        and (made := values.moment(row.get("created_at"))) is not None and made < end
    ]  # fmt: skip


def remove(api: FirewallApi, now: Current, leaving: Sequence[str]) -> None:
    """Policies first, then rules that no policy holds; what is in use stays."""
    gone = {id_ for id_ in leaving if api.remove(POLICIES, id_)}
    held = {id_ for key, row in now.policies.items() if key not in gone for id_ in row["firewall_rules"]}
    for id_ in dict.fromkeys(id_ for key in gone for id_ in now.policies[key]["firewall_rules"]):
        if id_ not in held:
            api.remove(RULES, id_)


def _used(api: FirewallApi, now: Current, row: Mapping[str, Any]) -> bool:
    """Whether a policy is somebody else's too, so that nothing may be written on it."""
    id_, project = str(row["id"]), api.cloud.project_id
    here = id_ in (now.policy("ingress"), now.policy("egress"))
    return here or bool(now.others(id_)) or row.get("shared") is True or row.get("project_id", project) != project


def _copy(api: FirewallApi, row: Mapping[str, Any], mark: Mark, group: str, description: str) -> str:
    """A policy of its own with the same rules; an empty one where there was none, which lets as little through."""
    made = replace(mark, description=description)
    name = f"{marks.name(group, mark.direction, mark.apply)}-before"
    rules = list(row.get("firewall_rules") or ())
    fields = {"name": name, "description": made.words, "firewall_rules": rules}
    try:
        return str(api.make(POLICIES, **fields)["id"])
    except Uncertain:
        there = [one for one in api.listed(POLICIES, name=name) if one.get("description") == made.words]
        if not there:
            raise
        return str(there[0]["id"])
