"""On a real Octavia: one wish makes one load balancer, and undo brings back what was."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from keystoneauth1.exceptions import ClientException

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import create, duplicates, joining, member_actions, members, settle, undo
from tests.integration.by_hand import Hand
from tests.integration.loadbalancers.conftest import PERSON, happens

LONG = 240.0
PLACE = "/lbaas/loadbalancers"
HAD: dict[str, Any] = {
    "name": "one & more", "address": "10.88.0.40", "protocol_port": 8080, "weight": 3, "backup": True,
    "monitor_address": "10.88.0.41", "monitor_port": 9000, "admin_state_up": False, "tags": ["a b", "c&d"],
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A name, and the subnet of that name."""

    cloud: Cloud
    name: str
    subnet: str

    def rows(self) -> list[dict[str, Any]]:
        rows = self.cloud.pages("load-balancer", PLACE, "loadbalancers", project_id=self.cloud.project_id)
        return [one for one in rows if one["name"] == self.name]

    def empty(self) -> bool:
        """Take every load balancer of the name away; whether none is left."""
        for one in self.rows():
            if not one["provisioning_status"].startswith("PENDING"):
                Hand(self.cloud).delete("load-balancer", f"{PLACE}/{one['id']}?cascade=true")
        return not self.rows()


def login() -> Cloud:
    return clouds.from_clouds_yaml(PERSON, timeout=60)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    cloud, name = login(), f"balancers-{uuid.uuid4().hex[:6]}"
    network = Hand(cloud).post("network", "/networks", {"network": {"name": name}})["network"]["id"]
    body = {"name": name, "network_id": network, "cidr": "10.88.0.0/24", "ip_version": 4}
    subnet = Hand(cloud).post("network", "/subnets", {"subnet": body})["subnet"]["id"]
    made = Place(cloud, name, subnet)
    try:
        yield made
    finally:
        assert happens(made.empty), made.rows()

        def gone() -> bool:
            try:
                Hand(cloud).delete("network", f"/networks/{network}")
            except ClientException:
                return False
            return True

        assert happens(gone), "Octavia's ports went with it"


def test_of_two_made_at_once_the_elder_stays(place: Place) -> None:
    wanted = create.Wanted(place.name, place.subnet, "HTTP", 80, 8080)
    ready, found = threading.Barrier(2), []

    def ask() -> None:
        cloud = login()
        ready.wait()
        found.append(create.create(cloud, wanted, "the same form"))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 2
    first = min(place.rows(), key=lambda one: (one["created_at"], one["id"]))["id"]

    def alone() -> bool:
        duplicates.withdraw(place.cloud, place.rows())
        return [one["id"] for one in place.rows()] == [first]

    assert happens(alone), place.rows()
    assert settle.settled(place.cloud, first, LONG) == "ACTIVE"
    again = create.create(place.cloud, wanted, "the same form")
    assert (again.row["id"], again.repeated) == (first, True)


def test_undo_brings_back_the_same_member(place: Place) -> None:
    cloud, (balancer,) = place.cloud, place.rows()
    pool = cloud.get("load-balancer", f"{PLACE}/{balancer['id']}")["loadbalancer"]["pools"][0]["id"]
    more = {key: HAD[key] for key in ("name", "weight", "backup", "monitor_address", "monitor_port", "tags")}
    made = joining.add(cloud, balancer["id"], pool, HAD["address"], HAD["protocol_port"], subnet_id=place.subnet,
                   enabled=False, patience=LONG, **more)  # fmt: skip
    doubled = joining.add(cloud, balancer["id"], pool, HAD["address"], HAD["protocol_port"], patience=LONG)
    assert (doubled.already, doubled.member["id"]) == (True, made.member["id"])
    done = member_actions.remove(cloud, balancer["id"], pool, made.member["id"], LONG)
    way = undo.of("remove", done)
    assert way is not None
    # At once: Octavia is still removing it.
    back = undo.take_back(cloud, balancer["id"], pool, way, LONG).member
    settle.settled(cloud, balancer["id"], LONG)
    row = members.read(cloud, pool, back["id"])
    assert {key: row[key] for key in HAD} == HAD
    assert row["subnet_id"] == place.subnet
    on = member_actions.enable(cloud, balancer["id"], pool, back["id"], LONG)
    way = undo.of("enable", on)
    assert way is not None
    undo.take_back(cloud, balancer["id"], pool, way, LONG)
    settle.settled(cloud, balancer["id"], LONG)
    row = members.read(cloud, pool, back["id"])
    assert {key: row[key] for key in HAD} == HAD
