"""What serves a clone in its owner's project, as it is there: each has the clone's mark from its first moment."""

from __future__ import annotations

import re
from typing import Any

from tenant_ops_dashboard.clones.markers import Row
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud, values
from tenant_ops_dashboard.cloud.values import Shape, each, names, network, number, text, texts

#: A key of the server's metadata; a server that masks has another one.
SERVES = "tenant_ops_serves"
#: The tag of all that is a clone's, with its id; in descriptions what stands behind NOTE.
TAG, NOTE = "tenant-ops-clone-", "Serves a clone: "
#: Nova's API reference: from here on a list of servers tells their tags, and a server is made with some.
TAGS, TAGGED = "2.26", "2.52"
_MARK = re.compile(rf"{re.escape(TAG)}([0-9A-Za-z-]+)")
_OWN: Shape = {"id": text, "name": text, "description": text, "project_id": text, "created_at": text, "tags": names}
_RULE: Shape = {
    "id": text, "direction": text, "protocol": text, "port_range_min": number, "remote_ip_prefix": text,
    "description": text,
}  # fmt: skip
_PORT: Shape = {**_OWN, "device_owner": text, "device_id": text, "fixed_ips": each({"ip_address": text})}
_SERVER: Shape = {
    "id": text, "name": text, "status": text, "metadata": texts, "tags": names, "OS-EXT-STS:task_state": text,
}  # fmt: skip
_SHARE: Shape = {"id": text, "object_id": text, "action": text, "target_tenant": text, "project_id": text}


def tag(clone: Clone) -> str:
    """The tag of what is this clone's."""
    return f"{TAG}{clone.id}"


def note(clone: Clone) -> str:
    """The description of what Neutron has for this clone: unlike a tag it is there from the first moment."""
    return f"{NOTE}{tag(clone)}"


def called(clone: Clone) -> str:
    """The name of its network, and of its server."""
    return f"{clone.name}-db"[:255]


def marked(*words: str) -> str:
    """The id of the clone that tags or a description name, or ''."""
    found = (_MARK.fullmatch(one.removeprefix(NOTE)) for one in words)
    return next((one[1] for one in found if one), "")


def networks(cloud: Cloud, clone: Clone) -> list[Row]:
    """Its networks, oldest first (two where an answer was lost): one call. Raises a CloudError."""
    return _noted(cloud, clone, "/networks", "networks", _OWN)


def groups(cloud: Cloud, clone: Clone) -> list[Row]:
    """Its security groups with their rules, oldest first: one call. Raises a CloudError."""
    shape = {**_OWN, "security_group_rules": each(_RULE)}
    return _noted(cloud, clone, "/security-groups", "security_groups", shape)


def subnets(cloud: Cloud, network_id: str) -> list[Row]:
    """The subnets of a network: one call. Raises a CloudError."""
    shape: Shape = {**_OWN, "cidr": network, "network_id": text}
    rows = values.rows(cloud.pages("network", "/subnets", "subnets", network_id=network_id), shape)
    return [one for one in rows if one["network_id"] == network_id and one["cidr"]]


def ports(cloud: Cloud, network_id: str) -> list[Row]:
    """All ports of a network that its owner sees, but Neutron's own: one call. Raises a CloudError."""
    found = values.rows(cloud.pages("network", "/ports", "ports", network_id=network_id), _PORT)
    return [one for one in found if not one["device_owner"].startswith("network:")]


def shares(cloud: Cloud, network_id: str) -> list[Row]:
    """Whom the network is shared with, each a row: one call. Raises a CloudError."""
    found = values.rows(cloud.pages("network", "/rbac-policies", "rbac_policies", object_id=network_id), _SHARE)
    return [one for one in found if one["object_id"] == network_id and one["project_id"] == cloud.project_id]


def servers(cloud: Cloud, clone: Clone) -> list[Row]:
    """The servers that serve it: one call. Raises a CloudError."""
    found = cloud.pages("compute", "/servers/detail", "servers", TAGS, tags=tag(clone))
    return [one for one in values.rows(found, _SERVER) if one["metadata"].get(SERVES) == clone.id]


def everything(cloud: Cloud) -> list[tuple[str, Row, str]]:
    """What carries the mark of any clone: its kind, the row and the clone's id. Three calls. Raises a CloudError."""
    found: list[tuple[str, Row, str]] = []
    if cloud.has("network"):
        for kind, path, key in (("network", "/networks", "networks"),
                                ("security-group", "/security-groups", "security_groups")):  # fmt: skip
            rows = values.rows(cloud.pages("network", path, key), _OWN)
            found += [(kind, one, marked(one["description"], *one["tags"])) for one in rows if _mine(cloud, one)]
    if cloud.has("compute"):
        rows = values.rows(cloud.pages("compute", "/servers/detail", "servers", TAGS), _SERVER)
        found += [("server", one, marked(*one["tags"])) for one in rows]
    return [one for one in found if one[2]]


def _noted(cloud: Cloud, clone: Clone, path: str, key: str, shape: Shape) -> list[Row]:
    """A network that another project shares may say anything: what counts is the project's own."""
    asked: dict[str, Any] = {"description": note(clone), "project_id": cloud.project_id}
    found = values.rows(cloud.pages("network", path, key, **asked), shape)
    mine = [one for one in found if one["description"] == note(clone) and _mine(cloud, one)]
    return sorted(mine, key=lambda one: (one["created_at"], one["id"]))


def _mine(cloud: Cloud, row: Row) -> bool:
    return bool(row["project_id"] == cloud.project_id)
