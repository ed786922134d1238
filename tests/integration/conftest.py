"""Integration tests run on the sandbox; where it is not up they fail, they do not skip."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Cases tell what differs, as tests do.
pytest.register_assert_rewrite("tests.conformance")
os.environ.setdefault("OS_CLIENT_CONFIG_FILE", str(Path(__file__).resolve().parents[2] / "sandbox" / "clouds.yaml"))
