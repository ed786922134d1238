"""What stands between an application and the world: load balancers' providers, firewall, floating IPs, packets."""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud, back_end
from tenant_ops_dashboard.cloud.values import listing, mapping, text
from tenant_ops_dashboard.doctor.model import Finding, Found, State
from tenant_ops_dashboard.environments.planning import inventory, quota
from tenant_ops_dashboard.sentences import say

#: Of ovn-octavia-provider's own documentation, 'Limitations': it knows layer 4 alone.
_LAYER_4 = "ovn"


def providers(cloud: Cloud) -> Found:
    """Which providers Octavia has, one call. Raises a CloudError."""
    told = cloud.pages("load-balancer", "/lbaas/providers", "providers")
    names = [name for one in told if (name := text(one.get("name")))]
    if not names:
        fix = say("Ask your operator to enable one: enabled_provider_drivers in octavia.conf.")
        yield Finding(say("Load balancers"), "failed", say("Octavia has no provider, so it builds nothing."), fix)
    elif set(names) == {_LAYER_4}:
        found = say("Octavia has the provider 'ovn' alone, which knows no HTTP, and blueprints balance that.")
        fix = say("Ask your operator for the provider 'amphora', or bring a blueprint that balances TCP.")
        yield Finding(say("Load balancers"), "warning", found, fix)
    else:
        found = say("Octavia's providers are {names}.", names=", ".join(names))
        yield Finding(say("Load balancers"), "good", found)


def firewall(cloud: Cloud, absent: State = "warning") -> Found:
    """Whether Neutron has FWaaS v2, and with which back end is reckoned: one call, two in an hour, three of an
    administrator's where Neutron does not tell it to everybody.

    Raises a CloudError.
    """
    if not quota.has_firewall(cloud):
        told = say("This cloud's Neutron has no FWaaS v2, so environments are built without a firewall group.")
        fix = say("Do without the firewall, or go to a cloud whose Neutron has FWaaS v2.")
        yield Finding(say("Firewall"), absent, told, fix)
        return
    yield Finding(say("Firewall"), *_reckons(back_end.found(cloud), cloud.options.firewall_profile, _agents(cloud)))


def _reckons(found: str, said: str, agents: str) -> tuple[State, str, str]:
    """State, what was found and its fix; `found` by Neutron's word to everybody, `agents` by that to administrators."""
    if said not in ("", *back_end.PROFILES):
        said = ""  # the check of the settings tells it
    if found and said not in ("", found):
        told = say(
            "Routers here are those of '{found}', which counts, and TENANT_OPS_FIREWALL_PROFILE says '{said}'.",
            found=found,
            said=said,
        )
        fix = say("Set TENANT_OPS_FIREWALL_PROFILE to '{seen}', for commands as well as in Horizon.", seen=found)
        return "failed", told, fix
    if found:
        return "good", say("FWaaS v2 is there; routers here are those of the back end '{found}'.", found=found), ""
    if agents and agents != said:
        told = say("Neutron's agents are those of '{agents}', which it tells administrators alone.", agents=agents)
        fix = say("Set TENANT_OPS_FIREWALL_PROFILE to '{seen}', for commands as well as in Horizon.", seen=agents)
        return "failed", told, fix
    if said:
        told = say("FWaaS v2 is there; its back end is '{said}', as TENANT_OPS_FIREWALL_PROFILE says.", said=said)
        return "good", told, ""
    told = say(
        "FWaaS v2 is there, and neither Neutron nor a setting tells which back end filters: environments get rules "
        "that hold on either, and nothing that meets a firewall group is said for sure."
    )
    return "warning", told, say("Ask your operator which it is, 'ovn' or 'l3-agent': TENANT_OPS_FIREWALL_PROFILE.")


def _agents(cloud: Cloud) -> str:
    """The back end of Neutron's routers by its agents, which it tells administrators alone; '' where that says nothing.

    Asked where Neutron tells it nobody else. Their names are those of Neutron's own constants (OVN_CONTROLLER_AGENT,
    AGENT_TYPE_L3).
    """
    if "admin" not in cloud.roles or back_end.found(cloud):
        return ""
    # Not by pages: OVN's list knows none.
    told = map(mapping, listing(cloud.get("network", "/agents")["agents"]))
    kinds = {text(one.get("agent_type")) for one in told}
    ovn, agents = any(kind.startswith("OVN Controller") for kind in kinds), "L3 agent" in kinds
    return "" if ovn and agents else "ovn" if ovn else "l3-agent" if agents else ""


def external(cloud: Cloud) -> Found:
    """Whether there is an external network, which floating IPs come from. Raises a CloudError."""
    if names := [one.label for one in inventory.take(cloud).networks]:
        told = say("Floating IPs come from {names}.", names=", ".join(names))
        yield Finding(say("Floating IPs"), "good", told)
    else:
        told = say("This project sees no external network, so there are no floating IPs and nothing can be launched.")
        fix = say("Ask your operator for one: openstack network create --external.")
        yield Finding(say("Floating IPs"), "failed", told, fix)


def packets(cloud: Cloud, off: State = "warning") -> Found:
    """How floating IPs are reached from here; no call."""
    if not cloud.options.packet_proofs:
        fix = say("Your operator switches it on: TENANT_OPS_PACKET_PROOFS.")
        told = say("This dashboard sends no packets, so nothing is proved from outside.")
        yield Finding(say("Packets"), off, told, fix)
    else:
        proxy = cloud.options.proof_proxy
        way = say("through {proxy}", proxy=proxy) if proxy else say("from this dashboard's host")
        yield Finding(say("Packets"), "good", say("Packets go to floating IPs {way}.", way=way))
