"""An environment on a volume that was there before: offered, checked, shown, and nobody's loss when it goes."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
import yaml

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, errors, launch, reconcile, watch
from tenant_ops_dashboard.environments.data import actions as data_actions
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Environment, Request
from tenant_ops_dashboard.environments.planning import defaults, plan
from tenant_ops_dashboard.environments.template import blueprint
from tests.unit.fake_openstack.server import Json
from tests.unit.fake_openstack.world import World

GOLDEN = "0c7f9a52-6f53-4a44-9d3e-6a7b1c2d3e4f"
OTHER = "1c7f9a52-6f53-4a44-9d3e-6a7b1c2d3e4f"
MARKS = (data_volumes.OWNER, data_volumes.NAME, data_volumes.BROUGHT, data_volumes.MARK)


def volume(world: World, id_: str = GOLDEN, name: str = "golden", **fields: object) -> Json:
    """A volume of the project's own."""
    told = {"size": 30, "status": "available", "attachments": [], "metadata": {"purpose": "tests"}, **fields}
    return world.things.add("volumes", id=id_, name=name, **told)


def asked(name: str = "shop", value: str = "golden") -> Request:
    return Request(name, "tomcat-oracle", {"data_volume": value})


def problem(cloud: Cloud, value: str = "golden") -> str:
    return plan.plan(cloud, asked(value=value)).problems.get("data_volume", "")


def marks(kept: Json) -> dict[str, str]:
    return {name: value for name, value in kept["metadata"].items() if name in MARKS}


def offered(cloud: Cloud) -> list[tuple[str, str]]:
    found = blueprint.find("tomcat-oracle")
    assert found is not None
    (question,) = [one for one in defaults.form(cloud, found) if one.kind == "volume"]
    assert question.default == ""
    return [(one.value, one.label) for one in question.choices]


@pytest.fixture
def golden(world: World) -> Json:
    return volume(world)


@pytest.fixture
def brought(world: World, cloud: Cloud, golden: Json) -> Environment:
    """It stands on the volume, with its firewall group."""
    made = launch.launch(cloud, asked(), (), "token")
    world.heat.finish(made.id)
    reconcile.reconcile(cloud, made)
    return made


def test_available_volumes_are_offered_with_what_they_are_copies_of(world: World, cloud: Cloud) -> None:
    volume(world)
    volume(world, OTHER, "copy", size=5, source_volid=GOLDEN)
    volume(world, OTHER.replace("1", "2"), "copy", source_volid=OTHER.replace("1", "9"))
    volume(world, OTHER.replace("1", "3"), "old", metadata={data_volumes.NAME: "shop", data_volumes.OWNER: "gone"})
    volume(world, OTHER.replace("1", "4"), "frozen", snapshot_id=GOLDEN)
    volume(world, OTHER.replace("1", "5"), "busy", status="in-use")
    volume(world, OTHER.replace("1", "6"), "broken", status="error")
    volume(world, OTHER.replace("1", "7"), "theirs", project_id="another")
    assert [label for _, label in offered(cloud)] == [
        "a new volume",
        "copy (1c7f9a52), 5 GB, copy of golden",
        "copy (2c7f9a52), 30 GB, copy of volume 9c7f9a52",
        "frozen, 30 GB, from snapshot 0c7f9a52",
        "golden, 30 GB",
        "old, 30 GB, data of shop",
    ]


def test_where_there_is_none_the_form_says_so(world: World, cloud: Cloud) -> None:
    volume(world, status="in-use")
    assert offered(cloud) == [("", "a new volume; no other of this project is available")]
    assert plan.plan(cloud, asked(value="")).ok


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "in-use"}, "golden is attached to a server (in-use): detach it, or take a copy of it."),
        ({"status": "error"}, "golden is error: only a volume that is available can be taken."),
        ({"status": "awaiting-transfer"}, "golden is awaiting-transfer: only a volume that is available can be taken."),
        ({"project_id": "another"}, "This project has no volume called 'golden'."),
        (
            {"metadata": {data_volumes.MARK: "x", data_volumes.OWNER: "gone"}},
            "golden is marked to be deleted with an environment that is gone: keep that one's data first.",
        ),
        ({"size": 1}, ""),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(
    world: World, cloud: Cloud, fields: dict[str, object], said: str
) -> None:
    volume(world, **fields)
    assert problem(cloud) == said


def test_a_name_or_an_id_says_which(world: World, cloud: Cloud, golden: Json) -> None:
    assert (problem(cloud), problem(cloud, GOLDEN)) == ("", "")
    assert problem(cloud, "nothing") == "This project has no volume called 'nothing'."
    assert problem(cloud, OTHER) == f"This project has no volume called '{OTHER}'."
    volume(world, OTHER)
    cloud = world.cloud()
    assert problem(cloud) == f"2 volumes are called 'golden': say the id of one, {GOLDEN}, {OTHER}."
    assert problem(cloud, OTHER) == ""


