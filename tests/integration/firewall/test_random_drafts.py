"""A few random drafts with real packets; `make verify` applies 200."""

from __future__ import annotations

import os

from tests.integration.firewall.field import field_of
from tests.integration.firewall.random_drafts import Drafts


def test_packets_do_what_the_preview_said() -> None:
    with field_of(f"drafts-{os.getpid()}") as field:
        found = Drafts(field, seed=9).run(5)
    assert not found.wrong, "\n".join(found.wrong)
    assert found.gained, found
    assert found.lost, found
    assert found.during > found.packets, "every station sent without pause"
