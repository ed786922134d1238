"""A reading that is kept is judged as before, and what is none is refused with a sentence."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest

from tenant_ops_dashboard.posture.assess import assess
from tenant_ops_dashboard.posture.keeping import NoReading, pack, unpack
from tests.unit.posture.readings import cases, look, raw
from tests.unit.posture.test_ids import world


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_what_comes_back_is_judged_alike(case: Path) -> None:
    was = look(raw(case))
    again = unpack(pack(was))
    assert again.seen.engine.snapshot == was.seen.engine.snapshot
    assert assess(again) == assess(was)
    assert (again.projects, again.scope) == (was.projects, was.scope)


def test_only_what_is_read_is_kept() -> None:
    found = world()
    found["ports"][1] |= {"dns_assignment": ["secret"], "binding:vif_details": {"secret": True}}
    assert b"secret" not in zlib.decompress(pack(look(found)))


@pytest.mark.parametrize(
    "kept",
    [
        b"", b"words", pack(look(world()))[:-20], zlib.compress(b"[]"), zlib.compress(b'{"version": 1}'),
        zlib.compress(b'{"version": 2}'), zlib.compress(b"{"), zlib.compress(b'{"version": true}'),
        zlib.compress(json.dumps({"version": 2, "raw": {}, "meta": {}, "projects": {}, "scope": "all"}).encode()),
        zlib.compress(b"[" * 100_000),
    ],
)  # fmt: skip
def test_what_is_no_reading_is_refused_with_a_sentence(kept: bytes) -> None:
    with pytest.raises(NoReading, match="cannot be read: "):
        unpack(kept)
