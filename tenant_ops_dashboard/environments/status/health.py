"""What every resource looks like from the service that runs it: state and words for the picture. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.cloud.values import text
from tenant_ops_dashboard.environments import interfaces
from tenant_ops_dashboard.environments.facts import Facts
from tenant_ops_dashboard.environments.heat.resources import Row
from tenant_ops_dashboard.environments.model import State
from tenant_ops_dashboard.environments.template.picture import Seen
from tenant_ops_dashboard.octavia import status
from tenant_ops_dashboard.sentences import say

_SERVER: dict[str, State] = {
    "ACTIVE": "good", "BUILD": "building", "REBUILD": "building", "REBOOT": "building", "HARD_REBOOT": "building",
    "ERROR": "failed", "DELETED": "gone",
}  # fmt: skip
# What Octavia's states are to an environment: who is drained is meant to be, but one that is off does not serve.
_OCTAVIA: dict[status.State, State] = {
    "good": "good", "warning": "warning", "failed": "failed", "building": "building", "deleting": "deleting",
    "off": "warning", "drained": "good", "unknown": "warning",
}  # fmt: skip
_VOLUME: dict[str, State] = {"in-use": "good", "creating": "building", "attaching": "building", "deleting": "deleting"}


def seen(rows: Sequence[Row], facts: Facts) -> dict[str, Seen]:
    """Every resource by key; what its service does not know any more is 'gone', what is unknown keeps Heat's word."""
    found = {row.key: _look(row, facts) for row in rows}
    if any(row.type == "OS::Cinder::VolumeAttachment" for row in rows):
        return found
    # Where nothing is to be attached, a volume that waits is as it should be.
    idle = [row.key for row in rows if row.type == "OS::Cinder::Volume" and found[row.key].state == "warning"]
    return {**found, **{key: replace(found[key], state="good") for key in idle}}


def _look(row: Row, facts: Facts) -> Seen:
    reader = _READERS.get(row.type)
    # What Heat changes, checks or suspends is there meanwhile, and its service knows how well.
    coming = row.state == "building" and row.action in ("CREATE", "ADOPT", "")
    if reader is None or coming or row.state in ("planned", "deleting", "gone") or not row.resource_id:
        return Seen(row.state, row.resource_id)
    found = reader(row, facts)
    return found if found is not None else Seen(row.state, row.resource_id)


def _server(row: Row, facts: Facts) -> Seen | None:
    if facts.servers is None:
        return None
    one = facts.servers.get(row.resource_id)
    if one is None:
        return Seen("gone", row.resource_id, say("deleted"))
    state = _SERVER.get(one["status"], "warning")
    addresses = [entry["addr"] for network in one["addresses"].values() for entry in network]
    words = ", ".join(addresses[:10]) if state == "good" else str(one["status"]).lower()
    return Seen(state, row.resource_id, words, one["name"])


def _volume(row: Row, facts: Facts) -> Seen | None:
    if facts.volumes is None:
        return None
    one = facts.volumes.get(row.resource_id)
    if one is None:
        return Seen("gone", row.resource_id, say("deleted"))
    state: State = "warning" if one["status"] == "available" else _VOLUME.get(one["status"], "failed")
    return Seen(
        state,
        row.resource_id,
        say("{size} GB", size=one["size"])
        if state == "good"
        else say("{size} GB, {status}", size=one["size"], status=one["status"]),
    )


def _attachment(row: Row, facts: Facts) -> Seen | None:
    if facts.volumes is None:
        return None
    return Seen("good" if row.resource_id in facts.attached else "gone", row.resource_id)


def _balancer(row: Row, facts: Facts) -> Seen | None:
    if facts.balancers is None:
        return None
    tree = facts.balancers.get(row.resource_id)
    if not tree:
        return Seen("gone", row.resource_id, say("deleted"))
    state, why = status.tree(tree)
    members = [status.member_of(one) for one in facts.members.values()]
    up = sum(one == "good" for one in members)
    words = (
        say("{up} of {all} members up", up=up, all=len(members))
        if members
        else why or str(tree["operating_status"]).lower()
    )
    if tree["provisioning_status"] == "PENDING_UPDATE":
        words = words + say(", being changed")
    return Seen(_OCTAVIA[state], row.resource_id, words)


