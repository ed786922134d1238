"""Which events somebody asks for: the same words on the page, at the API and on the command line."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from tenant_ops_dashboard.audit.event import OUTCOMES
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.sentences import about, say

UTC = datetime.UTC
LONGEST = 120
_SPAN = re.compile(r"^(\d{1,6})\s?(m|h|d|w)$")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class Wanted:
    """Events from `since` on and before `until`; None and '' ask for all.

    `target` is its id or a part of its name, `user` the id or the name of who asked for the change, `verb` what people
    call it ('drain') or CADF's action ('delete', 'delete/environment').
    """

    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    target: str = ""
    user: str = ""
    outcome: str = ""
    verb: str = ""

    @property
    def all(self) -> bool:
        """Whether nothing is left out."""
        return self == Wanted()

    @classmethod
    def of(cls, words: Mapping[str, str], now: datetime.datetime | None = None, zone: datetime.tzinfo = UTC) -> Wanted:
        """From what was typed or stands in an address; other names are nobody's business. Raises BadInput.

        A time without an offset is one of `zone`.
        """
        told = {one.name: words.get(one.name, "").strip() for one in fields(cls)}
        for name, value in told.items():
            if len(value) > LONGEST:
                raise BadInput(about(name, say("this is longer than {most} letters.", most=LONGEST)), field=name)
        if told["outcome"] not in ("", *OUTCOMES):
            raise BadInput(about("outcome", say("this is one of {known}.", known=", ".join(OUTCOMES))), field="outcome")
        since, until = (moment(told[name], name, now, zone) for name in ("since", "until"))
        return cls(since, until, told["target"], told["user"], told["outcome"], told["verb"])

    def words(self) -> dict[str, str]:
        """What `of` reads, without what asks for nothing: for an address."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value if isinstance(value, str) else value.isoformat() for name, value in told.items() if value}


def moment(
    text: str, name: str, now: datetime.datetime | None = None, zone: datetime.tzinfo = UTC
) -> datetime.datetime | None:
    """A time or an age before `now`; None of an empty text. Raises BadInput that names the field."""
    if not text:
        return None
    try:
        if span := _SPAN.match(text):
            passed = datetime.timedelta(**{_UNITS[span[2]]: int(span[1])})
            return (now or datetime.datetime.now(UTC)) - passed
        # In an address a '+' that nobody wrote out is a space.
        found = datetime.datetime.fromisoformat(re.sub(r" (\d\d:?\d\d)$", r"+\1", text) if "T" in text else text)
        (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        said = say(
            "Write a time as 2026-11-29T08:30 ({zone}, or with an offset such as +01:00), or an age: 30m, 12h, 7d, 2w.",
            zone=zone,
        )
        raise BadInput(about(name, said), field=name) from error
    return found if found.tzinfo else found.replace(tzinfo=zone)