def test_the_plan_counts_no_volume_and_shows_the_one_that_is_there(cloud: Cloud, golden: Json) -> None:
    made = plan.plan(cloud, asked())
    assert (made.ok, made.volumes) == (True, (GOLDEN,))
    taken = {line.resource: line.adds for line in made.quotas}
    assert (taken.get("volumes", 0), taken.get("gigabytes", 0)) == (0, 0)
    assert made.total == plan.plan(cloud, asked(value="")).total - 1
    (box,) = [one for one in made.picture.boxes if one.kind == "volume"]
    assert (box.key, box.title, box.tier, box.detail, box.state) == (
        "data", "Database volume", "database", "30 GB", "good"
    )  # fmt: skip
    assert ("database", "data", "") in made.picture.arrows
    assert yaml.safe_load(made.environment_file)["parameters"]["data_volume"] == GOLDEN
    assert f"tenant-ops,blueprint=tomcat-oracle,volume={GOLDEN},firewall" in made.command


def test_nothing_is_written_over_what_is_there(world: World, brought: Environment) -> None:
    planned = {one.key: one.properties for one in world.heat.stacks[brought.id]["planned"]}
    assert "TENANT_OPS_SAMPLE=0\n" in planned["database"]["user_data"]
    assert planned["data_attachment"]["volume_id"] == GOLDEN
    assert "data" not in planned


def test_it_is_shown_as_any_environment(world: World, cloud: Cloud, brought: Environment, golden: Json) -> None:
    assert marks(golden) == {
        data_volumes.OWNER: brought.id, data_volumes.NAME: "shop", data_volumes.BROUGHT: brought.id
    }  # fmt: skip
    found = watch.details(cloud, "shop")
    (box,) = [one for one in found.picture.boxes if one.kind == "volume"]
    assert (box.key, box.state, box.detail, box.resource_id, box.parts) == (
        "data", "good", "30 GB", GOLDEN, (("attached", "good"),)
    )  # fmt: skip
    (kept,) = [one for one in found.proofs if one.name == "volume"]
    assert (kept.state, kept.evidence) == ("good", "golden, 30 GB, at shop-database.")
    assert (found.environment.status, found.drift, found.progress.done) == ("good", (), found.progress.total)
    assert found.environment.tiers[1] == ("DB", "1 server, 30 GB")
    (listed,) = watch.listing(cloud)
    assert (listed.status, listed.tiers) == ("good", found.environment.tiers)


def test_who_detaches_it_or_deletes_it_is_told(
    world: World, cloud: Cloud, brought: Environment, golden: Json
) -> None:
    golden.update(status="available", attachments=[])
    found = watch.details(cloud, "shop")
    # The volume only waits; that it is attached to nothing is what its box wears, as its proof says.
    assert [(one.state, one.itself) for one in found.picture.boxes if one.key == "data"] == [("failed", "warning")]
    assert [one.state for one in found.proofs if one.name == "volume"] == ["failed"]
    del world.things.kept["volumes"][GOLDEN]
    found = watch.details(cloud, "shop")
    assert "Database volume was taken away outside of this environment. The database's data is lost." in [
        one.sentence for one in found.drift
    ]


def test_it_is_known_while_it_comes_and_while_it_goes(world: World, cloud: Cloud, golden: Json) -> None:
    made = launch.launch(cloud, asked(), (), "token")
    world.heat.build(made.id, 4)
    assert [one.state for one in watch.details(cloud, "shop").picture.boxes if one.key == "data"] == ["good"]
    world.heat.finish(made.id)
    delete.delete(cloud, "shop")
    world.heat.stacks[made.id]["resources"] = []
    found = watch.details(cloud, "shop")
    assert {one.key: one.state for one in found.picture.boxes if one.kind in ("volume", "database")} == {
        "database": "gone", "data": "good"
    }  # fmt: skip
    assert (found.environment.status, found.progress.done) == ("deleting", found.progress.total)


@pytest.mark.parametrize("look", ["page", "timer", "list"])
def test_deleting_keeps_it_and_gives_it_free(
    world: World, cloud: Cloud, brought: Environment, golden: Json, look: str
) -> None:
    assert delete.losses(cloud, brought).kept == (
        "Volume golden, 30 GB, which was there before it, with what is on it now, unless you say otherwise",
    )
    delete.delete(cloud, "shop")
    assert marks(golden)
    world.heat.gone(brought.id)
    if look == "list":
        world.things.clear("firewall_groups", "firewall_policies", "firewall_rules")
        (left,) = watch.listing(cloud)
        assert (left.name, left.status) == ("shop", "deleting")
        assert left.status_reason == "It is gone; its data volume golden was there before it and stays."
        assert watch.details(cloud, "shop").environment == left
        assert reconcile.unfinished(cloud, [left]) == ()
    else:
        reconcile.by_id(cloud, brought.id)
    assert golden["metadata"] == {"purpose": "tests"}
    assert (list(world.things.kept["volumes"]), watch.listing(cloud)) == ([GOLDEN], ())
    assert plan.plan(world.cloud(), asked("next")).ok


