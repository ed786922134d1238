"""Members of the one load balancer of a fake cloud: how Octavia tells of them, and since when."""

from __future__ import annotations

import datetime

from tests.unit.fake_openstack.server import MORNING, Json
from tests.unit.fake_openstack.world import World


def ago(seconds: int) -> str:
    """So long before the fake cloud's morning, as services write it."""
    return (MORNING - datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def pool(world: World) -> Json:
    """The pool in the status tree."""
    (tree,) = world.things.trees.values()
    found: Json = tree["listeners"][0]["pools"][0]
    return found


def row(world: World, number: int = 1) -> Json:
    """One of its members."""
    found: Json = pool(world)["members"][number]
    return found


def watched(world: World, seconds: int) -> None:
    """The pool has a monitor that takes 3 x 3 + 3 seconds; all of it was made so long ago."""
    world.things.kept["healthmonitors"].clear()
    world.things.add("healthmonitors", pools=[{"id": pool(world)["id"]}], created_at=ago(seconds))
    for one in pool(world)["members"]:
        one["created_at"] = ago(seconds)
    for balancer in world.things.kept["loadbalancers"].values():
        balancer.update(created_at=ago(seconds), updated_at=ago(seconds))
    for server in world.things.kept["servers"].values():
        server["OS-SRV-USG:launched_at"] = ago(seconds + 20)


def unwell(world: World, operating: str, number: int = 1) -> None:
    """Octavia tells this of one member, and of its pool and load balancer what follows."""
    row(world, number)["operating_status"] = operating
    whole = "ONLINE" if operating in ("ONLINE", "OFFLINE") else "DEGRADED"
    (tree,), (balancer,) = world.things.trees.values(), world.things.kept["loadbalancers"].values()
    for one in (tree, pool(world), balancer):
        one["operating_status"] = whole


def at(server: Json, address: str) -> bool:
    """Whether a server has this address."""
    return any(entry["addr"] == address for found in server["addresses"].values() for entry in found)
