"""A load balancer's own servers (amphorae), as far as who asks may know them, and what a failover does.

Which topology it has and who is MASTER only administrators are told (Octavia API reference, 'Amphora'; a flavor's data
likewise). A project that owns the network of the virtual IP sees their ports there: they may speak for that address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.cloud.values import Shape, each, rows, text
from tenant_ops_dashboard.loadbalancers.model import Balancer
from tenant_ops_dashboard.sentences import join, say

#: The provider's names (octavia, api/config.py); `octavia` is its old one.
PROVIDERS = ("amphora", "amphorav2", "octavia")
_AMPHORA: Shape = {"id": text, "loadbalancer_id": text, "role": text, "status": text, "vrrp_ip": text}
_PORT: Shape = {
    "id": text, "fixed_ips": each({"ip_address": text}), "allowed_address_pairs": each({"ip_address": text}),
}  # fmt: skip


@dataclass(frozen=True)
class OwnServer:
    """`id` is the amphora's, else its port's; `role` (MASTER, BACKUP, STANDALONE) and `status` are '' to projects."""

    id: str
    address: str
    role: str = ""
    status: str = ""


def read(cloud: Cloud, balancer: Balancer) -> tuple[OwnServer, ...]:
    """Those that this login may see: one call, none where the provider has no amphorae. Raises a CloudError."""
    if balancer.provider not in PROVIDERS:
        return ()
    if "admin" in cloud.roles:
        every = cloud.pages("load-balancer", "/octavia/amphorae", "amphorae", loadbalancer_id=balancer.id)
        found = rows(every, _AMPHORA)
        ours = [one for one in found if one["loadbalancer_id"] == balancer.id and one["status"] != "DELETED"]
        made = (OwnServer(one["id"], one["vrrp_ip"], one["role"], one["status"]) for one in ours)
        return tuple(sorted(made, key=lambda one: (one.role != "MASTER", one.id)))
    query = {"network_id": balancer.vip_network_id} if balancer.vip_network_id else {}
    ports = rows(cloud.pages("network", "/ports", "ports", **query), _PORT) if query else []
    holders = [
        one for one in ports if any(pair["ip_address"] == balancer.vip for pair in one["allowed_address_pairs"])
    ]  # fmt: skip
    return tuple(OwnServer(one["id"], next((fixed["ip_address"] for fixed in one["fixed_ips"]), "")) for one in holders)


def told(cloud: Cloud, balancer: Balancer) -> tuple[tuple[OwnServer, ...], str]:
    """The same with what it means, or with why OpenStack does not tell."""
    try:
        own = read(cloud, balancer)
    except CloudError as error:
        return (), error.sentence
    if not own and "admin" in cloud.roles and balancer.provider in PROVIDERS:
        return own, say("Octavia has no server for it now.")
    return own, words(balancer, own)


def words(balancer: Balancer, own: Sequence[OwnServer]) -> str:
    """What happens where one of them fails."""
    if balancer.provider == "ovn":
        return say("OVN balances in the switch: there is no server of its own that could fail.")
    if balancer.provider not in PROVIDERS:
        return say("What provider {provider} runs it on is not known.", provider=balancer.provider)
    if not own:
        return say("Its own servers are not this project's to see.")
    odd = [
        say("{address} is {status}.", address=one.address or one.id, status=one.status)
        for one in own if one.status not in ("", "ALLOCATED")
    ]  # fmt: skip
    return join(" ", (_topology(own), *odd))


def _topology(own: Sequence[OwnServer]) -> str:
    # One that is being replaced and the one that replaces it are no pair.
    alone = sorted((one for one in own if one.role == "STANDALONE"), key=lambda one: one.status != "ALLOCATED")
    first = (*alone, *own)[0]
    if alone:
        return say(
            "It has one server of its own, {address}: should that fail, nothing is served until Octavia has replaced "
            "it.",
            address=first.address,
        )
    if len(own) == 1 and not first.role:
        return say(
            "One server of its own is seen, {address}: unless there is a second, nothing is served from when it fails "
            "until Octavia has replaced it.",
            address=first.address,
        )
    known = ", ".join(" ".join(filter(None, (one.address, one.role))) for one in own)
    if len(own) == 1:
        return say("Of two servers of its own one is left, {known}: the other is still to be replaced.", known=known)
    return say(
        "{n} servers of its own are seen: {known}. Should one fail, another takes the virtual IP, and Octavia replaces "
        "it. Which has that address now they settle among themselves.",
        n=len(own), known=known,
    )  # fmt: skip


def at_work(balancer: Balancer) -> str:
    """What PENDING_UPDATE may mean; '' in any other state. Octavia does not say which of the two it is."""
    if balancer.provisioning != "PENDING_UPDATE" or balancer.provider not in PROVIDERS:
        return ""
    return say(
        "Octavia makes a change that somebody asked for, or replaces a server of its own that failed (failover), and "
        "takes no other change until then. In a failover a second one goes on serving; with one alone there is a gap."
    )
