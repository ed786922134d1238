"""One world with its tables, groups and firewalls at hand: what every question starts from."""

from dataclasses import replace
from functools import cached_property

from tenant_ops_dashboard.sentences import say

from .firewalls import Firewalls
from .gates import Gate
from .groups import Groups
from .model import Port, Snapshot
from .routes import Tables
from .rules import PROFILES
from .spans import holds
from .steps import Check, Path, View
from .switched import Switched
from .walk import Walk
from .world import World

#: What a router's back end may be where nobody said which it is.
READINGS = ("ovn", "l3-agent")


class Engine:
    """Answers questions about one snapshot under one back end's rules.

    A `profile` of '' (in the snapshot's meta, or given) says that nobody knows which filters: `told` is '' then,
    answers are those of the first reading, and whatever meets a firewall group is `unknown`.
    """

    def __init__(self, snapshot: Snapshot, profile: str | None = None) -> None:
        asked = snapshot.meta.get("profile") if profile is None else profile
        self.told = PROFILES[0] if asked is None else asked
        if self.told not in ("", *PROFILES):
            raise ValueError(say("profile must be one of {profiles}", profiles=", ".join(PROFILES)))
        self.profile = chosen = self.told or READINGS[0]
        self.given = snapshot
        self.snapshot = snapshot = _narrow(snapshot) if chosen == "ovn" else snapshot
        self.world = World(snapshot, chosen, sure=bool(self.told))
        self.tables = Tables(self.world)

    def like(self, snapshot: Snapshot) -> "Engine":
        """An engine over another snapshot of the same cloud."""
        return Engine(snapshot, self.told)

    @cached_property
    def readings(self) -> "tuple[Engine, ...]":
        """This engine, or where the back end is not known one for each that it may be."""
        return (self,) if self.told else tuple(Engine(self.given, one) for one in READINGS)

    @cached_property
    def groups(self) -> Groups:
        """Security groups as gates."""
        return Groups(self.world)

    @cached_property
    def firewalls(self) -> Firewalls:
        """Firewall groups as gates."""
        return Firewalls(self.world)

    def gate(self, check: Check) -> Gate:
        """The gate of a check (anti-spoofing has none: see `owns`)."""
        if check.kind == "group":
            return self.groups.gate(check)
        return self.firewalls.chain(check) if check.kind == "chain" else self.firewalls.gate(check)

    def walk(
        self,
        sender: Port | None,
        view: View,
        protocol: int | None = None,
        dst_port: int | None = None,
        to: Port | None = None,
        switched: Switched | None = None,
    ) -> Path:
        """The way from a port, or (None) from outside; `to` is the port asked for, `switched` as for Walk."""
        walk = Walk(self.world, self.tables, view, protocol, dst_port, to=to, switched=switched)
        return walk.from_port(sender) if sender is not None else walk.from_outside()

    def walk_as_floating(self, view: View, to: Port) -> Path:
        """The way that a packet from outside to a port would have if a floating address stood for its destination."""
        return Walk(self.world, self.tables, view, to=to).from_floating(to)

    def walk_back(self, path: Path, sender: Port | None) -> Path:
        """The way of the reply to a packet that arrived by `path` from `sender`; it must end where that began."""
        view = View(path.view.version, path.view.dst, path.view.src, path.view.forwarding)
        if path.link and path.end is None and sender is not None:
            return Walk(self.world, self.tables, view).from_link(sender)
        if path.end is not None and path.end.is_router:
            return Walk(self.world, self.tables, view, undo=path.translations).from_router(path.end)
        if sender is not None and path.end is sender and path.view.forwarding is not None and not path.routers:
            return Path((), True, sender, view)
        walk = Walk(self.world, self.tables, view, undo=path.translations, asker=sender)
        back = walk.from_port(path.end) if path.end is not None else walk.from_outside()
        if back.arrives and sender is not None and back.end is not sender:
            return Walk(self.world, self.tables, view).lost(back, sender)
        return back

    def walk_from_router(self, port: Port, view: View) -> Path:
        """The way of a packet that a router sends (one of its interfaces is `port`)."""
        return Walk(self.world, self.tables, view).from_router(port)

    def owns(self, port: Port, version: int, number: int) -> bool:
        """Say whether anti-spoofing lets a port send from an address: its own, a pair's, or the link-local one."""
        if any(address.number == number and address.version == version for address in port.addresses):
            return True
        if version == 6 and number in port.link_locals:
            return self.profile != "ovn" or port.speaks(6)
        return any(pair.version == version and holds((pair.span,), number) for pair in port.pairs)


def _narrow(snapshot: Snapshot) -> Snapshot:
    """The snapshot as OVN reads address pairs: one with bits behind its prefix stands for that address alone.

    Source: ovn-nb(5), port_security of Logical_Switch_Port; the other drivers mask the bits away.
    """
    changed = {}
    for port in snapshot.ports.values():
        if any(pair.host is not None for pair in port.pairs):
            pairs = (p if p.host is None else replace(p, span=(p.host, p.host), host=None) for p in port.pairs)
            changed[port.id] = replace(port, pairs=tuple(pairs))
    return replace(snapshot, ports={**snapshot.ports, **changed}) if changed else snapshot
