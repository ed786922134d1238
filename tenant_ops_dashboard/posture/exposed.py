"""The traffic that comes in from the internet, by the port that it comes to and by the rules that let it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from tenant_ops_dashboard.firewall.ends import own_subnets
from tenant_ops_dashboard.posture.model import Box
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.exposure import exposure
from tenant_ops_dashboard.reachability.spans import Spans, address, minus, network
from tenant_ops_dashboard.sentences import about, say

Json = dict[str, Any]


class Exposed:
    """`entries` are those of `reachability exposure`; a box here names the `port` (an id, `name`) that it leads to."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.entries: Sequence[Json] = exposure(engine)
        self.by_port: dict[str, tuple[Box, ...]] = {}
        self._by_rule: dict[str, list[Box]] = {}
        own = own_subnets(engine.snapshot)
        for entry in self.entries:
            port = str(entry["port"])
            boxes = tuple(
                {"port": port, "name": entry["name"], **box} for box in entry["boxes"] if _from_others(box, own)
            )
            if boxes:
                self.by_port[port] = boxes
            for box in boxes:
                for rule in {one["rule_id"] for one in box["rules"]}:
                    self._by_rule.setdefault(rule, []).append(box)

    def by_rules(self, rules: Iterable[str]) -> tuple[Box, ...]:
        """The boxes that one of these rules lets in, each once."""
        found: dict[int, Box] = {}
        for rule in rules:
            found.update({id(box): box for box in self._by_rule.get(rule, ())})
        return tuple(found.values())

    @cached_property
    def routed(self) -> set[str]:
        """The networks to which somebody may route: a router of Neutron's, the building's, a subnet's gateway."""
        known, routers = self.engine.snapshot, self.engine.world.router_ports.values()
        return {
            *(one.network_id for ports in routers for one in ports),
            *(one.network_id for one in known.subnets.values() if one.gateway is not None),
            *(id_ for id_, one in known.networks.items() if one.external or one.physical),
        }

    @property
    def unknown(self) -> tuple[str, ...]:
        """What cannot be told, each sentence once with the ports that it is about."""
        concerned: dict[str, list[str]] = {}
        for entry in self.entries:
            for sentence in entry["unknown"]:
                concerned.setdefault(sentence, []).append(str(entry["name"] or entry["port"]))
        return tuple(about(_listed(names), sentence) for sentence, names in concerned.items())


def _from_others(box: Mapping[str, Any], own: Mapping[int, Spans]) -> bool:
    """Whether some of a box's sources are of the internet, which own subnets are not (firewall's 'ends of traffic')."""
    for piece in box["src"]:
        low, _, high = piece.partition("-")
        version, first, last, _ = network(low)
        if minus(((first, address(high)[1] if high else last),), own[version]):
            return True
    return False


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else say("{name} and {n} more", name=names[0], n=len(names) - 1)
