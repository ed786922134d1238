"""What people write into the forms and options of offers and requests; every refusal names its field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast, get_args

from tenant_ops_dashboard.clones import mask
from tenant_ops_dashboard.clones.errors import BadInput
from tenant_ops_dashboard.clones.model import Approve, Consistency, Deliver, Get, Terms
from tenant_ops_dashboard.sentences import about, say

#: Seconds of a lease at least, and of an offer's longest at most.
SHORTEST = 10
YEAR = 366 * 86400
#: Seconds of age of a golden copy at least: making one takes some.
YOUNGEST = 60
MOST_CLONES = 1000
MOST_PROJECTS = 50
LONGEST_NAME = 200
LONGEST_PURPOSE = 600
_SPAN = re.compile(r"(\d{1,9})\s?(s|m|min|h|d|w)")
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def span(written: str, field: str, most: int = YEAR) -> int:
    """Seconds of '90s', '30m', '8h', '2d' or '1w'. Raises BadInput that names `field`."""
    found = _SPAN.fullmatch(written.strip().lower())
    if not found:
        raise BadInput(about(field, say("write a span as 30m, 8h or 2d.")), field=field)
    seconds = int(found[1]) * _UNITS[found[2]]
    if seconds < SHORTEST:
        raise BadInput(about(field, say("this is shorter than {shortest} seconds.", shortest=SHORTEST)), field=field)
    if seconds > most:
        raise BadInput(
            about(field, say("this is longer than {words}, the longest there may be.", words=words(most))), field=field
        )
    return seconds


def words(seconds: float) -> str:
    """A span for people: '8 h', '1 d 6 h', '45 s'."""
    left = round(seconds)
    told: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if left >= size and len(told) < 2:
            told.append(f"{left // size} {unit}")
            left %= size
    return " ".join(told) or "0 s"


def name(written: str) -> str:
    """A clone's name. Raises BadInput."""
    found = line(written, "name", LONGEST_NAME)
    if not found:
        raise BadInput(
            about("name", say("give it a name; the same name asked for again is the same clone.")), field="name"
        )
    return found


def line(written: str, field: str, most: int = LONGEST_PURPOSE) -> str:
    """A text in one line. Raises BadInput that names `field`."""
    found = " ".join(written.replace("\0", "").split()).encode("utf-8", "replace").decode()
    if len(found) > most:
        raise BadInput(about(field, say("this is longer than {most} letters.", most=most)), field=field)
    return found


def terms(
    to: Iterable[str], approve: str = "", longest: str = "", most: Any = None, own: Iterable[str] = (),
    consistency: str = "", masked: str = "", golden: str = "", deliver: str = "",
) -> Terms:  # fmt: skip
    """An owner's rules; what is not given is Terms' own. `own` are id and name of his project. Raises BadInput."""
    asked = tuple(dict.fromkeys(one.strip() for one in to if one.strip()))
    if not asked:
        raise BadInput(about("to", say("name at least one project that may ask.")), field="to")
    if len(asked) > MOST_PROJECTS or any(len(one) > 64 for one in asked):
        raise BadInput(
            about("to", say("this takes up to {most_projects} projects, by id or name.", most_projects=MOST_PROJECTS)),
            field="to",
        )
    if set(asked) & set(own):
        raise BadInput(about("to", say("this is the project that has the data already.")), field="to")
    if approve and approve not in get_args(Approve):
        raise BadInput(about("approve", say("this is 'auto' or 'ask'.")), field="approve")
    if consistency and consistency not in get_args(Consistency):
        raise BadInput(about("consistency", say("this is 'running', 'paused' or 'stopped'.")), field="consistency")
    if deliver and deliver not in get_args(Deliver):
        raise BadInput(about("deliver", say("this is 'handed-over' or 'served'.")), field="deliver")
    count = Terms.most if most in (None, "") else _count(most)
    seconds = span(longest, "max_lease") if longest else Terms.longest
    return Terms(
        asked, cast(Approve, approve or Terms.approve), seconds, count,
        cast(Consistency, consistency or Terms.consistency), mask.script(masked) if masked else "", _golden(golden),
        cast(Deliver, deliver or Terms.deliver),
    )  # fmt: skip


def get(written: str, served: bool = False) -> Get:
    """What is made of a copy; '' is the volume alone, of one that is served the server. Raises BadInput."""
    if served and written not in ("", "server"):
        raise BadInput(
            about(
                "get",
                say(
                    "this offer is served: its owner keeps the volume, and a server of his answers. 'server' is all "
                    "that there is to get."
                ),
            ),
            field="get",
        )
    if served:
        return "server"
    if written and written not in get_args(Get):
        raise BadInput(about("get", say("this is one of {known}.", known=", ".join(get_args(Get)))), field="get")
    return cast(Get, written or "volume")


def _golden(written: str) -> int:
    found = span(written, "golden") if written.strip() else 0
    if found and found < YOUNGEST:
        raise BadInput(
            about("golden", say("this is shorter than {youngest} seconds.", youngest=YOUNGEST)), field="golden"
        )
    return found


def _count(most: Any) -> int:
    found = int(most) if isinstance(most, int | str) and re.fullmatch(r"\d{1,6}", str(most)) else 0
    if not 1 <= found <= MOST_CLONES:
        raise BadInput(
            about("max_clones", say("this is a number from 1 to {most_clones}.", most_clones=MOST_CLONES)),
            field="max_clones",
        )
    return found
