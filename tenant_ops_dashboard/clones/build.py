"""What stands on the copy, one server or a whole test environment: a launch as any other.

It is made by the project's own authority.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tenant_ops_dashboard.clones.errors import BadInput, Failed
from tenant_ops_dashboard.clones.model import Clone, Get
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, launch, reconcile, watch
from tenant_ops_dashboard.environments.errors import PlanProblems
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import Details, QuotaLine, Request
from tenant_ops_dashboard.environments.planning import defaults, inventory, plan, subnets, validate
from tenant_ops_dashboard.environments.template import blueprint as blueprints
from tenant_ops_dashboard.sentences import about, say

Folders = Sequence[str | Path]
#: What is launched, with the copy as its volume.
BUILT: frozenset[Get] = frozenset({"server", "environment"})
#: The id of a copy that is still to be made.
_COPY = "00000000-0000-0000-0000-000000000000"
#: The ones of a server by itself: the copy is its data volume, or the disk that it starts from.
SERVER, BOOTED = "database-server", "booted-server"
#: What somebody has to know of a server that starts from the copy (Nova's API reference, 'Create server',
#: block_device_mapping_v2: a volume stays unless delete_on_termination is asked for).
KEEPS = say(
    "The server starts from the clone's volume. Deleting the server by other means keeps the volume (delete on "
    "termination is off); the clone's end deletes both."
)
#: Nova takes no root disk off a server (its API reference, 'Detach a volume from an instance').
FIXED = say(
    "Its server starts from its volume, and Nova takes no such disk off a server: release the clone and ask for "
    "another one, or ask for the volume alone."
)


@dataclass(frozen=True)
class Made:
    """The environment as far as it is; `server_id` (its database server) and `address` once it `stands`."""

    id: str
    stands: bool = False
    server_id: str = ""
    address: str = ""


def blueprint(get: Get, written: str, name: str, folders: Folders = (), bootable: bool = False) -> str:
    """The slug of the blueprint for a clone of this name; '' is the first that stands on an existing volume.

    A server has one of its own, another where the source is `bootable`. Raises BadInput that names `get`, `blueprint`
    or `name`.
    """
    own = BOOTED if bootable else SERVER
    found = _server(written, folders, own) if get == "server" else _environment(written, folders)
    if problem := validate.name(name):
        raise BadInput(
            about("name", say("the {get} is called so, too. {problem}", get=get, problem=problem)), field="name"
        )
    return found


def answers(
    cloud: Cloud, get: Get, slug: str, name: str, given: Mapping[str, str], folders: Folders = ()
) -> tuple[tuple[str, str], ...]:
    """What was answered to questions of the blueprint: some calls to the project where anything was.

    Those that are not answered get what the form of a launch proposes. Raises BadInput that names `set`, a CloudError.
    """
    if not given:
        return ()
    found = blueprints.find(slug, folders) if get in BUILT else None
    if found is None:
        raise BadInput(
            about("set", say("a volume by itself asks nothing: get a server or an environment.")), field="set"
        )
    form = defaults.form(cloud, found, given)
    known = [one.name for one in form if one.kind != "volume"]
    if unknown := next((one for one in given if one not in known), ""):
        raise BadInput(
            about(
                "set",
                say(
                    "{slug} asks no '{unknown}'; it asks {known}.",
                    slug=slug,
                    unknown=unknown[:60],
                    known=", ".join(known),
                ),
            ),
            field="set",
        )
    nets = subnets.known(cloud) if any(one.kind == "subnet" for one in form) else ()
    _values, problems = validate.check(Request(name, slug, given), form, inventory.take(cloud), nets=nets)
    if wrong := next((one for one in given if one in problems), ""):
        raise BadInput(about("set", about(wrong, problems[wrong])), field="set")
    return tuple(sorted((one, value.strip()) for one, value in given.items()))


def takes(
    cloud: Cloud, get: Get, folders: Folders = (), bootable: bool = False, size: int = 0
) -> tuple[QuotaLine, ...]:  # fmt: skip
    """The quotas that a launch on a copy of `size` GB touches, as the blueprint proposes it.

    Those of volumes have the copy in use already, and add what servers start from (Nova counts that as the project's:
    its API reference, 'Create server', block_device_mapping_v2). Raises a CloudError.
    """
    slug = blueprint(get, "", "clone", folders, bootable)
    # A volume that nobody has yet: it takes the place of a new one, and its own problem is none here.
    values = {_parameter(slug, folders): _COPY}
    lines = plan.plan(cloud, Request("clone", slug, values), folders).quotas
    copy = {("block-storage", "volumes"): 1, ("block-storage", "gigabytes"): size}
    return tuple(replace(one, used=one.used + copy.get((one.service, one.resource), 0)) for one in lines)


def offered(folders: Folders = (), bootable: bool = False) -> tuple[Get, ...]:
    """What can be made of a copy here, of a source that is `bootable` or not."""
    fit = set(_fit(folders))
    server, environment = (BOOTED if bootable else SERVER) in fit, bool(fit - {SERVER, BOOTED})
    kinds: dict[Get, bool] = {"volume": True, "server": server, "environment": environment}
    return tuple(get for get, there in kinds.items() if there)


def boots(clone: Clone) -> bool:
    """Whether its server starts from it: such a volume cannot be taken off, nor be another one."""
    return clone.blueprint == BOOTED


def step(cloud: Cloud, clone: Clone, folders: Folders = ()) -> Made:
    """One look and one act: the environment that the clone's launch made.

    A launch is safe to repeat: the clone's id is its token. Raises Failed where it cannot be launched or failed.
    """
    found = _mine(cloud, clone)
    if found is None:
        values = {**dict(clone.answers), _parameter(clone.blueprint, folders): clone.volume_id}
        try:
            made = launch.launch(cloud, Request(clone.name, clone.blueprint, values), folders, _token(clone))
        except PlanProblems as error:
            raise Failed(
                say("The {get} cannot be launched: {error}", get=clone.get, error=error.sentence), error.request_id
            ) from error
        return Made(made.id)
    if found.meaning.moving:
        return Made(found.id)
    if not found.meaning.stands or found.state != "COMPLETE":
        raise Failed(say("The {get} could not be made: {reason}", get=clone.get, reason=found.reason or found.state))
    reconcile.by_id(cloud, found.id, asked=True)
    details = watch.details(cloud, found.id, personal=False)
    return Made(found.id, True, _database(details), _address(details, clone.get))


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


def _server(written: str, folders: Folders, slug: str) -> str:
    if written.strip():
        raise BadInput(
            about(
                "blueprint",
                say("a server is always made of {slug}; a blueprint is chosen for an environment.", slug=slug),
            ),
            field="blueprint",
        )
    if slug not in _fit(folders):
        raise BadInput(
            about("get", say("no blueprint {slug} stands on a volume here: ask your operator.", slug=slug)), field="get"
        )
    return slug


def _environment(written: str, folders: Folders) -> str:
    fit = tuple(slug for slug in _fit(folders) if slug != BOOTED)
    found = written.strip() or next((slug for slug in fit if slug != SERVER), "")
    if found not in fit:
        raise BadInput(
            about(
                "blueprint",
                say(
                    "this is none that stands on an existing volume; there are {fit}.",
                    fit=", ".join(fit) or say("none"),
                ),
            ),
            field="blueprint",
        )
    return found


def _fit(folders: Folders) -> tuple[str, ...]:
    return tuple(one.slug for one in blueprints.catalogue(folders) if _parameter(one.slug, folders))


def _database(details: Details) -> str:
    """The id of its server on the volume, or ''."""
    return next((box.resource_id for box in details.picture.boxes if box.kind == "database"), "")


def _address(details: Details, get: Get) -> str:
    """Where the application answers; of a server the one in its own network."""
    return details.outputs.get("database", "") if get == "server" else details.environment.address


def _token(clone: Clone) -> str:
    return f"clone {clone.id}"


def _parameter(slug: str, folders: Folders) -> str:
    """What the blueprint calls the volume that it can stand on, or ''."""
    found = blueprints.find(slug, folders)
    kinds = found.parameters if found else ()
    return next((one.name for one in kinds if one.kind == "volume"), "")
