"""What is being counted: amounts by quota, and sentences about what cannot be."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tenant_ops_dashboard.cloud.values import real
from tenant_ops_dashboard.environments.planning.offered import Offered
from tenant_ops_dashboard.environments.planning.quota import Key
from tenant_ops_dashboard.environments.template.budget import Budget
from tenant_ops_dashboard.environments.template.unknown import Unknown
from tenant_ops_dashboard.sentences import say

_ID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


@dataclass
class Taking:
    """`copies` is how often the resource at hand is made; `own` how many networks the template makes itself."""

    offered: Offered
    budget: Budget
    own: int = 0
    copies: int = 1
    amounts: Counter[Key] = field(default_factory=Counter)

    def add(self, key: Key, amount: int = 1) -> None:
        """So much of a quota for each copy."""
        self.amounts[key] += amount * self.copies

    def doubt(self, sentence: str) -> None:
        """Say what cannot be told."""
        self.budget.doubt(sentence)

    def refuse(self, sentence: str) -> None:
        """Say why Heat, or who it asks, would not take it."""
        self.budget.refuse(sentence)

    def sized(self, key: Key, size: Any, what: str) -> None:
        """So many of a quota as a property says; said where it does not tell."""
        found = real(size)
        if found is not None and 0 <= found <= 10**15:
            self.add(key, int(found))
        else:
            self.doubt(say("{what} cannot be told{why}.", what=what, why=why(size)))

    def named(self, value: Any, what: str, known: bool, called: str) -> None:
        """Say of a name in the template that this cloud does not have it; of an id that cannot be seen, that it may."""
        if known or not isinstance(value, str) or not value:
            return
        if _ID.fullmatch(value):
            self.doubt(
                say(
                    "Whether there is the {what} {value} of {called} cannot be told: it is not among those offered.",
                    what=what,
                    value=value,
                    called=called,
                )
            )
        else:
            self.refuse(
                say(
                    "Heat would refuse it: this project sees no {what} called '{value}', which {called} needs.",
                    what=what,
                    value=value[:60],
                    called=called,
                )
            )


def why(value: Any) -> str:
    """The end of a sentence that says what cannot be told."""
    return say(": it depends on {why}", why=value.why) if isinstance(value, Unknown) else ""
