"""Passwords: random, kept, readable by their owner alone."""

import stat

from sandbox.settings import Passwords


def test_made_once_and_kept(tmp_path):
    first = Passwords(tmp_path / "passwords")["owner"]
    assert len(first) >= 24
    assert Passwords(tmp_path / "passwords")["owner"] == first


def test_each_name_has_its_own(tmp_path):
    passwords = Passwords(tmp_path / "passwords")
    assert passwords["owner"] != passwords["operator"]


def test_only_the_owner_can_read_them(tmp_path):
    Passwords(tmp_path / "passwords")["owner"]
    assert stat.S_IMODE((tmp_path / "passwords").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "passwords" / "owner").stat().st_mode) == 0o600
