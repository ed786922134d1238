"""What the cloud offers a template that names flavors, images, keys and networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from tenant_ops_dashboard.cloud import Cloud, lately, visible
from tenant_ops_dashboard.cloud.values import Shape, names, rows, switch, text
from tenant_ops_dashboard.environments.planning import available, inventory
from tenant_ops_dashboard.environments.planning.inventory import Inventory

_NETWORK: Shape = {
    "id": text, "name": text, "project_id": text, "shared": bool, "router:external": bool, "admin_state_up": switch,
    "port_security_enabled": switch, "subnets": names,
}  # fmt: skip


@dataclass(frozen=True)
class Network:
    """A network; `up` is its administrative state, `secured` whether its ports have security groups unless told so."""

    id: str
    name: str
    own: bool
    external: bool
    up: bool
    secured: bool
    subnets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Networks:
    """`names` are the names and ids of all networks the project sees; `usable` is how many Nova chooses from for a
    server that names none: the project's own and shared ones (`_get_available_networks` in nova/network/neutron.py).
    `known` are those that a member of the project sees.
    """

    names: frozenset[str]
    usable: int
    known: tuple[Network, ...] = ()


@dataclass(frozen=True)
class Offered:
    """An inventory, and ways to the list of networks and to what security groups have by themselves: a call each."""

    found: Inventory
    ask: Callable[[], Networks]
    rules: Callable[[], tuple[str, ...]] = lambda: ("egress", "egress")

    @cached_property
    def given_rules(self) -> tuple[str, ...]:
        """Directions of the rules that a new security group has from the beginning."""
        return self.rules()

    @cached_property
    def networks(self) -> Networks:
        """The networks of the project. Raises a CloudError."""
        return self.ask()

    @cached_property
    def external(self) -> frozenset[str]:
        """Names and ids of external networks."""
        labels = (choice.label for choice in self.found.networks)
        return frozenset((*labels, *(one for pair in self.found.network_ids for one in pair)))


def of(cloud: Cloud) -> Offered:
    """What `cloud` offers: five calls, once for every handle, and one more when networks are asked for.

    None for what of lately will do.
    """

    return Offered(inventory.take(cloud), lambda: networks(cloud), lambda: available.given_rules(cloud))


def networks(cloud: Cloud) -> Networks:
    """The project's networks: one call, once for every handle, none where those of lately will do."""
    return cloud.once("networks", lambda: lately(cloud, "networks", Networks, lambda: _networks(cloud)))


def _networks(cloud: Cloud) -> Networks:
    found = rows(cloud.pages("network", "/networks", "networks"), _NETWORK)
    called = frozenset(one[key] for one in found for key in ("id", "name") if one[key])
    known = tuple(
        Network(one["id"], one["name"], one["project_id"] == cloud.project_id, one["router:external"],
                one["admin_state_up"], one["port_security_enabled"], tuple(one["subnets"]))
        for one in visible(cloud, found)
    )
    return Networks(called, sum(one["project_id"] == cloud.project_id or one["shared"] for one in found), known)
