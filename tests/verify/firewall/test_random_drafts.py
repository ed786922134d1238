"""200 random drafts on the sandbox: what the preview says of traffic is what packets do, before, during and after."""

from __future__ import annotations

import os
import statistics
import sys

import pytest

from tests.integration.firewall.field import field_of
from tests.integration.firewall.random_drafts import Drafts

DRAFTS = 200
pytestmark = pytest.mark.sandbox


def test_packets_do_what_the_preview_said(pytestconfig: pytest.Config) -> None:
    if not any("verify" in str(argument) for argument in pytestconfig.invocation_params.args):
        pytest.skip("two hundred drafts: with make verify")
    with field_of(f"verify-{os.getpid()}") as field:
        found = Drafts(field, seed=2026).run(DRAFTS)
    sys.stdout.write(
        f"{found.drafts} drafts, {found.packets} packets, {found.gained} gained, {found.lost} lost, "
        f"{found.during} during applies, {found.paused} that both allow and nobody heard meanwhile; "
        f"first packet after {statistics.median(found.first):.1f} s (worst {max(found.first):.1f})\n"
    )
    assert not found.wrong, "\n".join(found.wrong)
    assert found.gained > DRAFTS, found
    assert found.lost > DRAFTS, found
