"""The database keeps its rows on its volume, and a clone of the volume carries them."""

from __future__ import annotations

import pytest

from .conftest import inside, sandbox, until

pytestmark = pytest.mark.sandbox


@pytest.fixture
def volume(lab):
    """A volume for the database; whatever was made of it goes with it."""
    b = lab.cloud.block_storage
    made = b.create_volume(name=lab.name("data"), size=1)
    settled(b, made, "available")
    yield made
    for snapshot in [s for s in b.snapshots() if s.name.startswith(lab.prefix)]:
        b.delete_snapshot(snapshot)
        b.wait_for_delete(snapshot, interval=0.5)
    for found in [v for v in b.volumes() if v.name.startswith(lab.prefix)]:
        detach(lab, found)
        b.delete_volume(found)
        b.wait_for_delete(found, interval=0.5)


def settled(b, volume, status):
    until(lambda: b.get_volume(volume.id).status in (status, "error"), f"the volume becoming {status}")
    assert b.get_volume(volume.id).status == status


def attach(lab, volume):
    lab.cloud.compute.create_volume_attachment(lab.server["db-1"].id, volume_id=volume.id)
    settled(lab.cloud.block_storage, volume, "in-use")


def detach(lab, volume):
    b = lab.cloud.block_storage
    for attachment in b.get_volume(volume.id).attachments:
        lab.cloud.compute.delete_volume_attachment(attachment["server_id"], volume.id)
    settled(b, volume, "available")


def database(lab, *lines):
    """What the database answers to these commands, its greeting left out."""
    talk = "".join(f"{line}\\n" for line in (*lines, "QUIT"))
    script = f"exec 3<>/dev/tcp/{lab.address['db-1']}/1521 && printf '{talk}' >&3 && cat <&3"
    return sandbox(*inside(lab.name("app-1")), "--", "timeout", "5", "bash", "-c", script).splitlines()[1:]


def says(lab, command, answer):
    until(lambda: database(lab, command) == answer, f"the database answering {answer} to {command}")


def test_rows_live_on_the_volume_and_in_its_clones(lab, volume):
    b = lab.cloud.block_storage
    says(lab, "COUNT", ["ERR no data volume"])
    attach(lab, volume)
    says(lab, "COUNT", ["OK 0"])
    assert database(lab, "ADD first", "ADD second") == ["OK 1", "OK 2"]
    snapshot = b.create_snapshot(name=lab.name("snapshot"), volume_id=volume.id, force=True)
    until(lambda: b.get_snapshot(snapshot.id).status == "available", "the snapshot")
    assert database(lab, "ADD third") == ["OK 3"]
    clone = b.create_volume(name=lab.name("clone"), size=2, snapshot_id=snapshot.id)
    settled(b, clone, "available")
    detach(lab, volume)
    says(lab, "COUNT", ["ERR no data volume"])
    attach(lab, clone)
    says(lab, "LIST", ["ROW first", "ROW second", "OK 2"])
    assert database(lab, "ADD only in the clone") == ["OK 3"]
    detach(lab, clone)
    attach(lab, volume)
    says(lab, "LIST", ["ROW first", "ROW second", "ROW third", "OK 3"])
    reboot(lab)
    says(lab, "COUNT", ["OK 3"])


def reboot(lab):
    c, server = lab.cloud.compute, lab.server["db-1"]
    c.reboot_server(server.id, "HARD")
    c.wait_for_server(c.get_server(server.id), interval=0.5)
