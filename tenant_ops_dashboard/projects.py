"""A person's other projects: which there are, and what the policy lets him do in each, by a token of its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.cloud import Cloud, NotAllowed, elsewhere

# How many are asked about: each costs Keystone a token. How many seconds the answer is kept for the same token.
MOST = 30
KEPT = 60


@dataclass(frozen=True)
class Project:
    """A project of Keystone's."""

    id: str
    name: str


@dataclass(frozen=True)
class Found:
    """The login's own project, then the others where the rule allows it; `more` says that some were not asked about."""

    projects: tuple[Project, ...]
    more: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.projects)


def where(cloud: Cloud, rule: str) -> Found:
    """Where this person may do what `rule` says. His roles differ from project to project: each is asked.

    A login that is bound to one project (an application credential) knows no other. Raises the CloudError of Keystone.
    """
    token = hashlib.sha256(str(cloud.session.get_token()).encode()).hexdigest()
    key = f"tenant_ops.projects.{rule}.{token}"
    kept = cloud.store.get(key)
    if isinstance(kept, Found):
        return kept
    rows = cloud.pages("identity", "/auth/projects", "projects")
    others = sorted(
        (Project(str(row["id"]), str(row.get("name") or row["id"])) for row in rows if row.get("enabled", True)),
        key=lambda one: one.name,
    )
    others = [one for one in others if one.id != cloud.project_id]
    found = [Project(cloud.project_id, cloud.project_name or cloud.project_id)]
    for one in others[:MOST]:
        try:
            there = elsewhere(cloud, one.id)
        except NotAllowed:
            continue
        if policy.allowed(there, rule):
            found.append(one)
    made = Found(tuple(found), len(others) > MOST)
    cloud.store.set(key, made, KEPT)
    return made
