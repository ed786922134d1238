"""From JSON to a checked snapshot: strict about what it reads, silent about what it does not know."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tenant_ops_dashboard.sentences import say

from . import balancers, readers
from .errors import BadInput
from .fields import PATH, Fields, plain
from .model import Network, Snapshot
from .references import check_references
from .rules import PROFILES, read_rule

_Item = TypeVar("_Item")

COLLECTIONS = (
    "networks", "subnets", "routers", "ports", "floatingips", "security_groups", "address_groups",
    "firewall_groups", "firewall_policies", "firewall_rules", "loadbalancers", "listeners", "pools", "members",
    "healthmonitors", "l7policies", "subnetpools",
)  # fmt: skip


def read_snapshot(text: str, name: str = "snapshot") -> Snapshot:
    """Read a snapshot's JSON text; `name` (the file) stands in front of every complaint. Raises BadInput."""
    name = plain(name, PATH)
    try:
        raw = json.loads(text)
    except RecursionError:
        raise BadInput(name, say("is nested too deep")) from None
    except ValueError as error:
        raise BadInput(name, say("is no JSON: {plain}", plain=plain(error))) from None
    return build_snapshot(raw, name)


def build_snapshot(raw: Any, name: str = "snapshot") -> Snapshot:
    """Check the loaded object and turn it into the model. Raises BadInput."""
    if not isinstance(raw, Mapping):
        raise BadInput(name, say("snapshot must be a JSON object"))
    meta = raw.get("meta") or {}
    if not isinstance(meta, Mapping):
        raise BadInput(name, say("meta must be an object"))
    profile = meta.get("profile")
    if profile is not None and profile not in ("", *PROFILES):
        raise BadInput(name, say("meta: profile must be one of {profiles}", profiles=", ".join(PROFILES)))
    read = _Reader(raw, name)
    pools = read.all("pools", balancers.read_pool)
    listeners = read.all("listeners", balancers.read_listener)
    snapshot = Snapshot(
        name=name,
        meta=meta,
        partial=meta.get("scope") == "project",
        networks=read.all("networks", readers.read_network),
        subnets=read.all("subnets", readers.read_subnet),
        routers=read.all("routers", readers.read_router),
        ports=read.all("ports", readers.read_port),
        floatingips=read.all("floatingips", readers.read_floatingip),
        security_groups=read.all("security_groups", readers.read_security_group),
        address_groups=read.all("address_groups", readers.read_address_group),
        firewall_groups=read.numbered("firewall_groups", readers.read_firewall_group),
        firewall_policies=read.all("firewall_policies", readers.read_policy),
        firewall_rules=read.all("firewall_rules", lambda item: read_rule(item.raw, f"{name}: firewall_rules")),
        loadbalancers=read.all("loadbalancers", balancers.read_balancer),
        listeners=listeners,
        pools=pools,
        members=read.all("members", balancers.read_member),
        healthmonitors=read.all("healthmonitors", balancers.read_monitor),
        l7policies=read.all("l7policies", balancers.read_layer7),
        subnetpools=read.all("subnetpools", readers.read_subnetpool),
    )
    if "networks" not in raw or snapshot.partial:
        snapshot = _with_networks(snapshot)
    check_references(snapshot, frozenset(raw))
    return snapshot


def _with_networks(snapshot: Snapshot) -> Snapshot:
    """Stand-ins for networks that subnets and ports name but the snapshot leaves out."""
    named = {subnet.network_id for subnet in snapshot.subnets.values()}
    named |= {port.network_id for port in snapshot.ports.values()}
    missing = {identity: Network(identity) for identity in sorted(named) if identity not in snapshot.networks}
    return Snapshot(**{**_shallow(snapshot), "networks": {**snapshot.networks, **missing}})


def _shallow(snapshot: Snapshot) -> dict[str, Any]:
    return {key: getattr(snapshot, key) for key in ("name", "meta", "partial", *COLLECTIONS)}


class _Reader:
    """Walks the collections of one snapshot."""

    def __init__(self, raw: Mapping[str, Any], name: str) -> None:
        self.raw = raw
        self.name = name

    def all(self, key: str, reader: Callable[[Fields], _Item]) -> dict[str, _Item]:
        """Read one collection into id -> object; an id may stand there once."""
        return self.numbered(key, lambda item, _place: reader(item))

    def numbered(self, key: str, reader: Callable[[Fields, int], _Item]) -> dict[str, _Item]:
        """As `all`, with each object's place in the list."""
        items = self.raw.get(key)
        if items is None:
            return {}
        if not isinstance(items, list):
            raise BadInput(self.name, say("{key} must be a list", key=key))
        found: dict[str, _Item] = {}
        for index, item in enumerate(items):
            identity = item.get("id") if isinstance(item, Mapping) else None
            at = plain(identity) if isinstance(identity, str) and identity else f"[{index}]"
            fields = Fields(item, f"{self.name}: {key} {at}")
            identity = fields.text("id")
            if identity in found:
                raise fields.bad("id", say("stands there twice"))
            found[identity] = reader(fields, index)
        return found
