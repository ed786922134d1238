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
