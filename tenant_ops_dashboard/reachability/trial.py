"""One packet put through one way there and back."""

from dataclasses import dataclass, field, replace
from typing import Any

from tenant_ops_dashboard.sentences import join, say

from .boxes import inside
from .engine import Engine
from .judge import (
    Judgement,
    judge_fact,
    judge_gate,
    judge_group_reply,
    judge_spoof,
    passed,
    refused,
    seen,
    step,
    tell,
)
from .link import is_deaf, is_dhcp
from .listeners import remedy
from .model import GATEWAY_OWNER, Port
from .packets import Packet
from .steps import Check, Fact, Path, View
from .switched import Switched

#: Ports that routers answer for, besides their inner interfaces.
_OF_ROUTERS = (GATEWAY_OWNER, "network:floatingip")


@dataclass
class Outcome:
    """What became of a packet; `fix` and `unknown` without repetitions, `vacant`, `routers` and `view` as a path's."""

    forward: str = "allow"
    reply: str = "n/a"
    steps: list[dict[str, Any]] = field(default_factory=list)
    fix: list[dict[str, Any]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    end: Port | None = None
    view: View | None = None
    members: list[dict[str, Any]] | None = None
    vacant: str = ""
    routers: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """allow only when the packet arrives and its reply comes back."""
        if self.forward != "allow":
            return self.forward
        return "deny" if self.reply == "deny" else "allow"

    def add(self, judgement: Judgement, reply: bool = False) -> None:
        """Take in one step."""
        self.steps.append({**judgement.step, "reply": True} if reply else judgement.step)
        if judgement.fix is not None and judgement.fix not in self.fix:
            self.fix.append(judgement.fix)
        self.note(judgement.unknown)

    def note(self, sentences: tuple[str, ...] | list[str]) -> None:
        """Remember what is not known."""
        self.unknown += [sentence for sentence in sentences if sentence not in self.unknown]


class Trial:
    """One packet between two ends; `sender` None is outside, `target` the port asked for where one was.

    `named`: it was asked for by its name, so a packet that ends elsewhere has not arrived. `switched` as for Walk.
    """

    def __init__(
        self,
        engine: Engine,
        packet: Packet,
        sender: Port | None,
        target: Port | None = None,
        named: bool = False,
        switched: Switched | None = None,
    ) -> None:
        self.engine = engine
        self.packet = packet
        self.sender = sender
        self.target = target
        self.named = named
        self.switched = switched
        self.out = Outcome()
        self._untracked: set[str] = set()

    def run(self) -> Outcome:
        """Judge the way there, then the reply's way back."""
        packet, out = self.packet, self.out
        view = View(packet.version, packet.src, packet.dst)
        path = self.engine.walk(self.sender, view, packet.protocol, packet.dst_port, self.target, self.switched)
        out.end, out.vacant, out.routers, out.view = path.end, path.vacant, path.routers, path.view
        out.note(path.unknown)
        denied = self._forward(path)
        astray = self._astray(path) if path.arrives and self.named and not path.link else None
        if astray is not None:
            out.add(judge_fact(astray))
        if path.link in ("multicast", "broadcast") and path.end is None and path.arrives:
            out.note(hearers(self.engine, packet, self.sender))
        if astray is not None or not path.arrives:
            out.forward = "no-route"
            self._last_check(path)
            return out
        out.forward = "deny" if denied else "allow"
        self._back(path)
        return out

    def _forward(self, path: Path) -> bool:
        denied = False
        for item in path.steps:
            judgement = self._judge(item)
            self.out.add(judgement)
            denied |= judgement.denied
        return denied

    def _astray(self, path: Path) -> Fact | None:
        """Why a packet has not come to the port it names: it left to the outside, or ended at another."""
        target, end, dst = self.target, path.end, path.view.dst
        if target is None or end is target:
            return None
        if target.is_router or target.device_owner in _OF_ROUTERS:
            if target.device_id in path.routers[-1:] or target.device_owner == "network:floatingip":
                return None
        elif end is not None and dst is not None:
            virtual = any((a.version, a.number) == (path.view.version, dst) for a in target.addresses)
            if virtual and end in self.engine.world.holders(target.network_id, path.view.version, dst):
                return None
        where = say("ends at port {end_id}", end_id=end.id) if end is not None else say("leaves to the outside")
        change = say(
            "connect the network of port {target_id} to the sender's router, or ask for a floating address of it",
            target_id=target.id,
        )
        return Fact(
            "route",
            "deny",
            say("it {where}, not at port {target_id}", where=where, target_id=target.id),
            target.id,
            True,
            change,
        )

    def _judge(self, item: Check | Fact) -> Judgement:
        if isinstance(item, Fact):
            return judge_fact(item)
        packet = seen(self.packet, item.view)
        if item.kind == "anti-spoof":
            return judge_spoof(self.engine, item, packet)
        skipped = self._unasked(item)
        if skipped is not None:
            return skipped
        judgement = judge_gate(self.engine.gate(item), item, packet)
        if item.kind == "group" and item.port is not None and any(not line.stateful for line in judgement.matched):
            self._untracked.add(item.port.id)
        return self._remedied(judgement, item, packet)

    def _unasked(self, check: Check) -> Judgement | None:
        """The step at a port of a load balancer whose groups are not asked."""
        port = check.port
        why = self.engine.world.unasked(port) if port is not None and check.kind == "group" else ""
        if port is None or not why:
            return None
        return Judgement(step("security-group", port.id, check.ingress, "skip", None, why))

    def _remedied(self, judgement: Judgement, check: Check, packet: Packet) -> Judgement:
        """Octavia removes rules that people add to its own groups: what changes them are its listeners."""
        port, fix = check.port, judgement.fix
        balancer = self.engine.world.balancer_ports.get(port.id) if port is not None else None
        if port is None or fix is None or balancer is None or check.kind != "group":
            return judgement
        if balancer.groups:
            change = say(
                "add a rule to security group {groups} for {packet}",
                groups=join(say(" or "), balancer.groups),
                packet=tell(packet),
            )
        else:
            change = remedy(self.engine.world, balancer, port, packet if check.ingress else None)
        return replace(judgement, fix={**fix, "change": change})

    def _last_check(self, path: Path) -> None:
        """What else has to change where no route leads there: the target's own groups, and the firewall before it.

        The latter where a floating address would bring it in; there are none of IPv6.
        """
        target = self.target
        if target is None or path.end is target or path.link:
            return
        view = View(self.packet.version, self.packet.src, self.packet.dst)
        way = self.engine.walk_as_floating(view, target) if self.sender is None and view.version == 4 else None
        asked = [one for one in way.steps if isinstance(one, Check)] if way else []
        for check in asked or [Check("group", view, True, target)]:
            judgement = self._judge(check)
            if judgement.denied:
                self.out.add(judgement)

    # The way back

    def _back(self, path: Path) -> None:
        answer = self.packet.reply()
        if answer is None or path.link in ("multicast", "broadcast"):
            return
        back = self.engine.walk_back(path, self.sender)
        self.out.note(back.unknown)
        denied = not back.arrives
        for item in back.steps:
            judgement = judge_fact(item) if isinstance(item, Fact) else self._judge_back(item, answer, path)
            if isinstance(item, Fact) and item.decision != "deny":
                continue
            self.out.add(judgement, reply=True)
            denied |= judgement.denied
        if self.out.forward == "allow":
            self.out.reply = "deny" if denied else "allow"

    def _judge_back(self, check: Check, answer: Packet, path: Path) -> Judgement:
        packet = seen(answer, check.view, reply=True)
        if check.kind == "anti-spoof":
            return judge_spoof(self.engine, check, packet)
        if check.kind == "group":
            return self._unasked(check) or self._remedied(
                judge_group_reply(self.engine.gate(check), check, packet, self._tracked(check.port)), check, packet
            )
        if check.kind == "chain":
            return self._judge_chain(check, packet, path)
        gate = self.engine.gate(check)
        if gate.open is not None:
            return passed(check, gate.open)
        if self.engine.profile == "l2-agent":
            return passed(check, say("the reply belongs to a tracked connection"))
        if check.near_sender and self._marked(path.end, packet):
            return passed(check, say("the answering port's connection tracking still marks the reply"))
        return judge_gate(gate, check, packet)

    def _judge_chain(self, check: Check, packet: Packet, path: Path) -> Judgement:
        gate = self.engine.gate(check)
        if gate.open is not None:
            return passed(check, gate.open)
        router = check.router.id if check.router else ""
        if router in path.routers:
            if self.engine.firewalls.established(check):
                return passed(check, say("the reply belongs to a connection the router knows"))
            return refused(check, say("an administratively down firewall group drops everything"), gate.remedy)
        if packet.protocol == 6 and self.engine.firewalls.judges_state(check):
            why = say("router {router} saw only the reply and drops it as invalid", router=router)
            return refused(check, why, say("make the packet pass router {router} in both directions", router=router))
        return judge_gate(gate, check, packet)

    def _tracked(self, port: Port | None) -> bool:
        return port is not None and port.id not in self._untracked

    def _marked(self, port: Port | None, packet: Packet) -> bool:
        """OVN: the reply still carries the connection tracking state of the port it leaves."""
        if port is None or not self._tracked(port) or not self.engine.groups.tracks(port.network_id):
            return False
        if not port.secured:
            return True
        lines = self.engine.groups.lines(port, False, packet.version, False)
        from_rules = (line for line in lines if not line.stateful)
        return not any(inside(line.match, packet.point()) for line in from_rules)


def hearers(engine: Engine, packet: Packet, sender: Port | None) -> list[str]:
    """Which servers on the sender's network let a multicast or broadcast in; nothing to say where all that count do.

    Whether one listens is not in Neutron. A DHCP request is for the service, which has no rules.
    """
    if sender is None or is_dhcp(packet.version, packet.protocol, packet.dst_port, packet.dst):
        return []
    view = View(packet.version, packet.src, packet.dst)
    open_to: list[str] = []
    closed_to: list[str] = []
    for port in engine.world.on_link(sender):
        check = Check("group", view, True, port, True)
        deaf = is_deaf(engine.world, port, packet.version, packet.dst)
        listed = closed_to if deaf or judge_gate(engine.gate(check), check, packet).denied else open_to
        listed.append(port.id)
    if open_to and not closed_to:
        return []
    if not open_to and not closed_to:
        return [
            say(
                "judged by the sender's rules alone; of the other ports on network {network} the snapshot knows none "
                "that could listen",
                network=sender.network_id,
            )
        ]
    shown = [
        join(" ", (", ".join(ids[:5]) or say("none"), what))
        for ids, what in ((open_to, say("let it in")), (closed_to, say("drop it")))
    ]
    return [
        say(
            "judged by the sender's rules alone; of the other ports on network {network} {shown}: name one as "
            "destination to have its rules judged",
            network=sender.network_id,
            shown=join(say(" and "), shown),
        )
    ]