def _member(row: Row, facts: Facts) -> Seen | None:
    if facts.balancers is None:
        return None
    one = facts.members.get(row.resource_id)
    if one is None:
        return Seen("gone", row.resource_id, say("deleted"))
    words = say("waits for its first health check") if status.coming(one) else one["operating_status"].lower()
    return Seen(_OCTAVIA[status.member_of(one)], row.resource_id, words)


def _pool(row: Row, facts: Facts) -> Seen | None:
    if facts.balancers is None:
        return None
    one = facts.pools.get(row.resource_id)
    return Seen(_OCTAVIA[status.pool_of(one)[0]] if one else "gone", row.resource_id)


def _monitor(row: Row, facts: Facts) -> Seen | None:
    if facts.balancers is None:
        return None
    return Seen("good" if row.resource_id in facts.monitors else "gone", row.resource_id)


def _listener(row: Row, facts: Facts) -> Seen | None:
    if facts.balancers is None:
        return None
    return Seen("good" if row.resource_id in facts.listeners else "gone", row.resource_id)


def _address(row: Row, facts: Facts) -> Seen | None:
    if facts.addresses is None:
        return None
    one = facts.addresses.get(row.resource_id)
    if one is None:
        return Seen("gone", row.resource_id, "released")
    return Seen("good" if one["port_id"] else "warning", row.resource_id, one["floating_ip_address"])


def _port(row: Row, facts: Facts) -> Seen | None:
    if facts.ports is None:
        return None
    one = facts.ports.get(row.resource_id)
    if one is None:
        return Seen("gone", row.resource_id, say("deleted"))
    return Seen("good" if one["status"] == "ACTIVE" else "warning", row.resource_id, str(one["status"]).lower())


def _interface(row: Row, facts: Facts) -> Seen | None:
    if facts.ports is None:
        return None
    # Heat's id of an interface is '<router>:subnet_id=<subnet>' or '<router>:port_id=<port>'.
    router, _, other = row.resource_id.partition(":")
    kind, _, wanted = other.partition("=")
    for one in (one for one in facts.ports.values() if one["device_owner"] in interfaces.OWNERS):
        subnets = {entry["subnet_id"] for entry in one["fixed_ips"]}
        if one["device_id"] == router and (one["id"] == wanted if kind == "port_id" else wanted in subnets):
            return Seen("good", row.resource_id)
    return Seen("gone", row.resource_id, "removed")


def _group(row: Row, facts: Facts) -> Seen | None:
    if facts.groups is None:
        return None
    one = facts.groups.get(row.resource_id)
    return Seen("good", row.resource_id, one["name"]) if one else Seen("gone", row.resource_id, say("deleted"))


_READERS: Mapping[str, Callable[[Row, Facts], Seen | None]] = {
    "OS::Nova::Server": _server,
    "OS::Cinder::Volume": _volume,
    "OS::Cinder::VolumeAttachment": _attachment,
    "OS::Octavia::LoadBalancer": _balancer,
    "OS::Octavia::Listener": _listener,
    "OS::Octavia::Pool": _pool,
    "OS::Octavia::PoolMember": _member,
    "OS::Octavia::HealthMonitor": _monitor,
    "OS::Neutron::FloatingIP": _address,
    "OS::Neutron::Port": _port,
    "OS::Neutron::RouterInterface": _interface,
    "OS::Neutron::SecurityGroup": _group,
}


def address(rows: Sequence[Row], facts: Facts, outputs: Mapping[str, Any]) -> str:
    """Where the application answers: the template's output, else the load balancer's floating IP, else ''."""
    if told := text(outputs.get("address"), 255):
        return told
    ids = {row.resource_id for row in rows}
    return next((one["floating_ip_address"] for id_, one in (facts.addresses or {}).items() if id_ in ids), "")
