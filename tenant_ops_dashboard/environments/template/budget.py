"""How much work one template may cause, in steps and characters: the same on a fast machine and on a slow one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from tenant_ops_dashboard.sentences import say

STEPS = 150_000  # values looked at: a shipped blueprint has 2,000
CHARACTERS = 2_000_000  # of all texts that functions made
LONGEST = 64 * 1024  # of one of them
DEEPEST = 60  # functions, lists and mappings inside each other
NESTED = 5  # templates inside each other, as Heat's max_nested_stack_depth
DRAWN = 100  # things of one kind that are listed, drawn or told one by one
TOLD = 20  # sentences about what cannot be told, or what Heat would refuse

T = TypeVar("T")


class Exhausted(Exception):
    """The template asks for more work than one may; caught where a resource is worked out."""


@dataclass
class Budget:
    """What is left. `problems` are sentences about what was too much, `refused` about what Heat would refuse, `unknown`
    about what nobody can tell without Heat; each once.
    """

    steps: int = STEPS
    characters: int = CHARACTERS
    depth: int = 0
    problems: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def step(self, number: int = 1) -> None:
        """Raises Exhausted where the work is used up."""
        self.steps -= number
        if self.steps < 0:
            raise Exhausted

    def fits(self, length: int) -> bool:
        """Whether a text of so many characters may be made; it is told where not. Raises Exhausted."""
        if length > LONGEST:
            self.tell(
                say(
                    "A text of {length:,} characters is left out: at most {longest:,} are worked out.",
                    length=length,
                    longest=LONGEST,
                )
            )
            return False
        self.characters -= max(0, length)
        if self.characters < 0:
            raise Exhausted
        return True

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level further inside. Raises Exhausted where it is too deep."""
        if self.depth >= DEEPEST:
            raise Exhausted
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    def tell(self, sentence: str) -> None:
        """Remember what was too much."""
        if sentence not in self.problems and len(self.problems) < 5:
            self.problems.append(sentence)

    def refuse(self, sentence: str) -> None:
        """Remember what Heat would refuse."""
        if sentence not in self.refused and len(self.refused) < TOLD:
            self.refused.append(sentence)

    def doubt(self, sentence: str) -> None:
        """Remember what cannot be told without Heat; of more than a few only that there are more."""
        if sentence in self.unknown or len(self.unknown) > TOLD:
            return
        self.unknown.append(sentence if len(self.unknown) < TOLD else say("And more of the kind."))


def chosen(items: Sequence[T], urgent: Callable[[T], bool], most: int = DRAWN) -> tuple[tuple[T, ...], int]:
    """At most so many, in their order, those that need somebody before the others; and how many are left out."""
    if len(items) <= most:
        return tuple(items), 0
    ranked = sorted(range(len(items)), key=lambda place: (not urgent(items[place]), place))
    return tuple(items[place] for place in sorted(ranked[:most])), len(items) - most
