"""One reading of all that a person may see: the whole cloud at once, or each project where he has a role."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.errors import BadInput, NotAllowed, NotFound
from tenant_ops_dashboard.firewall.snapshot import Seen, take_snapshot
from tenant_ops_dashboard.posture import access, readable
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.model import Snapshot
from tenant_ops_dashboard.reachability.snapshot import COLLECTIONS
from tenant_ops_dashboard.sentences import about, say

if TYPE_CHECKING:
    from tenant_ops_dashboard.cloud import Cloud

Json = dict[str, Any]
Scope = Literal["cloud", "projects"]
#: What others may be given to use, beside their own; everything else is shown to its own project alone.
_SHARED = ("networks", "address_groups", "firewall_policies", "firewall_rules")
#: Another project's object of these says that this login is shown everything.
_NEVER_SHARED = ("routers", "floatingips", "security_groups")
#: Beside the rows of a snapshot: who is called how.
NAMES = ("servers", "environments")
UP = "up"  # of an environment that stands; of others no intent can hold


@dataclass(frozen=True)
class Look:
    """A reading. `raw` has Neutron's and Octavia's rows by collection as `take_snapshot` gives them, and beside them
    `servers` (id, name, environment's id, tier, part, project_id) and `environments` (id, name, blueprint, status,
    project_id); a blueprint is what `Stack.launched` has.

    Where Nova or Heat did not answer, `meta.nameless` has these as 'servers' or 'environments', of which project.

    `projects` are names by id: of all that own something (`scope` 'cloud'), or of those that were read ('projects').
    """

    raw: Json
    projects: dict[str, str]
    scope: Scope

    @cached_property
    def _read(self) -> tuple[Snapshot, Json, tuple[str, ...]]:
        return readable.read(self.raw)

    @cached_property
    def seen(self) -> Seen:
        """The rows that can be read, with the engine over them."""
        snapshot, rows, _ = self._read
        found = Seen(rows)
        found.__dict__["engine"] = Engine(snapshot)
        return found

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read, each a sentence."""
        told = self.raw.get("meta", {}).get("problems") or ()
        return (*map(str, told), *self._read[2])

    @property
    def taken_at(self) -> str:
        """When, ISO 8601 in UTC; '' where the reading does not say."""
        return str(self.raw.get("meta", {}).get("taken_at") or "")


def look(cloud: Cloud, project: str = "", all_projects: bool = False) -> Look:
    """What there is now in a project (a name or an id; '' is the login's own), or in all that this person may see.

    Who may list all (rule posture:read_all, and Neutron shows him other projects' objects) gets one reading of the
    whole cloud: one paged list a kind, however many projects, and one of members for each pool that has some. Others
    get the projects where a role of theirs satisfies posture:read, each by a token of its own. Raises NotAllowed,
    NotFound, BadInput for a name that several projects have, a CloudError.
    """
    if not policy.allowed(cloud, access.READ):
        raise NotAllowed(policy.why_not(access.READ))
    if not all_projects and project in ("", cloud.project_id, cloud.project_name):
        return _of_projects([cloud])
    if policy.allowed(cloud, access.READ_ALL) and (found := _everything(cloud)) is not None:
        if all_projects:
            return found
        known = {**_projects(cloud), **found.projects}
        id_ = _one(known, project)
        return only(found, {id_: known[id_]})
    return _where_roles_are(cloud, project, all_projects)


def only(whole: Look, projects: Mapping[str, str]) -> Look:
    """What a member of these projects would be shown of a reading of more: theirs, and what is shared with them."""
    raw = own_rows(whole.raw, projects)
    meta = {**raw["meta"], "scope": "project", "project_id": next(iter(projects)) if len(projects) == 1 else ""}
    return Look({**raw, "meta": meta}, dict(projects), "projects")


def own_rows(raw: Json, projects: Collection[str]) -> Json:
    """The rows of these projects, and of others what is shared or external."""
    found: Json = {"meta": raw["meta"]}
    for key, rows in raw.items():
        if key == "meta":
            continue
        kept = [row for row in rows if _owned(row, projects) or (key in _SHARED and _shared(row))]
        if key == "subnets":
            networks = {row.get("id") for row in found.get("networks", ())}
            kept = [row for row in rows if row.get("network_id") in networks]
        found[key] = kept
    return found


def _where_roles_are(cloud: Cloud, project: str, all_projects: bool) -> Look:
    # The offline commands import this package's neighbours, and must not load OpenStack's clients.
    from tenant_ops_dashboard.cloud import CloudError, elsewhere
    from tenant_ops_dashboard.projects import where

    found = where(cloud, access.READ)
    known = {one.id: one.name for one in found.projects}
    wanted = list(known) if all_projects else [_one(known, project)]
    clouds, problems = [], []
    for id_ in wanted:
        try:
            clouds.append(cloud if id_ == cloud.project_id else elsewhere(cloud, id_))
        except CloudError as error:
            problems.append(
                say("Project {known} could not be read: {sentence}", known=known[id_], sentence=error.sentence)
            )
    if found.more and all_projects:
        problems.append(say("Only {n} of your projects were read: name another one with --project.", n=len(known)))
    return _of_projects(clouds, problems)


