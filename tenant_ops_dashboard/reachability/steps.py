"""What a packet meets on its way: facts already decided by the topology, and checks that depend on the packet."""

from dataclasses import dataclass, field
from typing import Literal

from .model import Forwarding, Port, Router

Layer = Literal["security-group", "firewall-group", "anti-spoof", "route", "nat"]
Decision = Literal["allow", "deny", "skip"]


@dataclass(frozen=True, slots=True)
class View:
    """The addresses a check sees; None stands for 'whatever the sender (or receiver) outside has'.

    `forwarding` is the port forwarding that has rewritten the destination port by then, or will undo it for a reply.
    """

    version: int
    src: int | None
    dst: int | None
    forwarding: Forwarding | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the topology decides alone. `fix` is the change that would make it pass, where it does not."""

    layer: Layer
    decision: Decision
    why: str
    port_id: str | None = None
    ingress: bool = True
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A place that looks at the packet.

    `kind`: anti-spoof, group (security group), firewall (policy of the port's firewall group) or chain (the router's
    FORWARD chain, between `entry` and `exit`). `near_sender`: an OVN firewall policy on the switch of the sending
    port, whose connection tracking still marks replies there.
    """

    kind: Literal["anti-spoof", "group", "firewall", "chain"]
    view: View
    ingress: bool
    port: Port | None = None
    on_link: bool = False
    near_sender: bool = False
    router: Router | None = None
    entry: Port | None = None
    exit: Port | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """What one router did to a packet's addresses, so that the reply can be turned back."""

    before: View
    after: View


@dataclass(frozen=True)
class Path:
    """Where a packet goes. `end` is the port it arrives at; None with `arrives` means it left to the outside.

    `vacant` is the network it was delivered on where nobody has its address, '' where that is not why it stopped.
    `link` is the kind of its destination where that means something on the sender's link only. `granted` are those of
    `unknown` that can only keep it from arriving: what the rules on this way deny is denied whatever comes of them.
    """

    steps: tuple[Check | Fact, ...]
    arrives: bool
    end: Port | None
    view: View
    translations: dict[str, Translation] = field(default_factory=dict)
    routers: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    vacant: str = ""
    link: str = ""
    granted: tuple[str, ...] = ()
