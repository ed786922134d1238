"""The cases: each is a function of a target, the same for the fakes and for a real cloud."""

from __future__ import annotations

from collections.abc import Callable

from tests.conformance.target import Target

Case = Callable[[Target], None]
ALL: list[Case] = []


def case(run: Case) -> Case:
    """Take a function among the cases."""
    ALL.append(run)
    return run
