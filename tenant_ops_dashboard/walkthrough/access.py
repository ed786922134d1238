"""The plugin's policy rules for the walkthrough."""

from __future__ import annotations

GET = "walkthrough:get"
RUN = "walkthrough:run"
RESET = "walkthrough:reset"
