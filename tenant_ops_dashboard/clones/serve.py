"""Serving: the copy stays in its owner's project, behind a server whose one port the asking project reaches.

On a network that is shared with it and has no other way in or out. Closed until all of it stands; taken away by the
owner's authority alone: first the rule and the server, then the volume (by `reclaim`), then what is around them.
"""

from __future__ import annotations

from dataclasses import dataclass

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.clones import serve_parts as parts
from tenant_ops_dashboard.clones import serve_removal as removal
from tenant_ops_dashboard.clones import served
from tenant_ops_dashboard.clones.errors import Failed, Parked
from tenant_ops_dashboard.clones.markers import Row
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud, Conflict
from tenant_ops_dashboard.sentences import join, say

_MOST_NAMED = 10


@dataclass(frozen=True)
class Made:
    """As far as it is; `address` is the server's in the network, and `stands` once the way to it is open."""

    network_id: str
    server_id: str = ""
    address: str = ""
    stands: bool = False


def step(cloud: Cloud, clone: Clone, volume: Row) -> Made:
    """One look, and what is still missing. Raises Failed where Nova cannot build the server, Parked, a CloudError."""
    there = served.servers(cloud, clone)
    server = there[0] if there else None
    if server and server["status"] == "ERROR":
        raise Failed(say("Nova could not build the server {name} that serves the copy.", name=server["name"]))
    if server and server["status"] == "BUILD":
        return Made(clone.network_id, server["id"], clone.address)
    network = _network(cloud, clone)
    cidrs = [one["cidr"] for one in served.subnets(cloud, network)]
    cidr = cidrs[0] if cidrs else perform(parts.Subnet(cloud, clone, network))
    if not any(one["target_tenant"] == clone.project_id for one in served.shares(cloud, network)):
        perform(parts.Share(cloud, clone, network))
    group, is_open = _group(cloud, clone)
    port, address = _port(cloud, clone, network, group)
    if server is None:
        if volume["status"].startswith("error"):
            raise Failed(say("Cinder says that the copy is in {status}.", status=volume["status"]))
        if volume["status"] != "available":
            return Made(network)
        return Made(network, perform(parts.Server(cloud, clone, volume["id"], port)), address)
    if server["status"] != "ACTIVE":
        raise Parked(
            say(
                "The server {name} in {project_name}, which serves the copy, is {status}: start it, or release the "
                "clone.",
                name=server["name"],
                project_name=cloud.project_name,
                status=server["status"],
            )
        )
    if not is_open:
        perform(parts.Open(cloud, clone, group, cidr))
    return Made(network, server["id"], address, True)


def close(cloud: Cloud, clone: Clone) -> bool:
    """First of all nobody gets in any more, then the server goes; whether both are gone. Raises a CloudError."""
    for group in served.groups(cloud, clone):
        for rule in group["security_group_rules"]:
            if rule["direction"] == "ingress":
                perform(removal.Close(cloud, clone, rule["id"]))
    found = served.servers(cloud, clone)
    for server in found:
        if server["OS-EXT-STS:task_state"] != "deleting":
            perform(removal.RemoveServer(cloud, clone, server["id"]))
    return not found


def take_down(cloud: Cloud, clone: Clone) -> bool:
    """Once the data is gone: the port, the share, the network, the group; whether nothing is left.

    Raises Parked while somebody has a port in the network, a CloudError.
    """
    networks = served.networks(cloud, clone)
    for network in networks:
        _leave(cloud, clone, network)
    groups = served.groups(cloud, clone)
    for group in groups:
        perform(removal.RemoveGroup(cloud, clone, group["id"]))
    return not networks and not groups


def _network(cloud: Cloud, clone: Clone) -> str:
    found = served.networks(cloud, clone)
    mine = [one for one in found if one["id"] == clone.network_id] or found
    id_ = str(mine[0]["id"]) if mine else perform(parts.Network(cloud, clone))
    if not mine or served.tag(clone) not in mine[0]["tags"]:
        perform(parts.TagNetwork(cloud, clone, id_))
    return id_


def _group(cloud: Cloud, clone: Clone) -> tuple[str, bool]:
    """Its id, and whether its one door is open.

    An operator may have Neutron give every new group rules of his own (its API reference, 'Default security group
    rules'): whom those let in is kept out.
    """
    found = served.groups(cloud, clone)
    id_ = str(found[0]["id"]) if found else perform(parts.Group(cloud, clone))
    if not found or served.tag(clone) not in found[0]["tags"]:
        perform(parts.TagGroup(cloud, clone, id_))
    now = found or [one for one in served.groups(cloud, clone) if one["id"] == id_]
    into = [one for one in now[0]["security_group_rules"] if one["direction"] == "ingress"] if now else []
    own = [one for one in into if one["description"] == served.note(clone)]
    for rule in into:
        if rule not in own:
            perform(removal.Close(cloud, clone, rule["id"]))
    return id_, bool(own)


def _port(cloud: Cloud, clone: Clone, network: str, group: str) -> tuple[str, str]:
    """Its id and its address."""
    found = _own(clone, served.ports(cloud, network))
    if not found:
        id_ = perform(parts.Port(cloud, clone, network, group))
        found = [one for one in served.ports(cloud, network) if one["id"] == id_]
    addresses = [one["ip_address"] for row in found[:1] for one in row["fixed_ips"]]
    return (found[0]["id"] if found else id_), (addresses[0] if addresses else "")


def _leave(cloud: Cloud, clone: Clone, network: Row) -> None:
    ports = served.ports(cloud, network["id"])
    # Neutron keeps a port that a server has, and says that nobody may delete it.
    own = [one for one in _own(clone, ports) if not one["device_id"]]
    for port in own:
        perform(removal.RemovePort(cloud, clone, port["id"]))
    others = [one for one in ports if one not in own]
    if others:
        raise Parked(_waits(cloud, clone, network, others))
    try:
        for share in served.shares(cloud, network["id"]):
            perform(removal.Unshare(cloud, clone, share["id"]))
        perform(removal.RemoveNetwork(cloud, clone, network["id"]))
    except Conflict as error:
        # Somebody took a port since the look, or one that its network's owner is not shown.
        others = [one for one in served.ports(cloud, network["id"]) if one not in own]
        raise Parked(_waits(cloud, clone, network, others), error.request_id) from error


def _own(clone: Clone, ports: list[Row]) -> list[Row]:
    return [one for one in ports if one["description"] == served.note(clone)
            and one["project_id"] == clone.offer.project_id]  # fmt: skip


def _waits(cloud: Cloud, clone: Clone, network: Row, ports: list[Row]) -> str:
    told = [_named(clone, one) for one in ports[:_MOST_NAMED]]
    more = say(" and {n} more", n=len(ports) - _MOST_NAMED) if len(ports) > _MOST_NAMED else ""
    which = (
        join("", (", ".join(told), more))
        if told
        else say("some that {project_name} does not see", project_name=cloud.project_name)
    )
    return say(
        "The data is gone: its server and its volume were taken away. The network {name} ({id}) in "
        "{project_name} goes as well once these ports are deleted by whoever has them: {which}.",
        name=network["name"],
        id=network["id"],
        project_name=cloud.project_name,
        which=which,
    )


def _named(clone: Clone, port: Row) -> str:
    names = {clone.project_id: clone.project_name, clone.offer.project_id: clone.offer.project_name}
    whose = names.get(port["project_id"]) or port["project_id"]
    server = say(" at server {device_id}", device_id=port["device_id"]) if port["device_id"] else ""
    return say("{name} of {whose}{server}", name=port["name"] or port["id"], whose=whose, server=server)
