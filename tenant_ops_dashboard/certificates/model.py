"""A certificate of the key manager, and how soon it ends. Pure."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from tenant_ops_dashboard.sentences import say, say_many

#: Days before its end from which on a certificate needs somebody.
SOON = 30
Kind = Literal["container", "bundle"]


@dataclass(frozen=True)
class Certificate:
    """`ref` is what a listener is given; `kind` is 'container' (certificate, key, chain apart) or 'bundle' (PKCS12).

    `ends` is the expiration that its secret was stored with, None where it was stored without: what the certificate
    itself says is not read, as a bundle holds the private key, too. `refusal` says why no listener can take it.
    """

    ref: str
    name: str
    kind: Kind
    ends: datetime.datetime | None = None
    refusal: str = ""

    @property
    def id(self) -> str:
        """The last part of its reference: the key manager's address before it may be written in more than one way."""
        return id_of(self.ref)

    @property
    def expires(self) -> str:
        """The day of its end, '' where the key manager does not know it."""
        return self.ends.date().isoformat() if self.ends else ""


def id_of(ref: str) -> str:
    """The id in a reference of a secret or a container."""
    return ref.rpartition("/")[2]


def is_soon(ends: datetime.datetime, now: datetime.datetime) -> bool:
    """Whether it ends within SOON days, or has."""
    return ends - now < datetime.timedelta(days=SOON)


def until(ends: datetime.datetime, now: datetime.datetime) -> str:
    """'ends on 2027-01-29, in 59 days'; days are whole ones that are left."""
    day = ends.date().isoformat()
    if ends <= now:
        return say("ended on {day}", day=day)
    return say_many("ends on {day}, in {n} day", "ends on {day}, in {n} days", (ends - now).days, day=day)
