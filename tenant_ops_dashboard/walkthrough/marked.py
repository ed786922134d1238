"""Only projects that are marked for demonstrations are shown: Keystone's project tag says so."""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.walkthrough.errors import NotMarked

TAG = "tenant-ops-demo"


def marked(cloud: Cloud) -> bool:
    """Whether the login's project has the tag: one call in this handle's life. Raises a CloudError."""

    def tags() -> list[str]:
        found = cloud.get("identity", f"/projects/{cloud.project_id}/tags")["tags"]
        return [str(one) for one in found]

    return TAG in cloud.once(f"tags of project {cloud.project_id}", tags)


def require(cloud: Cloud) -> None:
    """Raises NotMarked with how to mark it, or a CloudError."""
    if not marked(cloud):
        raise NotMarked(f"The project {cloud.project_name} is not marked for demonstrations. {fix(cloud)}")


def fix(cloud: Cloud) -> str:
    """How to mark it."""
    name = cloud.project_name or cloud.project_id
    return f"An administrator marks it with 'openstack project set --tag {TAG} {name}'."
