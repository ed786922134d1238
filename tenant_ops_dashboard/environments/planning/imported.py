"""What a template that somebody brought along tells: what is proven once it stands, what is not, and what it was asked
to have that this cloud does not. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud.values import cut, mapping, text
from tenant_ops_dashboard.environments.model import Blueprint, Parameter
from tenant_ops_dashboard.environments.proofs import fronts, prove, sending, titles, tls
from tenant_ops_dashboard.environments.template import hot
from tenant_ops_dashboard.environments.template.imported import check, environment_file
from tenant_ops_dashboard.octavia import transport
from tenant_ops_dashboard.sentences import about, say

BALANCER, MEMBER, MONITOR = "OS::Octavia::LoadBalancer", "OS::Octavia::PoolMember", "OS::Octavia::HealthMonitor"
FLOATING = "OS::Neutron::FloatingIP"
_SERVERS = ("OS::Nova::Server", "AWS::EC2::Instance", "OS::Heat::ScaledResource")


def scope(
    blueprint: Blueprint, template: Mapping[str, Any], values: Mapping[str, Any], name: str, region: str
) -> hot.Scope:
    """The scope of a blueprint's template, with what its environment file says."""
    return hot.scope(
        template, values, name, blueprint.files, region, environment_file.registry(blueprint.environment),
        mapping(blueprint.environment.get("parameter_defaults")),
    )  # fmt: skip


def proofs(
    template: Mapping[str, Any], at: hot.Scope, resources: Sequence[hot.Resource], firewall: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Titles of what is checked once it stands, and sentences about what is not; `firewall`: it gets a group."""
    promised = prove.promised(template, at, resources)
    members = sum(one.copies for one in resources if one.type == MEMBER)
    outside = {
        "http": sending.turns_title(members), "https": tls.TITLE, "database": sending.DATABASE_TITLE,
        "closed": sending.CLOSED_TITLE,
    }  # fmt: skip
    proven = (*titles.of(resources, firewall), *(outside[name] for name in promised))
    return proven, tuple(_unproven(template, resources, promised, firewall))


def changed(blueprint: Blueprint, form: Sequence[Parameter], given: Mapping[str, str]) -> tuple[str, ...]:
    """Defaults of the template that are not in this cloud, where nobody answered otherwise."""
    own = {one.name: one.default for one in blueprint.parameters} if blueprint.bare else {}
    return tuple(
        about(one.name, _instead(cut(own[one.name], 60), one.default))
        for one in form
        if one.choices and own.get(one.name) not in ("", None, one.default)
        and given.get(one.name, one.default) == one.default
    )  # fmt: skip


def _instead(default: str, chosen: str) -> str:
    if not chosen:
        return say("this cloud has no '{default}', which the template names.", default=default)
    return say(
        "this cloud has no '{default}', which the template names; {chosen} stands in for it.",
        default=default,
        chosen=chosen,
    )


def _unproven(
    template: Mapping[str, Any], resources: Sequence[hot.Resource], promised: Sequence[str], firewall: bool
) -> Iterator[str]:
    kinds = {one.type for one in resources}
    version = check.version(template)
    if version not in check.VERSIONS:
        yield say("Whether Heat knows the version {version} of templates cannot be told.", version=version)
    if not {"http", "https"} & set(promised):
        yield _silent(kinds, resources)
    if kinds & {BALANCER} and MONITOR not in kinds:
        yield say("Whether its servers are well is not proven: its load balancer has no health monitor.")
    elif {text(one.properties.get("type")) for one in resources if one.type == MONITOR} == {transport.UDP_CONNECT}:
        yield say("Whether its servers answer is not proven: a UDP-CONNECT monitor takes silence for a good answer.")
    if "database" not in promised:
        yield say("Whether it reaches a database is not proven: an output called 'database' would say that it has one.")
    if not firewall:
        yield say("No firewall group is made for it: an output called 'firewall' would say what it lets through.")
    if kinds & set(_SERVERS):
        yield say("What its servers install and run is not read: a stack stands once Nova has started them.")


def _silent(kinds: set[str], resources: Sequence[hot.Resource]) -> str:
    """Why nobody asks from outside whether it answers."""
    if FLOATING not in kinds:
        return say("Whether it answers from outside is not proven: nothing of it has a floating IP of its own.")
    if ports := fronts.ports(resources):
        return say(
            "Whether it answers is not proven: it listens on {ports}, and what is asked is HTTP on port 80.",
            ports=", ".join(ports),
        )
    return say("Whether it answers is not proven: an output called 'address' would say that it does on port 80.")
