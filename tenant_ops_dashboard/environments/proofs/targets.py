"""Where packets of proofs may go: addresses that Neutron knows to be this environment's, and rules for each. Pure.

Nothing here comes from outputs or metadata of a template, which whoever may change the stack may write.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud.values import number
from tenant_ops_dashboard.environments.facts import Facts, Item
from tenant_ops_dashboard.environments.heat.resources import Row
from tenant_ops_dashboard.environments.model import DATABASE_PORT, Targets
from tenant_ops_dashboard.environments.proofs import fronts
from tenant_ops_dashboard.environments.template import picture
from tenant_ops_dashboard.environments.template.hot import Resource
from tenant_ops_dashboard.sentences import say

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MOST_SERVERS = 100
_SERVER = "OS::Nova::Server"
_METADATA = frozenset(map(ipaddress.ip_address, ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192")))
# Not `is_private`: that also calls documentation and test networks so, which a lab may well route.
_PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15",
         "fc00::/7", "fec0::/10"),
    )
)  # fmt: skip
_THIS_HOST = ipaddress.ip_network("0.0.0.0/8")


def find(
    resources: Sequence[Resource], rows: Sequence[Row], facts: Facts, project_id: str, port: Any = DATABASE_PORT
) -> Targets:  # fmt: skip
    """The addresses of one environment; nothing where Neutron is silent.

    `port` is the stack's own word for what its database listens on: what is no port counts as the usual one. Where TLS
    ends is the template's word, too.
    """
    ids = {row.key: row.resource_id for row in rows if row.type == _SERVER and row.resource_id}
    by_key = {one.key: one for one in resources}
    kinds = {ids[one.key]: picture.kind(one, by_key.get(one.group)) for one in resources if one.key in ids}
    database = {id_ for id_, kind in kinds.items() if kind == "database"}
    jump = {id_ for id_, kind in kinds.items() if kind == "jump_host"}
    known = (facts.addresses or {}).values()
    floating = [one for one in known if str(one.get("project_id") or project_id) == project_id]
    exposed = _leading(floating, _ports(facts, database), database)
    apart = [*exposed, *_leading(floating, _ports(facts, jump), jump)]
    own = {row.resource_id for row in rows if row.type == "OS::Neutron::FloatingIP"}
    devices = _balancers(rows)
    application = [
        *_leading(floating, _vips(facts, devices), devices),
        *(one for one in floating if one["id"] in own and one.get("port_id")),
    ]
    members = sum(one.copies for one in resources if one.type == "OS::Octavia::PoolMember")
    return Targets(
        application=_addresses(one["floating_ip_address"] for one in application if one not in apart),
        database=_addresses(
            entry["ip_address"]
            for one in (facts.ports or {}).values() if one["device_id"] in database for entry in one["fixed_ips"]
        ),
        exposed=_addresses(one["floating_ip_address"] for one in exposed),
        port=number(port, DATABASE_PORT, 1, 65535),
        tls=fronts.tls(resources),
        servers=min(MOST_SERVERS, max(1, members or sum(1 for kind in kinds.values() if kind == "server"))),
    )  # fmt: skip


def literal(text: Any) -> str:
    """An address as `ipaddress` prints it; "" for all else, with a zone (`%eth0`, which may hold any bytes) too."""
    try:
        found = ipaddress.ip_address(str(text))
    except ValueError:
        return ""
    return "" if getattr(found, "scope_id", None) else str(found)


def refused(address: str, *, proxied: bool) -> str:
    """Why no packet is sent to `address` (as `literal` gives it), in words; '' where it may be sent.

    A private one may only be reached through a proxy; the dashboard's own host must not look into its networks.
    """
    found = ipaddress.ip_address(address)
    if any(_never(one) for one in (found, *_within(found))):
        return say("{address} is no address that a server of yours can have", address=address)
    if not proxied and any(one in network for one in (found, *_within(found)) for network in _PRIVATE):
        return say(
            "{address} is a private address, and private addresses are only reached through a proxy "
            "(TENANT_OPS_PROOF_PROXY)",
            address=address,
        )
    return ""


def _never(one: Address) -> bool:
    return (
        one.is_loopback or one.is_link_local or one.is_multicast or one.is_unspecified or one.is_reserved
        or one in _METADATA or one in _THIS_HOST
    )  # fmt: skip


def _within(one: Address) -> tuple[Address, ...]:
    """IPv4 addresses that an IPv6 one stands for."""
    if not isinstance(one, ipaddress.IPv6Address):
        return ()
    found = (one.ipv4_mapped, one.sixtofour, *(one.teredo or ()))
    return tuple(inner for inner in found if inner is not None)


def _ports(facts: Facts, devices: Collection[str]) -> set[str]:
    return {id_ for id_, one in (facts.ports or {}).items() if one["device_id"] in devices}


def _vips(facts: Facts, devices: Collection[str]) -> set[str]:
    # Older providers leave the device out and name the port after the load balancer.
    names = {f"octavia-{one}" for one in devices} | {f"ovn-lb-vip-{one.removeprefix('lb-')}" for one in devices}
    return _ports(facts, devices) | {id_ for id_, one in (facts.ports or {}).items() if one["name"] in names}


def _balancers(rows: Sequence[Row]) -> set[str]:
    return {f"lb-{row.resource_id}" for row in rows if row.type == "OS::Octavia::LoadBalancer" and row.resource_id}


def _leading(floating: Iterable[Item], ports: Collection[str], devices: Collection[str]) -> list[Item]:
    """Floating IPs that lead to one of these ports or devices, whole or by a port forwarding."""
    return [one for one in floating if _leads(one, ports, devices)]


def _leads(one: Mapping[str, Any], ports: Collection[str], devices: Collection[str]) -> bool:
    # The device tells of ports on networks of others, which are not read.
    device = (one.get("port_details") or {}).get("device_id")
    forwarded = {entry.get("internal_port_id") for entry in one.get("port_forwardings") or ()}
    return one.get("port_id") in ports or device in devices or bool(forwarded & set(ports))


def _addresses(found: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for one in found if (address := literal(one))))
