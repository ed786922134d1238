"""What all calls of one request may take together, and who used it up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tenant_ops_dashboard.cloud import errors
from tenant_ops_dashboard.sentences import say

# A change that is cut short may have happened: seconds it gets at least, and until when after the end one may begin.
GRACE = 10.0


@dataclass(eq=False)
class Deadline:
    """`seconds` for everything since `began` (0: no bound).

    `used` is what each service took of them, by its common name; `granted` what the latest call was allowed.
    """

    seconds: float = 0.0
    began: float = field(default_factory=lambda: time.monotonic())
    used: dict[str, float] = field(default_factory=dict)
    granted: float = 0.0
    _told: errors.TimedOut | None = None

    def again(self, seconds: float) -> None:
        """From now on there are so many seconds, whatever was used before."""
        self.seconds, self.began, self._told = seconds, time.monotonic(), None
        self.used.clear()

    def left(self) -> float | None:
        """Seconds until the end, below zero after it; None where there is none."""
        return self.seconds - (time.monotonic() - self.began) if self.seconds else None

    @property
    def over(self) -> bool:
        """Whether nothing more can be asked."""
        left = self.left()
        return left is not None and left <= 0

    def allow(self, seconds: float, change: bool = False) -> float:
        """The seconds that one call of at most `seconds` may take now.

        Raises TimedOut where the time is over; a change has a little more. Nothing was sent then.
        """
        left = self.left()
        if left is None:
            self.granted = seconds
        elif left <= (-GRACE if change else 0.0):
            raise self._over()
        else:
            self.granted = min(seconds, max(left, GRACE) if change else left)
        return self.granted

    @contextmanager
    def taken_by(self, service: str) -> Iterator[None]:
        """What happens inside is on this service's account."""
        began = time.monotonic()
        try:
            yield
        except errors.TimedOut as error:
            self._told = self._told or error
            raise
        finally:
            self.used[service] = self.used.get(service, 0.0) + time.monotonic() - began

    def _over(self) -> errors.TimedOut:
        """The first one that was slow is to blame, not the one that is asked now."""
        if self._told:
            return errors.TimedOut(self._told.sentence, self._told.service, detail=self._told.detail)
        service = max(self.used, key=lambda one: self.used[one], default="")
        said = (
            say(
                "The {seconds:.0f} seconds that this page has are over: {service} took {used:.1f} of them.",
                seconds=self.seconds,
                service=service,
                used=self.used[service],
            )
            if service
            else say(
                "The {seconds:.0f} seconds that this page has are over: the page itself took them.",
                seconds=self.seconds,
            )
        )
        return errors.TimedOut(said, service)
