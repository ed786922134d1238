"""What a finding is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

LEVELS = ("info", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing somebody should look at. `rules` is the smallest set of rules that proves it."""

    kind: str
    severity: str
    object: str
    rules: tuple[str, ...]
    why: str
    fix: str

    def written(self) -> dict[str, Any]:
        """The contract's form."""
        return {
            "kind": self.kind, "severity": self.severity, "object": self.object,
            "rules": list(self.rules), "why": self.why, "fix": self.fix,
        }  # fmt: skip


def at_least(findings: Iterable[Finding], level: str) -> bool:
    """Say whether a finding is at or above a level."""
    return any(LEVELS.index(finding.severity) >= LEVELS.index(level) for finding in findings)
