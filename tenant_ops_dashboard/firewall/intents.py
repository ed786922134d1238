"""What must never, or must always, get through: checked for all packets at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.environments.intent import KEYS, Expect, Intent, loads, parse, written
from tenant_ops_dashboard.firewall.checking import Checked, Room, Set, check_allow, check_deny
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import TooComplex
from tenant_ops_dashboard.sentences import say

__all__ = ["KEYS", "Expect", "Intent", "Judged", "check", "loads", "parse", "written"]
Json = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """How an intent fared. `holds` is None where the answer would be too complex or a part of it is not known."""

    intent: Intent
    found: Checked

    def written(self) -> Json:
        """The contract's form."""
        found = self.found
        return {
            "intent": written(self.intent), "holds": found.holds, "because": found.because, "witness": found.witness,
            "rules": list(found.rules),
        }  # fmt: skip


def check(engine: Engine, intents: Sequence[Intent], ends: Ends, room: Room | None = None) -> list[Judged]:
    """Check intents on an engine over the topology of `ends`; with `room` no more than that is looked at.

    Raises NotFound, BadInput, a CloudError for an end.
    """
    return [Judged(one, _check(engine, one, ends, f"intents[{number}]", room)) for number, one in enumerate(intents)]


def _check(engine: Engine, intent: Intent, ends: Ends, where: str, room: Room | None) -> Checked:
    source, target = ends.source(intent.source, f"{where}.from"), ends.target(intent.target, f"{where}.to")
    wanted = Set(intent.protocol, intent.ports)
    try:
        if room is not None:
            room.take(source, target)
        return (check_deny if intent.expect == "deny" else check_allow)(engine, source, target, wanted)
    except TooComplex as error:
        return Checked(None, say("{error}; no answer is given rather than a wrong one", error=error.sentence))
