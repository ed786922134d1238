"""A whole test environment whose database stands on the copy: a launch as any other, by the project's own authority."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tenant_ops_dashboard.clones.errors import BadInput, Failed
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, launch, reconcile, watch
from tenant_ops_dashboard.environments.errors import PlanProblems
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import Request
from tenant_ops_dashboard.environments.planning.validate import name as name_problem
from tenant_ops_dashboard.environments.template import blueprint as blueprints

Folders = Sequence[str | Path]


def blueprint(written: str, name: str, folders: Folders = ()) -> str:
    """The slug of the blueprint for a clone of this name; '' is the first that stands on an existing volume.

    Raises BadInput that names `blueprint` or `name`.
    """
    fit = {one.slug: one for one in blueprints.catalogue(folders) if _parameter(one.slug, folders)}
    found = written.strip() or next(iter(fit), "")
    if found not in fit:
        raise BadInput(
            f"blueprint: this is none that stands on an existing volume; there are {', '.join(fit) or 'none'}.",
            field="blueprint",
        )
    if problem := name_problem(name):
        raise BadInput(f"name: the environment is called so, too. {problem}", field="name")
    return found


def step(cloud: Cloud, clone: Clone, folders: Folders = ()) -> tuple[str, str | None]:
    """One look and one act: the id of the environment, and its address once it stands, None until then.

    A launch is safe to repeat: the clone's id is its token. Raises Failed where it cannot be launched or failed.
    """
    found = _mine(cloud, clone)
    if found is None:
        values = {_parameter(clone.blueprint, folders): clone.volume_id}
        try:
            made = launch.launch(cloud, Request(clone.name, clone.blueprint, values), folders, _token(clone))
        except PlanProblems as error:
            raise Failed(f"The environment cannot be launched: {error}", error.request_id) from error
        return made.id, None
    if found.meaning.moving:
        return found.id, None
    if not found.meaning.stands or found.state != "COMPLETE":
        raise Failed(f"The environment could not be made: {found.reason or found.state}")
    reconcile.by_id(cloud, found.id, asked=True)
    return found.id, watch.details(cloud, found.id, personal=False).environment.address


def take_away(cloud: Cloud, clone: Clone) -> bool:
    """Delete the environment and leave the volume; whether it is gone. Raises a CloudError, Blocked."""
    found = _mine(cloud, clone)
    if found is None:
        if clone.environment_id:
            reconcile.by_id(cloud, clone.environment_id, asked=True)
        return True
    if not (found.meaning.leaving and found.meaning.moving):
        delete.delete(cloud, found.id)
    return False


def _mine(cloud: Cloud, clone: Clone) -> Stack | None:
    """The stack that this clone's launch made, whatever became of its record."""
    if clone.environment_id:
        return stack.by_id(cloud, clone.environment_id)
    mark = f"{stack.TOKEN}{stack.digest('token', cloud.user_id, _token(clone))}"
    return next((one for one in stack.all_named(cloud, clone.name) if mark in one.tags), None)


def _token(clone: Clone) -> str:
    return f"clone {clone.id}"


def _parameter(slug: str, folders: Folders) -> str:
    """What the blueprint calls the volume that it can stand on, or ''."""
    found = blueprints.find(slug, folders)
    kinds = found.parameters if found else ()
    return next((one.name for one in kinds if one.kind == "volume"), "")
