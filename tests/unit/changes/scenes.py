"""The clouds in which changes are made, and what a recipe for one is."""

from __future__ import annotations

import copy
import datetime
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.changes import Change
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.places import Place
from tenant_ops_dashboard.environments import launch, reconcile
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Request
from tenant_ops_dashboard.loadbalancers.scaling import group
from tenant_ops_dashboard.records import (
    models,
)
from tenant_ops_dashboard.records.posture_models import PostureAcknowledgement, PostureReview
from tests.unit.fake_openstack.world import World
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.loadbalancers.scaling.server_group import ID, Tier

CALLER = "192.0.2.7"
NOW = datetime.datetime.now(datetime.UTC)


class Environments:
    """A cloud with the environment 'shop', which stands."""

    def __init__(self) -> None:
        self.world = World()
        self.wire = self.world.wire
        self.owner = self.login("member")
        self.id = self.world.once("table of changes", self._stand).id

    def login(self, *roles: str) -> Cloud:
        # Each role is somebody else's: a login is known by its name.
        name = "owner" if "member" in roles else roles[0]
        return self.world.cloud(*roles, name=name, service_user="a" * 32, caller=CALLER)

    @property
    def found(self) -> stack.Stack:
        return stack.find(self.owner, self.id)

    @property
    def firewall_group(self) -> firewall_groups.FirewallGroup:
        found = firewall_groups.read(self.owner, self.id, self.ports)
        assert found is not None
        return found

    @property
    def policy(self) -> str:
        return next(str(id_) for id_, one in self.world.things.kept["firewall_policies"].items() if not one["audited"])

    @property
    def ports(self) -> tuple[str, ...]:
        return reconcile.router_ports(self.owner, self.world.heat.stacks[self.id]["ids"]["router"])

    def volume(self) -> dict[str, Any]:
        (found,) = self.world.things.kept["volumes"].values()
        return found

    def free_volume(self) -> dict[str, Any]:
        found = self.volume()
        found.update(status="available", attachments=[])
        return found

    def remember(self) -> Callable[[], None]:
        """What puts the cloud, and what we keep of posture, back to how it is now."""
        things, heat = self.world.things, self.world.heat
        kept = pickle.dumps((things.kept, things.trees, heat.stacks))
        words, intents = list(PostureAcknowledgement.objects.all()), list(models.FirewallIntent.objects.all())

        def back() -> None:
            things.kept, things.trees, heat.stacks = pickle.loads(kept)
            PostureAcknowledgement.objects.all().delete()
            PostureAcknowledgement.objects.bulk_create(words)
            PostureReview.objects.all().delete()
            models.FirewallIntent.objects.all().delete()
            models.FirewallIntent.objects.bulk_create(intents)

        return back

    def _stand(self) -> Any:
        made = launch.launch(self.owner, Request("shop", "tomcat-oracle", {}), (), "form")
        self.world.heat.finish(made.id)
        reconcile.reconcile(self.owner, made)
        return made


class Balancers:
    """A cloud with a load balancer in front of a group of servers."""

    def __init__(self) -> None:
        self.octavia = Octavia()
        self.wire = self.octavia.wire
        self.balancer = self.octavia.build(description=f"Environment {ID}")
        self.pool, self.tier = self.octavia.pool(self.balancer), Tier(self.octavia)
        self.owner = self.login("member")
        self.wire.on("POST", "/metric/v1/metric/.*/measures")(lambda query, body: (202, None))
        self.wire.on("DELETE", "/metric/v1/metric/.*")(lambda query, body: (204, None))

    def login(self, *roles: str) -> Cloud:
        made = self.octavia.cloud(*roles, caller=CALLER)
        return Cloud(**{**vars(made), "places": {"metric": Place("metric", override="http://fake/metric")}})

    @property
    def ids(self) -> tuple[str, str, str]:
        return self.balancer, self.pool, str(self.octavia.member(self.balancer, 0)["id"])

    @property
    def group(self) -> group.Group:
        return group.read(self.owner, ID)

    def remember(self) -> Callable[[], None]:
        """What puts the cloud, and what we keep of mutes, back to how it is now."""
        octavia, tier = self.octavia, self.tier
        tables = (octavia.balancers, octavia.listeners, octavia.pools, octavia.monitors, octavia.members)
        kept = copy.deepcopy(tables)
        heat = copy.deepcopy({name: value for name, value in vars(tier).items() if name != "wire"})

        def back() -> None:
            for table, before in zip(tables, kept, strict=True):
                table.clear()
                table.update(before)  # type: ignore[arg-type]
            vars(tier).update(heat)
            models.Mute.objects.all().delete()

        return back


@dataclass(frozen=True)
class Recipe:
    """`make` has the change made by `cloud`; `seen` says that a look right after it can see it done.

    `roles` are those that it takes.
    """

    scene: type[Environments] | type[Balancers]
    make: Callable[[Any, Cloud], Change[Any]]
    seen: bool = False
    roles: tuple[str, ...] = ("member",)
