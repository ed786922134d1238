"""Readings for tests: the reachability cases, each as a cloud of one project or of two."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tenant_ops_dashboard.posture.look import Look
from tenant_ops_dashboard.reachability.snapshot import COLLECTIONS
from tests.unit.reachability.test_cases import CASES
from tests.verify.reachability.big_cloud import make

Json = dict[str, Any]
MINE, OTHER = "project-mine", "project-foreign"
NAMES = {MINE: "production"}


def cases() -> list[Path]:
    """Cases of back ends that a cloud may have."""
    return list(CASES)


def raw(case: Path, project: str = MINE) -> Json:
    """A case's snapshot, everything in it of one project."""
    return of(project, json.loads((case / "snapshot.json").read_text()))


def large(seed: int, ports: int = 40) -> Json:
    """A cloud with many groups and rules that fit badly."""
    return of(MINE, make(ports, groups=10, routers=3, firewalls=4, rules=14, seed=seed))


def of(project: str, found: Json) -> Json:
    for key in COLLECTIONS:
        for row in found.get(key) or ():
            row["project_id"] = project
    return found


def look(found: Json, projects: dict[str, str] | None = None) -> Look:
    return Look(found, NAMES if projects is None else projects, "cloud")


def renamed(value: Any, new: Callable[[str], str], only: frozenset[str] | None = None) -> Any:
    """The same with other ids, wherever one stands: those of `only`, or all that name an object of `value`."""
    known = only if only is not None else frozenset(ids(value))

    def walk(one: Any) -> Any:
        if isinstance(one, dict):
            return {key: walk(inner) if key not in ("name", "description") else inner for key, inner in one.items()}
        if isinstance(one, list):
            return [walk(inner) for inner in one]
        return new(one) if isinstance(one, str) and one in known else one

    return walk(value)


def ids(found: Json) -> set[str]:
    return {row["id"] for key in COLLECTIONS for row in found.get(key) or ()} | set(rules(found))


def rules(found: Json) -> set[str]:
    """Ids of rules of both kinds."""
    groups = [one["id"] for group in found.get("security_groups") or () for one in group["security_group_rules"]]
    return {*groups, *(row["id"] for row in found.get("firewall_rules") or ())}


def made_again(found: Json) -> Json:
    """The same with all rules made again: of the same content, with other ids."""
    made: Json = copy.deepcopy(found)
    for group in made.get("security_groups") or ():
        for rule in group["security_group_rules"]:
            rule["id"] = f"again-{rule['id']}"
    for rule in made.get("firewall_rules") or ():
        rule["id"] = f"again-{rule['id']}"
    for policy in made.get("firewall_policies") or ():
        policy["firewall_rules"] = [f"again-{one}" for one in policy["firewall_rules"]]
    return made
