"""What the blueprints of a reading's environments say must, or must never, get through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tenant_ops_dashboard.firewall import standing
from tenant_ops_dashboard.posture.assess import Wanted
from tenant_ops_dashboard.posture.look import UP, Look


def blueprints(look: Look, project: str) -> Mapping[str, str]:
    """The blueprints of a project's environments that stand, by stack."""
    rows = [one for one in look.raw.get("environments") or () if one["project_id"] == project]
    return {one["id"]: one.get("blueprint") or "" for one in rows if one.get("status", UP) == UP}


def named(look: Look, project: str, found: Sequence[standing.Standing]) -> tuple[Wanted, ...]:
    """Intents of a project as `assess` takes them."""
    names = {one["id"]: one["name"] for one in look.raw.get("environments") or ()}
    return tuple((project, names.get(one.environment, ""), one.intent) for one in found)


def brought(look: Look, folders: Sequence[str | Path] = ()) -> tuple[Wanted, ...]:
    """All of them, as `assess` takes them; `folders` have blueprints beside the shipped ones."""
    return tuple(
        wanted
        for project in look.projects
        for wanted in named(look, project, standing.of_blueprints(blueprints(look, project), folders))
    )
