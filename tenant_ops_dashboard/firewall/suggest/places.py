"""Where a rule for a filter can stand, and why none can: what belongs to others, or to Octavia, is left alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tenant_ops_dashboard.firewall import checks, read
from tenant_ops_dashboard.firewall.errors import Hidden
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction
from tenant_ops_dashboard.firewall.security_groups import read as group_read
from tenant_ops_dashboard.firewall.snapshot import Json, Seen
from tenant_ops_dashboard.firewall.suggest.model import Place
from tenant_ops_dashboard.firewall.words import Labels
from tenant_ops_dashboard.reachability.model import Port
from tenant_ops_dashboard.reachability.steps import Check
from tenant_ops_dashboard.sentences import say


class Places:
    """What of a project's filters its people edit."""

    def __init__(self, seen: Seen, labels: Labels) -> None:
        self.seen, self.labels = seen, labels
        self.engine = seen.engine
        self.firewalls = {str(one["id"]): one for one in read.groups(seen)}
        self.groups = {str(one["id"]): one for one in group_read.groups(seen)}

    def of(self, check: Check, wished: Collection[str]) -> tuple[tuple[Place, ...], str]:
        """Where a rule for this check can stand, best first; else a sentence that says why nowhere.

        `wished` are the ids of ports that the rule may be for: of a port's security groups the one that the fewest
        others share comes first.
        """
        if check.kind == "group" and check.port is not None:
            return self._security_groups(check.port, "ingress" if check.ingress else "egress", wished)
        found: list[Place] = []
        why = ""
        for group, direction in self._firewalls(check):
            refused = self._refused(group, direction)
            if refused:
                why = why or refused
            else:
                found.append(Place("firewall", group, direction))
        return tuple(found), "" if found else why

    def _firewalls(self, check: Check) -> Iterator[tuple[str, Direction]]:
        held = self.engine.world.firewall_of
        if check.kind == "firewall":
            group = held.get(check.port.id) if check.port is not None else None
            if group is not None:
                yield group.id, "ingress" if check.ingress else "egress"
            return
        ends: dict[Direction, Port | None] = {"ingress": check.exit, "egress": check.entry}
        sides = [(group, way) for way in DIRECTIONS if (end := ends[way]) and (group := held.get(end.id))]
        # One chain: the policies that are there first, as they stand in it; the L3 agent sends no empty group.
        order = self.engine.firewalls.groups_on(check.router) if check.router else []
        sides.sort(key=lambda one: (
            not (one[0].ingress if one[1] == "ingress" else one[0].egress),
            order.index(one[0]) if one[0] in order else len(order), one[1] != "ingress",
        ))  # fmt: skip
        yield from ((group.id, way) for group, way in sides)

    def _refused(self, id_: str, direction: Direction) -> str:
        row = self.firewalls.get(id_)
        if row is None:
            return say(
                "Firewall group {id_} is not of this project: whoever owns it has to let it through there.", id_=id_
            )
        name = str(row.get("name") or id_)
        if name == checks.RESERVED:
            return say(
                "Firewall group {name} is the one that Neutron makes for each project, and its rules stay as "
                "they are: put the ports into a group of your own.",
                name=name,
            )
        if row.get("admin_state_up") is False and self.engine.profile == "l3-agent":
            return say(
                "Firewall group {name} is down, which drops everything: set its admin_state_up first.", name=name
            )
        policy = self._policy(row, direction)
        mine = self.seen.project_id
        if policy is not None and mine and str(policy.get("project_id") or mine) != mine:
            return say(
                "The {direction} policy {policy} of firewall group {name} is another project's, shared with this "
                "one: its owner edits it, or give the group a policy of its own first.",
                direction=direction,
                policy=policy.get("name") or policy["id"],
                name=name,
            )
        try:
            read.state(self.seen, row)
        except Hidden as error:
            return str(error)
        return ""

    def _policy(self, row: Json, direction: Direction) -> Json | None:
        wanted = read.policy_id(row, direction)
        return next((one for one in self.seen.rows("firewall_policies") if one["id"] == wanted), None)

    def _security_groups(
        self, port: Port, direction: Direction, wished: Collection[str]
    ) -> tuple[tuple[Place, ...], str]:  # fmt: skip
        world, name = self.engine.world, self.labels.port(port.id)
        balancer = world.balancer_ports.get(port.id)
        if balancer is not None and not balancer.groups:
            return (), (
                say(
                    "The security group of load balancer {balancer} is Octavia's, which keeps it in step with the "
                    "listeners: change a listener, or its allowed_cidrs.",
                    balancer=balancer.name or balancer.id,
                )
            )
        mine = [one for one in dict.fromkeys(port.groups) if one in self.groups]
        if not mine:
            what = say("has no security group") if not port.groups else say("has no security group of this project")
            return (), say(
                "Port {port_id} ({name}) {what}: give it one, and ask again.", port_id=port.id, name=name, what=what
            )
        mine.sort(key=lambda one: (len([p for p in world.members.get(one, ()) if p.id not in wished]), one))
        return tuple(Place("security-group", one, direction) for one in mine), ""
