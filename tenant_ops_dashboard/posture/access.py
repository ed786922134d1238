"""The plugin's policy rules for posture; a reading and every change of what is kept of it ask them."""

from __future__ import annotations

READ = "posture:read"
READ_ALL = "posture:read_all"
ACKNOWLEDGE = "posture:acknowledge"
REVIEW = "posture:review"
