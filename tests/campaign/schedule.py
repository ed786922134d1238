"""One schedule: steps of several people, faults in between, Heat that ends or fails; and what must hold all the while."""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tenant_ops_dashboard.changes import change as changing
from tenant_ops_dashboard.changes import run as running
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import deletion
from tenant_ops_dashboard.errors import TenantOpsError
from tests.campaign.stories import PEOPLE, SERVICE, STORIES, standing
from tests.campaign.wire import KINDS, Fault, FaultyWire
from tests.unit.fake_openstack.world import World

COUNTS: Counter[str] = Counter()


@dataclass(frozen=True)
class Step:
    """Somebody does something, and one call of it may go wrong."""

    who: str
    what: str
    fault: Fault | None = None

    def __str__(self) -> str:
        return f"{self.who}: {self.what}{f' ({self.fault})' if self.fault else ''}"


FAULTS = st.builds(Fault, st.sampled_from(KINDS), st.integers(0, 12), st.booleans())
STEPS = st.builds(Step, st.sampled_from(sorted(PEOPLE)), st.sampled_from(sorted(STORIES)), st.none() | FAULTS)
SCHEDULES = st.lists(STEPS, min_size=1, max_size=6)


@dataclass
class Campaign:
    """The world, what was told so far, and the last answered wish about each volume that holds data."""

    world: World = field(default_factory=lambda: World(wire=FaultyWire()))
    told: list[str] = field(default_factory=list)
    wishes: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def wire(self) -> FaultyWire:
        assert isinstance(self.world.wire, FaultyWire)
        return self.world.wire

    def run(self, schedule: list[Step]) -> None:
        """All of it, then peace, then what must be left."""
        standing(self.world, self.login("owner"))
        self.remember()
        for step in schedule:
            self.step(step)
            self.holds()
        for what in ("Heat ends", "look", "look", "look", "sweep elsewhere"):
            self.step(Step("owner", what))
            self.holds()
        self.left()

    def login(self, who: str) -> Any:
        return self.world.cloud(*PEOPLE[who], name=who, service_user=SERVICE)

    def step(self, step: Step) -> None:
        cloud = self.login(step.who)
        self.wire.arm(step.fault)
        before, made = len(self.events), changing.Change.__init__
        begun: list[object] = []

        def counted(one: Any, *arguments: Any, **named: Any) -> None:
            begun.append(one)
            made(one, *arguments, **named)

        changing.Change.__init__ = counted  # type: ignore[method-assign]
        try:
            STORIES[step.what].run(self.world, cloud, step.who)
            answer = "done"
        except TenantOpsError as error:
            answer = f"{type(error).__name__}: {error}"
        finally:
            changing.Change.__init__ = made  # type: ignore[method-assign]
            struck, self.wire.fault = self.wire.struck, None
        self.told.append(f"{step} -> {answer}")
        COUNTS[f"{step.what}: {'fault' if struck else answer.partition(':')[0]}"] += 1
        self.wish(step, answer)
        told = len(self.events) - before
        assert told >= len(begun), f"{len(begun)} changes were begun and {told} told in the audit trail\n{self}"
        self.remember()

    def wish(self, step: Step, answer: str) -> None:
        """The last answered wish counts."""
        if answer.startswith("DataStays") and "is kept" in answer:
            self.wishes.update(dict.fromkeys(self.wishes, "keep"))
        if answer != "done":
            return
        said = {"delete, keep the data": "keep", "keep the data after all": "keep", "delete with data": "data"}
        if step.what in said:
            for volume in self.wishes:
                self.wishes[volume] = said[step.what]

    def remember(self) -> None:
        """A volume of a stack that came up holds data, and nobody wished it away yet."""
        for volume in [one for one, wish in self.wishes.items() if wish == "data"]:
            if volume not in self.world.things.kept["volumes"]:
                del self.wishes[volume]
        for id_, one in self.world.heat.stacks.items():
            if one["row"]["stack_status"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                for volume in data_volumes.of(list(self.world.things.kept["volumes"].values()), id_):
                    self.wishes.setdefault(str(volume["id"]), "keep")

    def holds(self) -> None:
        """At every moment."""
        kept = self.world.things.kept
        lost = [id_ for id_, wish in self.wishes.items() if wish == "keep" and id_ not in kept["volumes"]]
        assert not lost, f"data that was to be kept is gone: {lost}\n{self}"
        groups = Counter(one["description"] for one in kept["firewall_groups"].values() if one["ports"])
        assert all(number == 1 for number in groups.values()), f"firewall groups doubled: {groups}\n{self}"
        for event in self.events:
            if event["outcome"] == "success" and event["action"] in ("delete/environment", "create/environment"):
                reason = event.get("reason", {}).get("reasonCode", "")
                assert "already" in reason or reason.startswith("seen "), f"said more than was seen: {event}\n{self}"

    def left(self) -> None:
        """In the end."""
        kept, alive = self.world.things.kept, set(self.world.heat.stacks)
        names = Counter(one["row"]["stack_name"] for one in self.world.heat.stacks.values())
        assert all(number == 1 for number in names.values()), f"stacks doubled: {names}\n{self}"
        for kind in ("firewall_groups", "firewall_policies", "firewall_rules"):
            orphans = [one["name"] for one in kept[kind].values() if one["description"].partition(" ")[2] not in alive]
            assert not orphans, f"{kind} of a stack that is gone: {orphans}\n{self}"
        held = Counter((one["tenant_ops_environment"], one["trustor_user_id"]) for one in kept["trusts"].values())
        assert all(number == 1 for number in held.values()), f"trusts doubled: {held}\n{self}"

    def __str__(self) -> str:
        return "\n".join(self.told)


class _Keeper(logging.Handler):
    def __init__(self, events: list[dict[str, Any]]) -> None:
        super().__init__()
        self.events = events

    def emit(self, record: logging.LogRecord) -> None:
        self.events.append(json.loads(record.getMessage()))


def play(schedule: list[Step]) -> None:
    """One schedule from the beginning, with the waits of real life left out."""
    campaign = Campaign()
    keeper, logger = _Keeper(campaign.events), logging.getLogger("tenant_ops.audit")
    patience = {
        (launch, "SETTLE_SECONDS"): 0.0,
        (launch, "LOOK_SECONDS"): 0.0,
        (deletion, "BEGINS"): 0.0,
        (running, "PAUSE"): 0.0,
    }
    real = {(module, name): getattr(module, name) for module, name in patience}
    level = logger.level
    logger.addHandler(keeper)
    logger.setLevel(logging.INFO)
    for (module, name), value in patience.items():
        setattr(module, name, value)
    try:
        campaign.run(schedule)
    finally:
        for (module, name), value in real.items():
            setattr(module, name, value)
        logger.removeHandler(keeper)
        logger.setLevel(level)
    COUNTS["schedules"] += 1
