"""Whether there is room for a copy, and whether its receiver may have a volume of that type."""

from __future__ import annotations

from tenant_ops_dashboard.clones import storage
from tenant_ops_dashboard.clones.errors import Parked
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.values import text
from tenant_ops_dashboard.sentences import say


def check(cloud: Cloud, size: int) -> None:
    """One volume of so many GB more fits into the project: one call. Raises Parked, a CloudError."""
    left = storage.left(cloud)
    if not left.takes(size):
        gigabytes, volumes = (say("any number of") if one is None else one for one in (left.gigabytes, left.volumes))
        raise Parked(
            say(
                "The project {project_name} has no room: the copy takes one volume of {size} GB. Delete something "
                "there, or ask your operator for more quota.",
                project_name=cloud.project_name,
                size=size,
            )
        ).only(
            cloud,
            say(
                "{gigabytes} GB and {volumes} volumes are left, the copy takes one volume of {size} GB.",
                gigabytes=gigabytes,
                volumes=volumes,
                size=size,
            ),
        )


def type_check(holder: Cloud, volume_type: str) -> None:
    """The receiver sees the volume's type: a private one it must have been given. One call. Raises Parked."""
    if not volume_type:
        return
    known = {text(one.get("name")) for one in holder.pages("block-storage", "/types", "volume_types")}
    if volume_type not in known:
        raise Parked(
            say(
                "The volume's type {volume_type} is private, and the project {project_name} has no access to it: its "
                "operator can give it ('openstack volume type set --project').",
                volume_type=volume_type,
                project_name=holder.project_name,
            )
        )
