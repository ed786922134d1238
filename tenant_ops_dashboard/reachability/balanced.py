"""What load balancers take in, as sets: the listeners' part of an exposure question."""

from collections.abc import Iterator
from dataclasses import dataclass

from tenant_ops_dashboard.sentences import say

from . import balance, listeners
from .boxes import box
from .diagram import NOTHING, Reference
from .engine import Engine
from .gates import Line
from .model import Listener, LoadBalancer, Member, Port
from .reach import Reach
from .sets import Frame, Sets, outer_ports
from .spans import Spans
from .steps import Path
from .switched import Switched, switched

#: Worth of a packet's fate by what becomes of its reply: 1 it comes back, 2 it does not, 3 none is asked for.
_WORTH = {0: 0, 2: 1, 1: 2, 3: 2}


@dataclass(frozen=True, slots=True)
class Taken:
    """The listeners behind which somebody serves, as lines, and what is not known about them."""

    lines: tuple[Line, ...]
    unknown: tuple[str, ...]


class Balanced:
    """The load balancers of one engine, each looked at once."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._taken: dict[tuple[str, int], Taken] = {}

    def restrict(self, reach: Reach, there: Reference, path: Path, port: Port) -> Reference:
        """The packets, of those that get to a balancer's own servers, that somebody answers."""
        balancer = self.engine.world.balancer_of[port.id]
        taken = self._taken.get((port.id, path.view.version))
        if taken is None:
            taken = self._taken[port.id, path.view.version] = self._look(balancer, port, path.view.version)
        if there == NOTHING:
            return NOTHING
        reach.unknown += [one for one in taken.unknown if one not in reach.unknown]
        return reach.sets.both(there, reach.sets.lines(taken.lines, Frame(path.view)))

    def _look(self, balancer: LoadBalancer, port: Port, version: int) -> Taken:
        served: list[Listener] = []
        unknown: list[str] = []
        for listener in listeners.listeners_of(self.engine.world, balancer) if balancer.admin_up else ():
            found = listeners.serving(self.engine.world, balancer, listener)
            unknown += found.unknown
            if found.members:
                tried = balance.from_servers(self.engine, balancer, port, listener, found.members)
                ways = [balance.reaches(self.engine, balancer, legs) for legs in tried]
                unknown += balance.differences(self.engine, balancer, tried, ways)
                unknown += [one for legs in tried for _, leg in legs for one in leg.unknown]
                if not all(ways):
                    continue
            elif not found.itself:
                continue
            served.append(listener)
        return Taken(listeners.lines(balancer, served, version), tuple(dict.fromkeys(unknown)))

    def in_switch(self, port: Port, path: Path) -> Iterator["Taking"]:
        """What OVN's own load balancer does with packets for a virtual port, listener by listener."""
        balancer = self.engine.world.balancer_of[port.id]
        for listener in listeners.listeners_of(self.engine.world, balancer) if balancer.admin_up else ():
            found = listeners.serving(self.engine.world, balancer, listener)
            asked: Spans = ((listener.port, listener.port),)
            if path.view.forwarding is not None:
                asked = outer_ports(asked, path.view.forwarding)
            if found.members and asked:
                members = [one for one in found.members if one.version == path.view.version]
                ways = [(one, switched(path.view.dst or 0, port, listener, one, asked[0])) for one in members]
                yield Taking(listener.protocol, asked, ways)

    def note(self, sets: Sets, found: list[tuple[Member, Reference]]) -> list[str]:
        """What depends on the member that OVN chooses, where no monitor takes out those that cannot be reached."""
        loose = [(one, there) for one, there in found if not listeners.monitored(self.engine.world, one.pool_id)]
        if not loose or all(sets.same(loose[0][1], there) for _, there in loose[1:]):
            return []
        return [say("members of a load balancer in the switch let different packets in: which is chosen is not known")]


@dataclass(frozen=True, slots=True)
class Taking:
    """One listener of OVN's load balancer: protocol, the ports as the client has them, and the ways to members."""

    protocol: int
    asked: Spans
    ways: list[tuple[Member, Switched]]

    def taken(self, sets: Sets) -> Reference:
        """The packets that the listener takes in."""
        return sets.union([box(sets.version, ((self.protocol, self.protocol),), dst_port=self.asked)])


def better(sets: Sets, left: Reference, right: Reference) -> Reference:
    """Two fates of the same packets: of each the better one. Any member that answers will do."""
    states = sets.states

    def choose(a: int, b: int) -> int:
        return b if _WORTH[states[b][1]] > _WORTH[states[a][1]] else a

    return sets.store.apply(choose, left, right)
