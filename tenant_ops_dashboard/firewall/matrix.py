"""Who reaches whom, exactly: tier by tier of an environment, or network by network, with both layers or one alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from tenant_ops_dashboard.firewall.ends import INTERNET, Ends, internet, on_network
from tenant_ops_dashboard.firewall.words import Labels
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.exposure import Exposure
from tenant_ops_dashboard.reachability.model import GroupRule, Port, SecurityGroup, Snapshot
from tenant_ops_dashboard.reachability.scope import Scope
from tenant_ops_dashboard.sentences import about, say

Layer = Literal["both", "firewall", "groups"]
LAYERS: tuple[Layer, ...] = ("both", "firewall", "groups")
#: More pairs of ports than this are not looked at for one cell.
PAIRS = 10_000
_OPEN = "open"


@dataclass(frozen=True)
class Cell:
    """What reaches `target` from `source`; boxes are those of `difference`.

    `unknown` says what is too complex or cannot be known of it; `pairs` is how many pairs of a sender's and another
    receiver's port it is about, where the internet is one.
    """

    source: str
    target: str
    boxes: tuple[Mapping[str, Any], ...]
    unknown: tuple[str, ...] = ()
    pairs: int = 1

    def written(self) -> dict[str, Any]:
        """The form of the command line."""
        return {"from": self.source, "to": self.target, "boxes": list(self.boxes), "unknown": list(self.unknown)}


def matrix(ends: Ends, environment: str = "", layer: Layer = "both", engine: Engine | None = None) -> list[Cell]:
    """Every cell, by source. With an environment (name or id) its tiers, else the networks of the project, both with
    the internet; `engine` is one with a draft in force. Raises NotFound and a CloudError for an environment.
    """
    there = places(ends, environment)
    engine = alone(engine or ends.engine, layer)
    labels = Labels(ends.seen, ends.names)
    scopes: dict[str, Scope] = {INTERNET: internet(engine)}
    scopes |= {
        name: Scope(False, tuple(engine.snapshot.ports[one.id] for one in ports)) for name, ports in there.items()
    }
    return [
        _cell(engine, labels, (source, scopes[source]), (target, scopes[target]))
        for source in scopes for target in scopes if not source == target == INTERNET
    ]  # fmt: skip


def places(ends: Ends, environment: str = "") -> dict[str, tuple[Port, ...]]:
    """What has a row and a column: the tiers of an environment (name or id), else the networks of the project, by name.

    Raises NotFound and a CloudError for an environment.
    """
    return _tiers(ends, environment) if environment else _networks(ends)


def alone(engine: Engine, layer: Layer) -> Engine:
    """The engine with one layer left: `firewall` opens every security group, `groups` takes firewall groups away.

    Anti-spoofing, routes and translation stay. A port that no group of the snapshot filters is opened as well.
    """
    if layer == "both":
        return engine
    if layer == "groups":
        return engine.like(replace(engine.snapshot, firewall_groups={}))
    return engine.like(_opened(engine.snapshot))


def _opened(snapshot: Snapshot) -> Snapshot:
    groups = {one.id: replace(one, rules=_everything(one.id)) for one in snapshot.security_groups.values()}
    groups[_OPEN] = SecurityGroup(_OPEN, _OPEN, True, _everything(_OPEN))
    ports = {
        one.id: replace(one, groups=tuple(g for g in one.groups if g in groups) or (_OPEN,)) if one.secured else one
        for one in snapshot.ports.values()
    }
    return replace(snapshot, security_groups=groups, ports=ports)


def _everything(group: str) -> tuple[GroupRule, ...]:
    return tuple(
        GroupRule(f"{group}-{_OPEN}-{version}-{way}", group, way, version, None, None, None, None, None)
        for version in (4, 6) for way in (True, False)
    )  # fmt: skip


def _cell(engine: Engine, labels: Labels, source: tuple[str, Scope], target: tuple[str, Scope]) -> Cell:
    (name, sending), (other, receiving) = source, target
    virtual = engine.world.balancer_of
    sending = replace(sending, ports=tuple(one for one in sending.ports if one.id not in virtual))
    if len(sending.ports) * len(receiving.ports) > PAIRS:
        return Cell(name, other, (), (say("too complex: more than {pairs} pairs of ports", pairs=PAIRS),))
    boxes: list[dict[str, Any]] = []
    unknown: dict[str, None] = {}
    # One sender after the other, so that each box says whose it is.
    senders = [sending] if sending.outside else [Scope(False, (one,)) for one in sending.ports]
    for sender in senders:
        source_id = sender.ports[0].id if sender.ports else None
        for entry in Exposure(engine, sender, receiving).entries():
            boxes += labels.named({"from": source_id, "port": entry["port"], **box} for box in entry["boxes"])
            unknown |= dict.fromkeys(about(labels.port(entry["port"]), one) for one in entry["unknown"])
    pairs = max(len(sending.ports), 1) * max(len(receiving.ports), 1)
    pairs -= sum(one in receiving.ports for one in sending.ports)
    return Cell(name, other, tuple(boxes), tuple(unknown), pairs)


def _tiers(ends: Ends, environment: str) -> dict[str, tuple[Port, ...]]:
    found = ends.environment(ends.names.environment(environment))
    return dict(sorted(found.items(), key=lambda one: (one[0] != "dmz", one[0])))


def _networks(ends: Ends) -> dict[str, tuple[Port, ...]]:
    snapshot = ends.engine.snapshot
    known = [one for one in snapshot.networks.values() if not one.external]
    names = [one.name for one in known]
    found: dict[str, tuple[Port, ...]] = {}
    for network in known:
        ports = on_network(snapshot, network.id)
        if ports:
            unique = network.name and names.count(network.name) == 1 and network.name != INTERNET
            found[network.name if unique else network.id] = ports
    return found
