"""A state folder of the test's own for the drivers, which find everything by their environment."""

import pytest


@pytest.fixture
def state(tmp_path, monkeypatch):
    """Where the guests' records lie during a test."""
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("SANDBOX_STATE", str(tmp_path))
    monkeypatch.setenv("SANDBOX_RUN", str(tmp_path / "run"))
    return tmp_path