def test_deleting_with_its_data_takes_it_along(world: World, cloud: Cloud, brought: Environment) -> None:
    delete.delete(cloud, "shop", data=True)
    assert [one.counts for one in watch.details(cloud, "shop").marks] == [True]
    world.heat.gone(brought.id)
    reconcile.unfinished(cloud, watch.listing(cloud))
    assert (world.things.kept["volumes"], watch.listing(cloud)) == ({}, ())


def test_a_wish_for_its_data_that_is_taken_back_gives_it_free(
    world: World, cloud: Cloud, brought: Environment, golden: Json
) -> None:
    delete.delete(cloud, "shop", data=True)
    world.heat.gone(brought.id)
    assert data_actions.keep(cloud, brought.id) == ("golden",)
    reconcile.unfinished(cloud, watch.listing(cloud))
    assert (golden["metadata"], watch.listing(cloud)) == ({"purpose": "tests"}, ())


@pytest.mark.parametrize("claimed", [True, False])
def test_a_launch_that_failed_takes_what_it_made_and_not_what_was_there(
    world: World, cloud: Cloud, golden: Json, claimed: bool
) -> None:
    """What a launch that never ended well made holds nothing; this volume was somebody's data before it began."""
    made = launch.launch(cloud, asked(), (), "token")
    world.heat.fail(made.id, "balancer", "told to fail")
    if not claimed:
        golden["metadata"] = {"purpose": "tests"}
    loss = delete.losses(cloud, made)
    assert any("golden" in one for one in loss.kept) and not any("golden" in one for one in loss.lost)
    launch.rollback(cloud, "shop")
    world.heat.gone(made.id)
    reconcile.by_id(cloud, made.id)
    assert world.things.kept["volumes"] == {GOLDEN: golden}
    assert golden["metadata"] == {"purpose": "tests"}


def test_what_was_not_written_down_yet_goes_too_where_it_is_to(world: World, cloud: Cloud, golden: Json) -> None:
    world.wire.trouble["POST .*/metadata"] = [503]
    made = launch.launch(cloud, asked(), (), "token")
    world.heat.finish(made.id)
    assert marks(golden) == {}
    assert any("golden" in one for one in delete.losses(cloud, made).kept)
    delete.delete(cloud, "shop", data=True)
    world.heat.gone(made.id)
    reconcile.by_id(cloud, made.id)
    assert world.things.kept["volumes"] == {}


@pytest.mark.parametrize("trouble", [503, requests.ConnectionError("reset")])
def test_what_was_not_written_down_at_the_launch_is_with_the_next_look(
    world: World, cloud: Cloud, golden: Json, trouble: int | Exception
) -> None:
    world.wire.trouble["POST .*/metadata"] = [trouble]
    made = launch.launch(cloud, asked(), (), "token")
    assert reconcile.unfinished(cloud, watch.listing(cloud)) == ()
    assert marks(golden)[data_volumes.OWNER] == made.id


def test_a_snapshot_on_it_is_named(world: World, cloud: Cloud, brought: Environment) -> None:
    world.things.add("snapshots", name="nightly", volume_id=GOLDEN, status="available")
    with pytest.raises(errors.Blocked, match="Snapshot nightly stands on volume golden"):
        delete.delete(cloud, "shop", data=True)
    assert delete.delete(cloud, "shop").status == "deleting"


def test_two_launches_have_no_volume_in_common(world: World, cloud: Cloud, golden: Json) -> None:
    """Until it is attached the volume is available still."""
    launch.launch(cloud, asked(), (), "token")
    with pytest.raises(errors.NotValid) as refused:
        launch.launch(world.cloud(), asked("second"), (), "another")
    assert refused.value.problems == {"data_volume": "golden belongs to the environment shop; take a copy of it."}
    assert len(world.heat.stacks) == 1
    assert offered(world.cloud()) == [("", "a new volume; no other of this project is available")]


