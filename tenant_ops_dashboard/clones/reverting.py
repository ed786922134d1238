"""A clone that goes back to how it was handed over: which server loses the volume meanwhile, and has it again then."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from tenant_ops_dashboard import sentences


@dataclass(frozen=True)
class Reverting:
    """`server` is the one that had the volume, as `device`; '' where none did. `why` is why it was given up."""

    server: str = ""
    device: str = ""
    why: str = ""


def dump(one: Reverting | None) -> str:
    """As it is kept."""
    return "" if one is None else json.dumps({**dataclasses.asdict(one), "why": sentences.dump(one.why)})


def load(kept: str) -> Reverting | None:
    """Of what was kept."""
    if not kept:
        return None
    told = json.loads(kept)
    return Reverting(**{**told, "why": sentences.load(told["why"])})
