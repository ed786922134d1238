"""What parts of a network take: routers, interfaces, addresses, ports and security groups with their rules. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud.values import mapping
from tenant_ops_dashboard.environments.planning.taking import Taking, why
from tenant_ops_dashboard.environments.template.hot import Resource
from tenant_ops_dashboard.environments.template.unknown import Unknown
from tenant_ops_dashboard.sentences import say

RULES = ("network", "security_group_rule")
PORT = ("network", "port")
_NETWORKS = frozenset({"OS::Neutron::Net", "OS::Neutron::ProviderNet", "AWS::EC2::VPC"})


def own(resources: Sequence[Resource]) -> int:
    """How many networks these resources make."""
    return sum(one.copies for one in resources if one.type in _NETWORKS and not one.stands)


def given(resource: Resource, *names: str) -> Any:
    """The first of these properties that is given: a type's present name, then those of before."""
    values = (resource.properties.get(name) for name in names)
    return next((value for value in values if value is not None), None)


def _security_group(group: Resource, taking: Taking) -> None:
    """Heat deletes the default rules for egress as soon as one of the property is for egress: `_create_rules` of its
    engine/resources/openstack/neutron/security_group.py. Others that the cloud gives every new group stay.
    """
    taking.add(("network", "security_group"))
    rules = group.properties.get("rules")
    if isinstance(rules, Unknown):
        taking.doubt(say("How many rules {called} has cannot be told{why}.", called=group.called, why=why(rules)))
        return
    if rules is not None and not isinstance(rules, list):
        taking.doubt(say("How many rules {called} has cannot be told: they are no list.", called=group.called))
    told = [rule for rule in rules if rule is not None] if isinstance(rules, list) else []
    unclear = next((rule for rule in told if isinstance(rule, Unknown)), None)
    directions = [mapping(rule).get("direction") for rule in told]
    unclear = unclear or next((one for one in directions if isinstance(one, Unknown)), None)
    if unclear is not None:
        taking.doubt(say("How many rules {called} has cannot be told{why}.", called=group.called, why=why(unclear)))
    outward = "egress" in directions
    count = sum(isinstance(rule, Mapping) for rule in told)
    kept = [one for one in taking.offered.given_rules if one != "egress" or not (outward or unclear is not None)]
    taking.add(RULES, count + len(kept))


def _aws_security_group(group: Resource, taking: Taking) -> None:
    """Heat deletes the default rules always: engine/resources/aws/ec2/security_group.py."""
    taking.add(("network", "security_group"))
    for name in ("SecurityGroupIngress", "SecurityGroupEgress"):
        rules = group.properties.get(name)
        if isinstance(rules, Unknown):
            taking.doubt(say("How many rules {called} has cannot be told{why}.", called=group.called, why=why(rules)))
        taking.add(RULES, len(rules) if isinstance(rules, list) else 0)


def _router(router: Resource, taking: Taking) -> None:
    taking.add(("network", "router"))
    network = mapping(router.properties.get("external_gateway_info")).get("network")
    taking.named(network, say("external network"), network in taking.offered.external, router.called)


def _gateway(gateway: Resource, taking: Taking) -> None:
    network = given(gateway, "network", "network_id")
    taking.named(network, say("external network"), network in taking.offered.external, gateway.called)


def _interface(interface: Resource, taking: Taking) -> None:
    """Neutron makes a port for a subnet; one that is given is counted where it is made."""
    port = given(interface, "port", "port_id")
    if isinstance(port, Unknown) and not port.later:
        taking.doubt(say("Whether {called} takes a port cannot be told{why}.", called=interface.called, why=why(port)))
    elif port is None:
        taking.add(PORT)


def _floating_ip(address: Resource, taking: Taking) -> None:
    taking.add(("network", "floatingip"))
    network = given(address, "floating_network", "floating_network_id")
    taking.named(network, say("external network"), network in taking.offered.external, address.called)


def _port(port: Resource, taking: Taking) -> None:
    taking.add(PORT)
    network = given(port, "network", "network_id")
    if isinstance(network, str):
        taking.named(network, "network", network in taking.offered.networks.names, port.called)


TYPES: dict[str, Callable[[Resource, Taking], None]] = {
    "OS::Neutron::SecurityGroup": _security_group,
    "AWS::EC2::SecurityGroup": _aws_security_group,
    "OS::Neutron::Router": _router,
    "OS::Neutron::RouterGateway": _gateway,
    "OS::Neutron::RouterInterface": _interface,
    "OS::Neutron::FloatingIP": _floating_ip,
    "OS::Neutron::Port": _port,
}
