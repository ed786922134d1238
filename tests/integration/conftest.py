"""Integration tests run on the sandbox; where it is not up they fail, they do not skip."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("OS_CLIENT_CONFIG_FILE", str(Path(__file__).resolve().parents[2] / "sandbox" / "clouds.yaml"))
