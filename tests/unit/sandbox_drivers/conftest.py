"""The drivers are a distribution of their own; here they are imported from the checkout."""

import sys
from pathlib import Path

import pytest

DRIVERS = Path(__file__).parents[3] / "sandbox" / "drivers"
sys.path.insert(0, str(DRIVERS))


@pytest.fixture
def state(tmp_path, monkeypatch):
    """A state folder of the test's own."""
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("SANDBOX_STATE", str(tmp_path))
    monkeypatch.setenv("SANDBOX_RUN", str(tmp_path / "run"))
    return tmp_path
