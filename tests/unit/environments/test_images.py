"""Images: what can be no server is not offered, and the newest Debian or Ubuntu is proposed, whatever comes first."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Parameter, Request
from tenant_ops_dashboard.environments.planning import defaults, plan
from tenant_ops_dashboard.environments.template import blueprint
from tests.unit.fake_openstack.world import World

MAPPING = '[{"boot_index": 0, "snapshot_id": "s", "source_type": "snapshot"}]'
DECOYS: list[tuple[str, dict[str, Any], str]] = [
    ("a-debian-13", {"tags": ["amphora"]}, "Octavia"),
    ("0-amphora-x64-haproxy-debian-13", {}, "Octavia"),
    ("a-debian-14", {"image_type": "snapshot"}, "snapshot"),
    ("b-debian-14", {"base_image_ref": "0c7f9a52-6f53-4a44-9d3e-6a7b1c2d3e4f"}, "snapshot"),
    ("c-debian-14", {"block_device_mapping": MAPPING}, "snapshot"),
    ("d-debian-14", {"container_format": "docker"}, "'bare'"),
    ("e-debian-14", {"disk_format": "iso"}, "ISO"),
    ("a-windows", {"os_type": "windows", "os_distro": "debian", "os_version": "14"}, "Windows"),
    ("Windows Server 2022", {}, "Windows"),
    ("win2k22", {"os_distro": "windows"}, "Windows"),
]


def image(world: World, name: str, **fields: Any) -> None:
    """One more, before all others in Glance's list."""
    base = world.things.images[-1]
    world.things.images.insert(0, {**base, "id": f"id of {name}", "name": name, "created_at": "", **fields})


def asked(cloud: Cloud, name: str = "image", **answers: str) -> Parameter:
    """A question of the flagship as the form has it."""
    found = blueprint.find("tomcat-oracle")
    assert found is not None
    return next(one for one in defaults.form(cloud, found, answers) if one.name == name)


@pytest.mark.parametrize(("name", "fields", "why"), DECOYS)
def test_what_can_be_no_server_is_neither_offered_nor_taken(
    world: World, cloud: Cloud, name: str, fields: dict[str, Any], why: str
) -> None:
    image(world, name, **fields)
    form = asked(cloud)
    assert ([one.value for one in form.choices], form.default) == (["debian-12"], "debian-12")
    for value in (name, f"id of {name}"):
        made = plan.plan(cloud, Request("shop", "tomcat-oracle", {"image": value}))
        assert set(made.problems) == {"image"}
        assert why in made.problems["image"]
        assert name in made.problems["image"]


@pytest.mark.parametrize("fields", [{"os_hidden": True}, {"status": "deactivated"}])
def test_what_is_put_away_is_not_known(world: World, cloud: Cloud, fields: dict[str, Any]) -> None:
    image(world, "a-debian-14", **fields)
    assert [one.value for one in asked(cloud).choices] == ["debian-12"]


@pytest.mark.parametrize(
    ("others", "proposed"),
    [
        (["alma-9", "debian-9", "debian-13", "ubuntu-24.04"], "debian-13"),
        (["debian-sid", "Debian GNU/Linux 13 (Trixie)"], "Debian GNU/Linux 13 (Trixie)"),
        (["trixie-genericcloud-amd64-20251006"], "trixie-genericcloud-amd64-20251006"),
        (["debian-cloud-20240101", "debian-testing-2025", "debian-amd64", "ubuntu-amd64-24.04"], "debian-12"),
        (["debian-amd64-13.1", "debian-x86_64-12"], "debian-amd64-13.1"),
        (["debian-13-kube-v1.33", "debian-13-nocloud"], "debian-12"),
        ([("arm-debian-13", {"architecture": "aarch64"})], "debian-12"),
        ([("x", {"os_distro": "debian", "os_version": "13"}), ("debian-14", {"os_distro": "alma"})], "x"),
        ([("y", {"os_distro": "Debian", "os_version": "trixie"})], "y"),
        ([("rescue", {"os_distro": "debian", "os_version": "13", "hw_rescue_bus": "usb"})], "debian-12"),
        ([("debian-12-new", {"created_at": "2027-01-01T00:00:00Z"})], "debian-12-new"),
    ],
)  # fmt: skip
def test_the_newest_debian_is_proposed(world: World, cloud: Cloud, others: list[Any], proposed: str) -> None:
    for one in others:
        name, fields = (one, {}) if isinstance(one, str) else one
        image(world, name, **fields)
    form = asked(cloud)
    assert (form.default, form.reason) == (proposed, f"{proposed} is the newest Debian of this project's images.")
    assert {one if isinstance(one, str) else one[0] for one in others} <= {one.value for one in form.choices}


@pytest.mark.parametrize(
    ("names", "proposed", "reason"),
    [
        (["alma-9", "ubuntu-22.04", "ubuntu-2404"], "ubuntu-2404", "is the newest Ubuntu"),
        (["focal-server", "noble-server", "jammy-server"], "noble-server", "is the newest Ubuntu"),
        # What the blueprint's software needs comes before the distribution that is preferred.
        (["debian-11", "ubuntu-24.04 LTS"], "ubuntu-24.04 LTS", "is the newest Ubuntu"),
        (["debian-10", "debian-11"], "debian-11", "is the newest Debian"),
        (["rocky-9", "alma-9"], "alma-9", "This project has no image of Debian, Ubuntu; alma-9 is another one."),
    ],
)
def test_where_there_is_no_such_debian_the_next_best_is(
    world: World, cloud: Cloud, names: list[str], proposed: str, reason: str
) -> None:
    for name in names:
        image(world, name)
    world.things.images.pop()
    form = asked(cloud)
    assert form.default == proposed
    assert reason in form.reason


def test_a_blueprint_that_says_nothing_gets_windows_offered_too(world: World, cloud: Cloud) -> None:
    image(world, "Windows Server 2022")
    found = blueprint.find("tomcat-oracle")
    assert found is not None
    bare = {**found.metadata, "parameters": [{"name": "image"}]}
    form = {one.name: one for one in defaults.form(cloud, type(found)(**{**vars(found), "metadata": bare}))}
    assert [one.value for one in form["image"].choices] == ["Windows Server 2022", "debian-12"]
    assert form["image"].default == "debian-12"


def test_without_any_image_the_field_says_so(world: World, cloud: Cloud) -> None:
    image(world, "amphora")
    world.things.images.pop()
    made = plan.plan(cloud, Request("shop", "tomcat-oracle", {}))
    assert made.problems["image"] == "This project sees no image; ask your operator for one."


def test_the_plan_says_why(world: World, cloud: Cloud) -> None:
    image(world, "debian-13")
    made = {one.name: one for one in plan.plan(cloud, Request("shop", "tomcat-oracle", {})).choices}
    assert made["image"].value == "debian-13"
    assert made["image"].reason == "debian-13 is the newest Debian of this project's images."
    made = {one.name: one for one in plan.plan(cloud, Request("shop", "tomcat-oracle", {"image": "debian-12"})).choices}
    assert (made["image"].value, made["image"].reason) == ("debian-12", "")
