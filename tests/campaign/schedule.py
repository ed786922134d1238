"""One schedule: steps of several people, faults and other people's acts in between; and what must hold all the while."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from hypothesis import strategies as st

from tenant_ops_dashboard.changes import change as changing
from tenant_ops_dashboard.errors import TenantOpsError
from tests.campaign.stories import PEOPLE, Story
from tests.campaign.wire import KINDS, Fault, FaultyWire, Killed

COUNTS: Counter[str] = Counter()


@dataclass(frozen=True)
class Between:
    """Somebody else does something before the call number `at` (from 0) of a step."""

    who: str
    what: str
    at: int

    def __str__(self) -> str:
        return f"before call {self.at} {self.who}: {self.what}"


@dataclass(frozen=True)
class Step:
    """Somebody does something; one call of it may go wrong, and before one somebody else may come."""

    who: str
    what: str
    fault: Fault | None = None
    between: Between | None = None

    def __str__(self) -> str:
        more = "; ".join(str(one) for one in (self.fault, self.between) if one)
        return f"{self.who}: {self.what}{f' ({more})' if more else ''}"


#: Most changes are few calls: the first ones are worth more tries.
FAULTS = st.builds(Fault, st.sampled_from(KINDS), st.integers(0, 1) | st.integers(0, 12), st.booleans())
#: The longest schedule; half as long on the average, and as short as can be where one fails.
LONGEST = 12


def schedules(
    stories: Mapping[str, Story], calls: int, often: tuple[str, ...] = (), people: Sequence[str] = tuple(sorted(PEOPLE)),
    faults: Callable[[str], st.SearchStrategy[Fault]] = lambda what: FAULTS,
) -> st.SearchStrategy[list[Step]]:  # fmt: skip
    """Of these stories, each of which makes about so many calls; `often` are those that are worth more tries.

    `people` are those who act, `faults` what may go wrong with a story.
    """
    whose, whats = st.sampled_from(people), st.sampled_from([*sorted(stories), *often])

    @st.composite
    def step(draw: st.DrawFn) -> Step:
        what, between = draw(whats), None
        if stories[what].by_hand:
            return Step(draw(whose), what)
        if draw(st.booleans()):
            # Two who do the same at once are worth more tries.
            other = draw(st.just(what) | whats)
            between = Between(draw(whose), other, draw(st.integers(0, 3) | st.integers(0, calls)))
        return Step(draw(whose), what, draw(st.none() | faults(what)), between)

    return st.lists(step(), min_size=1, max_size=LONGEST)


class Play:
    """A cloud and people; what was told so far, and every event of the audit trail."""

    stories: ClassVar[Mapping[str, Story]]
    #: What happens at the end of every schedule, before `left` looks.
    peace: ClassVar[tuple[str, ...]]
    #: The waits of real life: (module, name), left out.
    waits: ClassVar[tuple[tuple[Any, str], ...]]
    scene: Any
    wire: FaultyWire

    def __init__(self) -> None:
        self.told: list[str] = []
        self.events: list[dict[str, Any]] = []

    def login(self, who: str) -> Any:
        """A new login of one of PEOPLE."""
        raise NotImplementedError

    def begin(self) -> None:
        """What every schedule begins with."""
        raise NotImplementedError

    def after(self, step: Step, result: Any, answer: str, events: list[dict[str, Any]]) -> None:
        """What a step's answer means; `result` is None where it raised."""

    def holds(self) -> None:
        """At every moment."""

    def left(self) -> None:
        """In the end."""

    def run(self, schedule: list[Step]) -> None:
        """All of it, then peace, then what must be left."""
        self.begin()
        for step in schedule:
            self.step(step)
            self.holds()
        for what in self.peace:
            self.step(Step("owner", what))
            self.holds()
        self.left()

    def step(self, step: Step) -> None:
        """One step, with whoever comes between its calls; each change that it begins must be told in the audit trail."""
        cloud, other = self.login(step.who), step.between
        at = other.at if other else 0
        act = (lambda: self.step(Step(other.who, other.what))) if other else None
        before, made = len(self.events), changing.Change.__init__
        begun: list[object] = []

        def counted(one: Any, *arguments: Any, **named: Any) -> None:
            begun.append(one)
            made(one, *arguments, **named)

        changing.Change.__init__ = counted  # type: ignore[method-assign]
        result = None
        with self.wire.armed(step.fault, at, act):
            try:
                result = self.stories[step.what].run(self.scene, cloud, step.who)
                answer = "done"
            except TenantOpsError as error:
                answer = f"{type(error).__name__}: {error}"
                assert error.sentence, f"without a word\n{self}"
            except Killed:
                answer = "killed"
            finally:
                changing.Change.__init__ = made  # type: ignore[method-assign]
            self.told.append(f"{step} -> {answer}")
            kind = "fault" if self.wire.struck else answer.partition(":")[0]
            COUNTS[f"{step.what}: {kind}{', between' if self.wire.came else ''}"] += 1
            events = self.events[before:]
            # Who was killed tells nothing of what he was at.
            killed, self.wire.dead = self.wire.dead, False
            assert killed or len(events) >= len(begun), f"{len(begun)} changes were begun, {len(events)} told\n{self}"
            self.after(step, result, answer, events)

    def __str__(self) -> str:
        return "\n".join(self.told)


class _Keeper(logging.Handler):
    def __init__(self, events: list[dict[str, Any]]) -> None:
        super().__init__()
        self.events = events

    def emit(self, record: logging.LogRecord) -> None:
        self.events.append(json.loads(record.getMessage()))


def play(made: Play, schedule: list[Step]) -> None:
    """One schedule from the beginning, with the waits of real life left out."""
    keeper, logger = _Keeper(made.events), logging.getLogger("tenant_ops.audit")
    real = [(module, name, getattr(module, name)) for module, name in made.waits]
    level = logger.level
    logger.addHandler(keeper)
    logger.setLevel(logging.INFO)
    for module, name, _ in real:
        setattr(module, name, 0.0)
    try:
        made.run(schedule)
    finally:
        for module, name, value in real:
            setattr(module, name, value)
        logger.removeHandler(keeper)
        logger.setLevel(level)
    COUNTS["schedules"] += 1
