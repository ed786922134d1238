"""The servers of a group: how many Heat counts, which of them it could not make, which it does not know to be gone.

A scaling that fails leaves Heat's own row of the group as it was: only its members' rows tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.cloud.values import rows, text
from tenant_ops_dashboard.environments.heat.resources import Row
from tenant_ops_dashboard.loadbalancers.scaling.model import Broken

SERVER, MEMBER = "OS::Nova::Server", "OS::Octavia::PoolMember"
# What we tell Heat when we mark a member unhealthy; it is how such a one is known until its successor stands.
LOST = "Its server was deleted."


def servers(cloud: Cloud) -> dict[str, str] | None:
    """The status of every server of the project by id: one call; None where Nova does not answer."""
    try:
        found = cloud.pages("compute", "/servers/detail", "servers")
        return {one["id"]: one["status"] for one in rows(found, {"id": text, "status": text})}
    except CloudError:
        return None


def of(heat: Sequence[Row], group: str) -> list[Row]:
    """The rows of the group's members, without what is inside them. Pure."""
    member = re.compile(rf"{re.escape(group)}-\d+")
    return [row for row in heat if member.fullmatch(row.key)]


def size(heat: Sequence[Row], group: str) -> int:
    """How many servers the group is meant to have: Heat counts no failed member, we count those it lost. Pure."""
    return sum(row.state not in ("failed", "deleting", "gone") or row.reason == LOST for row in of(heat, group))


def moving(heat: Sequence[Row], group: str) -> bool:
    """Whether Heat is making or taking a member, or the group as a whole. Pure."""
    return any(row.state in ("building", "deleting") for row in heat if row.key.partition("-")[0] == group)


def broken(heat: Sequence[Row], group: str, known: Mapping[str, str] | None) -> tuple[Broken, ...]:
    """Members that are no whole servers; where Nova is silent (`known` is None) no server is called lost. Pure."""
    found = []
    parts: dict[str, list[Row]] = {}
    for row in heat:
        parts.setdefault(row.key.rpartition(".")[0], []).append(row)
    for member in of(heat, group):
        inside = parts.get(member.key, [])
        server = next((row for row in inside if row.type == SERVER), None)
        away = bool(known is not None and server and server.state == "good" and server.resource_id not in known)
        lost = member.reason == LOST or (away and member.state == "good")
        if lost or member.state == "failed":
            id_ = next((row.resource_id for row in inside if row.type == MEMBER), "")
            found.append(Broken(member.key, lost, LOST if lost else member.reason, member.place, id_))
    return tuple(found)
