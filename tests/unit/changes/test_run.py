"""What every change is: checked, sent once, looked up when its answer is lost, audited whatever becomes of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tenant_ops_dashboard import changes, errors
from tenant_ops_dashboard.changes import run
from tenant_ops_dashboard.cloud import Cloud, CloudError, Conflict, Uncertain
from tests.unit.fake_openstack.world import World

Events = Callable[[], list[dict[str, Any]]]


class Paint(changes.Change[str]):
    """Gives a volume a colour."""

    name = "tests.paint"
    rule = "environments:launch"
    action = "update"
    kind = "volume"

    def __init__(self, cloud: Cloud, volume: str, colour: str) -> None:
        super().__init__(cloud)
        self.target = changes.Target(volume, "a volume")
        self.colour = colour

    def prepare(self) -> str | None:
        self.before, self.after = {"colour": self.now()}, {"colour": self.colour}
        if not self.colour.isalpha():
            raise errors.BadInput("That is no colour.")
        return self.colour if self.now() == self.colour else None

    def send(self) -> str:
        path = f"/volumes/{self.target.id}/metadata"
        self.cloud.post("block-storage", path, {"metadata": {"colour": self.colour}})
        return self.colour

    def happened(self) -> str | None:
        return self.colour if self.now() == self.colour else None

    def now(self) -> str:
        rows = self.cloud.pages("block-storage", "/volumes/detail", "volumes")
        return str(next(one for one in rows if one["id"] == self.target.id)["metadata"].get("colour", ""))


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PAUSE", 0.0)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def volume(world: World) -> str:
    return str(world.things.add("volumes", name="a volume", metadata={}, status="available")["id"])


@pytest.fixture
def events(caplog: pytest.LogCaptureFixture) -> Events:
    caplog.set_level(logging.INFO, logger="tenant_ops.audit")
    return lambda: [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]


def sent(world: World) -> list[str]:
    return [call for call in world.calls() if not call.startswith("GET")]


def test_what_was_accepted_is_pending(world: World, volume: str, events: Events) -> None:
    assert changes.perform(Paint(world.cloud(), volume, "red")) == "red"
    (event,) = events()
    assert (event["action"], event["outcome"], event["target"]["id"]) == ("update/volume", "pending", volume)
    (change,) = event["attachments"]
    assert change["content"] == {"verb": "paint", "before": {"colour": ""}, "after": {"colour": "red"}}
    assert event["requestId"].startswith("req-")


def test_what_is_so_already_is_not_sent_again(world: World, volume: str, events: Events) -> None:
    changes.perform(Paint(world.cloud(), volume, "red"))
    world.calls()
    assert changes.perform(Paint(world.cloud(), volume, "red")) == "red"
    assert sent(world) == []
    assert [one["outcome"] for one in events()] == ["pending", "success"]


def test_a_refusal_sends_nothing_and_is_told_with_its_rule(world: World, volume: str, events: Events) -> None:
    with pytest.raises(errors.NotAllowed):
        changes.perform(Paint(world.cloud("reader"), volume, "red"))
    assert world.calls() == []
    (event,) = events()
    assert (event["outcome"], event["reason"]["policyId"]) == ("failure", "environments:launch")


def test_bad_input_is_told_too(world: World, volume: str, events: Events) -> None:
    with pytest.raises(errors.BadInput):
        changes.perform(Paint(world.cloud(), volume, "7"))
    assert sent(world) == []
    assert [one["outcome"] for one in events()] == ["failure"]


@pytest.mark.parametrize(
    ("trouble", "kind", "outcome"),
    [
        (409, Conflict, "failure"), (403, CloudError, "failure"), (500, Uncertain, "unknown"),
        (requests.ConnectionError("reset"), Uncertain, "unknown"), (requests.ReadTimeout("slow"), Uncertain, "unknown"),
    ],
)  # fmt: skip
def test_what_fails_and_what_nobody_knows(
    world: World, volume: str, events: Events, trouble: int | Exception, kind: type[Exception], outcome: str
) -> None:
    world.wire.trouble["POST .*/metadata"] = [trouble]
    with pytest.raises(kind):
        changes.perform(Paint(world.cloud(), volume, "red"))
    assert [one["outcome"] for one in events()] == [outcome]
    assert len(sent(world)) == 1, "nothing is repeated blindly"


def test_a_lost_answer_is_looked_up(world: World, volume: str, events: Events) -> None:
    metadata = world.things.kept["volumes"][volume]["metadata"]

    class Lost(Paint):
        def send(self) -> str:
            metadata["colour"] = self.colour
            raise Uncertain("The answer was lost.", "Cinder")

    assert changes.perform(Lost(world.cloud(), volume, "red")) == "red"
    assert [one["outcome"] for one in events()] == ["pending"]


def test_a_mistake_of_ours_is_told_as_unknown(world: World, volume: str, events: Events) -> None:
    class Broken(Paint):
        def send(self) -> str:
            raise KeyError("colour")

    with pytest.raises(KeyError):
        changes.perform(Broken(world.cloud(), volume, "red"))
    (event,) = events()
    assert (event["outcome"], event["reason"]["reasonCode"]) == ("unknown", "KeyError in tests.paint")


def test_two_changes_of_one_name_are_a_mistake() -> None:
    with pytest.raises(TypeError, match=r"Two changes are called tests\.paint"):
        type("Another", (Paint,), {"name": "tests.paint"})


class Broken(Paint):
    """A colour that nobody can look at."""

    name = "tests.paint_broken"

    def settled(self, made: str) -> bool:
        raise KeyError(made)


def test_a_look_that_breaks_off_hides_no_change(world: World, volume: str, events: Events) -> None:
    assert changes.perform(Broken(world.cloud(), volume, "red")) == "red"
    assert [one["outcome"] for one in events()] == ["pending"]


def test_who_breaks_it_off_leaves_an_event(
    world: World, volume: str, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(change: Paint) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(Paint, "send", interrupted)
    with pytest.raises(KeyboardInterrupt):
        changes.perform(Paint(world.cloud(), volume, "red"))
    assert [one["outcome"] for one in events()] == ["unknown"]
