"""What a real cloud's things look like, field by field: recorded.json, one example of each kind.

`python -m tests.conformance` records it anew on the sandbox.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]
FILE = Path(__file__).with_name("recorded.json")
_OWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32,}\b|\b[0-9a-f]{16}\b"
    r"|http://[0-9.:]+|ssh-rsa .*|conform-[0-9a-f]{6}"
)


@functools.lru_cache(maxsize=1)
def examples() -> Mapping[str, Json]:
    """An example of each kind, its ids, addresses and keys blank."""
    found: dict[str, Json] = json.loads(FILE.read_text())
    return found


class Recorded:
    """Compares what a service gives with the example of its kind; keeps it as the example where it records."""

    def __init__(self, recording: bool = False) -> None:
        self.recording = recording
        self.found: dict[str, Json] = {}

    def like(self, kind: str, row: Json) -> None:
        """The same fields, each of the same type or null; fails where the example has others."""
        if self.recording:
            self.found.setdefault(kind, _blank(row))
            return
        example = examples()[kind]
        assert set(row) == set(example), (kind, sorted(set(row) ^ set(example)))
        others = {
            name: (value, example[name])
            for name, value in row.items()
            if type(value) is not type(example[name]) and value is not None and example[name] is not None
        }
        assert others == {}, kind

    def write(self) -> None:
        """What was found is the example from now on; what no case looks for stays as it was."""
        FILE.write_text(json.dumps({**examples(), **self.found}, indent=1, sort_keys=True) + "\n")


def _blank(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _blank(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_blank(one) for one in value[:1]]
    return _OWN.sub("", value) if isinstance(value, str) else value
