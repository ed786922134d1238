"""keepalived of an amphora that is one of two: there only where Octavia told it to be, once, and judged by haproxy."""

import os
import signal
import subprocess

import pytest
from sandbox_drivers import keepalived
from sandbox_drivers.haproxy import Amphora
from sandbox_drivers.places import GuestError

AMPHORA, COMPUTE = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
GONE = 4_194_304  # above what the kernel numbers


@pytest.fixture
def amphora(state, tmp_path):
    found = Amphora(tmp_path, AMPHORA)
    found.remember(COMPUTE)
    return found


@pytest.fixture
def started(monkeypatch):
    """What would have been started; from the first start on a keepalived runs as this process."""
    ran = []
    monkeypatch.setattr(keepalived.subprocess, "run", lambda command, **more: ran.append(command))
    monkeypatch.setattr(keepalived, "pid", lambda amphora: os.getpid() if ran else None)
    return ran


def check(amphora):
    """The exit code of what keepalived asks whether this amphora may have the VIP."""
    script = keepalived.config(amphora).with_name("check_script.sh")
    return subprocess.run([script], stderr=subprocess.DEVNULL).returncode


def test_an_amphora_that_stands_alone_gets_none(amphora, started):
    keepalived.run(amphora)
    assert started == []


def test_it_is_started_once_and_reads_a_new_configuration(amphora, started, monkeypatch):
    told = []
    monkeypatch.setattr(keepalived.os, "kill", lambda pid, sign: told.append(sign))
    keepalived.configure(amphora, "vrrp_instance one {}\n")
    for _ in range(2):
        keepalived.run(amphora, reload=False)
    assert len(started) == 1
    assert str(keepalived.config(amphora)) in started[0]
    assert told == []
    keepalived.configure(amphora, "vrrp_instance two {}\n")
    keepalived.run(amphora)
    assert told == [signal.SIGHUP]
    assert keepalived.config(amphora).read_text() == "vrrp_instance two {}\n"


def test_one_that_was_stopped_stays_so_until_it_is_configured_anew(amphora, started, monkeypatch):
    told = []
    monkeypatch.setattr(keepalived.os, "kill", lambda pid, sign: (told.append(sign), started.clear()))
    keepalived.configure(amphora, "vrrp_instance one {}\n")
    keepalived.run(amphora)
    keepalived.stop(amphora)
    assert told == [signal.SIGTERM]
    keepalived.run(amphora, reload=False)
    assert started == []
    keepalived.configure(amphora, "vrrp_instance one {}\n")
    keepalived.run(amphora)
    assert len(started) == 1


def test_one_that_was_killed_does_not_keep_another_from_starting(amphora, started):
    keepalived.configure(amphora, "")
    left = keepalived.config(amphora).with_name("pid")
    left.write_text(f"{os.getpid()}\n")
    keepalived.run(amphora)
    assert not left.exists()


def test_what_it_says_is_told_where_it_does_not_start(amphora, monkeypatch):
    monkeypatch.setattr(keepalived, "PATIENCE", 0.1)
    monkeypatch.setattr(
        keepalived.subprocess, "run", lambda command, stdout, **more: stdout.write(b"unknown interface eth7\n")
    )
    keepalived.configure(amphora, "")
    with pytest.raises(GuestError, match="unknown interface eth7"):
        keepalived.run(amphora)


def test_the_other_one_shall_have_the_vip_where_haproxy_is_missing_or_gone(amphora):
    keepalived.configure(amphora, "")
    assert check(amphora) == 1
    balancer = amphora.base / "48511ac1-d5f9-4050-bd6c-220a37006885"
    balancer.mkdir()
    pid = balancer / f"{balancer.name}.pid"
    pid.write_text(f"{os.getpid()}\n")
    assert check(amphora) == 0
    pid.write_text(f"{GONE}\n")
    assert check(amphora) == 1
