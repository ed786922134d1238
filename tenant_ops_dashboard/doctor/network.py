"""What stands between an application and the world: load balancers' providers, firewall, floating IPs, packets."""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.values import listing, mapping, text
from tenant_ops_dashboard.doctor.model import Finding, Found, State
from tenant_ops_dashboard.environments.planning import inventory, quota
from tenant_ops_dashboard.sentences import say

#: Of ovn-octavia-provider's own documentation, 'Limitations': it knows layer 4 alone.
_LAYER_4 = "ovn"


def providers(cloud: Cloud) -> Found:
    """Which providers Octavia has, one call. Raises a CloudError."""
    told = map(mapping, listing(cloud.get("load-balancer", "/lbaas/providers")["providers"]))
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
    """Whether Neutron has FWaaS v2, and with which back end is reckoned: one call. Raises a CloudError."""
    if not quota.has_firewall(cloud):
        told = say("This cloud's Neutron has no FWaaS v2, so environments are built without a firewall group.")
        fix = say("Do without the firewall, or go to a cloud whose Neutron has FWaaS v2.")
        yield Finding(say("Firewall"), absent, told, fix)
        return
    profile = cloud.options.firewall_profile
    usual = profile == "ovn"
    fix = "" if usual else say("Ask your operator whether that is the back end: TENANT_OPS_FIREWALL_PROFILE.")
    told = say("FWaaS v2 is there; the dashboard reckons with the back end '{profile}'.", profile=profile)
    yield Finding(say("Firewall"), "good" if usual else "warning", told, fix)


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
