"""Volumes as raw files: a name stands for a whole file or for none."""

import os
import subprocess

import pytest
from sandbox_drivers import files


def test_a_new_volume_has_its_size_and_takes_no_room(tmp_path):
    files.create(tmp_path / "v", 3)
    assert (tmp_path / "v").stat().st_size == 3 << 30
    assert (tmp_path / "v").stat().st_blocks == 0
    assert (tmp_path / "v").stat().st_mode & 0o077 == 0


def test_a_copy_holds_the_bytes_keeps_the_holes_and_grows(tmp_path):
    files.create(tmp_path / "v", 1)
    with (tmp_path / "v").open("r+b") as f:
        f.seek(500 << 20)
        f.write(b"deep inside")
    files.copy(tmp_path / "v", tmp_path / "c", 2)
    with (tmp_path / "c").open("rb") as f:
        f.seek(500 << 20)
        assert f.read(11) == b"deep inside"
    assert (tmp_path / "c").stat().st_size == 2 << 30
    assert (tmp_path / "c").stat().st_blocks * 512 < 1 << 20


def test_a_copy_replaces_what_was_there(tmp_path):
    (tmp_path / "old").write_bytes(b"new bytes")
    (tmp_path / "v").write_bytes(b"old bytes")
    files.copy(tmp_path / "old", tmp_path / "v", 0)
    assert (tmp_path / "v").read_bytes() == b"new bytes"


def test_a_failed_copy_leaves_nothing_and_says_why(tmp_path):
    (tmp_path / "v").write_bytes(b"before")
    with pytest.raises(subprocess.CalledProcessError) as e:
        files.copy(tmp_path / "missing", tmp_path / "v", 1)
    assert "No such file" in e.value.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["v"]
    assert (tmp_path / "v").read_bytes() == b"before"


def test_what_an_interrupted_copy_left_is_cleaned_and_nothing_else(tmp_path):
    with pytest.raises(KeyboardInterrupt), files.whole(tmp_path / "v") as part:
        part.write_bytes(b"half")
        os.link(part, tmp_path / ".v.0123abcd.part")
        raise KeyboardInterrupt
    (tmp_path / "volume-1").touch()
    assert sorted(p.name for p in tmp_path.iterdir()) == [".v.0123abcd.part", "volume-1"]
    files.clean(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["volume-1"]


def test_growing_never_shrinks(tmp_path):
    files.create(tmp_path / "v", 2)
    files.grow(tmp_path / "v", 1)
    assert (tmp_path / "v").stat().st_size == 2 << 30


def test_what_is_promised_is_the_sum_of_the_sizes(tmp_path):
    files.create(tmp_path / "a", 1)
    files.create(tmp_path / "b", 4)
    (tmp_path / ".c.1.part").write_bytes(b"x" * 1000)
    assert files.provisioned_gb(tmp_path) == 5
