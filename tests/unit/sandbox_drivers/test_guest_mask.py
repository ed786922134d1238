"""Masks: an SQL script over the rows of a volume, as a guest applies it before it does anything else."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sandbox_drivers import guest, inhabitant, mask, places, records, sample, tier
from sandbox_drivers.rows import Rows, RowsError

UUID = "11111111-2222-3333-4444-555555555555"
HIDE = "UPDATE rows SET text = substr(text, 1, instr(text, 'customer') + 8) || '####';"
NOTHING_LISTENS = {"listen": [], "database": None, "volume": None}


@pytest.fixture
def volume(tmp_path):
    """A volume of 1 MiB with three rows."""
    path = tmp_path / "volume"
    path.touch()
    os.truncate(path, 1 << 20)
    rows = Rows(str(path))
    rows.fill(sample.orders(3))
    rows.close()
    return str(path)


def read(path):
    rows = Rows(path)
    found = rows.all()
    rows.close()
    return found


def encoded(script):
    return base64.b64encode(script.encode()).decode()


def test_every_row_is_changed_by_the_script(volume):
    assert mask.apply(volume, HIDE.encode()) == 3
    assert read(volume) == [f"order 00000{n}, customer ####" for n in (1, 2, 3)]


def test_rows_may_go_and_come(volume):
    script = "BEGIN; DELETE FROM rows WHERE id = 2; INSERT INTO rows (text) VALUES ('new'); COMMIT;"
    before = read(volume)
    assert mask.apply(volume, script.encode()) == 3
    assert read(volume) == [before[0], before[2], "new"]


def test_no_byte_of_the_old_rows_is_left_on_the_volume(volume):
    Rows(volume).add("secret " * 1000)
    mask.apply(volume, b"UPDATE rows SET text = 'x'; DELETE FROM rows WHERE id > 1;")
    whole = Path(volume).read_bytes()
    assert b"secret" not in whole
    assert b"customer" not in whole
    assert len(whole) == 1 << 20
    assert read(volume) == ["x"]


def test_a_masked_database_takes_further_rows(volume):
    mask.apply(volume, b"DELETE FROM rows;")
    assert Rows(volume).add("first") == 1
    assert read(volume) == ["first"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("ATTACH '/tmp/other' AS other;", "ATTACH is not allowed in a mask"),
        ("VACUUM INTO '{folder}/out';", "ATTACH is not allowed in a mask"),
        ("PRAGMA writable_schema = 1;", "PRAGMA is not allowed in a mask"),
        ("SELECT * FROM pragma_database_list;", "PRAGMA is not allowed in a mask"),
        ("SELECT load_extension('x');", "load_extension is not allowed in a mask"),
        ("CREATE TABLE other (x);", "CREATE TABLE is not allowed in a mask"),
        ("CREATE VIRTUAL TABLE t USING fts5(x);", "not allowed in a mask"),
        ("CREATE TRIGGER t AFTER UPDATE ON rows BEGIN SELECT 1; END;", "CREATE TRIGGER is not allowed in a mask"),
        ("DROP TABLE rows;", "DROP TABLE is not allowed in a mask"),
        ("DELETE FROM sqlite_master;", "may not be modified"),
        (".shell touch {folder}/out", "syntax error"),
        ("SELECT writefile('{folder}/out', 'x');", "no such function"),
        ("UPDATE rows SET txt = 1;", "no such column: txt"),
        ("UPDATE rows SET text = NULL;", "NOT NULL constraint failed"),
        ("UPDATE rows SET text = x'00ff';", "cannot store BLOB value"),
        ("UPDATE rows SET text = '';", "a row has 1 to 65536 bytes"),
        ("UPDATE rows SET text = zeroblob(2000000);", "too big"),
        ("UPDATE rows SET text = text || char(10);", "a row has a line break"),
        ("UPDATE rows SET text = CAST(x'ff' AS TEXT);", "a row is not UTF-8"),
        ("BEGIN; UPDATE rows SET text = 'x';", "the script leaves a transaction open"),
        ("UPDATE rows SET text = 'x'; UPDATE", "incomplete input"),
        ("SELECT 1;\0", "null character"),
    ],
)
def test_what_is_no_mask_fails_and_leaves_the_volume_as_it_was(volume, tmp_path, script, reason):
    before = Path(volume).read_bytes()
    with pytest.raises((mask.MaskError, RowsError), match=reason):
        mask.apply(volume, ("UPDATE rows SET text = 'y';" + script.replace("{folder}", str(tmp_path))).encode())
    assert Path(volume).read_bytes() == before
    assert not (tmp_path / "out").exists()


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "


def test_a_script_without_end_is_given_up(volume):
    with pytest.raises(mask.MaskError, match=r"took longer than 0\.2 seconds"):
        mask.apply(volume, (ENDLESS + "SELECT count(*) FROM n;").encode(), seconds=0.2)


def test_a_script_that_fills_the_memory_is_given_up(volume):
    # in a process of its own: SQLite's limit holds for all of a process, and for good
    script = f"""
import sys; sys.path.insert(0, {str(inhabitant.HERE.parent)!r})
from sandbox_drivers import mask
mask.MEMORY = 8 << 20
try:
    mask.apply({volume!r}, b"{ENDLESS} INSERT INTO rows (text) SELECT x FROM n;")
except mask.MaskError as e:
    print(e)
