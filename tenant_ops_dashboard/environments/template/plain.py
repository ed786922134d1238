"""How a template without a word for it in its metadata is drawn: boxes by type, lines by what refers to what. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud.values import listing, mapping, text
from tenant_ops_dashboard.environments.template.members import Resource, is_file
from tenant_ops_dashboard.environments.template.unknown import Unknown
from tenant_ops_dashboard.octavia import transport

FLOATING, BALANCER, SERVER = "OS::Neutron::FloatingIP", "OS::Octavia::LoadBalancer", "OS::Nova::Server"
VOLUME = "OS::Cinder::Volume"
_BY_TYPE = {
    FLOATING: ("edge", "floating_ip"),
    "OS::Neutron::Router": ("edge", "router"),
    BALANCER: ("dmz", "load_balancer"),
    SERVER: ("dmz", "server"),
    VOLUME: ("database", "volume"),
}
_UNTOLD = {
    "AWS::EC2::EIP": ("edge", "floating_ip"),
    "AWS::EC2::Instance": ("dmz", "server"),
    "AWS::EC2::Volume": ("database", "volume"),
    "OS::Heat::ScaledResource": ("dmz", "server"),
    "OS::Nova::FloatingIP": ("edge", "floating_ip"),
}
# What of these is no box is a part of one, or only words: a port, a rule, a policy, a configuration.
_PARTS = ("OS::Neutron::", "OS::Octavia::", "OS::Heat::", "OS::Nova::", "OS::Cinder::", "AWS::")
Arrow = tuple[str, str, str]


def place(kind: str, told: bool) -> tuple[str, str] | None:
    """Tier and kind of a type's box; None where it has none.

    `told`: something of the template says what it is drawn as, so that what says nothing is not meant to be seen.
    """
    if told or not kind or kind in _BY_TYPE:
        return _BY_TYPE.get(kind)
    if kind in _UNTOLD:
        return _UNTOLD[kind]
    return None if kind.startswith(_PARTS) or is_file(kind) else ("other", "other")


def arrows(resources: Sequence[Resource]) -> Iterator[Arrow]:
    """Who leads to whom, by key, of what the template itself declares: not of members, nor of what is nested."""
    known = {one.key: one for one in resources if not one.group and "." not in one.key}
    for one in known.values():
        match one.type:
            case "OS::Neutron::FloatingIP":
                yield from _to(one.key, one.properties.get("port_id"), known)
            case "OS::Neutron::FloatingIPAssociation":
                yield from _to(_name(one.properties.get("floatingip_id")), one.properties.get("port_id"), known)
            case "OS::Cinder::VolumeAttachment":
                server, volume = (_name(one.properties.get(key)) for key in ("instance_uuid", "volume_id"))
                if {server, volume} <= known.keys():
                    yield server, volume, ""
            case "OS::Octavia::PoolMember":
                balancer, server = _balancer(one, known), _name(one.properties.get("address"))
                if balancer and server in known:
                    yield balancer, server, _port(one, known.get(_name(one.properties.get("pool"))))


def _to(floating: str, port: Any, known: Mapping[str, Resource]) -> Iterator[Arrow]:
    """From a floating IP to what is behind its port: a load balancer, or the server whose port it is."""
    name = _name(port)
    if floating not in known or name not in known:
        return
    if known[name].type == BALANCER:
        yield floating, name, _listens(name, known)
    for one in known.values():
        ports = (_name(mapping(entry).get("port")) for entry in listing(one.properties.get("networks")))
        if one.type == SERVER and name in ports:
            yield floating, one.key, ""


def _listens(balancer: str, known: Mapping[str, Resource]) -> str:
    listeners = (one for one in known.values() if one.type == "OS::Octavia::Listener")
    first = next((one for one in listeners if _name(one.properties.get("loadbalancer")) == balancer), None)
    return _port(first, first) if first else ""


def _port(one: Resource, speaks: Resource | None) -> str:
    """The words of a line: a protocol and a port, in no language; `speaks` has the protocol (listener or pool)."""
    port = text(one.properties.get("protocol_port"))
    kind = transport.name_of(text(speaks.properties.get("protocol")) if speaks else "")
    return " ".join((kind, port)) if port else ""


def _balancer(member: Resource, known: Mapping[str, Resource]) -> str:
    """The load balancer of a pool's member, by way of the pool and its listener; '' where it is not known."""
    at = known.get(_name(member.properties.get("pool")))
    for _ in range(2):
        if at is None:
            return ""
        name = _name(at.properties.get("loadbalancer")) or _name(at.properties.get("listener"))
        at = known.get(name)
        if at is not None and at.type == BALANCER:
            return name
    return ""


def _name(value: Any) -> str:
    """The resource that a value comes from, its id or an attribute of it."""
    return (value.made or value.source) if isinstance(value, Unknown) else ""
