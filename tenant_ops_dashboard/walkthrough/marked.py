"""Only projects that are marked for demonstrations are shown: Keystone's project tag says so."""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud, NotAllowed
from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough.errors import NotMarked

TAG = "tenant-ops-demo"


def marked(cloud: Cloud) -> bool:
    """Whether the login's project has the tag: one call in this handle's life.

    Raises NotMarked where Keystone does not tell this login, a CloudError.
    """

    def tags() -> list[str]:
        try:
            found = cloud.get("identity", f"/projects/{cloud.project_id}/tags")["tags"]
        except NotAllowed as error:
            raise NotMarked(
                say(
                    "Keystone does not tell you the tags of the project {project}, so it does not count as marked. Ask"
                    " your operator to allow it: identity:list_project_tags.",
                    project=cloud.project_name,
                ),
                error.request_id,
            ) from error
        return [str(one) for one in found]

    return TAG in cloud.once(f"tags of project {cloud.project_id}", tags)


def require(cloud: Cloud) -> None:
    """Raises NotMarked with how to mark it, or a CloudError."""
    if not marked(cloud):
        raise NotMarked(
            say(
                "The project {project} is not marked for demonstrations. {fix}",
                project=cloud.project_name,
                fix=fix(cloud),
            )
        )


def fix(cloud: Cloud) -> str:
    """How to mark it: by its id, as another domain may have a project of that name, and a shell reads it as it is."""
    return say(
        "An administrator marks it with 'openstack project set --tag {tag} {name}'.", tag=TAG, name=cloud.project_id
    )
