"""Three rehearsals of all four scenarios in a row, each within six minutes, on the sandbox."""

from __future__ import annotations

import sys
import time

import pytest

from tests.integration.walkthrough.test_rehearsal import walkthrough

REHEARSALS, LONGEST = 3, 360.0
pytestmark = pytest.mark.sandbox


def test_rehearsals_pass_in_a_row(pytestconfig: pytest.Config) -> None:
    if not any("verify" in str(argument) for argument in pytestconfig.invocation_params.args):
        pytest.skip("three rehearsals: with make verify")
    code, rows, said = walkthrough("reset")
    assert code == 0, (rows, said)
    for number in range(1, REHEARSALS + 1):
        began = time.monotonic()
        code, rows, said = walkthrough("rehearse")
        seconds = time.monotonic() - began
        assert code == 0, said
        assert all(one["passed"] for one in rows), rows
        assert seconds < LONGEST, f"rehearsal {number} took {seconds:.0f} s"
        sys.stdout.write(f"rehearsal {number}: {seconds:.0f} s; ")
        sys.stdout.write(", ".join(f"{one['scenario']}/{one['step']} {one['seconds']:g}" for one in rows) + "\n")
