"""What the tests of clones share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.clones.machine import Machine


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)
