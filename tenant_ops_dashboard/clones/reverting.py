"""A clone that goes back to how it was handed over: which server loses the volume meanwhile, and has it again then."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Reverting:
    """`server` is the one that had the volume, as `device`; '' where none did. `why` is why it was given up."""

    server: str = ""
    device: str = ""
    why: str = ""


def dump(one: Reverting | None) -> str:
    """As it is kept."""
    return "" if one is None else json.dumps(dataclasses.asdict(one))


def load(kept: str) -> Reverting | None:
    """Of what was kept."""
    return Reverting(**json.loads(kept)) if kept else None
