"""A sandbox in a folder of the test's own."""

import pytest

from sandbox.settings import Settings


@pytest.fixture
def s(tmp_path):
    settings = Settings(tmp_path / "state", tmp_path / "state" / "run", telemetry=False)
    for folder in (settings.run, settings.log, settings.conf, settings.data):
        folder.mkdir(parents=True)
    return settings
