"""Installing: stamps, a full disk, a failed download."""

import collections
import shutil

import pytest

from sandbox import install
from sandbox.errors import SandboxError
from sandbox.install import python, stamps


def test_a_step_is_done_once(s):
    def due(*inputs):
        with stamps.needed(s, "step", *inputs) as needed:
            return needed

    assert due("1")
    assert not due("1")
    assert due("2"), "other inputs, do it again"


def test_a_step_that_failed_is_done_again(s):
    with pytest.raises(RuntimeError), stamps.needed(s, "step", "1"):
        raise RuntimeError
    with stamps.needed(s, "step", "1") as due:
        assert due


def test_a_full_disk_is_one_sentence_and_nothing_is_begun(s, monkeypatch):
    usage = collections.namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, 200_000_000))
    with pytest.raises(SandboxError, match=r"only 0\.2 GB free\. Free 6 GB"):
        install.everything(s, {})
    assert list(s.state.rglob("*.log")) == []


def test_a_failed_download_names_the_cause(s, monkeypatch):
    broken = s.tools / "uv" / "bin" / "uv"
    broken.parent.mkdir(parents=True)
    broken.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "uv 0.13.8" && exit 0\necho "network is unreachable" >&2\nexit 2\n'
    )
    broken.chmod(0o755)
    with pytest.raises(SandboxError, match="network is unreachable"):
        python.cloud(s)
    assert not (s.state / "stamps" / "cloud").exists()


def test_what_the_pages_need_comes_beside_horizon_in_one_environment(s):
    uv = s.tools / "uv" / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    uv.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo "uv 0.13.8" && exit 0\necho "$@" >>{s.state}/asked\n'
        '[ "$1" = venv ] && mkdir -p "$4/bin" && touch "$4/bin/python"\nexit 0\n'
    )
    uv.chmod(0o755)
    python.docs(s)
    asked = (s.state / "asked").read_text().splitlines()
    assert [line.rpartition("/")[2] for line in asked] == ["horizon", "horizon.txt", python.PROJECT.name, "docs.txt"]
    assert all(f"--python {s.horizon_venv}/bin/python" in line for line in asked[1:])
    python.docs(s)
    assert (s.state / "asked").read_text().splitlines() == asked, "what is there is not installed again"


def test_an_older_release_has_an_environment_of_its_own_for_each_interpreter(s):
    uv = s.tools / "uv" / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    uv.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo "uv 0.13.8" && exit 0\necho "$@" >>{s.state}/asked\n'
        '[ "$1" = venv ] && mkdir -p "$4/bin" && touch "$4/bin/python"\nexit 0\n'
    )
    uv.chmod(0o755)
    oldest, *_, newest = python.releases()
    python.release(s, oldest)
    python.release(s, oldest, "/usr/bin/python3.13")
    python.release(s, oldest)
    asked = (s.state / "asked").read_text().splitlines()
    made = [line.rpartition("/")[2] for line in asked]
    assert made == [
        f"horizon-{oldest}", "build.txt", python.PROJECT.name,
        f"horizon-{oldest}-python3.13", "build.txt", python.PROJECT.name,
    ]  # fmt: skip
    assert all(f"/horizon-{oldest}.txt " in asked[at] for at in (1, 4))
    assert "--python /usr/bin/python3.13 " in asked[3]
    assert python.release_venv(s, newest) == s.horizon_venv, "the newest one is the sandbox's own"
    with pytest.raises(SandboxError, match=rf"no release 2019\.1. There are: {oldest}, "):
        python.release(s, "2019.1")


def test_pages_and_tests_take_the_same_versions():
    def pinned(name):
        lines = (python.REQUIREMENTS / f"{name}.txt").read_text().splitlines()
        return {line.partition("==")[0]: line for line in lines if ";" not in line}

    docs, tests = pinned("docs"), pinned("test")
    assert {docs[name] for name in docs.keys() & tests.keys()} <= set(tests.values())
    assert "sphinx" not in tests, "what only the pages need is not installed for the tests"
