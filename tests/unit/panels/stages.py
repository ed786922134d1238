"""The clouds in which pages ask for changes, and what of each a change may change."""

from __future__ import annotations

from typing import Any

from tenant_ops_dashboard.clones import authority
from tests.campaign.wire import FaultyWire
from tests.unit.fake_openstack.keystone import Keystone
from tests.unit.fake_openstack.server import Json
from tests.unit.fake_openstack.things import Things
from tests.unit.fake_openstack.world import World
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.loadbalancers.scaling.server_group import ID as SCALED
from tests.unit.loadbalancers.scaling.server_group import Tier
from tests.unit.panels.conftest import stand
from tests.unit.panels.walk import ID

#: What a trust may be for.
PURPOSES = ("tenant_ops_environment", authority.FOR_OFFER, authority.FOR_CLONE, authority.FOR_PROJECT)


class Busy(Tier):
    """A group that is as Heat makes it by the time somebody looks again: a signal is another size."""

    def _signal(self, policy: str, query: Any, body: Json) -> tuple[int, None]:
        self.size += 1 if policy == "scale_out" else -1
        return super()._signal(policy, query, body)


class Environments:
    """The environment 'shop', up with its firewall group; beside it nothing."""

    def __init__(self) -> None:
        self.wire = FaultyWire()
        self.world = World(wire=self.wire)
        made = self.world.once("matrix", lambda: stand(self.world, "shop"))
        assert made.id == ID

    def state(self) -> Any:
        """All that a change may change; times of Heat's and what was asked of it are no part of it."""
        stacks = {id_: (one["row"]["stack_status"], one["row"]["updated_time"]) for id_, one in self.heat.items()}
        return stacks, self.world.things.kept

    @property
    def heat(self) -> dict[str, Json]:
        return self.world.heat.stacks

    def doubled(self) -> list[Any]:
        """What is there twice and may be there once."""
        kept = self.world.things.kept
        names = [one["row"]["stack_name"] for one in self.heat.values()]
        groups = [one["description"] for one in kept["firewall_groups"].values()]
        trusts = [([one.get(name) for name in PURPOSES], one["trustor_user_id"]) for one in kept["trusts"].values()]
        return _twice(names) + _twice(groups) + _twice(trusts)


class Balancers:
    """The load balancer lb-1 with two members, of an environment whose servers can be scaled. Octavia takes its time."""

    def __init__(self) -> None:
        self.wire = FaultyWire()
        self.octavia = Octavia(self.wire)
        self.octavia.build(description=f"Environment {SCALED}")
        self.tier = Busy(self.octavia)
        self.octavia.network["subnets"] = [{"id": "subnet", "name": "dmz", "cidr": "10.0.1.0/24"}]
        self.octavia.slow = 10**6
        self.member = self.octavia.member("lb-1", 0)
        self.tier.size = 3
        # After the load balancers' own: these know what theirs do not.
        self.things = Things(self.wire)
        self.keystone = Keystone(self.wire, self.things)

    def state(self) -> Any:
        octavia, tier = self.octavia, self.tier
        scaled = tier.signals, tier.template, tier.marked, tier.size
        return octavia.balancers, octavia.pools, octavia.members, scaled, self.things.kept["trusts"]

    def doubled(self) -> list[Any]:
        octavia = self.octavia
        places = [(one["address"], one["protocol_port"]) for one in octavia.members["pool-1"].values()]
        names = [one["name"] for one in octavia.balancers.values()]
        trusts = [(one.get(PURPOSES[0]), one["trustor_user_id"]) for one in self.things.kept["trusts"].values()]
        return _twice(places) + _twice(names) + _twice(self.tier.signals) + _twice(trusts)


Stage = Environments | Balancers


def _twice(known: list[Any]) -> list[Any]:
    return [one for one in known if known.count(one) > 1]