"""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "the script needs more than 8 MiB of memory\n", done.stderr


def test_a_volume_with_something_else_is_left_alone(tmp_path):
    path = tmp_path / "disk"
    path.write_bytes(b"\0" * 4096 + b"a file system whose first bytes are empty" + b"\0" * 4096)
    before = path.read_bytes()
    with pytest.raises(RowsError, match="something else than rows"):
        mask.apply(str(path), b"SELECT 1;")
    assert path.read_bytes() == before


def test_an_empty_volume_has_nothing_to_mask(tmp_path):
    path = tmp_path / "empty"
    path.touch()
    os.truncate(path, 1 << 20)
    assert mask.apply(str(path), HIDE.encode()) == 0


def test_rows_that_no_longer_fit_are_refused(tmp_path):
    path = tmp_path / "small"
    path.touch()
    os.truncate(path, 1024)
    Rows(str(path)).add("a row")
    with pytest.raises(RowsError, match="the volume is full"):
        mask.apply(str(path), b"UPDATE rows SET text = hex(zeroblob(500));")
    assert read(str(path)) == ["a row"]


def tell(tmp_path, volume, script, nonce):
    lines = []
    mask.run(tmp_path, {"script": script, "nonce": nonce}, volume, lines.append)
    assert (tmp_path / records.MASKED).exists()
    return lines


def test_it_says_how_many_rows_there_are_and_which_script_it_was(tmp_path, volume):
    digest = hashlib.sha256(HIDE.encode()).hexdigest()
    assert tell(tmp_path, volume, encoded(HIDE), "n-1") == [f"tenant-ops mask n-1 done rows=3 sha256={digest}"]


@pytest.mark.parametrize(
    ("script", "nonce", "line"),
    [
        (encoded("UPDATE rows SET nó = 1;"), "n", r"tenant-ops mask n failed no such column: n\xf3"),
        (encoded("UPDATE rows SET\n\"a\nb\" = 1;"), "n", "tenant-ops mask n failed no such column: a b"),
        ("%%%", "n", "tenant-ops mask n failed TENANT_OPS_MASK is not base64"),
        (base64.b64encode(b"\xff").decode(), "n", "tenant-ops mask n failed the script is not UTF-8"),
    ],
)  # fmt: skip
def test_a_failure_is_one_line_that_a_console_can_hold(tmp_path, volume, script, nonce, line):
    assert tell(tmp_path, volume, script, nonce) == [line]


@pytest.mark.parametrize("nonce", ["", "two words", "x" * 129])
def test_without_a_nonce_nothing_is_masked(tmp_path, volume, nonce):
    before = read(volume)
    (line,) = tell(tmp_path, volume, encoded(HIDE), nonce)
    assert line.startswith("tenant-ops mask - failed TENANT_OPS_NONCE")
    assert read(volume) == before


def test_without_a_volume_it_fails(tmp_path):
    assert tell(tmp_path, None, encoded(HIDE), "n") == ["tenant-ops mask n failed the server has no data volume"]


def test_the_guest_s_program_masks_listens_to_nothing_and_ends(state, volume):
    record = records.empty() | {"volumes": {"/dev/vdb": volume}, "running": True, "name": "mask"}
    record["tier"] = NOTHING_LISTENS | {"mask": {"script": encoded(HIDE), "nonce": "n7"}}
    records.write(UUID, record)
    assert records.mask_waits(UUID, record)
    assert not guest.ended(UUID)
    reader, writer = os.pipe()
    command = [sys.executable, "-I", "-S", inhabitant.SERVE, str(places.folder(UUID)), str(writer)]
    done = subprocess.run(command, pass_fds=(writer,), capture_output=True, text=True, timeout=60)
    os.close(writer)
    assert os.read(reader, 9) == b"1"
    os.close(reader)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("tenant-ops mask n7 done rows=3 sha256=")
    assert len(done.stdout.splitlines()) == 1
    assert not records.mask_waits(UUID, record)
    assert guest.ended(UUID)
    assert read(volume)[0].endswith("####")


def test_a_guest_that_is_off_or_plays_a_tier_has_not_ended(state):
    record = records.empty() | {"tier": NOTHING_LISTENS | {"mask": {"script": "", "nonce": "n"}}}
    records.write(UUID, record)
    (places.folder(UUID) / records.MASKED).touch()
    assert not guest.ended(UUID)
    records.write(UUID, record | {"running": True, "tier": NOTHING_LISTENS})
    assert not guest.ended(UUID)
    assert not guest.ended("nobody")


def test_its_lines_come_as_a_tier_s_do():
    lines = f"TENANT_OPS_TIER=database\nTENANT_OPS_SAMPLE=9\nTENANT_OPS_MASK={encoded(HIDE)}\nTENANT_OPS_NONCE=n-1\n"
    files = [{"path": tier.FILE, "content": lines}]
    user_data = base64.b64encode(f"#cloud-config\n{json.dumps({'write_files': files})}".encode()).decode()
    found = tier.settings("db-1", user_data, {"sandbox:listen": "tcp:1521"})
    assert found == NOTHING_LISTENS | {"mask": {"script": encoded(HIDE), "nonce": "n-1"}}


def test_an_empty_mask_is_one_too():
    user_data = base64.b64encode(b"TENANT_OPS_TIER=database\nTENANT_OPS_MASK=\n").decode()
    assert tier.settings("db-1", user_data, {})["mask"] == {"script": "", "nonce": ""}
