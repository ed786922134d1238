"""Records of guests: whole, locked, found by name."""

import subprocess
import sys
import threading

import pytest
from sandbox_drivers import guest, inhabitant, places, records

ONE, TWO = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"

HOLDER = """
import pathlib, sys
from sandbox_drivers import records
with records.locked(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def record(uuid, **values):
    with records.changed(uuid) as r:
        r.update(values)


def test_a_change_is_read_by_the_next(state):
    record(ONE, name="app-1", running=True)
    assert records.read(ONE)["name"] == "app-1"
    assert records.read(TWO) is None
    assert records.uuids() == [ONE]


def test_an_unreadable_record_counts_as_none(state):
    record(ONE, name="app-1")
    (places.folder(ONE) / "guest.json").write_text('{"name": "ap')
    assert records.read(ONE) is None


def test_a_change_that_fails_still_tells_what_is_left(state):
    def fails():
        with records.changed(ONE) as r:
            r["ports"]["p"] = {"tap": "tap1"}
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert records.read(ONE)["ports"] == {"p": {"tap": "tap1"}}


def test_one_changes_after_the_other(state):
    def add():
        for _ in range(50):
            with records.changed(ONE) as r:
                r["count"] = r.get("count", 0) + 1

    threads = [threading.Thread(target=add) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert records.read(ONE)["count"] == 200


def test_a_lock_is_held_against_other_processes_and_survives_its_files_removal(state):
    lock = records.lock_of(ONE)
    lock.parent.mkdir(parents=True)
    drivers = str(places.Path(records.__file__).parent.parent)
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": drivers},
    )
    assert other.stdout.readline() == b"held\n"
    got = threading.Event()

    def take():
        with records.locked(lock):
            got.set()

    waiting = threading.Thread(target=take)
    waiting.start()
    assert not got.wait(0.2)
    lock.unlink()
    assert got.wait(30)
    waiting.join()
    other.stdin.close()
    assert other.wait(30) == 0


def test_a_lock_that_is_never_freed_is_given_up_in_words(state, monkeypatch):
    monkeypatch.setattr(records, "PATIENCE", 0.05)
    with (
        records.locked(records.lock_of(ONE)),
        pytest.raises(places.GuestError, match="holds"),
        records.locked(records.lock_of(ONE)),
    ):
        pass


def test_guests_are_found_by_id_beginning_or_name(state):
    record(ONE, name="app-1")
    record(TWO, name="db-1")
    assert guest.find("app-1") == ONE
    assert guest.find(TWO) == TWO
    assert guest.find(TWO[:8]) == TWO
    assert guest.find("app") is None


def test_the_console_is_the_end_of_the_log(state):
    assert guest.console(ONE) == ""
    record(ONE, name="app-1")
    for n in range(20000):
        guest.log(ONE, f"line {n}")
    text = guest.console(ONE)
    assert text.endswith("line 19999\n")
    assert len(text) <= inhabitant.LOG_BYTES
    assert (places.folder(ONE) / "console.log").stat().st_size <= 5 * inhabitant.LOG_BYTES


def test_nobody_can_be_told_nonsense(state):
    record(ONE, name="app-1")
    for words in ("", "slow", "slow down", "slow 1 2", "fail now", "explode"):
        with pytest.raises(places.GuestError, match="Say one of"):
            guest.tell(ONE, words)


def test_names_stay_below_the_prefix_and_within_what_the_kernel_takes():
    assert places.namespace(ONE) == "tos-0f8fad5bd9cb"
    assert places.namespace(ONE) != places.namespace(TWO)


def test_a_missing_variable_is_named(monkeypatch):
    monkeypatch.delenv("SANDBOX_STATE", raising=False)
    with pytest.raises(places.GuestError, match="SANDBOX_STATE"):
        places.state()
