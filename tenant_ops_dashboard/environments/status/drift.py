"""What was changed by hand outside: told, never tripped over. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tenant_ops_dashboard.environments.facts import Facts
from tenant_ops_dashboard.environments.heat.resources import Row
from tenant_ops_dashboard.environments.model import Drift, Proof
from tenant_ops_dashboard.environments.status.own_ports import Own
from tenant_ops_dashboard.environments.template import picture
from tenant_ops_dashboard.environments.template.budget import chosen
from tenant_ops_dashboard.environments.template.hot import Resource
from tenant_ops_dashboard.environments.template.picture import Seen

_MEANING = {
    "OS::Nova::Server": "Retry makes a new one.",
    "OS::Neutron::FloatingIP": "The application cannot be reached from outside.",
    "OS::Neutron::RouterInterface": "Its network has no way to the others.",
    "OS::Octavia::LoadBalancer": "Nothing answers at the address.",
    "OS::Octavia::PoolMember": "That server gets no requests.",
    "OS::Octavia::HealthMonitor": "A server that dies goes on getting requests.",
    "OS::Cinder::Volume": "The database's data is lost.",
    "OS::Cinder::VolumeAttachment": "The database has no data.",
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
            found.append(Drift(key, f"{words} was taken away outside of this environment. {meaning}".strip()))
        elif one.state == "warning" and types[key] == "OS::Nova::Server":
            found.append(Drift(key, f"{words} is {one.detail}."))
        elif one.state == "warning" and types[key] == "OS::Neutron::FloatingIP":
            found.append(Drift(key, f"{words} is attached to nothing. {_MEANING[types[key]]}"))
    found += [
        Drift(one.name, one.evidence)
        for one in proofs
        if one.state == "warning" and one.evidence.startswith("Changed by hand")
    ]
    listed, more = chosen([*found, *_foreign(rows, facts)], lambda one: True)
    return (*listed, Drift("", f"And {more:,} more things.")) if more else listed


def _foreign(rows: Sequence[Row], facts: Facts) -> list[Drift]:
    return [Drift("foreign", f"{said} It is not part of this environment and would stand in the way of deleting it.")
            for said in foreign(rows, facts)]  # fmt: skip


def foreign(rows: Sequence[Row], facts: Facts) -> tuple[str, ...]:
    """Ports and floating IPs of others on this environment's networks, each a sentence naming it."""
    own = Own.of(rows, facts.project_id)
    told = []
    ports = facts.ports or {}
    for one in ports.values():
        owner = str(one["device_owner"])
        if own.has(one):
            continue
        address = ", ".join(entry["ip_address"] for entry in one["fixed_ips"])
        told.append(f"Port {one['name'] or one['id']} ({address}{', ' + owner if owner else ''}) is on its network.")
    for one in (facts.addresses or {}).values():
        if one["id"] not in own.known and one["port_id"] in ports:
            told.append(
                f"Floating IP {one['floating_ip_address']} is attached to {one['fixed_ip_address']} on its network."
            )
    return tuple(told)
