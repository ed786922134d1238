"""What was changed by hand outside: told, never tripped over. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tenant_ops_dashboard.environments.facts import Facts
from tenant_ops_dashboard.environments.heat.resources import NOWHERE, Row, routers
from tenant_ops_dashboard.environments.model import Drift, Proof
from tenant_ops_dashboard.environments.status.own_ports import Own
from tenant_ops_dashboard.environments.template import picture
from tenant_ops_dashboard.environments.template.budget import chosen
from tenant_ops_dashboard.environments.template.hot import Resource
from tenant_ops_dashboard.environments.template.picture import Seen
from tenant_ops_dashboard.sentences import join, say

_MEANING = {
    "OS::Nova::Server": say("Retry makes a new one."),
    "OS::Neutron::FloatingIP": say("The application cannot be reached from outside."),
    "OS::Neutron::RouterInterface": say("Its network has no way to the others."),
    "OS::Octavia::LoadBalancer": say("Nothing answers at the address."),
    "OS::Octavia::PoolMember": say("That server gets no requests."),
    "OS::Octavia::HealthMonitor": say("A server that dies goes on getting requests."),
    "OS::Cinder::Volume": say("The database's data is lost."),
    "OS::Cinder::VolumeAttachment": say("The database has no data."),
}


def drifted(
    resources: Sequence[Resource], rows: Sequence[Row], seen: Mapping[str, Seen], facts: Facts, proofs: Sequence[Proof]
) -> tuple[Drift, ...]:
    """Resources that Heat made and their service has not any more, what stands shut off, and rules changed by hand."""
    titles = {one.key: one for one in resources}
    types = {row.key: row.type for row in rows}
    found = []
    for key, one in seen.items():
        if one.state not in ("gone", "warning"):
            continue
        words = picture.title(titles[key]) if key in titles else key
        if one.state == "gone":
            meaning = _MEANING.get(types[key], "")
            found.append(
                Drift(
                    key,
                    join(" ", (say("{what} was taken away outside of this environment.", what=words), meaning)),
                )
            )
        elif one.state == "warning" and types[key] == "OS::Nova::Server":
            found.append(Drift(key, say("{title} is {state}.", title=words, state=one.detail)))
        elif one.state == "warning" and types[key] == "OS::Neutron::FloatingIP":
            found.append(
                Drift(key, join(" ", (say("{what} is attached to nothing.", what=words), _MEANING[types[key]])))
            )
    found += [
        Drift(one.name, one.evidence)
        for one in proofs
        if one.state == "warning"
        and (one.evidence.startswith("Changed by hand") or one.evidence.startswith("Its rules are those for"))
    ]
    listed, more = chosen([*found, *_foreign(rows, facts)], lambda one: True)
    return (*listed, Drift("", say("And {more:,} more things.", more=more))) if more else listed


def _foreign(rows: Sequence[Row], facts: Facts) -> list[Drift]:
    why = say("It is not part of this environment and would stand in the way of deleting it.")
    return [Drift("foreign", join(" ", (said, why))) for said in foreign(rows, facts)]


def foreign(rows: Sequence[Row], facts: Facts) -> tuple[str, ...]:
    """Ports and floating IPs of others on this environment's own networks or router, each a sentence naming it."""
    own = Own.of(rows, facts.project_id)
    told = []
    before = {row.resource_id for row in rows if row.type == "OS::Neutron::Net" and row.place == NOWHERE}
    ports = {id_: one for id_, one in (facts.ports or {}).items() if one["network_id"] not in before}
    mine = routers(rows)
    for one in ports.values():
        owner = str(one["device_owner"])
        if own.has(one):
            continue
        address = ", ".join(entry["ip_address"] for entry in one["fixed_ips"])
        told.append(
            say(
                "Port {name} ({address}{owner}) is on its network.",
                name=one["name"] or one["id"],
                address=address,
                owner=", " + owner if owner else "",
            )
        )
    for one in (facts.addresses or {}).values():
        where = {"floating": one["floating_ip_address"], "fixed": one["fixed_ip_address"]}
        if one["id"] in own.known or not one["port_id"]:
            continue
        if one["port_id"] in ports:
            told.append(say("Floating IP {floating} is attached to {fixed} on its network.", **where))
        elif one["router_id"] in mine:
            # Neutron takes no interface away that a floating IP needs: RouterInterfaceInUseByFloatingIP.
            told.append(say("Floating IP {floating} is attached to {fixed} through its router.", **where))
    return tuple(told)