def _of_projects(clouds: Iterable[Cloud], problems: Iterable[str] = ()) -> Look:
    """Each project as its members see it, merged: what several are shown stands there once."""
    from tenant_ops_dashboard.cloud import CloudError

    told, merged, projects = list(problems), dict[str, dict[str, Json]](), dict[str, str]()
    meta: Json = {}
    nameless: list[list[str]] = []
    clouds = list(clouds)
    for cloud in clouds:
        try:
            raw = own_rows(take_snapshot(cloud), [cloud.project_id])
        except CloudError as error:
            if len(clouds) == 1:
                raise
            told.append(
                say(
                    "Project {project_name} could not be read: {sentence}",
                    project_name=cloud.project_name or cloud.project_id,
                    sentence=error.sentence,
                )
            )
            continue
        projects[cloud.project_id] = cloud.project_name or cloud.project_id
        meta = {**raw["meta"], "taken_at": meta.get("taken_at") or raw["meta"]["taken_at"]}
        names, lacking = _names(cloud, False)
        nameless += [[cloud.project_id, kind] for kind in lacking]
        for key, rows in {**raw, **names}.items():
            if key != "meta":
                kept = merged.setdefault(key, {})
                for row in rows:
                    kept.setdefault(str(row.get("id")), row)
    if not projects:
        raise NotFound(told[0] if told else say("There is no project that could be read."))
    meta |= {"scope": "project", "project_id": next(iter(projects)) if len(projects) == 1 else "", "problems": told}
    meta["nameless"] = nameless
    return Look({"meta": meta, **{key: list(rows.values()) for key, rows in merged.items()}}, projects, "projects")


def _everything(cloud: Cloud) -> Look | None:
    """The whole cloud; None where this login is shown nothing of other projects."""
    raw = take_snapshot(cloud, all_projects=True)
    if "admin" not in cloud.roles and not _shown_all(raw, cloud.project_id):
        return None
    names, lacking = _names(cloud, True)
    raw |= names
    raw["meta"] |= {"project_id": "", "nameless": [["", kind] for kind in lacking]}
    owners = {_owner(row) for key in COLLECTIONS for row in raw.get(key, ())} - {""}
    known = _projects(cloud)
    return Look(raw, {id_: known.get(id_, id_) for id_ in sorted(owners)}, "cloud")


def _shown_all(raw: Json, own: str) -> bool:
    """Neutron's own proof: something that it shows to its project alone is of another one."""
    return any(
        _owner(row) not in ("", own) and not row.get("shared") for key in _NEVER_SHARED for row in raw.get(key, ())
    )


def _projects(cloud: Cloud) -> dict[str, str]:
    """Names of projects by id: of all where Keystone tells them, else of one's own, else none."""
    from tenant_ops_dashboard.cloud import CloudError

    for path in ("/projects", "/auth/projects"):
        try:
            rows = cloud.pages("identity", path, "projects")
        except CloudError:
            continue
        return {str(row["id"]): str(row.get("name") or row["id"]) for row in rows}
    return {}


def _names(cloud: Cloud, all_projects: bool) -> tuple[Json, list[str]]:
    """Servers and environments, and which of them could not be read: a reading stands without their names."""
    from tenant_ops_dashboard.cloud import CloudError, values
    from tenant_ops_dashboard.environments import services
    from tenant_ops_dashboard.environments.heat import stack
    from tenant_ops_dashboard.firewall.names import server

    found: Json = {"servers": [], "environments": []}
    lacking: list[str] = []
    try:
        listed = cloud.pages(
            "compute", "/servers/detail", "servers", **({"all_tenants": "true"} if all_projects else {})
        )
        for row in listed:
            one = server(values.row(row, services.SERVER))
            owner = _owner(row) or ("" if all_projects else cloud.project_id)
            found["servers"].append(
                {
                    "id": one.id, "name": one.name, "environment": one.environment, "tier": one.tier,
                    "part": one.part, "project_id": owner,
                }
            )  # fmt: skip
    except CloudError:
        lacking += ["servers"] if cloud.has("compute") else []
    try:
        listed = cloud.pages(
            "orchestration", "/stacks", "stacks", tags=stack.TAG, **({"global_tenant": "true"} if all_projects else {})
        )
        for row in listed:
            owner = str(row.get("project") or ("" if all_projects else cloud.project_id))
            if all_projects or owner == cloud.project_id:
                one_ = stack.read(row)
                found["environments"].append(
                    {
                        "id": one_.id, "name": one_.name, "blueprint": one_.launched, "project_id": owner,
                        "status": UP if one_.meaning.stands else "passing",
                    }
                )  # fmt: skip
    except CloudError:
        lacking += ["environments"] if cloud.has("orchestration") else []
    return found, lacking


def _one(known: Mapping[str, str], wanted: str) -> str:
    if wanted in known:
        return wanted
    found = sorted(id_ for id_, name in known.items() if name == wanted)
    if len(found) > 1:
        raise BadInput(
            about(
                "project",
                say(
                    "{n} projects are called {wanted}; use an id: {found}.",
                    n=len(found),
                    wanted=wanted[:60],
                    found=", ".join(found),
                ),
            ),
            field="project",
        )
    if not found:
        raise NotFound(
            about("project", say("There is no project {wanted} that you may see.", wanted=wanted[:60])), field="project"
        )
    return found[0]


def _owner(row: Mapping[str, Any]) -> str:
    return str(row.get("project_id") or row.get("tenant_id") or "")


def _owned(row: Mapping[str, Any], projects: Collection[str]) -> bool:
    """A row that names no project at all was listed for one; an empty name is Neutron's own."""
    return not ("project_id" in row or "tenant_id" in row) or _owner(row) in projects


def _shared(row: Mapping[str, Any]) -> bool:
    return bool(row.get("shared") or row.get("router:external"))
