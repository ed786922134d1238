"""Environments in the campaign: data that was promised is kept, nothing is doubled, nothing of ours is left behind."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tenant_ops_dashboard.changes import run as running
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import deletion
from tests.campaign.schedule import Play, Step, schedules
from tests.campaign.stories import PEOPLE, SERVICE, STORIES, standing
from tests.campaign.wire import FaultyWire
from tests.unit.fake_openstack.world import World

SCHEDULES = schedules(STORIES, calls=30)


class Environments(Play):
    """The world, and the last answered wish about each volume that holds data."""

    stories = STORIES
    peace = ("Heat ends", "look", "look", "look", "sweep elsewhere")
    waits = ((launch, "SETTLE_SECONDS"), (launch, "LOOK_SECONDS"), (deletion, "BEGINS"), (running, "PAUSE"))

    def __init__(self) -> None:
        super().__init__()
        self.wire = FaultyWire()
        self.scene = World(wire=self.wire)
        self.wishes: dict[str, str] = {}

    def login(self, who: str) -> Any:
        return self.scene.cloud(*PEOPLE[who], name=who, service_user=SERVICE)

    def begin(self) -> None:
        standing(self.scene, self.login("owner"))
        self.remember()

    def after(self, step: Step, result: Any, answer: str, events: list[dict[str, Any]]) -> None:
        """The last answered wish counts."""
        if answer.startswith("DataStays") and "is kept" in answer:
            self.wishes.update(dict.fromkeys(self.wishes, "keep"))
        said = {"delete, keep the data": "keep", "keep the data after all": "keep", "delete with data": "data"}
        if answer == "done" and step.what in said:
            self.wishes.update(dict.fromkeys(self.wishes, said[step.what]))
        if step.what == "volume deleted by hand":
            kept = self.scene.things.kept["volumes"]
            self.wishes = {id_: wish for id_, wish in self.wishes.items() if id_ in kept}
        self.remember()

    def remember(self) -> None:
        """A volume of a stack that came up holds data, and nobody wished it away yet."""
        volumes = self.scene.things.kept["volumes"]
        for volume in [one for one, wish in self.wishes.items() if wish == "data" and one not in volumes]:
            del self.wishes[volume]
        for id_, one in self.scene.heat.stacks.items():
            if one["row"]["stack_status"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                for volume in data_volumes.of(list(volumes.values()), id_):
                    self.wishes.setdefault(str(volume["id"]), "keep")

    def holds(self) -> None:
        kept = self.scene.things.kept
        lost = [id_ for id_, wish in self.wishes.items() if wish == "keep" and id_ not in kept["volumes"]]
        assert not lost, f"data that was to be kept is gone: {lost}\n{self}"
        groups = Counter(one["description"] for one in kept["firewall_groups"].values() if one["ports"])
        assert all(number == 1 for number in groups.values()), f"firewall groups doubled: {groups}\n{self}"
        for event in self.events:
            if event["outcome"] == "success" and event["action"] in ("delete/environment", "create/environment"):
                reason = event.get("reason", {}).get("reasonCode", "")
                assert "already" in reason or reason.startswith("seen "), f"said more than was seen: {event}\n{self}"

    def left(self) -> None:
        kept, alive = self.scene.things.kept, set(self.scene.heat.stacks)
        names = Counter(one["row"]["stack_name"] for one in self.scene.heat.stacks.values())
        assert all(number == 1 for number in names.values()), f"stacks doubled: {names}\n{self}"
        for kind in ("firewall_groups", "firewall_policies", "firewall_rules"):
            orphans = [one["name"] for one in kept[kind].values() if one["description"].partition(" ")[2] not in alive]
            assert not orphans, f"{kind} of a stack that is gone: {orphans}\n{self}"
        held = Counter((one["tenant_ops_environment"], one["trustor_user_id"]) for one in kept["trusts"].values())
        assert all(number == 1 for number in held.values()), f"trusts doubled: {held}\n{self}"
