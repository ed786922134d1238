"""What people, timers and Heat do to environments in the campaign; each returns what was answered, or raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, launch, reconcile, restart, unattended, watch
from tenant_ops_dashboard.environments.data import actions as data_actions
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Environment, Request
from tests.unit.fake_openstack.world import World

NAME = "shop"
SERVICE = "a" * 32
# Who acts: name, roles.
PEOPLE = {
    "owner": ("member",),
    "colleague": ("member",),
    "reader": ("reader",),
    "administrator": ("admin",),
}


@dataclass(frozen=True)
class Story:
    """`change` is the registered name of what it does, '' where it is no change of a person's.

    `run` is given the cloud as a whole, somebody's login to it, and who that is. `by_hand` is what is done without us.
    """

    change: str
    run: Callable[[Any, Cloud, str], Any]
    by_hand: bool = False


def _id(world: World) -> str:
    return next((id_ for id_, one in world.heat.stacks.items() if one["row"]["stack_name"] == NAME), "")


def _environment(cloud: Cloud) -> Any:
    return watch.details(cloud, NAME).environment


def _look(world: World, cloud: Cloud) -> None:
    """A page of the list, and what it helps along."""
    for one in watch.listing(cloud):
        reconcile.reconcile(cloud, one)


def _sweep_elsewhere(world: World, cloud: Cloud) -> None:
    reconcile.sweep(cloud, "another environment")
    data_actions.remove_marked(cloud, "another environment")


def _heat_ends(world: World, cloud: Cloud) -> None:
    """Heat ends what it is doing, well."""
    for id_, one in list(world.heat.stacks.items()):
        match one["row"]["stack_status"]:
            case "CREATE_IN_PROGRESS":
                world.heat.finish(id_)
            case "UPDATE_IN_PROGRESS":
                world.heat.become(id_, "UPDATE_COMPLETE")
            case "DELETE_IN_PROGRESS":
                world.heat.gone(id_)


def _heat_fails(world: World, cloud: Cloud) -> None:
    """Heat fails at what it is doing."""
    for id_, one in list(world.heat.stacks.items()):
        action, _, state = one["row"]["stack_status"].partition("_")
        if state == "IN_PROGRESS":
            if action == "CREATE":
                world.heat.fail(id_, "balancer", "told to fail")
            else:
                world.heat.become(id_, f"{action}_FAILED")


def _by_hand(world: World, cloud: Cloud) -> None:
    """Somebody deletes the stack with Heat's own client."""
    if id_ := _id(world):
        world.heat.become(id_, "DELETE_IN_PROGRESS")
        world.heat.gone(id_)


def _volume_by_hand(world: World, cloud: Cloud) -> None:
    """Somebody deletes what is detached with Cinder's own client."""
    kept = world.things.kept["volumes"]
    for id_ in [id_ for id_, one in kept.items() if one["status"] == "available"]:
        del kept[id_]


def _firewall_by_hand(world: World, cloud: Cloud) -> None:
    """Somebody deletes the firewall group with Neutron's own client; its policies and rules stay."""
    world.things.kept["firewall_groups"].clear()


def _detach(world: World, cloud: Cloud) -> None:
    for volume in world.things.kept["volumes"].values():
        volume.update(status="available", attachments=[])


STORIES: dict[str, Story] = {
    "launch": Story(
        "environments.launch", lambda w, c, who: launch.launch(c, Request(NAME, "tomcat-oracle", {}), (), who)
    ),
    "launch again": Story(
        "environments.launch", lambda w, c, who: launch.launch(c, Request(NAME, "tomcat-oracle", {}), (), who)
    ),
    "retry": Story("environments.retry", lambda w, c, who: launch.retry(c, NAME)),
    "delete, keep the data": Story("environments.delete", lambda w, c, who: delete.delete(c, NAME)),
    "delete with data": Story("environments.delete", lambda w, c, who: delete.delete(c, NAME, data=True)),
    "keep the data after all": Story("environments.keep", lambda w, c, who: data_actions.keep(c, _id(w) or _owner(w))),
    "restart": Story("environments.restart", lambda w, c, who: restart.restart(c, NAME, "database")),
    "entrust": Story("environments.entrust", lambda w, c, who: unattended.give(c, _environment(c))),
    "revoke": Story("environments.revoke", lambda w, c, who: unattended.revoke(c, _environment(c))),
    "look": Story("", lambda w, c, who: _look(w, c)),
    "sweep elsewhere": Story("", lambda w, c, who: _sweep_elsewhere(w, c)),
    "Heat ends": Story("", lambda w, c, who: _heat_ends(w, c), by_hand=True),
    "Heat fails": Story("", lambda w, c, who: _heat_fails(w, c), by_hand=True),
    "deleted by hand": Story("", lambda w, c, who: _by_hand(w, c), by_hand=True),
    "detached": Story("", lambda w, c, who: _detach(w, c), by_hand=True),
    "volume deleted by hand": Story("", lambda w, c, who: _volume_by_hand(w, c), by_hand=True),
    "firewall deleted by hand": Story("", lambda w, c, who: _firewall_by_hand(w, c), by_hand=True),
}


def _owner(world: World) -> str:
    return next((data_volumes.owner(one) for one in world.things.kept["volumes"].values()), "")


def standing(world: World, cloud: Cloud) -> None:
    """What every schedule begins with: the environment is up, with its firewall group."""

    def make() -> Environment:
        made = launch.launch(cloud, Request(NAME, "tomcat-oracle", {}), (), "form")
        world.heat.finish(made.id)
        reconcile.reconcile(cloud, made)
        return made

    world.once("campaign", make)
    assert stack.find(cloud, NAME).state == "COMPLETE"
