"""What keeps a wish's packets out: a deny where they cross a firewall, else security groups' rules made narrower."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tenant_ops_dashboard.firewall.ends import own_subnets
from tenant_ops_dashboard.firewall.model import Direction
from tenant_ops_dashboard.firewall.security_groups import read as group_read
from tenant_ops_dashboard.firewall.security_groups.model import Rule as GroupRule
from tenant_ops_dashboard.firewall.suggest.model import Place, everywhere
from tenant_ops_dashboard.firewall.suggest.places import Places
from tenant_ops_dashboard.firewall.suggest.plan import Plan
from tenant_ops_dashboard.firewall.suggest.remainders import MOST, remainder
from tenant_ops_dashboard.firewall.suggest.rules import Bundle, Forms
from tenant_ops_dashboard.firewall.suggest.ways import Demand, Ways, joined
from tenant_ops_dashboard.firewall.words import Labels
from tenant_ops_dashboard.reachability import link, protocols, spans
from tenant_ops_dashboard.reachability.model import GroupRule as Held
from tenant_ops_dashboard.reachability.spans import Spans
from tenant_ops_dashboard.sentences import say

#: Where servers ask for their metadata: 169.254.0.0/16 (RFC 3927).
METADATA = spans.network("169.254.0.0/16")[1:3]
#: In which order places are taken: (layer, direction).
Order = tuple[tuple[str, Direction], ...]
_IN: tuple[str, Direction] = ("firewall", "ingress")
_OUT: tuple[str, Direction] = ("firewall", "egress")
_GROUP_IN: tuple[str, Direction] = ("security-group", "ingress")
_GROUP_OUT: tuple[str, Direction] = ("security-group", "egress")
ORDERS: tuple[Order, ...] = (
    (_IN, _OUT, _GROUP_IN, _GROUP_OUT), (_OUT, _IN, _GROUP_IN, _GROUP_OUT), (_IN, _OUT, _GROUP_OUT, _GROUP_IN),
    (_GROUP_IN, _GROUP_OUT), (_GROUP_OUT, _GROUP_IN),
)  # fmt: skip


class Closing:
    """Where each way that is open could be closed, and what cannot be."""

    def __init__(self, ways: Ways, places: Places, labels: Labels, forms: Forms) -> None:
        self.places, self.labels, self.forms = places, labels, forms
        self.engine = ways.engine
        self.cannot: dict[str, None] = {}
        #: For every leg that some packets pass the filters on it, with the places where they can be changed.
        self.open: list[list[tuple[tuple[Place, ...], Demand]]] = []
        wish = ways.wish
        self.wished = {one.id for one in (*wish.source.ports, *wish.target.ports)}
        for way in (one for pair in ways.pairs() for one in pair):
            balancer = self.engine.world.balancer_of.get(way.receiver.id) if way.receiver else None
            for leg in way.legs if balancer and balancer.in_switch else way.legs[:1]:
                found, why = [], ""
                for one in ways.passing(leg):
                    if self._filters(one):
                        places_, refused = places.of(one.check, self.wished)
                        why = why or refused
                        found += [(places_, one)] if places_ else []
                if found:
                    self.open.append(found)
                elif ways.open(leg):
                    ends = [labels.port(one.id if one else None) for one in (leg.sender, leg.receiver)]
                    self.cannot[
                        why
                        or say(
                            "{ends} -> {ends2}: nothing that this project may change filters it.",
                            ends=ends[0],
                            ends2=ends[1],
                        )
                    ] = None

    def _filters(self, demand: Demand) -> bool:
        check = demand.check
        return self.engine.gate(check).open is None and not (
            check.kind == "group" and check.port is not None and self.engine.world.unasked(check.port)
        )

    def plans(self) -> Iterator[list[list[Plan]]]:
        """For every order of places the forms that each part can have, as plans of their own."""
        for order in ORDERS:
            firewall: dict[object, tuple[Place, list[Demand]]] = {}
            groups: dict[object, list[Demand]] = {}
            for found in self.open:
                picked = next((one for kind in order if (one := _at(found, kind))), None)
                if picked is None:
                    break
                place, told = picked
                kind = (told.version, told.protocol, told.dst_port)
                if place.layer == "firewall":
                    firewall.setdefault((place, kind), (place, []))[1].append(told)
                else:
                    port = told.check.port
                    groups.setdefault((port.id if port else "", place.direction, kind), []).append(told)
            else:
                made = [
                    [Plan(firewall={place: one}) for one in self.forms.firewall(Bundle(place, joined(all_)), "deny")]
                    for place, all_ in firewall.values()
                ]
                narrowed = self._narrowed([self._far(joined(all_)) for all_ in groups.values()]) if groups else Plan()
                if narrowed is not None:
                    yield [*made, *([[narrowed]] if groups else [])]

    def _far(self, told: Demand) -> Demand:
        """The internet as a rule of a security group is rid of it: all but our own, and what stays on the link."""
        wish, version = self.forms.wish, told.version
        near = own_subnets(self.engine.snapshot)[version]
        near = spans.normal((*near, *self.engine.world.inside[version]))
        if told.check.ingress and everywhere(wish.source, version) and _wide(told.src):
            return replace(told, src=spans.minus(((0, spans.TOP[version]),), near))
        if not told.check.ingress and everywhere(wish.target, version) and _wide(told.dst):
            # Servers ask for their metadata, and for their neighbours, by what stays on the link.
            link_ = spans.normal((*near, *(link.link_spans(6) if version == 6 else (METADATA,))))
            return replace(told, dst=spans.minus(((0, spans.TOP[version]),), link_))
        return told

    def _narrowed(self, taken: Sequence[Demand]) -> Plan | None:
        """Every rule of the ports' groups that lets some of it through, replaced by what is left of it."""
        added: dict[Place, tuple[GroupRule, ...]] = {}
        gone: set[str] = set()
        for id_ in dict.fromkeys(one for told in taken if told.check.port for one in told.check.port.groups):
            mine = [one for one in taken if one.check.port and id_ in one.check.port.groups]
            row = self.places.groups.get(id_)
            held = {one.id: one for one in self.engine.snapshot.security_groups[id_].rules}
            for rule in group_read.state(row).rules if row else ():
                of_rule = held.get(rule.id or "")
                if of_rule is None:
                    continue
                left = self._left(rule, of_rule, mine)
                if left is None:
                    name = str((row or {}).get("name") or id_)
                    self.cannot[
                        say(
                            "Security group {name} would need more than {most} rules in the place of rule {id}, which "
                            "lets this and much more through: narrow it by hand, or put a firewall group on the way.",
                            name=name,
                            most=MOST,
                            id=rule.id,
                        )
                    ] = None
                    return None
                if left != [rule]:
                    gone.add(rule.id or "")
                    place = Place("security-group", id_, rule.direction)
                    added[place] = (*added.get(place, ()), *left)
        return Plan(added=added, gone=frozenset(gone))

    def _left(self, rule: GroupRule, held: Held, taken: Sequence[Demand]) -> list[GroupRule] | None:
        left = [rule]
        for told in taken:
            ingress = rule.direction == "ingress"
            if told.check.ingress is not ingress or told.version != held.version:
                continue
            after: list[GroupRule] = []
            for one in left:
                remote = self._meets(one, held, told)
                if not remote:
                    after.append(one)
                    continue
                rest = remainder(one, remote, told)
                if rest is None:
                    return None
                after += rest
            left = after
        return left if len(left) <= MOST else None

    def _meets(self, rule: GroupRule, held: Held, told: Demand) -> Spans:
        """The remote addresses of a rule that lets some of the packets through; none where it lets none."""
        now = held
        if rule.id is None:
            ports = None if rule.port_range_min is None else (rule.port_range_min, rule.port_range_max or 0)
            prefix = spans.network(rule.remote_ip_prefix)[1:3] if rule.remote_ip_prefix else None
            number = None if rule.protocol is None else protocols.number_of(rule.protocol, held.version)
            now = replace(
                held, protocol=number, ports=ports, prefix=prefix,
                remote_group=rule.remote_group_id, address_group=rule.remote_address_group_id,
            )  # fmt: skip
        match = self.engine.groups.match(now)
        if match is None:
            return ()
        kinds, src, dst, ports_, _ = match
        remote, gone = (src, told.src) if now.ingress else (dst, told.dst)
        if told.protocol is not None and not spans.holds(kinds, told.protocol):
            return ()
        if told.dst_port is not None and not spans.meet(ports_, (told.dst_port,)):
            return ()
        return remote if spans.meet(remote, gone) else ()


def _wide(addresses: Spans) -> bool:
    return any(high - low > 1 << 20 for low, high in addresses)


def _at(found: Sequence[tuple[tuple[Place, ...], Demand]], kind: tuple[str, Direction]) -> tuple[Place, Demand] | None:
    for places, told in found:
        for place in places:
            if (place.layer, place.direction) == kind:
                return place, told
    return None
