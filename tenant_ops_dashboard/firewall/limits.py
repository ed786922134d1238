"""What an edit needs of the project: quota, ports that the back end filters, policies that are its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.cloud import NotAllowed, NotFound
from tenant_ops_dashboard.firewall import versions
from tenant_ops_dashboard.firewall.checks import RESERVED, Notice
from tenant_ops_dashboard.firewall.current import Current
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import Direction, State
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.sentences import join, say

#: Ports of routers that neutron-fwaas' drivers for OVN and the L3 agent take into a group.
INTERFACES = (
    "network:router_interface", "network:router_interface_distributed", "network:ha_router_replicated_interface",
)  # fmt: skip

_KINDS = {
    "firewall_rule": say("firewall rules"),
    "firewall_policy": say("firewall policies"),
    "firewall_group": say("firewall groups"),
}


def refuse(api: FirewallApi, now: Current, wanted: State) -> int:
    """None or one call for the quota, one for the ports where some are added. Raises BadDraft or a CloudError.

    How many of the policies that are kept have to go, so that the quota holds the new ones.
    """
    directions = versions.moved(now, wanted)
    _of_the_default_group(now, wanted, directions)
    _of_another_project(api, now, directions)
    _ports(api, now, wanted)
    return _quota(api, now, wanted, directions)


def warnings(now: Current, wanted: State) -> tuple[Notice, ...]:
    """What an edit does, or does not, beyond its own group."""
    told = []
    for direction in versions.moved(now, wanted):
        if others := now.others(now.policy(direction) or ""):
            names = ", ".join(str(one["name"] or one["id"]) for one in others[:3])
            told.append(
                Notice(
                    direction,
                    say("The policy of before is in force on {names} too, and stays as it is there.", names=names),
                )
            )
        told += audited(now, direction)
    return tuple(told)


def audited(now: Current, direction: Direction) -> list[Notice]:
    """Where a policy was audited: what takes its place is not, as with every change in Neutron."""
    if (now.policies.get(now.policy(direction) or "") or {}).get("audited") is not True:
        return []
    return [Notice(direction, say("The policy was 'audited'; what it says now nobody audited, so it is not any more."))]


def _of_the_default_group(now: Current, wanted: State, directions: tuple[Direction, ...]) -> None:
    if now.row["name"] != RESERVED:
        if wanted.group.name == RESERVED:
            raise BadDraft(
                "group.name",
                say("{reserved!r} is the name of the group that Neutron makes for each project.", reserved=RESERVED),
            )
        return
    words = say("is of the group that Neutron made for the project: only its ports may be changed.")
    if wanted.group.name and wanted.group.name != RESERVED:
        raise BadDraft("group.name", words)
    if wanted.group.admin_state_up != now.state.group.admin_state_up:
        raise BadDraft("group.admin_state_up", words)
    for direction in directions:
        raise BadDraft(f"{direction}.rules", words)


def _of_another_project(api: FirewallApi, now: Current, directions: tuple[Direction, ...]) -> None:
    for direction in directions:
        row = now.policies.get(now.policy(direction) or "", {})
        if row.get("project_id", api.cloud.project_id) != api.cloud.project_id:
            raise BadDraft(
                f"{direction}.policy",
                say(
                    "{name} is another project's, shared with this one; its rules are edited "
                    "there. Give the group a policy of its own first: openstack firewall "
                    "group set --{direction}-firewall-policy POLICY {id}.",
                    name=row["name"] or row["id"],
                    direction=direction,
                    id=now.row["id"],
                ),
            )


def _ports(api: FirewallApi, now: Current, wanted: State) -> None:
    added = [one for one in wanted.group.ports if one not in now.state.group.ports]
    if not added:
        return
    project = api.cloud.project_id
    known = {str(one["id"]): one for one in api.listed("/ports", project_id=project)}
    for id_ in added:
        place = f"group.ports[{wanted.group.ports.index(id_)}]"
        if wrong := _port(known.get(id_), project):
            raise BadDraft(place, join(" ", (id_, wrong)))
        if holding := next((one for one in now.groups if id_ in one["ports"] and one["id"] != now.row["id"]), None):
            name = holding["name"] or holding["id"]
            raise BadDraft(
                place, say("{id_} is in the firewall group {name}; a port is in one at most.", id_=id_, name=name)
            )


def _port(row: Mapping[str, Any] | None, project: str) -> str:
    if row is None or row.get("project_id", project) != project:
        return say("is no port of this project.")
    return unfit(row)


def unfit(row: Mapping[str, Any]) -> str:
    """Why a port of the project cannot be in a firewall group, '' where it can."""
    owner = str(row.get("device_owner") or "")
    if owner in INTERFACES:
        return ""
    kind = (
        say("a server's port") if owner.startswith("compute:") else
        say("a router's gateway") if owner == "network:router_gateway" else
        say("a port that no router has")
    )  # fmt: skip
    return say("is {kind}; a firewall group takes a router's interfaces into subnets only.", kind=kind)


def _quota(api: FirewallApi, now: Current, wanted: State, directions: tuple[Direction, ...]) -> int:
    if not directions:
        return 0
    try:
        told = api.quota()
    except (NotAllowed, NotFound):
        return 0  # Neutron refuses it itself
    room = 0
    needs = {
        "firewall_rule": versions.new_rules(now, wanted, directions),
        "firewall_policy": sum(1 for one in directions if wanted.policy(one) is not None),
        **({} if now.row["id"] else {"firewall_group": 1}),
    }
    for name, needed in needs.items():
        row = told.get(name) or {}
        limit, used = int(row.get("limit", -1)), int(row.get("used", 0)) + int(row.get("reserved", 0))
        short = used + needed - limit if limit >= 0 else 0
        if name == "firewall_policy" and 0 < short <= len(versions.kept(now)):
            room = short
        elif short > 0:
            words = _KINDS[name]
            place = "group" if name == "firewall_group" else f"{directions[0]}.rules"
            raise BadDraft(
                place,
                say(
                    "would take {needed} more of the quota for {words}, and of {limit} {left} are left. "
                    "Delete what nobody uses, or ask your operator for more.",
                    needed=needed,
                    words=words,
                    limit=limit,
                    left=max(limit - used, 0),
                ),
            )
    return room