def test_the_data_of_a_standing_environment_is_nobody_else_s(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    (own,) = world.things.kept["volumes"].values()
    own.update(status="available", attachments=[])
    assert problem(world.cloud(), "shop-data") == "shop-data belongs to the environment shop; take a copy of it."


def test_of_two_launches_of_one_moment_the_eldest_has_it(
    world: World, cloud: Cloud, golden: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both looked before either was made."""
    look, first = plan.plan, list[Environment]()

    def planned(*arguments: object) -> object:
        made = look(*arguments)  # type: ignore[arg-type]
        if not first:
            monkeypatch.setattr(plan, "plan", look)
            first.append(launch.launch(world.cloud(), asked("elder"), (), "elder"))
        return made

    monkeypatch.setattr(plan, "plan", planned)
    with pytest.raises(errors.NotValid) as refused:
        launch.launch(cloud, asked("younger"), (), "younger")
    assert refused.value.problems == {"data_volume": "This volume belongs to the environment elder by now."}
    younger = next(one for one in world.heat.stacks.values() if one["row"]["stack_name"] == "younger")
    assert younger["row"]["stack_status"] == "DELETE_IN_PROGRESS"
    world.heat.gone(younger["row"]["id"])
    reconcile.by_id(cloud, younger["row"]["id"])
    assert marks(golden)[data_volumes.OWNER] == first[0].id
    assert data_volumes.MARK not in golden["metadata"]


def test_a_stack_made_by_hand_takes_no_volume_from_another(
    world: World, cloud: Cloud, brought: Environment, golden: Json
) -> None:
    """By Heat's own client from a downloaded plan: its tags name the same volume, and its delete leaves that alone."""
    tags = world.heat.stacks[brought.id]["row"]["tags"]
    golden.update(status="available", attachments=[])
    made = launch.launch(cloud, Request("twin", "tomcat-oracle", {}), (), "twin")
    world.heat.stacks[made.id]["row"]["tags"] = tags
    reconcile.by_id(cloud, made.id)
    assert marks(golden)[data_volumes.BROUGHT] == brought.id
    delete.delete(cloud, "twin", data=True)
    world.heat.gone(made.id)
    reconcile.by_id(cloud, made.id)
    assert marks(golden)[data_volumes.BROUGHT] == brought.id
    assert data_volumes.MARK not in golden["metadata"]


def test_the_same_launch_again_is_the_first(world: World, cloud: Cloud, golden: Json) -> None:
    made = launch.launch(cloud, asked(), (), "token")
    assert launch.launch(world.cloud(), asked(), (), "token").id == made.id
    assert stack.find(cloud, "shop").volumes == {GOLDEN}
    assert len(world.heat.stacks) == 1


def test_what_it_carried_of_an_environment_before_goes(world: World, cloud: Cloud) -> None:
    """A kept volume: the environment that made it is gone."""
    kept = volume(world, metadata={data_volumes.OWNER: OTHER, data_volumes.NAME: "old"})
    made = launch.launch(cloud, asked(), (), "token")
    assert marks(kept) == {data_volumes.OWNER: made.id, data_volumes.NAME: "shop", data_volumes.BROUGHT: made.id}


def test_a_reader_s_look_writes_nothing(world: World, cloud: Cloud, brought: Environment, golden: Json) -> None:
    delete.delete(cloud, "shop")
    world.heat.gone(brought.id)
    reader = world.cloud("reader")
    reconcile.unfinished(reader, watch.listing(reader))
    assert marks(golden)[data_volumes.BROUGHT] == brought.id


BARE = """
heat_template_version: 2021-04-16
parameters: {disk: {type: string}}
resources:
  server: {type: OS::Nova::Server, properties: {flavor: small, image: debian-12, networks: [{network: EXT-NET}]}}
  disk: {type: OS::Cinder::VolumeAttachment, properties: {instance_uuid: {get_resource: server}, volume_id: {get_param: disk}}}
"""


def test_a_blueprint_may_ask_for_a_volume_without_saying_more(world: World, cloud: Cloud, tmp_path: Path) -> None:
    """No metadata for the picture, no volume of its own, and no launch without one."""
    place = tmp_path / "bare"
    place.mkdir()
    (place / "template.yaml").write_text(BARE)
    (place / "blueprint.yaml").write_text("{title: Bare, parameters: [{name: disk, kind: volume}]}")
    empty = plan.plan(cloud, Request("shop", "bare"), [tmp_path])
    assert empty.problems == {"disk": "This project has no volume that is available: make one first."}
    volume(world)
    made = plan.plan(world.cloud(), Request("shop", "bare", {"disk": "golden"}), [tmp_path])
    assert (made.problems, made.volumes, made.total) == ({}, (GOLDEN,), 2)
    assert [(one.key, one.kind, one.detail) for one in made.picture.boxes if one.kind == "volume"] == [
        ("disk-volume", "volume", "30 GB")
    ]
    # Nor is one chosen for anybody.
    assert plan.plan(world.cloud(), Request("shop", "bare"), [tmp_path]).problems == {"disk": "Give a value."}
