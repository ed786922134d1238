"""Every change of the walkthrough, as `table` has the others: a presenter's buttons, and what steps do to servers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenant_ops_dashboard.care.walkthrough import Desk
from tenant_ops_dashboard.changes import Change
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.records.walkthrough_models import Walkthrough
from tenant_ops_dashboard.walkthrough import marked, reset, steps
from tenant_ops_dashboard.walkthrough.acts import in_the_way, servers, shop
from tests.unit.changes.scenes import Environments, Recipe


class Marked(Environments):
    """The same, whose project is marked for demonstrations."""

    def __init__(self) -> None:
        super().__init__()
        self.world.keystone.tags = {"project": [marked.TAG]}

    @property
    def server(self) -> str:
        return str(next(iter(self.world.things.kept["servers"])))

    def remember(self) -> Callable[[], None]:
        back, rows = super().remember(), list(Walkthrough.objects.all())

        def all_back() -> None:
            back()
            Walkthrough.objects.all().delete()
            Walkthrough.objects.bulk_create(rows)

        return all_back


def _launched(scene: Marked, cloud: Cloud) -> Change[Any]:
    made = launch.launch(scene.owner, shop.request(), tags=(shop.MARK,))
    scene.world.heat.finish(made.id)
    return reset.Reset(cloud, Desk(), None)


def _off(scene: Marked, cloud: Cloud) -> Change[Any]:
    scene.world.things.kept["servers"][scene.server]["status"] = "SHUTOFF"
    return servers.Start(cloud, scene.server)


def _snapshot(scene: Marked, cloud: Cloud) -> Change[Any]:
    made = scene.world.things.add("snapshots", name="by hand", volume_id=scene.volume()["id"], status="available")
    return in_the_way.Remove(cloud, "block-storage", "/snapshots", made)


def _address(scene: Marked, cloud: Cloud) -> Change[Any]:
    made = scene.world.things.add("floatingips", port_id=scene.ports[0], floating_ip_address="203.0.113.99")
    return in_the_way.Detach(cloud, "network", "/floatingips", made)


def _of(change: type[Any]) -> Callable[[Any, Cloud], Change[Any]]:
    def make(scene: Marked, cloud: Cloud) -> Change[Any]:
        made: Change[Any] = change(cloud, Desk(), "orchestration", "launch")
        return made

    return make


RECIPES: dict[str, Recipe] = {
    "walkthrough.do": Recipe(Marked, _of(steps.Do), seen=True),
    "walkthrough.again": Recipe(Marked, _of(steps.Again), seen=True),
    "walkthrough.skip": Recipe(Marked, _of(steps.Skip), seen=True),
    "walkthrough.reset": Recipe(Marked, _launched),
    "walkthrough.stop_server": Recipe(Marked, lambda s, c: servers.Stop(c, s.server)),
    "walkthrough.start_server": Recipe(Marked, _off),
    "walkthrough.remove": Recipe(Marked, _snapshot),
    "walkthrough.detach": Recipe(Marked, _address),
}
