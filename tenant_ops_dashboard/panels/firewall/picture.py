"""The group's picture: the internet, the router with the perimeter, and behind it who stands where with what around it.

Two layers, drawn apart: the firewall group at the router, the security groups in front of the servers they are of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenant_ops_dashboard.environments.model import Box, State
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.matrix import Cell
from tenant_ops_dashboard.firewall.model import Group
from tenant_ops_dashboard.firewall.words import Labels
from tenant_ops_dashboard.panels.picture import Drawing, shapes
from tenant_ops_dashboard.panels.picture.lines import Line
from tenant_ops_dashboard.panels.picture.placed import Lane, Placed, Way, place
from tenant_ops_dashboard.reachability.model import Port, Router

LANES, SHOWN, ROUTERS = 12, 8, 3  # more than these are counted
_INNER = shapes.NARROW - 2 * shapes.PAD
_CARD = 216
_HALF = (_INNER - shapes.CHIP_GAP) // 2
_STEP = shapes.SLIM + shapes.CHIP_GAP


@dataclass(frozen=True)
class Row:
    """A line of the table that says the same: `filtered` is the perimeter's part, `groups` the security groups'."""

    key: str
    where: str
    what: str
    state: State
    filtered: str
    groups: str
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class Picture:
    """The drawing, the table, and how many places are in the table alone."""

    drawing: Drawing
    rows: tuple[Row, ...]
    more: int = 0


def draw(
    ends: Ends, group: Group, places: Mapping[str, Sequence[Port]], cells: Sequence[Cell], labels: Labels,
    prefix: str = "",
) -> Picture:  # fmt: skip
    """The picture of a group as a draft has it; `places` are tiers or networks by name, as the matrix has them.

    `prefix` is what the servers' names have in common, and the drawing leaves out.
    """
    return _Canvas(ends, group, cells, labels, prefix).picture(places)


class _Canvas:
    """From top to bottom: what is placed, and where the next thing goes."""

    def __init__(self, ends: Ends, group: Group, cells: Sequence[Cell], labels: Labels, prefix: str) -> None:
        self.snapshot, self.world = ends.engine.snapshot, ends.engine.world
        self.group, self.cells, self.labels, self.prefix = group, cells, labels, prefix
        self.lanes: list[Lane] = []
        self.boxes: list[Placed] = []
        self.lines: list[Line] = []
        self.rows: list[Row] = []
        self.y = 1

    def picture(self, places: Mapping[str, Sequence[Port]]) -> Picture:
        self.networks = {port.network_id for ports in places.values() for port in ports}
        self._outside()
        for name, ports in list(places.items())[:LANES]:
            self._place(name, ports)
        drawing = Drawing(
            shapes.NARROW + 1, self.y + 1, tuple(self.lanes), tuple(self.boxes), tuple(self.lines), upright=True
        )
        return Picture(drawing, tuple(self.rows), max(0, len(places) - LANES))

    def _outside(self) -> None:
        """The internet, and the perimeter: routers, and the firewall group at their inner interfaces."""
        internet = Box("internet", _("Internet"), "internet", "internet", "good")
        top = self._card(internet, self.y, shapes.Size(shapes.ROUND, shapes.TALL))
        begin = top.y + top.height + shapes.GAP
        self.y = begin + shapes.HEAD
        self.routers = self._routers()
        at: list[Placed] = []
        for router in self.routers[:ROUTERS]:
            detail = "" if router.external_network else _("no way to the internet")
            key = f"router-{router.id}"
            box = Box(key, router.name or router.id, "edge", "router", "good", detail, router.id)
            at.append(self._card(box, self.y, shapes.Size(_CARD, shapes.TALL)))
            self.y += shapes.TALL + shapes.ATTACHED_GAP
        self.router = at[-1] if at else None
        number = len(self.group.ports)
        on = ngettext("on %d interface", "on %d interfaces", number) % number if number else _("on no port")
        state: State = "good" if number and self.group.admin_state_up else "warning"
        detail = on if self.group.admin_state_up else _("down: drops everything")
        box = Box("perimeter", self.group.name or self.group.id, "edge", "firewall", state, detail, self.group.id)
        self.wall = self._card(box, self.y, shapes.Size(_CARD, shapes.TALL))
        for drawn in (*at, self.wall):
            box = drawn.box
            self.rows.append(Row(box.key, _("Perimeter"), box.title, box.state, box.detail, "", drawn.menu))
        self.y += shapes.TALL + shapes.PAD
        self.lanes.append(Lane("edge", _("Perimeter: firewall group"), 1, begin, shapes.NARROW - 2, self.y - begin))
        if at and self.routers[0].external_network:
            first, middle = at[0], shapes.NARROW / 2
            self._line(f"M{middle:g} {top.y + top.height}V{first.y - 2}", (middle, first.y - 1), "down", "good")
        self.y += shapes.GAP

    def _place(self, name: str, ports: Sequence[Port]) -> None:
        """A tier or a network: its security groups, each with the servers that it is around."""
        begin = self.y
        self.y += shapes.HEAD
        inside, said, routed = self._behind(ports)
        first: Placed | None = None
        shown = 0
        for groups, members in self._by_groups(ports):
            if shown >= SHOWN:
                break
            shield = self._shield(name, groups, members)
            first = first or shield
            for number, port in enumerate(members[: SHOWN - shown]):
                self._server(port, groups, inside, number)
            shown += min(len(members), SHOWN - shown)
            self.y += _STEP * -(-min(len(members), SHOWN) // 2)
        if len(ports) > shown:
            more = Box(f"more-{name}", _("and %d more") % (len(ports) - shown), "other", "subnet", "good")
            self._chip(more, shapes.PAD, _INNER, "other")
            self.y += _STEP
        self.rows += [self._row(name, port, inside, said) for port in ports]
        net = Box(f"net-{name}", name, "other", "network", "good" if inside else "warning", said)
        height = self.y - begin + shapes.PAD - shapes.CHIP_GAP
        short = shapes.fit(name, 150, 12)
        rules = {rule: None for cell in self.cells if name in (cell.target, cell.source)
                 for box in cell.boxes for one in box["rules"] if (rule := str(one["rule_id"] or ""))}  # fmt: skip
        self.lanes.append(Lane(
            "other", short, 1, begin, shapes.NARROW - 2, height, net, " ".join(rules)
        ))  # fmt: skip
        start = self.wall if inside else self.router if routed else None
        if first is not None and start is not None:
            left = 10 if inside else 5
            path = f"M{start.x} {start.middle:g}H{left}V{first.middle:g}H{first.x - 2}"
            self._line(path, (first.x - 1, first.middle), "right", "good" if inside else "warning")
        self.y = begin + height + shapes.CHIP_GAP * 2

    def _shield(self, name: str, groups: tuple[str, ...] | None, members: Sequence[Port]) -> Placed:
        words, state = self._groups_words(groups)
        resource = groups[0] if groups and groups[0] in self.snapshot.security_groups else ""
        box = Box(f"groups-{members[0].id}", words, "other", "security_group", state, "", resource)
        made = self._chip(box, shapes.PAD, _INNER, "security_group")
        self.y += _STEP
        return made

    def _server(self, port: Port, groups: tuple[str, ...] | None, inside: bool, number: int) -> None:
        words = self.labels.port(port.id)
        state: State = "good" if groups or inside else "warning"
        balancer = port.id in self.world.balancer_of
        box = Box(f"port-{port.id}", words.removeprefix(self.prefix), "other", "port", state, "", port.device_id)
        x, top = shapes.PAD + number % 2 * (_HALF + shapes.CHIP_GAP), self.y
        self.y += number // 2 * _STEP
        self._chip(box, x, _HALF, "load_balancer" if balancer else "server", self._port_ways(port, balancer))
        self.y = top

    def _row(self, name: str, port: Port, inside: bool, filtered: str) -> Row:
        groups = self._groups_of(port)
        state: State = "good" if groups and inside else "warning"
        words, _state = self._groups_words(groups)
        ways = self._port_ways(port, port.id in self.world.balancer_of)
        return Row(f"port-{port.id}", name, self.labels.port(port.id), state, filtered, words, ways)

    def _by_groups(self, ports: Sequence[Port]) -> list[tuple[tuple[str, ...] | None, list[Port]]]:
        found: dict[tuple[str, ...] | None, list[Port]] = {}
        for port in sorted(ports, key=lambda one: self.labels.port(one.id)):
            found.setdefault(self._groups_of(port), []).append(port)
        # What nothing is around comes first.
        return sorted(found.items(), key=lambda one: bool(one[0]))

    @staticmethod
    def _groups_of(port: Port) -> tuple[str, ...] | None:
        """The security groups that count for a port; None where its port security is off."""
        return tuple(sorted(port.groups)) if port.secured else None

    def _groups_words(self, groups: tuple[str, ...] | None) -> tuple[str, State]:
        if groups is None:
            return _("no port security: no group counts"), "warning"
        if not groups:
            return _("no security group"), "warning"
        known = self.snapshot.security_groups
        names = [known[one].name or one if one in known else _("another project's group") for one in groups]
        return ", ".join(dict.fromkeys(names)), "good"

    def _routers(self) -> list[Router]:
        """The routers that the group stands at, else those that have the places' networks."""
        routers = self.snapshot.routers
        at = {self.snapshot.ports[one].device_id for one in self.group.ports if one in self.snapshot.ports}
        doors = self.world.router_ports.items()
        near = {one for one, ports in doors if any(port.network_id in self.networks for port in ports)}
        return [routers[one] for one in sorted(at & routers.keys() or near) if one in routers]

    def _behind(self, ports: Sequence[Port]) -> tuple[bool, str, bool]:
        """Whether every door of these ports' networks (or each of the ports) is in the group, that in words, and
        whether there is a router at all.
        """
        networks = {one.network_id for one in ports}
        doors = [port.id for some in self.world.router_ports.values() for port in some if port.network_id in networks]
        held = {*self.group.ports}
        if (doors and held.issuperset(doors)) or (ports and all(one.id in held for one in ports)):
            return True, _("behind the firewall group"), bool(doors)
        if not held.isdisjoint(doors):
            return False, _("partly behind the firewall group: another router's interface is not in it"), True
        return False, _("not in the firewall group"), bool(doors)

    def _card(self, box: Box, top: int, room: shapes.Size) -> Placed:
        made = place(box, (shapes.NARROW - room.width) // 2, top, room, self._ways)
        self.boxes.append(made)
        return made

    def _chip(self, box: Box, x: int, width: int, icon: str, ways: tuple[Way, ...] = ()) -> Placed:
        made = place(box, x, self.y, shapes.Size(width, shapes.SLIM), self._ways)
        made = replace(made, icon=shapes.ICONS[icon], menu=ways or made.menu)
        self.boxes.append(made)
        return made

    def _line(self, path: str, end: tuple[float, float], along: str, state: str) -> None:
        x, y = end
        sides = ((-4.5, -6), (0, 0), (4.5, -6)) if along == "down" else ((-6, -4.5), (0, 0), (-6, 4.5))
        head = [(x + right, y + down) for right, down in sides]
        self.lines.append(Line(path, "M" + "L".join(f"{a:g} {b:g}" for a, b in head), "", 0, 0, state))

    def _ways(self, box: Box) -> tuple[Way, ...]:
        if box.kind == "firewall":
            return (Way("#ingress", _("Rules into the networks")), Way("#egress", _("Rules out of the networks")))
        page = {"router": "routers", "security_group": "security_groups"}.get(box.kind, "")
        if not page or not box.resource_id:
            return ()
        return _known(Way(_address(f"horizon:project:{page}:detail", box.resource_id), _("Open in Horizon")))

    def _port_ways(self, port: Port, balancer: bool) -> tuple[Way, ...]:
        query = urlencode({"source": "internet", "target": f"port:{port.id}", "protocol": "tcp"})
        probe = Way(f"{_address('horizon:tenant_ops:firewall:probe')}?{query}", _("Can the internet reach it?"))
        if balancer:
            return (probe,)
        server = _address("horizon:project:instances:detail", port.device_id) if port.device_id else ""
        return _known(probe, Way(server, _("Open in Horizon")))


def _known(*ways: Way) -> tuple[Way, ...]:
    return tuple(one for one in ways if one.href)


def _address(name: str, *arguments: str) -> str:
    """The page's address, or '' where this Horizon has no such page."""
    try:
        return str(reverse(name, args=arguments))
    except NoReverseMatch:
        return ""
