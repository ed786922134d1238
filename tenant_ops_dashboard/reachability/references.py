"""Every id that names another object must name one of the snapshot's, or the snapshot is refused."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tenant_ops_dashboard.sentences import say

from .errors import BadInput
from .fields import plain
from .model import GATEWAY_OWNER, Snapshot

#: (collection, object id, field, collection it names, id it names)
Reference = tuple[str, str, str, str, str | None]


def missing_references(snapshot: Snapshot) -> Iterator[Reference]:
    """The references that lead nowhere. None of a kind is reported where its collection is empty for a reason."""
    for collection, identity, field, target, named in _references(snapshot):
        table: Mapping[str, Any] = getattr(snapshot, target)
        if named is not None and named not in table:
            yield collection, identity, field, target, named


def check_references(snapshot: Snapshot, given: Iterable[str]) -> None:
    """Raise BadInput for the first missing reference, unless the snapshot holds one project's view only.

    Routers and load balancers may be left out as a whole: a port then belongs to a device that is not known.
    """
    if snapshot.partial:
        return
    given = set(given)
    for collection, identity, field, target, named in missing_references(snapshot):
        if target in ("routers", "networks") and target not in given:
            continue
        where = f"{snapshot.name}: {collection} {plain(identity)}"
        raise BadInput(
            where,
            say(
                "{field} names {plain}, which is not among the {target}", field=field, plain=plain(named), target=target
            ),
        )


def _references(snapshot: Snapshot) -> Iterator[Reference]:
    yield from _topology(snapshot)
    for group in snapshot.security_groups.values():
        for rule in group.rules:
            field = f"security_group_rules {rule.id}: "
            yield "security_groups", group.id, f"{field}remote_group_id", "security_groups", rule.remote_group
            yield "security_groups", group.id, f"{field}remote_address_group_id", "address_groups", rule.address_group
    for firewall in snapshot.firewall_groups.values():
        for side, policy in (("ingress", firewall.ingress), ("egress", firewall.egress)):
            yield "firewall_groups", firewall.id, f"{side}_firewall_policy_id", "firewall_policies", policy
        for port in firewall.ports:
            yield "firewall_groups", firewall.id, "ports", "ports", port
    for policy_ in snapshot.firewall_policies.values():
        for rule_id in policy_.rules:
            yield "firewall_policies", policy_.id, "firewall_rules", "firewall_rules", rule_id
    for listener in snapshot.listeners.values():
        yield "listeners", listener.id, "loadbalancer_id", "loadbalancers", listener.balancer_id
        yield "listeners", listener.id, "default_pool_id", "pools", listener.pool
    for redirect in snapshot.l7policies.values():
        yield "l7policies", redirect.id, "redirect_pool_id", "pools", redirect.pool
    for member in snapshot.members.values():
        yield "members", member.id, "pool_id", "pools", member.pool_id
    for monitor in snapshot.healthmonitors.values():
        yield "healthmonitors", monitor.id, "pool_id", "pools", monitor.pool_id


def _topology(snapshot: Snapshot) -> Iterator[Reference]:
    for subnet in snapshot.subnets.values():
        yield "subnets", subnet.id, "network_id", "networks", subnet.network_id
    for router in snapshot.routers.values():
        yield "routers", router.id, "external_gateway_info: network_id", "networks", router.external_network
    for port in snapshot.ports.values():
        yield "ports", port.id, "network_id", "networks", port.network_id
        for address in port.addresses:
            yield "ports", port.id, "fixed_ips: subnet_id", "subnets", address.subnet_id
        for group in port.groups:
            yield "ports", port.id, "security_groups", "security_groups", group
        if port.is_router or port.device_owner == GATEWAY_OWNER:
            yield "ports", port.id, "device_id", "routers", port.device_id
    for floating in snapshot.floatingips.values():
        yield "floatingips", floating.id, "port_id", "ports", floating.port_id
        for forwarding in floating.forwardings:
            yield "floatingips", floating.id, "port_forwardings: internal_port_id", "ports", forwarding.port_id
