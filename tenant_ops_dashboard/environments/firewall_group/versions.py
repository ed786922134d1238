"""What an edit of a firewall leaves beside the version in force, told by names and descriptions alone. Pure.

FWaaS v2 has no tags (PUT of tags is a 500 there), so a policy that is kept for an undo says so at the end of its
description, behind what stood there: 'Environment <id> [kept as ingress of firewall group <id>, number 3, apply
<token>, said <digest>]'. 'undone' in place of 'kept' is a version that an undo took out of force; ', of policy <id>' at
its end says that it is a copy, and its rules go back into that policy. A policy that keeps its id while its list is
changed says so, too, until that is done. Whoever tidies or sweeps an environment's firewall asks here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 255  # characters of a description (API reference)
_NAME = re.compile(r".*-(ingress|egress)-([0-9a-f]{12})", re.DOTALL)
_MARK = re.compile(
    r"(.*?) ?\[(kept|undone) as (ingress|egress) of firewall group (\S+), number (\d{1,9}), apply ([0-9a-f]{12}),"
    r" said ([0-9a-f]{12})(?:, of policy (\S+))?\]",
    re.DOTALL,
)
_UNDERWAY = re.compile(r"(.*?) ?\[step \d+ of apply ([0-9a-f]{12}), which is not done\]", re.DOTALL)


@dataclass(frozen=True)
class Mark:
    """Why a policy is kept: until the apply `apply`, the `number`th of its group, it was the group's `direction`.

    `undone` says that it is what that apply made, and an undo took it out of force. `said` is a digest of its rules
    then, `description` what stands before the mark; `policy` is the one that it is a copy of and that kept its id.
    """

    direction: str
    group: str
    number: int
    apply: str
    said: str
    description: str = ""
    undone: bool = False
    policy: str = ""

    @property
    def words(self) -> str:
        """The description that says it."""
        verb = "undone" if self.undone else "kept"
        mark = f"[{verb} as {self.direction} of firewall group {self.group}, number {self.number}, apply {self.apply},"
        of = f", of policy {self.policy}" if self.policy else ""
        return f"{self.description} {mark} said {self.said}{of}]".lstrip()

    @property
    def fits(self) -> bool:
        """Whether Neutron takes it."""
        return len(self.words) <= LONGEST


def mark(thing: Mapping[str, Any]) -> Mark | None:
    """What a policy says of itself; None where it is not kept."""
    found = _MARK.fullmatch(str(thing.get("description") or ""))
    if found is None:
        return None
    description, verb, direction, group, number, apply, said, policy = found.groups()
    return Mark(direction, group, int(number), apply, said, description, verb == "undone", policy or "")


def underway(words: str, token: str, step: int) -> str:
    """What a name or description says while the list of a policy that keeps its id is changed."""
    return f"{words} [step {step} of apply {token}, which is not done]".lstrip()


def unfinished(thing: Mapping[str, Any]) -> str:
    """The token of the apply whose change of this policy's list is not done; '' where there is none."""
    found = [_UNDERWAY.fullmatch(str(thing.get(field) or "")) for field in ("description", "name")]
    return next((one[2] for one in found if one), "")


def settled(words: str) -> str:
    """The same words without that."""
    found = _UNDERWAY.fullmatch(words)
    return found[1] if found else words


def name(group: str, direction: str, token: str) -> str:
    """What a version of a group's policy is called."""
    return f"{group[:200] or 'firewall'}-{direction}-{token}"


def token(called: str) -> str:
    """The token in the name of a version; '' where it is none's name."""
    found = _NAME.fullmatch(called)
    return found[2] if found else ""
