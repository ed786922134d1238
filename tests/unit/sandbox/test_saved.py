"""The seeded state comes back with what is known to be done to it."""

from __future__ import annotations

import pytest

from sandbox import process, saved
from sandbox.install import stamps
from sandbox.settings import Settings


def test_what_a_later_seed_did_is_due_again_after_a_reset(s: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "run", lambda *_words: None)
    for step in saved.STAMPS:
        with stamps.needed(s, step, "before"):
            pass
    saved.save(s)
    (s.state / "seeded" / "northbound.db").touch()
    (s.data / "ovn").mkdir(parents=True)
    with stamps.needed(s, "seeded", "later"):
        pass
    saved.restore_files(s)
    assert not stamps.due(s, "seeded", "before") and not stamps.due(s, "identity", "before")
    (s.state / "seeded" / "stamp-seeded").unlink()
    saved.restore_files(s)
    assert stamps.due(s, "seeded", "before"), "what a state was saved with that knew no stamps is not known"
