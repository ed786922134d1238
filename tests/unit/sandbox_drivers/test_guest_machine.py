"""Guests that are whole systems: only where asked for, and told what a metadata service would tell."""

import base64
import json

import pytest
from sandbox_drivers import guest, inhabitant, links, machine, places, records

ONE = "0f8fad5b-d9cb-469f-a165-70867728950e"
USER_DATA = b"#cloud-config\nruncmd: []\n"
TIER = {"listen": ["http:8080"], "user_data": base64.b64encode(USER_DATA).decode()}


@pytest.fixture
def image(state, monkeypatch):
    folder = state / "image"
    (folder / "sbin").mkdir(parents=True)
    (folder / "sbin/init").touch()
    monkeypatch.setenv("SANDBOX_IMAGE", str(folder))
    return folder


@pytest.fixture
def started(monkeypatch):
    """Programs that would have been run, and a container that stands once it was started."""
    ran = []
    monkeypatch.setattr(machine.subprocess, "run", lambda command, **more: ran.append(command))
    monkeypatch.setattr(machine, "leader", lambda uuid: 1 if ran else None)
    monkeypatch.setattr(machine, "volumes", lambda uuid, record: ran.append(["volumes", *record["volumes"]]))
    return ran


def made(**values):
    with records.changed(ONE) as record:
        record.update(name="shop-app-5", running=True, tier=TIER, **values)
    return records.read(ONE)


def test_nobody_is_one_unasked(state, monkeypatch):
    monkeypatch.delenv("SANDBOX_IMAGE", raising=False)
    assert not machine.wanted(made())
    monkeypatch.setenv("SANDBOX_IMAGE", str(state / "no image"))
    assert not machine.wanted(made())


@pytest.mark.parametrize(
    ("property_", "blueprint", "real", "wanted"),
    [
        ("debian-12", False, False, True),
        ("debian-13", True, False, False),
        ("", True, False, False),
        ("", True, True, True),
        ("", False, True, False),
    ],
)
def test_its_image_asks_for_it_or_everybody_does(monkeypatch, property_, blueprint, real, wanted):
    monkeypatch.setenv("SANDBOX_REAL", "1" if real else "0")
    kept = {"image_sandbox_system": property_} if property_ else {}
    assert machine.asked(kept, {"tenant_ops_tier": "application"} if blueprint else {}) is wanted


@pytest.mark.parametrize(("first", "way"), [(None, "netns"), (4711, "nsenter")])
def test_a_command_runs_in_its_own_files_where_it_has_some(monkeypatch, first, way):
    monkeypatch.setattr(machine, "leader", lambda uuid: first)
    words = guest.entrance(ONE)
    assert way in " ".join(words)
    assert (places.namespace(ONE) in words) is (first is None)
    assert (str(first) in words) is (first is not None)


def test_a_server_without_a_blueprint_s_user_data_is_played_as_ever(image):
    assert machine.wanted(made())
    assert not machine.wanted({**records.empty(), "tier": {"listen": ["http:8080"]}})


def test_it_is_told_its_user_data_and_name_and_gets_its_disks(image, started):
    made(volumes={"/dev/vdb": "/volumes/volume-1"})
    inhabitant.serve(ONE)
    seed = places.folder(ONE) / "system/upper/var/lib/cloud/seed/nocloud"
    assert (seed / "user-data").read_bytes() == USER_DATA
    assert json.loads((seed / "meta-data").read_text()) == {"instance-id": ONE, "local-hostname": "shop-app-5"}
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in seed.iterdir())
    command, disks = started
    assert str(image) in command
    assert places.namespace(ONE) in command
    assert disks == ["volumes", "/dev/vdb"]
    inhabitant.serve(ONE)
    assert len(started) == 2, "it stands already"


def test_a_volume_has_the_name_that_a_virtio_disk_has():
    id_ = "0c7f9a52-6f53-4a44-9d3e-6a7b1c2d3e4f"
    assert machine._disk(f"/volumes/volume-{id_}") == "virtio-0c7f9a52-6f53-4a44-9"


@pytest.mark.parametrize("order", ["slow 2", "fail"])
def test_what_only_a_small_program_can_play_is_refused(image, order):
    made()
    with pytest.raises(guest.GuestError, match="a whole system"):
        guest.tell(ONE, order)
    assert records.read(ONE)["fault"] == records.NO_FAULT


def test_a_sandbox_that_ends_lets_go_of_their_disks(image, monkeypatch):
    record = made(volumes={"/dev/vdb": "/volumes/volume-1"})
    gone = []
    monkeypatch.setattr(links, "namespaces", lambda: [places.namespace(ONE)])
    monkeypatch.setattr(links, "delete", gone.append)
    monkeypatch.setattr(links, "forget", lambda taps: None)
    monkeypatch.setattr(machine, "release", lambda *told: gone.append(told))
    guest.sweep()
    assert gone == [places.namespace(ONE), (ONE, record)]
    assert records.read(ONE) == record
