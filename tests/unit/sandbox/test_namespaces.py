"""A machine that refuses network namespaces is told in one sentence with the way out."""

import pytest

from sandbox.errors import SandboxError
from sandbox.services import ovn


def test_what_ip_says_is_told(s, tmp_path, monkeypatch):
    program = tmp_path / "ip"
    program.write_text("#!/bin/sh\necho 'mount --make-rslave / failed: Invalid argument' >&2\nexit 255\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(ovn, "NAMESPACES", tmp_path)
    monkeypatch.setattr(ovn, "central", lambda s: [])
    monkeypatch.setitem(s.__dict__, "data_plane", True)
    with pytest.raises(SandboxError) as told:
        ovn.start(s)
    assert "make-rslave" in str(told.value)
    assert "SANDBOX_DATA_PLANE=0" in str(told.value)
    assert "\n" not in str(told.value)
