"""Rows on a raw volume, read through a second reader as a clone's database would."""

import contextlib
import os
import shutil

import pytest
from sandbox_drivers import files
from sandbox_drivers.rows import MAGIC, Rows, RowsError
from sandbox_drivers.sample import orders

SIZE = 1 << 20


@pytest.fixture
def volume(tmp_path):
    path = tmp_path / "volume"
    path.touch()
    os.truncate(path, SIZE)
    return path


def test_a_fresh_sparse_volume_has_no_rows_and_is_not_written_by_looking(volume):
    rows = Rows(str(volume))
    assert (rows.count(), rows.all()) == (0, [])
    assert volume.stat().st_blocks == 0


def test_rows_are_there_for_the_next_reader(volume):
    rows = Rows(str(volume))
    assert [rows.add("first"), rows.add("zweite Zeile, mit Umlaut: ä"), rows.add("third")] == [1, 2, 3]
    assert Rows(str(volume)).all() == ["first", "zweite Zeile, mit Umlaut: ä", "third"]


def test_a_copy_carries_the_rows_and_goes_its_own_way(volume, tmp_path):
    Rows(str(volume)).add("shared")
    clone = tmp_path / "clone"
    shutil.copy(volume, clone)
    Rows(str(clone)).add("only in the clone")
    assert Rows(str(volume)).all() == ["shared"]
    assert Rows(str(clone)).all() == ["shared", "only in the clone"]


def test_a_torn_last_row_is_the_end_and_is_written_over(volume):
    rows = Rows(str(volume))
    rows.add("kept")
    end = rows.end
    rows.add("torn by a crash")
    with volume.open("r+b") as f:
        f.seek(end + 12)
        f.write(b"\0\0\0")
    reader = Rows(str(volume))
    assert reader.all() == ["kept"]
    reader.add("after")
    assert Rows(str(volume)).all() == ["kept", "after"]


def test_a_full_volume_says_so_and_keeps_what_it_has(tmp_path):
    path = tmp_path / "small"
    path.touch()
    os.truncate(path, len(MAGIC) + 20)
    rows = Rows(str(path))
    rows.add("123456789012")
    with pytest.raises(RowsError, match="full"):
        rows.add("x")
    assert Rows(str(path)).all() == ["123456789012"]


def test_a_volume_with_something_else_is_never_written(volume):
    volume.write_bytes(b"SOMEBODY'S FILE SYSTEM".ljust(4096, b"x"))
    before = volume.read_bytes()
    with pytest.raises(RowsError, match="something else"):
        Rows(str(volume)).add("row")
    assert volume.read_bytes() == before


def test_another_file_under_the_same_name_is_noticed(volume, tmp_path):
    rows = Rows(str(volume))
    rows.add("old")
    other = tmp_path / "other"
    other.touch()
    os.truncate(other, SIZE)
    Rows(str(other)).add("reverted")
    other.replace(volume)
    assert rows.all() == ["reverted"]


def test_rows_of_a_second_writer_are_seen(volume):
    mine, theirs = Rows(str(volume)), Rows(str(volume))
    mine.add("mine")
    theirs.add("theirs")
    assert mine.all() == ["mine", "theirs"]


def test_a_missing_volume_is_an_error_in_words(tmp_path):
    with pytest.raises(RowsError, match="cannot be read"):
        Rows(str(tmp_path / "gone")).count()


def test_an_empty_row_is_refused(volume):
    with pytest.raises(RowsError, match="1 to"):
        Rows(str(volume)).add("")


def test_a_volume_that_was_never_written_gets_first_rows_once(volume):
    rows = Rows(str(volume))
    assert rows.fill(orders(1000)) is True
    assert rows.add("from somebody") == 1001
    assert rows.fill(orders(7)) is False
    again = Rows(str(volume))
    assert again.fill(orders(1000)) is False
    assert again.all() == [*orders(1000), "from somebody"]


def test_a_copy_of_a_volume_keeps_its_own_rows(volume, tmp_path):
    Rows(str(volume)).add("the only one")
    clone = tmp_path / "clone"
    files.copy(volume, clone, 0)
    assert Rows(str(clone)).fill(orders(10)) is False
    assert Rows(str(clone)).all() == ["the only one"]


@pytest.mark.parametrize("place", [0, 1080, SIZE - 1])
def test_no_first_rows_over_a_single_written_byte(volume, place):
    with volume.open("r+b") as f:
        f.seek(place)
        f.write(b"\x53")
    before = volume.read_bytes()
    rows = Rows(str(volume))
    with contextlib.suppress(RowsError):
        assert rows.fill(orders(10)) is False
    assert volume.read_bytes() == before


def test_a_volume_that_is_too_small_stays_empty(volume):
    with pytest.raises(RowsError, match="too small"):
        Rows(str(volume)).fill(orders(100_000))
    assert volume.stat().st_blocks == 0
